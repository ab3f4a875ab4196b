# The service entries of smtpserv-work in etc/, run as they are but for names.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/work.subr"

ETC=${BUILD}/share/smtpserv

# An entry with our program, configuration and user in it.
adapt() {
	sed -e "s,/usr/local/bin/smtpserv-work,${BUILD}/bin/smtpserv-work," \
	    -e "s,/etc/smtpserv/wattcp.cfg,${PWD}/wattcp.cfg," \
	    -e "s,^user=.*,user=$(id -un)," "$1"
}

site() {
	make_site <<EOF
bruce@gnat.example.test ${PWD}/bruce/
EOF
}

atf_test_case s6__runs_it_and_ends_it
s6__runs_it_and_ends_it_body() {
	site
	adapt "${ETC}/s6/smtpserv-work/run" >run
	sh ./run >log &
	worker=$!
	await grep -q event=start log
	send erick@maggot bruce@gnat.example.test
	await grep -q event=done log
	# It has become the worker: this is what the supervisor does.
	kill -TERM "${worker}"
	wait "${worker}" || atf_fail "it ended with $?"
	stored ''
}

atf_test_case systemd__unit_is_sound
systemd__unit_is_sound_head() {
	atf_set require.progs systemd-analyze
}
systemd__unit_is_sound_body() {
	site
	adapt "${ETC}/systemd/smtpserv-work.service" |
	    sed "s/^User=.*/User=$(id -un)/" >smtpserv-work.service
	# Of other units it may say what it likes.
	systemd-analyze --man=no verify ./smtpserv-work.service >found 2>&1 ||
	    grep -q smtpserv-work found ||
	    atf_skip "systemd-analyze does not work here: $(head -n 1 found)"
	atf_check -s exit:1 grep smtpserv-work found
	command=$(sed -n 's/^ExecStart=//p' smtpserv-work.service)
	send erick@maggot bruce@gnat.example.test
	atf_check -e match:'event=done number=1' ${command} --once
}

# A mistake that restarting repeats for ever, and a delivery that hangs.
atf_test_case systemd__stops_at_a_mistake_and_in_time
systemd__stops_at_a_mistake_and_in_time_body() {
	make_conf 'smtp.nonsense = 1'
	unit=${ETC}/systemd/smtpserv-work.service
	code=0
	$(adapt "${unit}" | sed -n 's/^ExecStart=//p') 2>log || code=$?
	atf_check grep -qx "RestartPreventExitStatus=${code}" "${unit}"
	seconds=$(sed -n 's/^TimeoutStopSec=//p' "${unit}")
	[ "${seconds}" -le 90 ] || atf_fail "${seconds} seconds"
}

atf_test_case cron__empties_the_spool
cron__empties_the_spool_body() {
	site
	send erick@maggot bruce@gnat.example.test
	# Five fields, the user, and what cron gives to the shell.
	atf_check_equal 1 "$(grep -vc '^#' "${ETC}/cron/smtpserv-work")"
	adapt "${ETC}/cron/smtpserv-work" |
	    sed -n 's/^\*\/5 \* \* \* \* smtpserv \([^|]*\) | logger .*/\1/p' \
	    >command
	atf_check -o match:'event=done number=1' sh -e command
	stored ''
}

atf_init_test_cases() {
	atf_add_test_case s6__runs_it_and_ends_it
	atf_add_test_case systemd__unit_is_sound
	atf_add_test_case systemd__stops_at_a_mistake_and_in_time
	atf_add_test_case cron__empties_the_spool
}
