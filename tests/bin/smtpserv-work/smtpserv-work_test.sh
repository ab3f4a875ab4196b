# Black-box tests of smtpserv-work(8).

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

WORK="${BUILD}/bin/smtpserv-work -f ${PWD}/wattcp.cfg"

# Until a command succeeds; a bound, not an expectation.
await() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ "${tries}" -lt 1200 ] || atf_fail "in vain: $*"
		sleep 0.05
	done
}

# A message by a real session: sender, then recipients.
send() {
	{
		lines 'EHLO client.example' "MAIL FROM:<$1>"
		shift
		for rcpt; do
			lines "RCPT TO:<${rcpt}>"
		done
		lines 'DATA' 'Subject: a test' '' 'hello' '.' 'QUIT'
	} | atf_check -o match:'^250 2.0.0 A' -e ignore ${SESSION}
}

# The message files are these and no others.
stored() {
	atf_check -o inline:"$1\n" echo $(spool_files)
}

atf_test_case command_line__a_recipient_at_a_time
command_line__a_recipient_at_a_time_body() {
	make_conf
	cat >handle <<'EOF'
#!/bin/sh
echo "$SENDER $RECIPIENT $*" >>log
cat >>text
EOF
	chmod +x handle
	send erick@maggot bruce@gnat ann@gnat
	atf_check -e match:'event=done number=1' \
	    ${WORK} --once -- ./handle 'an argument'
	atf_check -o inline:'erick@maggot ann@gnat an argument
erick@maggot bruce@gnat an argument\n' sort log
	atf_check -o inline:'2\n' grep -c '^hello$' text
	stored ''
}

atf_test_case usage__is_100
usage__is_100_body() {
	make_conf
	atf_check -s exit:100 -e match:'^usage' ${WORK} --twice
	atf_check -s exit:100 -e match:'^usage' ${WORK} --
	atf_check -s exit:100 -e match:'Set smtp.deliver, or name a command' \
	    ${WORK} --once
	atf_check -s exit:100 -e match:'gone.cfg' \
	    "${BUILD}/bin/smtpserv-work" -f gone.cfg --once -- true
	rmdir spool
	atf_check -s exit:100 -e match:'unable to open spool' \
	    ${WORK} --once -- true
}

atf_init_test_cases() {
	atf_add_test_case command_line__a_recipient_at_a_time
	atf_add_test_case usage__is_100
}
