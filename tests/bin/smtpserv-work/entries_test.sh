# The service entries of smtpserv-work in etc/, run as they are but for names.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/work.subr"

ETC=${BUILD}/share/smtpserv

# An entry with our program, configuration and user in it.
adapt() {
	sed -e "s,/usr/local/bin/,${BUILD}/bin/," \
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

# A mistake is not tried again each second, but left for a person to mend.
atf_test_case s6__stays_down_for_a_mistake
s6__stays_down_for_a_mistake_head() {
	atf_set require.progs "s6-svscan s6-svstat s6-svc"
}
s6__stays_down_for_a_mistake_body() {
	make_conf 'smtp.nonsense = 1'
	mkdir -p scan/work
	adapt "${ETC}/s6/smtpserv-work/run" >scan/work/run
	cp "${ETC}/s6/smtpserv-work/finish" scan/work
	chmod +x scan/work/run
	s6-svscan scan >log 2>&1 &
	scan=$!
	await sh -c 's6-svstat -o wantedup,exitcode scan/work 2>/dev/null |
	    grep -qx "false 100"'
	# A death of another kind is only an accident.
	site
	s6-svc -u scan/work
	await grep -q event=start log
	s6-svc -k scan/work
	await sh -c '[ "$(grep -c event=start log)" -eq 2 ]'
	s6-svscanctl -t scan
	wait "${scan}" || true
}

# What s6-rc-compile would refuse, where there is no s6-rc to ask.
atf_test_case s6_rc__definitions_fit_together
s6_rc__definitions_fit_together_body() {
	cd "${ETC}/s6-rc" || atf_fail 'no definitions'
	for service in *; do
		case $(cat "${service}/type") in
		longrun) [ -x "${service}/run" ] || echo "${service}: run" ;;
		bundle) [ -d "${service}/contents.d" ] || echo "${service}" ;;
		*) echo "${service}: type" ;;
		esac
		for log in $(cat "${service}/producer-for" 2>/dev/null); do
			[ "$(cat "${log}/consumer-for")" = "${service}" ] ||
			    echo "${service}: ${log}"
			grep -q . "${log}/pipeline-name" || echo "${log}: name"
		done
	done >"${OLDPWD}/bad"
	cat ./*/pipeline-name | sort >"${OLDPWD}/pipelines"
	ls smtpserv/contents.d >"${OLDPWD}/contents"
	cd "${OLDPWD}"
	atf_check -o empty cat bad
	atf_check -o file:pipelines cat contents
	# A definition is the service of etc/s6 by another name.
	for pair in receiver=smtpserv worker=smtpserv-work; do
		s6=${ETC}/s6/${pair#*=} rc=${ETC}/s6-rc/smtpserv-${pair%=*}
		atf_check cmp "${s6}/run" "${rc}/run"
		atf_check cmp "${s6}/finish" "${rc}/finish"
		atf_check cmp "${s6}/log/run" "${rc}-log/run"
	done
}

atf_test_case s6_rc__brings_the_worker_up_and_down
s6_rc__brings_the_worker_up_and_down_body() {
	for name in s6-rc-compile s6-rc-init s6-rc s6-svscan; do
		command -v "${name}" >/dev/null ||
		    atf_skip "no ${name} here: Debian 12 and 13 have no s6-rc"
	done
	site
	cp -R "${ETC}/s6-rc" source
	for run in receiver worker; do
		adapt "${ETC}/s6-rc/smtpserv-${run}/run" >"source/smtpserv-${run}/run"
		printf '#!/bin/sh\nexec cat >>"%s/log"\n' "${PWD}" \
		    >"source/smtpserv-${run}-log/run"
	done
	atf_check -o ignore s6-rc-compile compiled source
	atf_check -o match:smtpserv-receiver -o match:smtpserv-worker \
	    s6-rc-db -c compiled contents smtpserv
	mkdir scan
	s6-svscan scan >scan.log 2>&1 &
	scan=$!
	await s6-svscanctl -a scan
	atf_check -e ignore s6-rc-init -c "${PWD}/compiled" -l "${PWD}/live" scan
	atf_check -o ignore -e ignore s6-rc -l "${PWD}/live" \
	    -u change smtpserv-worker-pipeline
	await grep -q event=start log
	atf_check -o ignore -e ignore s6-rc -l "${PWD}/live" -da change
	s6-svscanctl -t scan
	wait "${scan}" || true
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

# A sink has nothing to deliver; a mistake is told by the worker itself.
atf_test_case systemd__skips_where_mail_is_only_kept
systemd__skips_where_mail_is_only_kept_body() {
	make_conf
	condition=$(adapt "${ETC}/systemd/smtpserv-work.service" |
	    sed -n 's/[$][$]/$/g; s/^ExecCondition=//p')
	atf_check -s exit:1 -x "${condition}"
	site
	atf_check -x "${condition}"
	make_conf 'smtp.nonsense = 1'
	atf_check -e match:nonsense -x "${condition}"
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
	atf_add_test_case s6__stays_down_for_a_mistake
	atf_add_test_case s6_rc__definitions_fit_together
	atf_add_test_case s6_rc__brings_the_worker_up_and_down
	atf_add_test_case systemd__unit_is_sound
	atf_add_test_case systemd__stops_at_a_mistake_and_in_time
	atf_add_test_case systemd__skips_where_mail_is_only_kept
	atf_add_test_case cron__empties_the_spool
}
