# smtpserv-remote(8): the command line, the report, and servers of many moods.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/remote.subr"

# A server's part up to the text, and after it.
HELLO='>220 hi|<|>250-hi\r\n250 PIPELINING|<3|>250 ok\r\n250 ok\r\n354 go|.'
GOOD="${HELLO}|>250 2.0.0 taken|<|>221 bye"

atf_test_case send__reaches_our_own_session
send__reaches_our_own_session_head() {
	# OB-202 but for the configuration, OB-2, OB-4
	atf_set require.progs tcpserver
}
send__reaches_our_own_session_body() {
	make_conf 'smtp.remote.tls = none'
	serve ${SESSION}
	printf 'Subject: Beers?\n\nSix?\n.\nnone\n' >message
	bring a@x b@y c@z
	reports rrK '^K127.0.0.1 .*accepted message'
	atf_check -o match:'^r$' head -n 1 report
	body 1 >got
	atf_check -o file:message cat got
	atf_check -o match:'event=sent .*rcpts=2 ok=2 later=0 failed=0' cat log
}

atf_test_case send__works_without_a_configuration
send__works_without_a_configuration_body() {
	# OB-202
	test ! -e /etc/smtpserv/wattcp.cfg ||
	    atf_skip 'there is a configuration in /etc'
	play "${GOOD}"
	printf 'text\n' >message
	REMOTE="env -u WATTCP.CFG -u WATTCP_CFG ${BUILD}/libexec/smtpserv-remote"
	bring a@x b@y
	reports rK 'Remote host said: 250 2.0.0 taken'
	atf_check -o inline:'text\r\n' cat text.1
}

atf_test_case usage__is_a_report
usage__is_a_report_body() {
	# OB-1
	make_remote
	for words in '' 'example.org' 'example.org a@x'; do
		atf_check -o match:'^D.*(#5.3.5)' ${REMOTE} ${words} </dev/null
	done
	atf_check -s exit:100 -e match:'^usage: smtpserv-remote' \
	    ${REMOTE} -n </dev/null
	atf_check -s exit:100 -e match:'^usage: smtpserv-remote' \
	    ${REMOTE} --feed a b </dev/null
}

atf_test_case host__that_is_none_is_refused
host__that_is_none_is_refused_body() {
	# OB-7, OB-188
	make_remote
	for host in 'a b' '-x' '192.0.2.1' '[192.0.2.256]' '[relay]:0' 'a;b'; do
		atf_check -o match:'^D.*(#5.1.2)' \
		    ${REMOTE} "${host}" a@x b@y </dev/null
	done
}

atf_test_case configuration__that_is_wrong_is_not_gone_by
configuration__that_is_wrong_is_not_gone_by_body() {
	make_remote 'smtp.remote.tls = strict'
	atf_check -e ignore -o match:'^Z.*smtp.remote.tls.*(#4.3.5)' \
	    ${REMOTE} '[127.0.0.1]:1' a@x b@y </dev/null
	atf_check -e ignore -o match:'^Z.*(#4.3.5)' "${BUILD}/libexec/smtpserv-remote" \
	    -f missing '[127.0.0.1]:1' a@x b@y </dev/null
}

atf_test_case connect__that_fails_names_address_and_error
connect__that_fails_names_address_and_error_body() {
	# OB-33
	make_remote
	atf_check -e ignore -o match:'^Z.*127.0.0.1.*Connection refused.*(#4.4.1)' \
	    ${REMOTE} '[127.0.0.1]:1' a@x b@y </dev/null
}

# OB-7, OB-39
atf_test_case connect__by_ipv6_is_as_good
connect__by_ipv6_is_as_good_body() {
	python3 -c 'import socket; socket.create_server(("::1", 0),
	    family=socket.AF_INET6)' 2>/dev/null || atf_skip 'no IPv6 here'
	make_remote
	play -6 "${GOOD}"
	printf 'text\n' >message
	HOST="[IPv6:::1]:${PORT}"
	bring a@x b@y
	reports rK 'Remote host said: 250 2.0.0 taken'
	make_remote 'smtp.remote.family = 4'
	bring a@x b@y
	reports Z 'not of smtp.remote.family'
	atf_check -o inline:'-- ::1\n' grep -e -- said
}

# OB-35
atf_test_case connect__binds_the_source_of_the_family
connect__binds_the_source_of_the_family_body() {
	make_remote 'smtp.remote.source = 127.0.0.2' \
	    'smtp.remote.source6 = 2001:db8::1'
	play "${GOOD}"
	printf 'text\n' >message
	bring a@x b@y
	reports rK 'taken'
	atf_check -o inline:'-- 127.0.0.2\n' grep -e -- said
	# No other address is taken in its place.
	make_remote 'smtp.remote.source = 192.0.2.1'
	bring a@x b@y
	reports Z 'smtp.remote.source: .*(#4.3.0)'
	atf_check -o inline:'-- 127.0.0.2\n' grep -e -- said
}

# OB-9, OB-10
atf_test_case rspawn__makes_of_it_what_it_makes_of_qmail_remote
rspawn__makes_of_it_what_it_makes_of_qmail_remote_body() {
	make_remote
	printf 'text\n' >message
	begin='>220 hi|<|>250 hi|<|>250 ok|<'
	while read -r want script; do
		play "${begin}|${script}"
		atf_check -o match:"^${want}" -e empty env WATTCP_CFG="${PWD}" \
		    python3 "${BUILD}/tests/support/rspawn.py" \
		    "${BUILD}/libexec/smtpserv-remote" \
		    "[127.0.0.1]:${PORT}" a@x b@y <message
		kill "${PLAYER}"
	done <<-EOF
		K >250 ok|<|>354 go|.|>250 taken|<|>221 bye
		D >250 ok|<|>354 go|.|>550 no|<|>221 bye
		Z >250 ok|<|>354 go|.|>450 not now|<|>221 bye
		D >550 who?|<|>221 bye
		Z >450 not now|<|>221 bye
		Z X
		Z >250 ok|<|X
		Z >250 ok|<|>354 go|X
		Z >250 ok|<|>354 go|.|X
	EOF
}

# A server that says nothing until the file `go` is there.
hold() {
	rm -f go
	play "G|$1"
	printf 'text\n' >message
	${REMOTE} "[127.0.0.1]:${PORT}" a@x b@y <message >report.0 2>log &
	TALKER=$!
	await_file said
}

# OB-182, OB-191
atf_test_case talker__is_in_its_sandbox_before_the_greeting
talker__is_in_its_sandbox_before_the_greeting_body() {
	sanitizers_cannot 'be confined'
	make_remote
	hold "${GOOD}"
	status="/proc/${TALKER}/status"
	if ! grep -q '^Seccomp:.*2' "${status}"; then
		! grep -q missing=seccomp log || atf_skip 'no seccomp here'
	fi
	atf_check -o match:'^Seccomp:.2$' -o match:'^NoNewPrivs:.1$' \
	    cat "${status}"
	: >go
	wait "${TALKER}"
	letters >got
	atf_check -o inline:'rK\n' cat got
}

# OB-53: any 2xx is a yes; OB-81: Bcc and Return-Path are text like any other;
# OB-38: one that is stopped in the middle goes on where it was.
atf_test_case send__takes_each_yes_and_changes_nothing
send__takes_each_yes_and_changes_nothing_body() {
	make_remote
	rm -f go
	play '>220 hi|<|>250 hi|<|>250 ok|<|>251 forwarded|<|G|>252 perhaps|<|>354 go|.|>250 ok|<|>221 bye'
	printf 'Return-Path: <a@x>\nBcc: d@z\nSubject: s\n\ntext\n' >message
	${REMOTE} "[127.0.0.1]:${PORT}" a@x b@y c@z <message >report.0 2>log &
	TALKER=$!
	await grep -q 'RCPT TO:<b@y>' said
	kill -STOP "${TALKER}"
	: >go
	kill -CONT "${TALKER}"
	wait "${TALKER}"
	letters >got
	atf_check -o inline:'rrK\n' cat got
	sed 's/\r$//' text.1 >got
	atf_check -o file:message cat got
}

# OB-38: one that has gone away is an error, and no signal.
atf_test_case send__to_a_server_that_resets_is_for_later
send__to_a_server_that_resets_is_for_later_body() {
	make_remote
	play '>220 hi|<|>250 hi|<|>250 ok|<|>250 ok|<|>354 go|R'
	yes 'a line of some length, for there are many of them' |
	    head -c 3000000 >message
	bring a@x b@y
	reports Z '#4[.]4[.]2'
}

# OB-11
atf_test_case talker__that_is_killed_has_claimed_nothing
talker__that_is_killed_has_claimed_nothing_head() {
	atf_set require.progs pgrep
}
talker__that_is_killed_has_claimed_nothing_body() {
	# So that there is a dialer.
	make_remote 'smtp.remote.tls = may'
	hold "${GOOD}"
	dialer=$(pgrep -P "${TALKER}")
	kill -9 "${TALKER}"
	# To qmail-rspawn this is Z.
	wait "${TALKER}"
	atf_check_equal 137 $?
	atf_check -o empty cat report.0
	tries=0
	while grep -qs '^State:.[^Z]' "/proc/${dialer}/status"; do
		tries=$((tries + 1))
		test ${tries} -le 3000 || atf_fail 'the dialer lives'
		sleep 0.01
	done
}

# OB-12
atf_test_case descriptor__that_is_closed_is_no_message
descriptor__that_is_closed_is_no_message_body() {
	make_remote
	play "${GOOD}"
	host="[127.0.0.1]:${PORT}"
	printf 'text\n' >message
	atf_check -s exit:111 -x "${REMOTE} ${host} a@x b@y <&-"
	atf_check -s exit:111 -x "${REMOTE} ${host} a@x b@y <message >&-"
	atf_check -e ignore -o match:'^Z.*(#4.3.0)' ${REMOTE} "${host}" a@x b@y <.
	atf_check -o empty cat said
	atf_check -e ignore -o match:'^r' -x "${REMOTE} ${host} a@x b@y <message 2>&-"
}

atf_test_case filter__makes_what_is_sent
filter__makes_what_is_sent_body() {
	cat >filter <<-'EOF'
		#!/bin/sh
		echo 'Signed: yes'
		cat
		test ! -e fail
	EOF
	chmod +x filter
	make_remote "smtp.remote.filter = ${PWD}/filter"
	play '>220 hi|<|>250-hi\r\n250 SIZE|<|>250 ok|<|>250 ok|<|>354 go|.|>250 ok|<|>221 bye'
	printf 'text\n' >message
	bring a@x b@y
	reports rK 'accepted'
	atf_check -o inline:'Signed: yes\r\ntext\r\n' cat text.1
	# Its size is that of what is sent.
	atf_check -o match:'^MAIL FROM:<a@x> SIZE=19$' cat said
	: >fail
	bring a@x b@y
	reports Z 'filter.*(#4.3.0)'
}

# OB-37, OB-36: what is small is sent in few pieces, and the end of the text
# with the text.
atf_test_case send__takes_few_calls
send__takes_few_calls_head() {
	atf_set require.progs strace
}
send__takes_few_calls_body() {
	sanitizers_cannot 'be traced'
	make_remote
	play "${GOOD}"
	printf 'text\n' >message
	strace -f -o trace -e trace=sendto,setsockopt true 2>/dev/null ||
	    atf_skip 'strace cannot trace here'
	atf_check -o match:'^r' -e ignore \
	    strace -f -s 200 -o trace -e trace=sendto,setsockopt \
	    ${REMOTE} "[127.0.0.1]:${PORT}" a@x b@y <message
	sed -n 's/.*sendto([0-9]*, "\(.*\)", [0-9]*, MSG_.*/\1/p' trace |
	    grep -v '^n$' >sent
	cat >want <<-'EOF'
		EHLO gnat.example.test\r\n
		MAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nDATA\r\n
		text\r\n.\r\n
		QUIT\r\n
	EOF
	atf_check -o file:want cat sent
	atf_check -o match:TCP_NODELAY cat trace
	# Three replies are waited for once.
	atf_check -o match:'TCP_QUICKACK, .1' cat trace
}

# OB-33, OB-41, OB-43
atf_test_case server__that_is_silent_has_its_time
server__that_is_silent_has_its_time_body() {
	make_remote 'smtp.remote.timeout.greeting = 1'
	play 'W'
	printf 'text\n' >message
	bring a@x b@y
	reports Z '(#4.4.2)'
}

# OB-186: whatever is said, and however long a text is.
atf_test_case memory__is_bounded
memory__is_bounded_body() {
	sanitizers_cannot 'be bounded in memory'
	make_remote
	printf 'text\n' >message
	# All that it has, and room for a few pages.
	cat >bounded <<-EOF
		#!/bin/sh
		ulimit -v 16000
		exec ${REMOTE} "\$@"
	EOF
	chmod +x bounded
	REMOTE=./bounded
	for flood in 'F250-hi\r\n' 'F220-hi\r\n' 'Fxxxxxxxx' '>220 hi|<|F250-x y\r\n' \
	    '>220 hi|<|F250 hi\r\n'; do
		play "${flood}"
		bring a@x b@y
		reports Z '#4.'
		kill "${PLAYER}"
	done
	play "${GOOD}"
	yes 'a line of some length, for there are many of them' |
	    head -c 8000000 >message
	bring a@x b@y
	reports rK 'taken'
	sed 's/\r$//' text.1 >got
	atf_check cmp got message
}

# OB-208: each status that the sources have stands in the page.
atf_test_case page__has_all_statuses
page__has_all_statuses_head() {
	atf_set require.progs mandoc
}
page__has_all_statuses_body() {
	root=$(atf_get_srcdir)/../../../..
	[ -f "${root}/Makefile" ] || root=${root}/..
	mandoc "${root}/libexec/smtpserv-remote/smtpserv-remote.8" |
	    sed 's/.\x08//g' >page
	grep -oh '"[45]\.[0-9]\.[0-9]*"' "${root}"/libexec/smtpserv-remote/*.c |
	    tr -d '"' | sort -u >statuses
	atf_check -o match:4.4.1 cat statuses
	while read -r status; do
		grep -qF "${status}" page || echo "${status}"
	done <statuses >missing
	atf_check -o empty cat missing
}

# OB-207
atf_test_case try__says_what_a_host_offers
try__says_what_a_host_offers_body() {
	make_remote
	play '>220 hi|<|>250-hi\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-DSN\r\n250-AUTH PLAIN LOGIN\r\n250 LIMITS RCPTMAX=10|<|>221 bye'
	cat >want <<-EOF
		host [127.0.0.1]
		address 127.0.0.1
		port ${PORT}
		tls no
		offers PIPELINING
		offers SIZE 1000
		offers DSN
		offers AUTH PLAIN
		offers AUTH LOGIN
		offers LIMITS RCPTMAX 10
	EOF
	atf_check -o file:want -e ignore ${REMOTE} -n "[127.0.0.1]:${PORT}"
	atf_check -o match:QUIT cat said
	atf_check -s exit:111 -o match:'^not now 4.4.1 .*refused' -e ignore \
	    ${REMOTE} -n '[127.0.0.1]:1'
	atf_check -s exit:100 -e match:'not a host' ${REMOTE} -n 'a b'
}

atf_init_test_cases() {
	atf_add_test_case send__reaches_our_own_session
	atf_add_test_case send__works_without_a_configuration
	atf_add_test_case usage__is_a_report
	atf_add_test_case host__that_is_none_is_refused
	atf_add_test_case configuration__that_is_wrong_is_not_gone_by
	atf_add_test_case connect__that_fails_names_address_and_error
	atf_add_test_case connect__by_ipv6_is_as_good
	atf_add_test_case connect__binds_the_source_of_the_family
	atf_add_test_case rspawn__makes_of_it_what_it_makes_of_qmail_remote
	atf_add_test_case talker__is_in_its_sandbox_before_the_greeting
	atf_add_test_case send__takes_each_yes_and_changes_nothing
	atf_add_test_case send__to_a_server_that_resets_is_for_later
	atf_add_test_case talker__that_is_killed_has_claimed_nothing
	atf_add_test_case descriptor__that_is_closed_is_no_message
	atf_add_test_case filter__makes_what_is_sent
	atf_add_test_case send__takes_few_calls
	atf_add_test_case server__that_is_silent_has_its_time
	atf_add_test_case memory__is_bounded
	atf_add_test_case page__has_all_statuses
	atf_add_test_case try__says_what_a_host_offers
}
