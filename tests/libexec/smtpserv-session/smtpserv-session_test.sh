# smtpserv-session(8) and the world around it: configuration, environment,
# descriptors, spool, signals, clocks.  The protocol is protocol_test.sh's,
# attackers are hostile_test.sh's.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

HELPERS="${BUILD}/tests/support"

# dialog [OPTION...]: play the table on descriptor 0.
dialog() {
	atf_check -s exit:0 -e save:log \
	    python3 "${HELPERS}/dialog.py" "$@" -- ${SESSION}
}

# endings WHAT [PREFIX...]: see tests/support/endings.py.
endings() {
	atf_check -s exit:0 -e save:log \
	    python3 "${HELPERS}/endings.py" "$@" ${SESSION}
}

# One message in `in`.
one_message() {
	{
		lines 'EHLO client.example'
		message 'text'
		lines 'QUIT'
	} >in
}

# Run the session with the command's prefix on `in`; it must go well.
accepts() {
	atf_check -s exit:0 -o save:out -e save:log "$@" ${SESSION} <in
	check_codes
	check_pair "$(ls spool | sed -n 's/\.WRK$//p' | sort -n | tail -n 1)"
}

# The replies in `out` are those of one_message.
check_codes() {
	codes >got
	atf_check -o inline:'220\n250\n250\n250\n354\n250\n221\n' cat got
}

# Message N is one_message's.
check_pair() {
	printf 'From: erick@maggot\nTo: bruce@gnat\n' >expected
	atf_check -o file:expected cat "spool/$1.WRK"
	atf_check -o inline:'Subject: a test\n\ntext\n' sed 1,2d "spool/$1.TXT"
}

stored() {
	atf_check -o inline:"$1\n" echo $(spool_files)
}

private_mounts() {
	unshare -m true 2>/dev/null ||
	    atf_skip 'no private mount name space to be had (want root)'
}

atf_test_case usage__is_told
usage__is_told_head() {
	atf_set descr '--help and --version answer; a wrong command line is 421
	    to the client, a log line, exit 100'
}
usage__is_told_body() {
	make_conf
	program=${SESSION%% *}
	atf_check -o inline:'usage: smtpserv-session [-l | -s] [-f file] [-q command]\n' \
	    "${program}" --help
	atf_check -o match:'^smtpserv-session [0-9.]*$' "${program}" --version
	for wrong in '-x' '-f' '-f a b' 'file' '-l -s'; do
		atf_check -s exit:100 -o match:'^421 4\.3\.5 ' \
		    -e match:'event=usage' "${program}" ${wrong} </dev/null
	done
	atf_check -s exit:100 -x "${SESSION} <&-"
	atf_check -s exit:100 -x "${SESSION} >&-"
	stored ''
}

# refused LINE WHY: that fourth line of the configuration.
refused() {
	make_conf "$1"
	atf_check -s exit:100 \
	    -o inline:'421 4.3.5 not configured, try again later\r\n' \
	    -e match:"^ip=local pid=[0-9]+ event=configuration at=${PWD}/wattcp.cfg:4 .*why=.*$2" \
	    ${SESSION} </dev/null
}

atf_test_case configuration__errors_name_their_line
configuration__errors_name_their_line_head() {
	atf_set descr 'A bad configuration is 421 4.3.5 to the client, file:line
	    in the log, exit 100'
}
configuration__errors_name_their_line_body() {
	refused 'smtp.maxsise = 1' 'no such key'
	refused 'smtp.maxsize = many' 'not a number'
	refused 'smtp.maxsize = -1' 'not a number'
	refused 'smtp.maxsize = 4294967296' 'not a number'
	refused 'smtp.maxrcpts = 0' 'not a number'
	refused 'smtp.eol = cr' 'not one of'
	refused 'smtp.sync = maybe' 'not one of'
	refused 'smtp.subdir = relative/path' 'not a full path'
	refused 'smtp.subdir = "/unbalanced' 'quote'
	refused 'smtp.maxsize = 1 = 2' 'second'
	refused 'smtp.maxsize =' 'empty'
	refused 'just words' 'no `='
	refused '= 1' 'nothing before'
	refused 'hostname = "not a name"' 'not a domain name'
	refused 'include = no-such-file' 'No such file'
	refused "include = ${PWD}/wattcp.cfg" '.' # itself, without end
}

atf_test_case configuration__errors_in_included_files_name_those
configuration__errors_in_included_files_name_those_body() {
	make_conf 'include = more.cfg'
	printf '# a comment\r\n\r\nsmtp.maxsise = 1' >more.cfg
	atf_check -s exit:100 -o match:'^421 4\.3\.5 ' \
	    -e match:"at=${PWD}/more.cfg:3 " ${SESSION} </dev/null
	make_conf 'include = ?no-such-file' 'my_ip = 192.0.2.1' 'foo = bar'
	one_message
	accepts
}

atf_test_case configuration__missing_is_421
configuration__missing_is_421_body() {
	atf_check -s exit:100 -o match:'^421 4\.3\.5 ' \
	    -e match:"event=configuration at=${PWD}/wattcp.cfg:0 .*No such file" \
	    ${SESSION} </dev/null
	mkdir wattcp.cfg
	atf_check -s exit:100 -o match:'^421 4\.3\.5 ' \
	    -e match:'event=configuration' ${SESSION} </dev/null
	rmdir wattcp.cfg
	echo 'hostname = gnat' >wattcp.cfg
	atf_check -s exit:100 -o match:'^421 4\.3\.5 ' \
	    -e match:'key=smtp.subdir .*missing' ${SESSION} </dev/null
	head -c 100000 /dev/zero >wattcp.cfg
	atf_check -s exit:100 -o match:'^421 4\.3\.5 ' \
	    -e match:'event=configuration' ${SESSION} </dev/null
}

atf_test_case configuration__is_found_by_the_environment
configuration__is_found_by_the_environment_body() {
	make_conf 'hostname = other'
	mkdir dir
	mv wattcp.cfg dir
	program=${SESSION%% *}
	for variable in WATTCP.CFG WATTCP_CFG; do
		atf_check -o match:'^220 other\.example\.test ' -e ignore \
		    env "${variable}=${PWD}/dir" "${program}" </dev/null
	done
}

# peer WANT NAME=VALUE...: what the trace says of the client's end.
peer() {
	want=$1
	shift
	rm -f spool/*.*
	env -i "$@" ${SESSION} <in >out 2>log
	atf_check -o inline:"Received: from client.example${want} by gnat.example.test with ESMTP\n" \
	    head -n 1 spool/1.TXT
}

atf_test_case peer__comes_from_the_environment
peer__comes_from_the_environment_head() {
	atf_set descr 'the TCP-info of the trace from the variables
	    of UCSPI, systemd and xinetd; ::ffff: is taken off'
}
peer__comes_from_the_environment_body() {
	make_conf
	one_message
	peer '' PROTO=TCP
	# tcpserver, s6-tcpserver, tcpsvd
	peer ' ([192.0.2.7])' PROTO=TCP TCPREMOTEIP=192.0.2.7 \
	    TCPREMOTEPORT=4711 TCPLOCALIP=192.0.2.1 TCPLOCALPORT=25
	atf_check -o match:'^ip=192\.0\.2\.7 pid=[0-9]+ event=accepted ' cat log
	peer ' (maggot.example [192.0.2.7])' \
	    TCPREMOTEIP=192.0.2.7 TCPREMOTEHOST=maggot.example
	# PROTO is TCP for IPv6 too, and the variable's name says nothing
	peer ' ([IPv6:2001:db8::7])' PROTO=TCP TCPREMOTEIP=2001:db8::7
	peer ' ([192.0.2.7])' TCPREMOTEIP=::ffff:192.0.2.7
	peer ' ([192.0.2.7])' TCPREMOTEIP=::FFFF:192.0.2.7
	# tcpserver's IPv6 build, sslserver
	peer ' (maggot.example [IPv6:2001:db8::7])' PROTO=TCP6 \
	    TCP6REMOTEIP=2001:db8::7 TCP6REMOTEHOST=maggot.example
	peer ' ([192.0.2.8])' SSLREMOTEIP=192.0.2.8
	# systemd
	peer ' ([192.0.2.9])' REMOTE_ADDR=192.0.2.9 REMOTE_PORT=4711
	# xinetd, whose REMOTE_HOST is an address
	peer ' ([192.0.2.10])' REMOTE_HOST=192.0.2.10
	peer ' ([192.0.2.10])' REMOTE_HOST=::ffff:192.0.2.10
	# the first of them wins
	peer ' ([192.0.2.7])' TCPREMOTEIP=192.0.2.7 TCP6REMOTEIP=2001:db8::7 \
	    SSLREMOTEIP=192.0.2.8 REMOTE_ADDR=192.0.2.9 REMOTE_HOST=192.0.2.10
	peer ' (maggot.example [192.0.2.9])' REMOTE_ADDR=192.0.2.9 \
	    REMOTE_HOST=maggot.example
}

atf_test_case peer__garbage_in_the_environment_is_not_believed
peer__garbage_in_the_environment_is_not_believed_head() {
	atf_set descr 'what is no address or no name does
	    not get into the trace'
}
peer__garbage_in_the_environment_is_not_believed_body() {
	make_conf
	one_message
	peer '' TCPREMOTEIP=
	peer '' TCPREMOTEIP=unknown
	peer '' TCPREMOTEIP=192.0.2
	peer '' TCPREMOTEIP=192.0.2.256
	peer '' TCPREMOTEIP=192.0.2.7.8
	peer '' TCPREMOTEIP='192.0.2.7 '
	peer '' TCPREMOTEIP=::ffff:192.0.2.256
	peer '' TCPREMOTEIP=1:2:3:4:5:6:7:8:9
	peer '' TCPREMOTEIP="$(printf '%05000d' 0)"
	peer '' TCPREMOTEIP='192.0.2.7])
X-Evil: yes ([192.0.2.7'
	peer ' ([192.0.2.8])' TCPREMOTEIP=junk TCP6REMOTEIP=192.0.2.8
	peer ' ([192.0.2.7])' TCPREMOTEIP=192.0.2.7 TCPREMOTEHOST=
	peer ' ([192.0.2.7])' TCPREMOTEIP=192.0.2.7 TCPREMOTEHOST='a b'
	peer ' ([192.0.2.7])' TCPREMOTEIP=192.0.2.7 TCPREMOTEHOST=192.0.2.7
	peer ' ([192.0.2.7])' TCPREMOTEIP=192.0.2.7 \
	    TCPREMOTEHOST="$(printf '%0300d' 0)"
	peer ' ([192.0.2.7])' TCPREMOTEIP=192.0.2.7 TCPREMOTEPORT=junk \
	    TCPREMOTEHOST='x)
X-Evil: yes ('
	atf_check -s exit:1 grep -r Evil spool log
}

atf_test_case peer__comes_from_the_socket
peer__comes_from_the_socket_head() {
	atf_set descr 'Without variables the socket tells; an IPv4 client of a
	    dual-stack listener is one; a contradiction is noted, and the
	    variable wins'
}
peer__comes_from_the_socket_body() {
	make_conf 'smtp.envelope = full'
	cat >table <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		354 | DATA
		250 | .
	ROWS
	dialog --channel tcp <table
	atf_check -o match:'from client.example \(\[127\.0\.0\.1\]\) by' \
	    cat spool/1.TXT
	atf_check -o match:'^Client-Port: [1-9][0-9]*$' cat spool/1.WRK
	atf_check -s exit:1 grep event=note log
	if test -e /proc/net/if_inet6; then
		dialog --channel mapped <table
		atf_check -o match:'^Client: 127\.0\.0\.1$' cat spool/2.WRK
		dialog --channel tcp6 <table
		atf_check -o match:'from client.example \(\[IPv6:::1\]\) by' \
		    cat spool/3.TXT
		rm spool/[23].*
	fi
	dialog --channel unix <table
	atf_check -s exit:1 grep '^Client' spool/*[1-9].WRK -h --exclude=1.WRK
	rm -r spool
	mkdir spool
	TCPREMOTEIP=192.0.2.7
	export TCPREMOTEIP
	dialog --channel tcp <table
	atf_check -o match:'^Client: 192\.0\.2\.7$' cat spool/1.WRK
	atf_check -o match:'^ip=192\.0\.2\.7 .*event=note .*another peer' cat log
}

atf_test_case log__one_line_an_event
log__one_line_an_event_head() {
	atf_set descr 'logfmt on stderr: accepted, refused and the end, address
	    first'
}
log__one_line_an_event_body() {
	make_conf
	dialog <<-'ROWS'
		250 | EHLO client.example
		501 | MAIL FROM:<a>
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		354 | DATA
		- | text
		250 | .
		221 | QUIT
	ROWS
	# How many depends on where the tests run.
	sed -e 's/pid=[0-9][0-9]*/pid=N/' \
	    -e 's/ stages=[12] why="[^"]*"$/ stages/' log >events
	atf_check -o inline:'ip=local pid=N event=refused code=501 status=5.1.7 why="sender address lacks a domain" command="MAIL FROM:<a>"
ip=local pid=N event=accepted number=1 from=a@b rcpts=1 size=6 helo=client.example proto=ESMTP stages
ip=local pid=N event=end why=quit accepted=1 refused=1
' cat events
}

atf_test_case log__that_stalls_costs_no_reply
log__that_stalls_costs_no_reply_head() {
	atf_set descr 'nobody reads the log: 250 to what is committed, and an
	    end by SIGTERM, inactive and smtp.maxtime; what is dropped is told'
}
log__that_stalls_costs_no_reply_body() {
	make_conf 'inactive = 1'
	mv wattcp.cfg inactive.cfg
	make_conf 'smtp.maxtime = 3'
	mv wattcp.cfg maxtime.cfg
	make_conf
	endings log_stalls
}

atf_test_case log__may_be_a_long_file
log__may_be_a_long_file_head() {
	atf_set descr 'a log beyond all that a message may be goes on; a file
	    of the spool does not'
}
log__may_be_a_long_file_body() {
	make_conf 'smtp.maxsize = 1024'
	one_message
	truncate -s 81M long
	atf_check -o save:out -x "${SESSION} <in 2>>long"
	codes >got
	atf_check -o inline:'220 250 250 250 354 250 221\n' echo $(cat got)
	tail -c +$((81 * 1024 * 1024 + 1)) long >log
	atf_check -o match:'event=accepted number=1 ' cat log
	atf_check -o match:'event=end why=quit ' cat log
}

atf_test_case log__never_to_the_client
log__never_to_the_client_head() {
	atf_set descr 'Under inetd and xinetd descriptor 2 is the client: no log
	    line may reach it, nor a configuration error'
}
log__never_to_the_client_body() {
	make_conf
	cat >table <<-'ROWS'
		500 | nonsense
		250 | EHLO client.example
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		354 | DATA
		250 | .
		221 | QUIT
	ROWS
	for channel in unix tcp; do
		dialog --inetd --channel ${channel} <table
		atf_check -o empty cat log
	done
	make_conf 'smtp.maxsise = 1'
	dialog --inetd --channel tcp --greeting 421 --exit 100 </dev/null
	atf_check -o empty cat log
}

atf_test_case log__goes_to_syslog_instead
log__goes_to_syslog_instead_head() {
	atf_set descr 'Where descriptor 2 is the client, /dev/log gets each line
	    as mail.info, with our name and process'
	atf_set require.user root
}
log__goes_to_syslog_instead_body() {
	private_mounts
	make_conf
	atf_check unshare -m sh -ec '
		mount -t tmpfs none /dev
		mknod -m 666 /dev/null c 1 3
		exec python3 "$@"' sh \
	    "${HELPERS}/endings.py" syslog ${SESSION}
	atf_check unshare -m sh -ec '
		mount -t tmpfs none /dev
		mknod -m 666 /dev/null c 1 3
		exec python3 "$@"' sh "${HELPERS}/endings.py" \
	    syslog_behind_proxy ${SESSION%%/libexec/*}/libexec/smtpserv-proxy \
	    -a 127.0.0.1 ${SESSION}
	make_conf 'smtp.maxsise = 1'
	atf_check unshare -m sh -ec '
		mount -t tmpfs none /dev
		mknod -m 666 /dev/null c 1 3
		exec python3 "$@"' sh \
	    "${HELPERS}/endings.py" syslog_configuration ${SESSION}
}

# faulty REPLY: each message gets it, the session goes on, nothing is left.
faulty() {
	reply=$1
	shift
	atf_check -s exit:0 -e save:log "$@" \
	    python3 "${HELPERS}/dialog.py" -- ${SESSION} <<-ROWS
		250 | EHLO client.example
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		${reply} | DATA
		503 | DATA
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		${reply} | DATA
		250 | NOOP
		221 | QUIT
	ROWS
	atf_check -o match:'event=fault ' cat log
	atf_check -o match:'event=end why=quit accepted=0' cat log
}

atf_test_case spool__absent_or_no_directory_is_451
spool__absent_or_no_directory_is_451_head() {
	atf_set descr 'no spool, 451 to each message'
}
spool__absent_or_no_directory_is_451_body() {
	make_conf
	rmdir spool
	faulty '451 4.3.0'
	echo text >spool
	faulty '451 4.3.0'
	atf_check -o inline:'text\n' cat spool
	rm spool
	ln -s nowhere spool
	faulty '451 4.3.0'
}

atf_test_case spool__read_only_is_451
spool__read_only_is_451_head() {
	atf_set descr 'a read-only spool, 451 to each message'
}
spool__read_only_is_451_body() {
	make_conf
	if test "$(id -u)" -ne 0; then
		chmod 555 spool
		faulty '451 4.3.0'
		chmod 755 spool
		return
	fi
	private_mounts
	faulty '451 4.3.0' unshare -m sh -ec '
		mount --bind spool spool
		mount -o remount,bind,ro spool
		exec "$@"' sh
	atf_check -o empty ls spool
}

atf_test_case spool__full_is_452
spool__full_is_452_head() {
	atf_set descr 'no block or no inode left at
	    each point: 452, nothing half is left, and mail flows again when
	    there is room'
	atf_set require.user root
}
spool__full_is_452_body() {
	private_mounts
	make_conf
	for size in 4k 8k 12k 16k 20k 24k 28k 32k 36k 40k 64k 128k; do
		full "size=${size}"
	done
	for inodes in 2 3 4 5 6 7; do
		full "size=1m,nr_inodes=${inodes}"
	done
}

# full MOUNT-OPTIONS
full() {
	atf_check -e ignore unshare -m sh -ec '
		mount -t tmpfs -o "$1" none spool
		shift
		exec python3 "$@"' sh "$1" \
	    "${HELPERS}/endings.py" full ${SESSION} || echo "with $1"
}

atf_test_case counter__bad_is_451_and_untouched
counter__bad_is_451_and_untouched_head() {
	atf_set descr 'a counter that is no number is never
	    guessed at'
}
counter__bad_is_451_and_untouched_body() {
	make_conf
	for text in '' '\n' 'junk\n' '0\n' '-1\n' '1000000000000\n' '1 2\n' \
	    '4294967296\n' '1\n2\n' '0x10\n' '\0' \
	    '0000000007 0000000000 0000000000 0001%37s' \
	    '0000000007 0000000000 0000000000 0001%37s\n' \
	    '000000000x 0000000009 0000000009 0001%37s\n' \
	    '0000000007 0000000009 -000000009 0001%37s\n'; do
		printf "${text}" >spool/sequence.seq
		cp spool/sequence.seq before
		faulty '451 4.3.0'
		atf_check -o file:before cat spool/sequence.seq
		atf_check -o inline:'sequence.seq\n' ls spool
	done
	rm spool/sequence.seq
	mkdir spool/sequence.seq
	faulty '451 4.3.0'
	rmdir spool/sequence.seq
	mkfifo spool/sequence.seq
	faulty '451 4.3.0'
	rm spool/sequence.seq
	printf '7\n' >elsewhere
	ln -s ../elsewhere spool/sequence.seq
	faulty '451 4.3.0'
	atf_check -o inline:'7\n' cat elsewhere
}

atf_test_case counter__of_any_form_is_read
counter__of_any_form_is_read_head() {
	atf_set descr 'missing, without a line end, last number,
	    in use: the next free number, and 1 after 4294967295'
}
counter__of_any_form_is_read_body() {
	make_conf
	one_message
	printf '5321' >spool/sequence.seq
	accepts
	stored '5321.TXT 5321.WRK'
	accepts
	stored '5321.TXT 5321.WRK 5322.TXT 5322.WRK'
	# Missing: above all that is there.
	rm spool/sequence.seq
	accepts
	stored '5321.TXT 5321.WRK 5322.TXT 5322.WRK 5323.TXT 5323.WRK'
	rm -r spool
	mkdir spool
	printf '4294967295\n' >spool/sequence.seq
	accepts
	stored '4294967295.TXT 4294967295.WRK'
	rm spool/42*
	accepts
	stored '1.TXT 1.WRK'
	# Numbers in use are left out, whatever is there of them.
	rm -r spool
	mkdir spool
	printf '1\n' >spool/sequence.seq
	touch spool/1.CMD spool/2.TMP spool/3.TXT spool/4.WRK
	accepts
	stored '1.CMD 2.TMP 3.TXT 4.WRK 5.TXT 5.WRK'
	atf_check -o empty cat spool/1.CMD spool/2.TMP spool/3.TXT spool/4.WRK
}

atf_test_case counter__locked_for_ever_is_451
counter__locked_for_ever_is_451_head() {
	atf_set descr 'the lock of a stopped process is waited
	    for with a bound; then 451, and the session goes on'
}
counter__locked_for_ever_is_451_body() {
	make_conf
	endings locked_counter
}

atf_test_case eol__crlf
eol__crlf_head() {
	atf_set descr 'smtp.eol=crlf: each line of the text and the trace'
}
eol__crlf_body() {
	make_conf 'smtp.eol = crlf'
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		354 | DATA
		- | one:
		- | ..two
		- / three\x0afour\x0d\x0afi\x0dve\x0d\x0a
		250 | .
	ROWS
	atf_check -o inline:'one:\r\n.two\r\nthree\r\nfour\r\nfi ve\r\n' \
	    sed 1,2d spool/1.TXT
	atf_check -o inline:'Received: from client.example by gnat.example.test with ESMTP\r\n' \
	    head -n 1 spool/1.TXT
	atf_check -o inline:'2\n' -x \
	    "head -n 2 spool/1.TXT | grep -c '$(printf '\r')\$'"
	atf_check -o inline:'From: a@b\nTo: c@d\n' cat spool/1.WRK
}

atf_test_case bareeol__reject
bareeol__reject_head() {
	atf_set descr 'smtp.bareeol=reject: 550 5.6.0 for a bare CR, bare LF or
	    NUL anywhere in the text; the session goes on'
}
bareeol__reject_body() {
	make_conf 'smtp.bareeol = reject'
	{
		echo '250 | EHLO client.example'
		for text in 'a\x0ab' 'a\x0db' 'a\x00b' '\x0a' '\x0d' '\x00' \
		    '.\x0a' '.\x0d' '\x0d\x0d'; do
			echo '250 | MAIL FROM:<a@b>'
			echo '250 | RCPT TO:<c@d>'
			echo '354 | DATA'
			echo '- | before'
			echo "- | ${text}"
			echo '- | after'
			echo '550 5.6.0 | .'
		done
		echo '250 | MAIL FROM:<a@b>'
		echo '250 | RCPT TO:<c@d>'
		echo '354 | DATA'
		echo '- | good'
		echo '250 | .'
	} >table
	dialog <table
	stored '10.TXT 10.WRK'
}

atf_test_case envelope__full
envelope__full_head() {
	atf_set descr 'smtp.envelope=full: the facts of the session, after the
	    recipients; those that are not known are left out'
}
envelope__full_body() {
	make_conf 'smtp.envelope = full'
	cat >table <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b> BODY=8BITMIME SMTPUTF8
		250 | RCPT TO:<c@d>
		250 | RCPT TO:<e@f>
		354 | DATA
		- | ..text
		250 | .
	ROWS
	TCPREMOTEIP=2001:db8::7 TCPREMOTEPORT=4711 TCPREMOTEHOST=maggot.example \
	    dialog <table
	sed 's/^Received-At: 2[0-9]*-[0-9][0-9]-[0-9][0-9]T[0-9:]*Z$/Received-At: TIME/' \
	    spool/1.WRK >facts
	atf_check -o inline:'From: a@b
To: c@d
To: e@f
Body: 8BITMIME
Smtputf8: yes
Client: 2001:db8::7
Client-Port: 4711
Client-Name: maggot.example
Helo: client.example
Proto: UTF8SMTP
Received-At: TIME
Size: 7
' cat facts
	dialog <table
	sed '/^Received-At: 2/d' spool/2.WRK >facts
	atf_check -o inline:'From: a@b
To: c@d
To: e@f
Body: 8BITMIME
Smtputf8: yes
Helo: client.example
Proto: UTF8SMTP
Size: 7
' cat facts
}

# with_sync SETTING: deliver a message, the sync calls are then in `trace`.
with_sync() {
	make_conf "smtp.sync = $1"
	atf_check -o save:out -e ignore strace -f -o trace \
	    -e trace=fsync,fdatasync,sync_file_range,syncfs ${SESSION} <in
}

atf_test_case sync__no_means_none
sync__no_means_none_head() {
	atf_set descr 'smtp.sync=no makes no sync call, yes makes one for each
	    step of the commit, and both store the same'
	atf_set require.progs strace
}
sync__no_means_none_body() {
	sanitizers_cannot 'be traced'
	one_message
	strace -o trace true 2>/dev/null || atf_skip 'strace may not trace here'
	make_conf
	# Once without: creating the counter syncs it, whatever the setting.
	accepts
	stored '1.TXT 1.WRK'
	with_sync no
	check_pair 2
	atf_check -s exit:1 grep sync trace
	with_sync yes
	check_pair 3
	atf_check test "$(grep -c 'sync(.* = 0$' trace)" -ge 4
	# The data of both files are written out before what is side by side.
	sed -e 's/.*SYNC_FILE_RANGE_WAIT_AFTER.*/written/' \
	    -e '/written\|sync(/!d' -e 's/.*sync(.*/sync/' trace |
	    sed -n '/written/,$p' >order
	atf_check -o inline:'written\nwritten\nsync\n' head -n 3 order
}

atf_test_case signal__stop_in_data_is_421_and_nothing_left
signal__stop_in_data_is_421_and_nothing_left_head() {
	atf_set descr 'SIGTERM, SIGINT, SIGHUP while waiting and in
	    the middle of DATA: 421 4.3.2, exit 0, nothing left'
}
signal__stop_in_data_is_421_and_nothing_left_body() {
	make_conf
	endings stop
	atf_check -o match:'event=end why=signal' cat log
}

atf_test_case signal__is_heard_under_a_flood
signal__is_heard_under_a_flood_head() {
	atf_set descr 'SIGTERM while there is always more to read, in a text
	    and in commands: 421 4.3.2, and nothing more is taken'
}
signal__is_heard_under_a_flood_body() {
	make_conf 'smtp.maxsize = 1024'
	endings stop_flood
	atf_check -o match:'event=end why=signal' cat log
	endings stop_commands
}

atf_test_case signal__kill_in_data_leaves_cmd_and_tmp
signal__kill_in_data_leaves_cmd_and_tmp_head() {
	atf_set descr 'kill -9 in DATA leaves N.CMD and N.TMP, nothing visible;
	    the next session goes on with the next number'
}
signal__kill_in_data_leaves_cmd_and_tmp_body() {
	make_conf
	endings kill
	stored '1.CMD 1.TMP'
	one_message
	accepts
	stored '1.CMD 1.TMP 2.TXT 2.WRK'
}

atf_test_case inactive__is_421
inactive__is_421_head() {
	atf_set descr 'a client that says nothing: 421 4.4.2,
	    before a command and in DATA, and nothing left'
}
inactive__is_421_body() {
	make_conf 'inactive = 1'
	endings inactive
	atf_check -o match:'event=end why=inactive' cat log
	stored ''
}

atf_test_case maxtime__ends_a_session_that_never_rests
maxtime__ends_a_session_that_never_rests_head() {
	atf_set descr 'a byte now and then does not outlive
	    smtp.maxtime: 421 4.4.2, in commands and in DATA, nothing left'
}
maxtime__ends_a_session_that_never_rests_body() {
	make_conf 'inactive = 60' 'smtp.maxtime = 1'
	endings maxtime
	atf_check -o match:'event=end why=smtp.maxtime' cat log
	stored ''
}

atf_test_case inherited__descriptors
inherited__descriptors_head() {
	atf_set descr 'descriptor 2 closed; others open'
}
inherited__descriptors_body() {
	make_conf
	one_message
	atf_check -o save:out -x "${SESSION} <in 2>&-"
	check_codes
	check_pair 1
	atf_check -s exit:1 grep -r event= spool out
	endings descriptors
}

atf_test_case inherited__signals
inherited__signals_head() {
	atf_set descr 'SIGPIPE ignored, SIGPIPE and SIGTERM
	    blocked or ignored'
}
inherited__signals_body() {
	env --block-signal=PIPE true 2>/dev/null ||
	    atf_skip 'env(1) cannot block signals'
	make_conf
	one_message
	for how in --ignore-signal --block-signal --default-signal; do
		accepts env ${how}=PIPE
		endings stop env ${how}=PIPE,TERM,INT,HUP
		endings deaf env ${how}=PIPE
	done
	atf_check -o inline:'6\n' -x 'ls spool/*.TXT spool/*.WRK | wc -l'
	atf_check -s exit:1 -x 'ls spool | grep -E "CMD|TMP"'
}

atf_test_case inherited__umask
inherited__umask_head() {
	atf_set descr 'modes are 0640 less the umask'
}
inherited__umask_body() {
	make_conf
	one_message
	for mask in 000 022 026 027 077; do
		rm -rf spool/*
		(umask ${mask} && accepts) || atf_fail "with ${mask}"
		mode=640
		test ${mask} = 077 && mode=600
		atf_check -o inline:"${mode}\n${mode}\n${mode}\n" \
		    stat -c %a spool/1.TXT spool/1.WRK spool/sequence.seq
	done
}

atf_test_case inherited__environment
inherited__environment_head() {
	atf_set descr '1000 variables, a large one, none'
}
inherited__environment_body() {
	make_conf
	one_message
	accepts env $(seq -f 'VARIABLE%g=value' 1000)
	accepts env "LARGE=$(printf '%0100000d' 0)"
	accepts env -i
	stored '1.TXT 1.WRK 2.TXT 2.WRK 3.TXT 3.WRK'
}

atf_test_case inherited__limits
inherited__limits_head() {
	atf_set descr 'RLIMIT_FSIZE 4096 is 452 and no SIGXFSZ;
	    RLIMIT_NOFILE 6 works or is 4xx; then all goes on'
}
inherited__limits_body() {
	sanitizers_cannot 'live within small limits'
	make_conf
	atf_check -s exit:0 -e save:log prlimit --fsize=4096 \
	    python3 "${HELPERS}/dialog.py" -- ${SESSION} <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		354 | DATA
		- | {5000*x}
		452 4.3.1 | .
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		354 | DATA
		- | small
		250 | .
	ROWS
	stored '2.TXT 2.WRK'
	one_message
	rm -r spool
	mkdir spool
	for n in 3 4 5 6 7; do
		prlimit --nofile=${n} ${SESSION} <in >out 2>log
		status=$?
		atf_check -o match:'^(250 2\.0\.0 A|4[0-9][0-9] 4\.)' cat out
		if grep -q '^421' out; then
			atf_check_equal 111 ${status}
		else
			atf_check_equal 0 ${status}
			atf_check -o match:'^221 ' cat out
		fi
	done
	accepts prlimit --nofile=16
	for n in $(spool_files | sed 's/\..*//' | sort -u); do
		check_pair ${n}
	done
	stored "$(spool_files | grep -E '\.(TXT|WRK)$' | tr '\n' ' ' |
	    sed 's/ $//')"
}

atf_init_test_cases() {
	atf_add_test_case usage__is_told
	atf_add_test_case configuration__errors_name_their_line
	atf_add_test_case configuration__errors_in_included_files_name_those
	atf_add_test_case configuration__missing_is_421
	atf_add_test_case configuration__is_found_by_the_environment
	atf_add_test_case peer__comes_from_the_environment
	atf_add_test_case peer__garbage_in_the_environment_is_not_believed
	atf_add_test_case peer__comes_from_the_socket
	atf_add_test_case log__one_line_an_event
	atf_add_test_case log__that_stalls_costs_no_reply
	atf_add_test_case log__may_be_a_long_file
	atf_add_test_case log__never_to_the_client
	atf_add_test_case log__goes_to_syslog_instead
	atf_add_test_case spool__absent_or_no_directory_is_451
	atf_add_test_case spool__read_only_is_451
	atf_add_test_case spool__full_is_452
	atf_add_test_case counter__bad_is_451_and_untouched
	atf_add_test_case counter__of_any_form_is_read
	atf_add_test_case counter__locked_for_ever_is_451
	atf_add_test_case eol__crlf
	atf_add_test_case bareeol__reject
	atf_add_test_case envelope__full
	atf_add_test_case sync__no_means_none
	atf_add_test_case signal__stop_in_data_is_421_and_nothing_left
	atf_add_test_case signal__is_heard_under_a_flood
	atf_add_test_case signal__kill_in_data_leaves_cmd_and_tmp
	atf_add_test_case inactive__is_421
	atf_add_test_case maxtime__ends_a_session_that_never_rests
	atf_add_test_case inherited__descriptors
	atf_add_test_case inherited__signals
	atf_add_test_case inherited__umask
	atf_add_test_case inherited__environment
	atf_add_test_case inherited__limits
}
