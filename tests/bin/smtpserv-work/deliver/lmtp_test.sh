# Deliveries by LMTP: to a server of ours that is as bad as we like, and to
# Dovecot.

. "$(atf_get_srcdir)/../../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../../support/dovecot.subr"

WORK="${BUILD}/bin/smtpserv-work -f ${PWD}/wattcp.cfg"
SUPPORT=$(atf_get_srcdir)/../../../support
ROOT=$(atf_get_srcdir)/../../../../..
[ -f "${ROOT}/Makefile" ] || ROOT=${ROOT}/..

# A port that was free a moment ago.
free_port() {
	python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# A configuration whose table sends everybody at gnat to the instruction; the
# other arguments are more lines of the configuration.
make_table() {
	printf '@gnat %s\nerick@maggot |cat >report\n' "$1" >deliver.txt
	shift
	cdb -c -m deliver.cdb deliver.txt
	make_conf "smtp.deliver = ${PWD}/deliver.cdb" \
	    'smtp.postmaster = postmaster@gnat' "$@"
}

# A message by a real session to bruce@gnat, with these lines.
send() {
	{
		lines 'EHLO client.example'
		message "$@"
		lines 'QUIT'
	} | atf_check -o match:'^250 2.0.0 A' -e ignore ${SESSION}
}

# The message files are these and no others.
stored() {
	atf_check -o inline:"$1\n" echo $(spool_files)
}

# A server in this mood, at a socket or a port; and its end.
serve() {
	python3 "${SUPPORT}/lmtpd.py" "$1" "$2" >lmtpd.log 2>&1 &
	server=$!
	echo "${server}" >server.pid
	await test -f port
}

stop() {
	kill "$(cat server.pid)"
	wait "$(cat server.pid)" || true
}

need() {
	atf_set require.progs "python3 cdb"
}

atf_test_case good__by_socket_and_by_port
good__by_socket_and_by_port_head() { need; }
good__by_socket_and_by_port_body() {
	serve good "${PWD}/socket"
	make_table "lmtp:unix:${PWD}/socket"
	# A client stuffs dots itself.
	send '..' '...a' 'b'
	atf_check -e match:'result=delivered .*text="250 2.0.0 saved' \
	    ${WORK} --once
	await grep -q '^QUIT$' said
	stop
	stored ''
	sed '1,/^Subject/d' text.1 >text
	printf '\r\n.\r\n..a\r\nb\r\n' | atf_check cmp - text
	atf_check -o match:'^LHLO gnat.example.test$' \
	    -o match:'^MAIL FROM:<erick@maggot> SIZE=[0-9]*$' \
	    -o match:'^RCPT TO:<bruce@gnat>$' cat said
	rm port said
	serve plain 0
	make_table "lmtp:[127.0.0.1]:$(cat port)"
	send hello
	atf_check -e match:'result=delivered' ${WORK} --once
	stop
	atf_check -o match:'^MAIL FROM:<erick@maggot>$' cat said
	stored ''
}

atf_test_case good__by_ipv6
good__by_ipv6_head() { need; }
good__by_ipv6_body() {
	python3 -c 'import socket
socket.socket(socket.AF_INET6).bind(("::1", 0))' 2>/dev/null ||
	    atf_skip 'this machine has no ::1'
	serve good 6:0
	make_table "lmtp:[::1]:$(cat port)"
	send hello
	atf_check -e match:'result=delivered .*\(lmtp:\[::1\]:[0-9]+\)' \
	    ${WORK} --once
	stop
	stored ''
}

atf_test_case good__dsn_is_handed_on
good__dsn_is_handed_on_head() { need; }
good__dsn_is_handed_on_body() {
	serve good "${PWD}/socket"
	make_table "lmtp:unix:${PWD}/socket"
	{
		lines 'EHLO client.example' \
		    'MAIL FROM:<erick@maggot> RET=FULL ENVID=QQ BODY=8BITMIME' \
		    'RCPT TO:<bruce@gnat> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b@g' \
		    'DATA' '' 'hello' '.' 'QUIT'
	} | atf_check -o match:'^250 2.0.0 A' -e ignore ${SESSION}
	atf_check -e match:'result=delivered' ${WORK} --once
	stop
	atf_check -o match:'BODY=8BITMIME RET=FULL ENVID=QQ$' \
	    -o match:'^RCPT TO:<bruce@gnat> NOTIFY=DELAY ORCPT=rfc822;b@g$' \
	    cat said
	# That it has arrived is for us to report.
	atf_check -o match:'^Action: delivered' \
	    -o match:'^Diagnostic-Code: smtp; 250 2.0.0 saved' cat report
}

# Our own session as the server, with a spool of its own.
atf_test_case ours__gets_all_that_was_said
ours__gets_all_that_was_said_head() {
	atf_set require.progs "python3 cdb tcpserver"
}
ours__gets_all_that_was_said_body() {
	o=$(printf '\303\266')
	mkdir there
	(cd there && make_conf)
	port=$(free_port)
	tcpserver -HR -l 0 127.0.0.1 "${port}" \
	    "${BUILD}/libexec/smtpserv-session" -l -f "${PWD}/there/wattcp.cfg" \
	    2>tcpserver.log &
	echo $! >server.pid
	await python3 -c "import socket
socket.create_connection(('127.0.0.1', ${port})).close()" 2>/dev/null
	make_table "lmtp:[127.0.0.1]:${port}"
	{
		lines 'EHLO client.example' "MAIL FROM:<j${o}rg@maggot> \
BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=QQ+2B314" "RCPT TO:<m${o}ller@gnat> \
NOTIFY=FAILURE,DELAY ORCPT=utf-8;m\\x{F6}ller@gnat" 'DATA' \
		    "Subject: f${o}r" '' '..' '..a' 'b' '.' 'QUIT'
	} | atf_check -o match:'^250 2.0.0 A' -e ignore ${SESSION}
	cp spool/1.TXT text
	atf_check -e match:'result=delivered .*250 2.0.0' ${WORK} --once
	kill "$(cat server.pid)"
	stored ''
	cat >want <<-WRK
		From: j${o}rg@maggot
		To: m${o}ller@gnat
		Notify: FAILURE,DELAY
		Orcpt: utf-8;m\\x{F6}ller@gnat
		Body: 8BITMIME
		Smtputf8: yes
		Envid: QQ+2B314
		Ret: HDRS
	WRK
	atf_check -o file:want cat there/spool/1.WRK
	# Behind the trace header of its own, the text to the byte.
	sed '1,2d' there/spool/1.TXT >arrived
	atf_check cmp text arrived
	atf_check -o match:'with UTF8LMTP' sed -n 1p there/spool/1.TXT
}

# mood, what the log says of it, and whether the message is still there.
check_mood() {
	rm -rf port said spool socket
	serve "$1" "${PWD}/socket"
	make_table "lmtp:unix:${PWD}/socket"
	send hello
	atf_check -s ignore -e save:log ${WORK} --once
	stop
	atf_check -o match:"$2" -x "tr '\n' '~' <log"
	case $3 in
	kept) stored '1.TXT 1.WRK' ;;
	gone) stored '' ;;
	esac
}

atf_test_case refusal__of_the_message_is_reported
refusal__of_the_message_is_reported_head() { need; }
refusal__of_the_message_is_reported_body() {
	check_mood unknown-user 'result=failed .*status=5.1.1' gone
	atf_check -o match:'^Status: 5.1.1$' \
	    -o match:'^Diagnostic-Code: smtp; 550 5.1.1 who is that\?' \
	    tr -d '\r' <report
	check_mood virus 'status=5.7.1 .*5.7.1 virus \?\[2J\? found' gone
}

atf_test_case refusal__that_is_temporary_keeps_the_message
refusal__that_is_temporary_keeps_the_message_head() { need; }
refusal__that_is_temporary_keeps_the_message_body() {
	check_mood full 'result=later .*status=4.2.2.*mailbox full' kept
	check_mood busy 'result=later .*status=4.3.2' kept
	# Of LMTP itself: our own set-up is wrong.
	check_mood smtp 'result=later .*status=4.5.1' kept
}

atf_test_case server__that_is_bad_is_never_believed
server__that_is_bad_is_never_believed_head() { need; }
server__that_is_bad_is_never_believed_body() {
	check_mood junk 'result=later .*junk at its greeting' kept
	check_mood nonsense 'result=later .*makes no sense at DATA' kept
	check_mood closes-at-greeting \
	    'result=later .*(closed|reset by peer) at its greeting' kept
	check_mood closes-at-text \
	    'result=later .*(closed|reset by peer) at the end of the text' kept
	check_mood closes-in-reply 'result=later .*at the end of the text' kept
	check_mood endless-line 'result=later .*junk at LHLO' kept
	check_mood endless-reply 'result=later .*junk at LHLO' kept
	check_mood endless-junk 'result=later .*junk at its greeting' kept
}

# What the server says before it closes is what counts, though the text does
# not fit into the socket.
atf_test_case server__that_refuses_in_the_midst_is_heard
server__that_refuses_in_the_midst_is_heard_head() { need; }
server__that_refuses_in_the_midst_is_heard_body() {
	serve refuses-in-text "${PWD}/socket"
	make_table "lmtp:unix:${PWD}/socket"
	yes 'a line of a message that is larger than any buffer' |
	    head -n 100000 | sed 's/$/\r/' >large
	{
		lines 'EHLO client.example' 'MAIL FROM:<erick@maggot>' \
		    'RCPT TO:<bruce@gnat>' 'DATA'
		cat large
		lines '.' 'QUIT'
	} | atf_check -o ignore -e ignore ${SESSION}
	atf_check -s ignore -e match:'result=later .*status=4.3.1.*disk full' \
	    ${WORK} --once
	stop
}

atf_test_case server__that_is_silent_is_not_waited_for
server__that_is_silent_is_not_waited_for_head() { need; }
server__that_is_silent_is_not_waited_for_body() {
	# Connected by the kernel, and never accepted.
	python3 -c '
import os, socket, signal
s = socket.socket(socket.AF_UNIX)
s.bind("socket")
s.listen()
os.mkdir("port")
signal.pause()' &
	echo $! >server.pid
	await test -d port
	make_table "lmtp:unix:${PWD}/socket" 'smtp.commandtime = 1'
	send hello
	atf_check -s ignore \
	    -e match:'result=later .*no answer in time at its greeting' \
	    ${WORK} --once
	kill "$(cat server.pid)"
}

atf_test_case server__that_is_not_there_is_tried_again
server__that_is_not_there_is_tried_again_head() { need; }
server__that_is_not_there_is_tried_again_body() {
	make_table "lmtp:unix:${PWD}/socket"
	send hello
	atf_check -s ignore -e match:'result=later .*status=4.4.1.*No such file' \
	    ${WORK} --once
	port=$(free_port)
	make_table "lmtp:[127.0.0.1]:${port}"
	atf_check -s ignore -e match:'result=later .*refused' \
	    ${WORK} --once --now
	stored '1.TXT 1.WRK'
}

# Dovecot in name spaces of its own; an argument is a function that says more of
# its configuration.
dovecot() {
	mkdir -p run mail
	port=$(free_port)
	{
		dovecot_conf "${PWD}/mail/%{user}"
		dovecot_conf_lmtp "${PWD}/users" "${port}"
		cat <<-CONF
			protocols = lmtp
			base_dir = ${PWD}/run
			state_dir = ${PWD}/run
			mail_uid = nobody
			mail_gid = nogroup
			first_valid_uid = 1
			first_valid_gid = 1
			recipient_delimiter = +
			service lmtp {
			  unix_listener ${PWD}/socket {
			    mode = 0666
			  }
			}
		CONF
		"$@"
	} >dovecot.conf
	echo 'bruce:{PLAIN}x:65534:65534::/nonexistent::' >users
	chown 65534:65534 mail
	# Processes of another user go through these.
	d=${PWD}
	while [ "${d}" != / ]; do
		chmod o+x "${d}" 2>/dev/null || true
		d=$(dirname "${d}")
	done
	unshare --mount --pid --fork --mount-proc --kill-child sh -c "
		${DOVECOT_ENTER} && exec dovecot -F -c ${PWD}/dovecot.conf" >unshare.log 2>&1 &
	echo $! >server.pid
	await test -S socket -o ! -d "/proc/$(cat server.pid)"
	[ -S socket ] || {
		cat unshare.log
		atf_fail 'Dovecot does not start'
	}
}

# unshare(1) waits for its child whatever else it is told.
stop_dovecot() {
	kill -KILL "$(cat server.pid)"
	wait "$(cat server.pid)" || true
}

atf_test_case dovecot__gets_it_into_its_maildir
dovecot__gets_it_into_its_maildir_head() {
	atf_set require.progs "python3 cdb unshare"
	atf_set require.user root
}
dovecot__gets_it_into_its_maildir_body() {
	dovecot_or_skip
	dovecot
	make_table "lmtp:unix:${PWD}/socket"
	send '..' 'by the socket'
	atf_check -e match:'result=delivered .*Saved' ${WORK} --once
	make_table "lmtp:[127.0.0.1]:${port}"
	send 'by the port'
	atf_check -e match:'result=delivered .*Saved' ${WORK} --once
	stop_dovecot
	stored ''
	cat mail/bruce/new/* >all
	atf_check -o match:'^Delivered-To: bruce@gnat' \
	    -o match:'^Return-Path: <erick@maggot>' \
	    -o match:'^\.' -o match:'^by the socket' -o match:'^by the port' \
	    tr -d '\r' <all
	atf_check -o inline:'2\n' -x 'ls mail/bruce/new | wc -l'
}

atf_test_case dovecot__unknown_user_is_reported
dovecot__unknown_user_is_reported_head() {
	atf_set require.progs "python3 cdb unshare"
	atf_set require.user root
}
dovecot__unknown_user_is_reported_body() {
	dovecot_or_skip
	dovecot
	: >users
	make_table "lmtp:unix:${PWD}/socket"
	send hello
	atf_check -e match:'result=failed .*status=5.1.1' ${WORK} --once
	stop_dovecot
	stored ''
	atf_check -o match:'^Action: failed' -o match:'^Status: 5.1.1' \
	    -o match:"smtp; 550 5.1.1 <bruce@gnat> User doesn't exist" \
	    cat report
}

atf_test_case dovecot__over_quota_is_tried_again
dovecot__over_quota_is_tried_again_head() {
	atf_set require.progs "python3 cdb unshare"
	atf_set require.user root
}
dovecot__over_quota_is_tried_again_body() {
	dovecot_or_skip
	dovecot dovecot_conf_full
	make_table "lmtp:unix:${PWD}/socket"
	send hello
	atf_check -s ignore -e match:'result=later .*status=4.2.2' ${WORK} --once
	stop_dovecot
	stored '1.TXT 1.WRK'
}

atf_init_test_cases() {
	atf_add_test_case good__by_socket_and_by_port
	atf_add_test_case good__by_ipv6
	atf_add_test_case good__dsn_is_handed_on
	atf_add_test_case ours__gets_all_that_was_said
	atf_add_test_case refusal__of_the_message_is_reported
	atf_add_test_case refusal__that_is_temporary_keeps_the_message
	atf_add_test_case server__that_is_bad_is_never_believed
	atf_add_test_case server__that_refuses_in_the_midst_is_heard
	atf_add_test_case server__that_is_silent_is_not_waited_for
	atf_add_test_case server__that_is_not_there_is_tried_again
	atf_add_test_case dovecot__gets_it_into_its_maildir
	atf_add_test_case dovecot__unknown_user_is_reported
	atf_add_test_case dovecot__over_quota_is_tried_again
}
