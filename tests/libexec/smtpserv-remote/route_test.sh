# smtpserv-remote(8): hosts that smtpserv-mx has found, one after the other.
# smtpserv-mx is a script here, beside a copy of the program.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/remote.subr"

GOOD='>220 hi|<|>250 hi|<|>250 ok|<|>250 ok|<|>354 go|.|>250 2.0.0 taken|<|>221 bye'

# Route lines, on stdin; then bring() has HOST.
route() {
	mkdir -p programs
	cp "${BUILD}/libexec/smtpserv-remote" programs/
	cat >route
	cat >programs/smtpserv-mx <<-EOF
		#!/bin/sh
		echo "\$@" >"${PWD}/asked"
		cat "${PWD}/route"
	EOF
	chmod +x programs/smtpserv-mx
	REMOTE="${PWD}/programs/smtpserv-remote -f ${PWD}/wattcp.cfg"
	printf 'text\n' >message
}

# OB-33
atf_test_case address__that_refuses_is_passed_over
address__that_refuses_is_passed_over_body() {
	make_remote
	play "${GOOD}"
	route <<-EOF
		= ok insecure example.test
		10 mx1.example.test 127.0.0.1 1 insecure
		20 mx2.example.test 127.0.0.1 ${PORT} insecure
	EOF
	HOST=example.test
	bring a@x b@y
	reports rK '^K127.0.0.1 .mx2.example.test. accepted'
	atf_check -o inline:"-f ${PWD}/wattcp.cfg example.test\n" cat asked
}

# OB-33
atf_test_case addresses__that_all_fail_are_all_named
addresses__that_all_fail_are_all_named_body() {
	make_remote
	route <<-EOF
		= ok insecure example.test
		10 mx1.example.test 127.0.0.1 1 insecure
		10 mx2.example.test ::1 1 insecure
		20 mx3.example.test - - error SERVFAIL for its addresses
	EOF
	HOST=example.test
	bring a@x b@y
	reports Z '(#4.4.1)'
	atf_check -o match:'mx1.example.test.127.0.0.1.: Connection refused' \
	    -o match:'mx2.example.test.::1.: ' \
	    -o match:'mx3.example.test: SERVFAIL' cat report
}

# OB-34, OB-39
atf_test_case family__that_cannot_be_had_takes_no_time
family__that_cannot_be_had_takes_no_time_body() {
	make_remote 'smtp.remote.family = 4'
	play "${GOOD}"
	route <<-EOF
		= ok insecure example.test
		10 mx1.example.test 2001:db8::1 25 insecure
		10 mx1.example.test 127.0.0.1 ${PORT} insecure
	EOF
	HOST=example.test
	# With sanitizers it cannot be traced.
	if [ "${BUILD%/asan}" = "${BUILD}" ] &&
	    strace -f -o trace -e trace=socket true 2>/dev/null; then
		REMOTE="strace -f -o trace -e trace=socket ${REMOTE}"
	fi
	bring a@x b@y
	reports rK 'taken'
	test ! -e trace || atf_check -s exit:1 grep -q AF_INET6 trace
}

# OB-34: a family that is silent holds nobody up for long, and is asked again
# where the other fails.
atf_test_case family__that_is_silent_is_passed_over_soon
family__that_is_silent_is_passed_over_soon_body() {
	cat >silent.py <<-'EOF'
		import os, socket, time
		def say(port):
		    with open('silent.new', 'w') as f:
		        print(port, file=f)
		    os.rename('silent.new', 'silent')
		held = []
		try:
		    server = socket.create_server(
		        ('::1', 0), family=socket.AF_INET6, backlog=0)
		except OSError:
		    say(0)
		    raise
		while len(held) < 8:
		    sock = socket.socket(socket.AF_INET6)
		    sock.settimeout(0.2)
		    try:
		        sock.connect(server.getsockname())
		    except TimeoutError:
		        break
		    held.append(sock)
		say(server.getsockname()[1] if len(held) < 8 else 0)
		time.sleep(300)
	EOF
	python3 silent.py 2>/dev/null &
	silent=$!
	await_file silent
	test "$(cat silent)" != 0 ||
	    atf_skip 'no IPv6, or a full queue of connections is not silent here'
	make_remote 'smtp.remote.timeout.connect = 5'
	play "${GOOD}"
	route <<-EOF
		= ok insecure example.test
		10 mx1.example.test ::1 $(cat silent) insecure
		10 mx1.example.test 127.0.0.1 ${PORT} insecure
	EOF
	HOST=example.test
	program=${REMOTE}
	if [ "${BUILD%/asan}" = "${BUILD}" ] &&
	    strace -f -o trace -e trace=poll true 2>/dev/null; then
		REMOTE="strace -f -o trace -e trace=poll ${REMOTE}"
	fi
	bring a@x b@y
	reports rK '^K127.0.0.1'
	# A tenth of the time is what it waits, less what has passed by then.
	test ! -e trace ||
	    atf_check -o match:'POLLOUT.*, (500|[1-4]?[0-9]?[0-9])[)]' cat trace
	route <<-EOF
		= ok insecure example.test
		10 mx1.example.test ::1 $(cat silent) insecure
		10 mx1.example.test 127.0.0.1 1 insecure
	EOF
	make_remote 'smtp.remote.timeout.connect = 1'
	bring a@x b@y
	reports Z 'Connection refused; mx1.example.test.::1.: .*time.* out'
	kill "${silent}"
}

# OB-43
atf_test_case greeting__that_refuses_is_passed_over
greeting__that_refuses_is_passed_over_body() {
	make_remote
	play '>421 4.3.2 too many|<' '>554 5.3.2 never|<' 'X' '>HTTP/1.1 400' \
	    "${GOOD}"
	{
		echo '= ok insecure example.test'
		for n in 1 2 3 4 5; do
			echo "10 mx${n}.example.test 127.0.0.1 ${PORT} insecure"
		done
	} >lines
	route <lines
	HOST=example.test
	bring a@x b@y
	reports rK 'mx5.example.test.*accepted'
	# The words of the last are told if there is no other.
	kill "${PLAYER}"
	play '>421 4.3.2 too many|<' '>554 5.3.2 not you|<'
	{
		echo '= ok insecure example.test'
		for n in 1 2; do
			echo "10 mx${n}.example.test 127.0.0.1 ${PORT} insecure"
		done
	} >lines
	route <lines
	bring a@x b@y
	reports Z 'Remote host said: 554 5.3.2 not you'
}

# OB-14, OB-15, OB-17, OB-32
atf_test_case verdict__of_a_domain_is_final_but_not_of_a_relay
verdict__of_a_domain_is_final_but_not_of_a_relay_body() {
	make_remote
	while read -r letter status verdict; do
		echo "= ${verdict} ${status} as it is" >lines
		route <lines
		HOST=example.test
		bring a@x b@y
		reports "${letter}" "as it is.*(#${status})"
		HOST='[relay.example]:587'
		bring a@x b@y
		reports Z "as it is.*(#4.${status#*.})"
		atf_check -o match:'\[relay.example\]:587$' cat asked
	done <<-EOF
		D 5.1.10 nullmx
		D 5.1.2 nohost
		D 5.4.4 nomx
		Z 4.4.3 again
		D 5.4.6 self
	EOF
}

# OB-14
atf_test_case route__that_is_none_is_for_later
route__that_is_none_is_for_later_body() {
	make_remote
	HOST=example.test
	for text in '' 'junk' '= ok' '= ok secure example.test
10 mx1.example.test 127.0.0.1'; do
		printf '%s' "${text}" >lines
		route <lines
		bring a@x b@y
		reports Z '(#4.3.0)'
	done
	rm programs/smtpserv-mx
	bring a@x b@y
	reports Z '(#4.3.0)'
}

# OB-62, OB-61: what is put off at one address is tried at another.
atf_test_case recipient__put_off_is_tried_at_another_address
recipient__put_off_is_tried_at_another_address_body() {
	make_remote
	play '>220 hi|<|>250 hi|<|>250 ok|<|>250 ok|<|>450 4.2.1 grey|<|>354 go|.|>250 2.0.0 one|<|>221 bye' \
	    '>220 hi|<|>250 hi|<|>250 ok|<|>250 ok|<|>354 go|.|>250 2.0.0 two|<|>221 bye'
	route <<-EOF
		= ok insecure example.test
		10 mx1.example.test 127.0.0.1 ${PORT} insecure
		20 mx2.example.test 127.0.0.1 ${PORT} insecure
	EOF
	HOST=example.test
	bring a@x b@y c@z
	reports rrK 'accepted'
	atf_check -o inline:'RCPT TO:<b@y>\nRCPT TO:<c@z>\nRCPT TO:<c@z>\n' \
	    grep RCPT said
}

# OB-84: what may be there already goes nowhere else.
atf_test_case doubt__is_not_taken_to_another_address
doubt__is_not_taken_to_another_address_body() {
	make_remote
	play '>220 hi|<|>250 hi|<|>250 ok|<|>250 ok|<|>354 go|.|X' "${GOOD}"
	route <<-EOF
		= ok insecure example.test
		10 mx1.example.test 127.0.0.1 ${PORT} insecure
		20 mx2.example.test 127.0.0.1 ${PORT} insecure
	EOF
	HOST=example.test
	bring a@x b@y
	reports Z '(#4.4.2)'
	atf_check -o match:duplicate cat report
	atf_check -o match:'event=sent .*doubt=yes' cat log
	atf_check -o inline:'1\n' grep -c -e -- said
}

atf_init_test_cases() {
	atf_add_test_case address__that_refuses_is_passed_over
	atf_add_test_case addresses__that_all_fail_are_all_named
	atf_add_test_case family__that_cannot_be_had_takes_no_time
	atf_add_test_case family__that_is_silent_is_passed_over_soon
	atf_add_test_case greeting__that_refuses_is_passed_over
	atf_add_test_case verdict__of_a_domain_is_final_but_not_of_a_relay
	atf_add_test_case route__that_is_none_is_for_later
	atf_add_test_case recipient__put_off_is_tried_at_another_address
	atf_add_test_case doubt__is_not_taken_to_another_address
}
