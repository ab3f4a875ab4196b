# Mail from other people's servers, as clients of ours: they speak more of ESMTP
# than a simple client does.  Each is Debian's, unpacked into build/deps, in name
# spaces of its own.

. "$(atf_get_srcdir)/../support/smtpserv.subr"

DEPS="${BUILD}/deps"

# A server with the options at hand on a free port of 127.0.0.1, which is then
# ${PORT}: serve NAME [OPTION...]
serve() {
	name=$1
	shift
	tcpserver -1 -H -R -l 0 -c 60 -b 60 127.0.0.1 0 ${SESSION} "$@" \
	    >"port.${name}" 2>"log.${name}" &
	SERVERS="${SERVERS} $!"
	trap 'kill ${SERVERS}' EXIT
	wait_for "test -s port.${name}" 'tcpserver gives no port'
	PORT=$(cat "port.${name}")
}

# wait_for CONDITION WHY-NOT
wait_for() {
	tries=0
	until eval "$1"; do
		tries=$((tries + 1))
		test ${tries} -le 3000 || atf_fail "$2"
		sleep 0.01
	done
}

need_name_spaces() {
	unshare --mount --pid --fork --mount-proc true 2>/dev/null ||
	    atf_skip 'no private name spaces to be had (want root)'
}

# A message that has all that a server would add.
a_message() {
	printf '%s\n' 'From: erick@maggot' 'To: bruce@gnat' \
	    'Date: Mon, 23 Nov 2026 19:03:48 +0000' \
	    'Message-ID: <1@client.example>' 'Subject: from one to another' ''
	printf '.\n..dot\n8-bit: \303\274\nQUIT\nBDAT 5 LAST\n.\n'
	yes 'a line of a text that is longer than one chunk of any client' |
	    head -n "$1"
	echo 'the last line'
}

# The lines of message N that are not the header's.
text_of() {
	sed '1,/^$/d' "spool/$1.TXT"
}

# Everybody's accounts, and one for the other server.
accounts() {
	mkdir -p etc
	{ grep -v "^$1:" /etc/passwd; echo "$1:x:$2:$2::/:/bin/false"; } \
	    >etc/passwd
	{ grep -v "^$1:\|^postdrop:" /etc/group; echo "$1:x:$2:"
		echo 'postdrop:x:70002:'; } >etc/group
}

atf_test_case exim__sends_chunks
exim__sends_chunks_head() {
	atf_set descr 'Exim uses CHUNKING where it is offered: short and long'
	atf_set require.progs 'tcpserver unshare'
}
exim__sends_chunks_body() {
	exim="${DEPS}/exim4/usr/sbin/exim4"
	test -x "${exim}" || atf_skip 'no Exim: make check-deps unpacks it'
	need_name_spaces
	make_conf 'smtp.envelope = full'
	serve smtp
	accounts Debian-exim 70001
	cat >exim.conf <<-CONF
		primary_hostname = client.example
		spool_directory = /mnt/exim
		log_file_path = /mnt/exim/%slog
		exim_path = /mnt/exim4
		qualify_domain = maggot
		keep_environment =
		begin routers
		all:
		  driver = manualroute
		  route_list = * 127.0.0.1 byname
		  self = send
		  transport = out
		begin transports
		out:
		  driver = smtp
		  port = ${PORT}
		  hosts_avoid_tls = *
		  allow_localhost
	CONF
	a_message 1 >short
	a_message 20000 >long
	cat >run <<-SCRIPT
		set -e
		mount -t tmpfs none /mnt
		mkdir /mnt/exim
		chown 70001:70001 /mnt/exim
		cp exim.conf "${exim}" /mnt
		cp -R etc /mnt
		mount --bind /mnt/etc/passwd /etc/passwd
		mount --bind /mnt/etc/group /etc/group
		for text in short long; do
			/mnt/exim4 -C /mnt/exim.conf -odi -i -f erick@maggot \\
			    bruce@gnat ann@gnat <\${text}
		done
		cat /mnt/exim/mainlog
	SCRIPT
	code=0
	unshare --mount --pid --fork --mount-proc --kill-child \
	    sh run >out 2>&1 || code=$?
	grep -q 'shared libraries\|failed to find uid' out &&
	    atf_skip "Exim does not run here: $(head -n 1 out)"
	atf_check_equal 0 ${code}
	# K: it has used CHUNKING.
	atf_check -o match:'=> bruce@gnat .* K C="250 2.0.0 A1 accepted"' \
	    -o match:'=> bruce@gnat .* K C="250 2.0.0 A2 accepted"' cat out
	atf_check -o inline:'1.TXT 1.WRK 2.TXT 2.WRK\n' echo $(spool_files)
	for n in 1:short 2:long; do
		text_of "${n%:*}" >received
		sed '1,/^$/d' "${n#*:}" >expected
		atf_check cmp expected received
	done
	atf_check -o match:'^Proto: ESMTP$' -o match:'^To: ann@gnat$' \
	    cat spool/1.WRK
}

atf_test_case postfix__hands_on_dsn_and_utf8_and_speaks_lmtp
postfix__hands_on_dsn_and_utf8_and_speaks_lmtp_head() {
	atf_set descr 'Postfix uses DSN and SMTPUTF8 where they are offered, and
	    gets a reply for each recipient from LMTP'
	atf_set require.progs 'tcpserver unshare'
}
postfix__hands_on_dsn_and_utf8_and_speaks_lmtp_body() {
	postfix="${DEPS}/usr/lib/postfix"
	test -x "${postfix}/sbin/master" ||
	    atf_skip 'no Postfix: make check-deps unpacks it'
	need_name_spaces
	make_conf
	serve smtp
	smtp=${PORT}
	serve lmtp -l
	accounts postfix 70001
	inlet=$(python3 -c 'import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1])')
	mkdir etc/postfix
	cat >etc/postfix/main.cf <<-CONF
		compatibility_level = 3.6
		myhostname = client.example
		mydestination =
		mynetworks = 127.0.0.1
		smtpd_peername_lookup = no
		local_recipient_maps =
		queue_directory = /mnt/queue
		data_directory = /mnt/data
		daemon_directory = /mnt/postfix/sbin
		command_directory = ${DEPS}/usr/sbin
		shlib_directory = /mnt/postfix
		meta_directory = /etc/postfix
		relayhost = [127.0.0.1]:${smtp}
		transport_maps = inline:{lmtp.gnat=lmtp:inet:127.0.0.1:${PORT}}
		inet_protocols = ipv4
		alias_maps =
		alias_database =
		import_environment = LD_LIBRARY_PATH
		export_environment = LD_LIBRARY_PATH
		maillog_file = /mnt/log
		maillog_file_prefixes = /mnt
		smtp_tls_security_level = none
	CONF
	cat >etc/postfix/master.cf <<-CONF
		127.0.0.1:${inlet} inet n - n - - smtpd
		proxymap unix - - n - - proxymap
		anvil unix - - n - 1 anvil
		pickup unix n - n 60 1 pickup
		cleanup unix n - n - 0 cleanup
		qmgr unix n - n 300 1 qmgr
		rewrite unix - - n - - trivial-rewrite
		bounce unix - - n - 0 bounce
		defer unix - - n - 0 bounce
		trace unix - - n - 0 bounce
		smtp unix - - n - - smtp
		lmtp unix - - n - - lmtp
		error unix - - n - - error
		retry unix - - n - - error
		postlog unix-dgram n - n - 1 postlogd
	CONF
	a_message 1 >text
	cat >run <<-SCRIPT
		set -e
		mount -t tmpfs none /mnt
		cp -R etc "${postfix}" /mnt
		mount -t overlay none -o ro,lowerdir=/mnt/etc:/etc /etc
		mkdir /mnt/data /mnt/queue /mnt/queue/pid
		for d in active bounce corrupt defer deferred flush hold \\
		    incoming private saved trace; do
			mkdir -m 700 /mnt/queue/\${d}
		done
		mkdir -m 710 /mnt/queue/public
		mkdir -m 1730 /mnt/queue/maildrop
		chown -R 70001 /mnt/data /mnt/queue
		chown root /mnt/queue /mnt/queue/pid
		chgrp 70002 /mnt/queue/public /mnt/queue/maildrop
		LD_LIBRARY_PATH=/mnt/postfix
		export LD_LIBRARY_PATH
		send="${DEPS}/usr/sbin/sendmail -i -f erick@maggot"
		\${send} -N success,delay -R hdrs -V Env=1 bruce@gnat <text
		\${send} 'j\303\266rg@gnat' <text
		\${send} ann@lmtp.gnat bruce@lmtp.gnat <text
		touch queued
		/mnt/postfix/sbin/master -c /etc/postfix -d
	SCRIPT
	sed -i "s/j.303.266rg/$(printf 'j\303\266rg')/" run
	unshare --mount --pid --fork --mount-proc --kill-child \
	    sh run >out 2>&1 &
	SERVERS="${SERVERS} $!"
	wait_for 'test -e queued || ! kill -0 $!' 'nothing is queued'
	test -e queued || atf_skip "Postfix does not run here: $(cat out)"
	# One that another server hands to it, with an ORCPT as it came.
	atf_check python3 "${BUILD}/tests/support/relayed.py" "${inlet}"
	wait_for 'test "$(ls spool | grep -c WRK)" -ge 4' \
	    "four messages have not come: $(cat out)"
	grep -l '^Ret: HDRS$' spool/*.WRK >dsn
	atf_check -o inline:'From: erick@maggot
To: bruce@gnat
Notify: SUCCESS,DELAY
Orcpt: rfc822;bruce@gnat
Envid: Env+3D1
Ret: HDRS
' cat $(cat dsn)
	grep -l "^To: b$(printf '\303\266')b@gnat" spool/*.WRK >relayed
	printf 'From: erick@maggot\nTo: b\303\266b@gnat\n' >expected
	printf 'Notify: DELAY\nOrcpt: utf-8;b\\x{F6}b@gnat\n' >>expected
	printf 'Smtputf8: yes\nEnvid: QQ\n' >>expected
	atf_check -o file:expected cat $(cat relayed)
	grep -l '^To: j.*rg@gnat$' spool/*.WRK >utf8
	printf 'From: erick@maggot\nTo: j\303\266rg@gnat\n' >expected
	printf 'Orcpt: utf-8;j\\x{F6}rg@gnat\nSmtputf8: yes\n' >>expected
	atf_check -o file:expected cat $(cat utf8)
	grep -l '^To: ann@lmtp.gnat$' spool/*.WRK >lmtp
	atf_check -o match:'^To: bruce@lmtp.gnat$' cat $(cat lmtp)
	for how in dsn:ESMTP utf8:UTF8SMTP lmtp:LMTP; do
		n=$(sed 's,spool/\(.*\).WRK,\1,' "${how%:*}")
		atf_check -o match:" with ${how#*:}\$" head -n 1 "spool/${n}.TXT"
		text_of "${n}" >received
		sed '1,/^$/d' text >expected
		atf_check cmp expected received
	done
	# It has understood both replies: nothing is sent again or reported.
	atf_check -o inline:'4\n' -x 'ls spool/*.WRK | wc -l'
	wait_for 'grep -q "why=quit accepted=1" log.lmtp' 'LMTP does not end'
	atf_check -o match:'rcpts=2 .* proto=LMTP' cat log.lmtp
}

atf_test_case swaks__gets_a_reply_for_each_recipient
swaks__gets_a_reply_for_each_recipient_head() {
	atf_set require.progs 'tcpserver swaks'
}
swaks__gets_a_reply_for_each_recipient_body() {
	make_conf
	serve lmtp -l
	atf_check -o save:talk swaks --protocol LMTP --server 127.0.0.1 \
	    --port "${PORT}" --ehlo client.example --from erick@maggot \
	    --to bruce@gnat,ann@gnat,bruce@gnat --body 'through LMTP'
	atf_check -o inline:'3\n' grep -c '^<- *250 2.0.0 A1 accepted' talk
	atf_check -o match:'^through LMTP$' cat spool/1.TXT
	atf_check -o match:' with LMTP$' head -n 1 spool/1.TXT
}

atf_test_case worker__hands_on_to_a_session_by_lmtp
worker__hands_on_to_a_session_by_lmtp_head() {
	atf_set descr 'Our own worker is a client, too: over a Unix socket, to a
	    session with -l and a spool of its own'
	atf_set require.progs 's6-ipcserver cdb'
}
worker__hands_on_to_a_session_by_lmtp_body() {
	mkdir inner
	(cd inner && make_conf)
	trap 'kill ${SERVERS}' EXIT
	s6-ipcserver -1 inner/socket \
	    "${BUILD}/libexec/smtpserv-session" -l -f "${PWD}/inner/wattcp.cfg" \
	    >inner/up 2>inner/log &
	SERVERS=$!
	wait_for 'test -s inner/up' 's6-ipcserver does not come up'
	echo "@gnat.example.test lmtp:unix:${PWD}/inner/socket" >deliver.txt
	atf_check cdb -c -m deliver.cdb deliver.txt
	make_conf "smtp.deliver = ${PWD}/deliver.cdb" \
	    'smtp.postmaster = ann@gnat.example.test'
	a_message 2000 | sed 's/^\./../; s/$/\r/' >text
	{
		lines 'EHLO client.example' 'MAIL FROM:<erick@maggot>' \
		    'RCPT TO:<ann@gnat.example.test>' \
		    'RCPT TO:<bruce@gnat.example.test>' DATA
		cat text
		lines . QUIT
	} >in
	atf_check -o match:'A1 accepted' -e ignore ${SESSION} <in
	atf_check -e save:log "${BUILD}/bin/smtpserv-work" \
	    -f "${PWD}/wattcp.cfg" --once
	atf_check_equal '' "$(spool_files)"
	atf_check -o match:'^To: ann@gnat' -o match:'^To: bruce@gnat' \
	    sh -c 'cat inner/spool/*.WRK'
	sed '1,/^\r$/d' text | sed 's/^\.//; s/\r$//' >expected
	for txt in inner/spool/*.TXT; do
		atf_check -o match:' with LMTP$' head -n 1 "${txt}"
		sed '1,/^$/d' "${txt}" >received
		atf_check cmp expected received
	done
	wait_for 'grep -q why=quit inner/log' 'the inner session does not end'
}

atf_init_test_cases() {
	atf_add_test_case exim__sends_chunks
	atf_add_test_case postfix__hands_on_dsn_and_utf8_and_speaks_lmtp
	atf_add_test_case worker__hands_on_to_a_session_by_lmtp
	atf_add_test_case swaks__gets_a_reply_for_each_recipient
}
