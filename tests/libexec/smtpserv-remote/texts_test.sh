# Texts that some server could take for more than one: what other people's
# servers, and one that takes everything for an end, store of them.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/remote.subr"
. "$(atf_get_srcdir)/../../support/certs.subr"

TEXTS="${BUILD}/tests/support/texts.py"

# Send all of them, one after the other, to what listens on PORT.
send_all() {
	mkdir -p texts
	python3 "${TEXTS}" make texts
	for n in 0 1 2 3 4 5 6; do
		${REMOTE} "[127.0.0.1]:${PORT}" a@x b@y <"texts/$n" 2>>log |
		    tr '\0' '\n' | cut -c 1 | tr -d '\n'
	done >letters
	# A recipient, the message, and what the host has said.
	atf_check_equal rKRrKRrKRrKRrKRrKRrKR "$(cat letters)"
}

# Each was stored as it had to be, once: what NAME gives of number N.
all_arrived() {
	for n in 0 1 2 3 4 5 6; do
		"$1" $n >got
		cmp "texts/$n.want" got || atf_fail "text $n"
	done
}

# The server of texts.py, by which Python.
texts_server() {
	mkdir -p kept
	rm -f port
	"$2" "${TEXTS}" "$1" port kept >server.log 2>&1 &
	SERVER=$!
	trap 'kill ${SERVER} 2>/dev/null' EXIT
	await_file port
	PORT=$(cat port)
}

kept() {
	cat "kept/$1"
}

atf_test_case text__has_one_end_for_a_server_of_any_ends
text__has_one_end_for_a_server_of_any_ends_head() {
	# OB-75, OB-76, OB-77, OB-78
	atf_set descr 'LF.LF, CR.CR, LF.CRLF: nothing but the last end is one'
}
text__has_one_end_for_a_server_of_any_ends_body() {
	make_remote
	texts_server lenient python3
	send_all
	all_arrived kept
	test ! -e kept/odd || atf_fail "said besides: $(cat kept/odd)"
	atf_check -s exit:1 test -e kept/7
}

atf_test_case aiosmtpd__stores_each_text
aiosmtpd__stores_each_text_head() {
	# OB-75, OB-76
	atf_set descr 'as aiosmtpd reads texts'
}
aiosmtpd__stores_each_text_body() {
	# The one that Debian's packages are for.
	python=/usr/bin/python3
	${python} -c 'import aiosmtpd.smtp' 2>/dev/null ||
	    atf_skip 'no aiosmtpd: make check-deps installs it'
	make_remote
	texts_server aiosmtpd ${python}
	send_all
	all_arrived kept
	atf_check -s exit:1 test -e kept/7
}

# The session's: lines end in LF, behind its trace.
stored() {
	body $(($1 + 1)) | sed 's/$/\r/'
}

atf_test_case session__stores_each_text
session__stores_each_text_head() {
	# OB-75, OB-76, OB-64
	atf_set descr 'and our own session, which counts what SIZE says'
	atf_set require.progs tcpserver
}
session__stores_each_text_body() {
	make_conf 'smtp.remote.tls = none' 'smtp.bareeol = reject'
	serve ${SESSION}
	send_all
	all_arrived stored
	atf_check -s exit:1 test -e spool/8.TXT
}

# Postfix's: lines end in LF, between eight of its own and one.
dumped() {
	# By the subject: their names and times do not say which is which.
	grep -lxF "$(head -n 1 "texts/$1" | tr -d '\r')" dump/* >name
	IFS= read -r name <name
	sed '1,8d;$d;s/$/\r/' "${name}"
}

# Until something listens there.
await_port() {
	python3 - "$1" <<-'END'
		import socket, sys, time
		for _ in range(3000):
		    try:
		        socket.create_connection(('127.0.0.1', int(sys.argv[1])))
		        break
		    except OSError:
		        time.sleep(0.01)
	END
}

atf_test_case postfix__stores_each_text
postfix__stores_each_text_head() {
	# OB-75, OB-76
	atf_set descr "and Postfix's smtp-sink"
}
postfix__stores_each_text_body() {
	sink="${BUILD}/deps/usr/sbin/smtp-sink"
	test -x "${sink}" || atf_skip 'no smtp-sink: make check-deps unpacks it'
	make_remote
	PORT=$(python3 -c 'import socket
s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
	LD_LIBRARY_PATH="${BUILD}/deps/usr/lib/postfix" \
	    "${sink}" -u "$(id -un)" -d dump/ "127.0.0.1:${PORT}" 10 \
	    >server.log 2>&1 &
	SERVER=$!
	trap 'kill ${SERVER} 2>/dev/null' EXIT
	await_port "${PORT}"
	send_all
	all_arrived dumped
	atf_check_equal 7 "$(ls dump | wc -l)"
}

# Exim's: the body, in LF, behind a line of its own.
queued() {
	subject=$(head -n 1 "texts/$1" | tr -d '\r')
	file=$(grep -l "^[0-9]* *${subject}\$" input/*-H)
	printf '%s\r\n\r\n' "${subject}"
	sed '1d;s/$/\r/' "${file%-H}-D"
}

atf_test_case exim__stores_each_text
exim__stores_each_text_head() {
	# OB-75, OB-76
	atf_set descr 'and Exim, by STARTTLS, in a name space of its own'
	atf_set require.progs 'tcpserver unshare openssl'
}
exim__stores_each_text_body() {
	exim="${BUILD}/deps/exim4/usr/sbin/exim4"
	test -x "${exim}" || atf_skip 'no Exim: make check-deps unpacks it'
	unshare --mount --pid --fork --mount-proc true 2>/dev/null ||
	    atf_skip 'no private name spaces to be had (want root)'
	authority ca
	certificate crt ca /CN=exim.example IP:127.0.0.1
	make_remote "smtp.remote.ca = ${PWD}/ca"
	sed -i 's/^\(smtp.remote.tls = \)none/\1verify/' wattcp.cfg
	{ cat /etc/passwd; echo 'Debian-exim:x:70001:70001::/:/bin/false'; } >pw
	{ cat /etc/group; echo 'Debian-exim:x:70001:'; } >gr
	printf '%s\n' 'primary_hostname = exim.example' \
	    'spool_directory = /mnt/exim' 'log_file_path = /mnt/exim/%slog' \
	    'exim_path = /mnt/exim4' 'keep_environment =' \
	    'acl_smtp_rcpt = accept' 'queue_only = true' \
	    'tls_advertise_hosts = *' 'tls_certificate = /mnt/crt' \
	    'tls_privatekey = /mnt/crt.key' >exim.conf
	cat >run <<-SCRIPT
		set -e
		mount -t tmpfs none /mnt
		mkdir /mnt/exim
		chown 70001:70001 /mnt/exim
		cp exim.conf crt crt.key "${exim}" pw gr /mnt
		chown 70001 /mnt/crt.key
		mount --bind /mnt/pw /etc/passwd
		mount --bind /mnt/gr /etc/group
		/mnt/exim4 -C /mnt/exim.conf -bV >/dev/null
		tcpserver -1 -H -R -l 0 127.0.0.1 0 \\
		    /mnt/exim4 -C /mnt/exim.conf -bs >port &
		until test -e done; do sleep 0.02; done
		cp -R /mnt/exim/input .
		touch copied
	SCRIPT
	unshare --mount --pid --fork --mount-proc --kill-child sh run \
	    >run.log 2>&1 || echo failed >port &
	SERVER=$!
	trap 'kill ${SERVER} 2>/dev/null' EXIT
	await_file port
	! grep -q 'shared libraries\|failed to find uid' run.log ||
	    atf_skip "Exim does not run here: $(head -n 1 run.log)"
	PORT=$(cat port)
	send_all
	echo done >done
	await_file done
	tries=0
	until test -e copied; do
		tries=$((tries + 1))
		test ${tries} -le 3000 || atf_fail "$(cat run.log)"
		sleep 0.01
	done
	all_arrived queued
	atf_check_equal 7 "$(ls input/*-D | wc -l)"
	atf_check_equal 7 \
	    "$(grep -c 'event=sent .*tls="TLSv1.* name 127.0.0.1.*ok=1' log)"
}

atf_init_test_cases() {
	atf_add_test_case exim__stores_each_text
	atf_add_test_case text__has_one_end_for_a_server_of_any_ends
	atf_add_test_case aiosmtpd__stores_each_text
	atf_add_test_case session__stores_each_text
	atf_add_test_case postfix__stores_each_text
}
