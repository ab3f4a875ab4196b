# What waits, steered by smtpserv-spool(1) while workers run.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/work.subr"

# A spool whose mail for late@ and too@ waits for a file of that name; that
# for ann@ and postie@ comes to a Maildir.
make_waiting() {
	make_site "$@" <<EOF
late@gnat.example.test |test -e late || { echo not yet; exit 111; }
too@gnat.example.test |test -e too || exit 111
ann@gnat.example.test ${PWD}/ann/
postie@gnat.example.test ${PWD}/postie/
gone@gnat.example.test lmtp:unix:${PWD}/nowhere
EOF
}

# One that a worker left after a try, as number $1, for $2 and so on.
deferred() {
	number=$1
	shift
	printf 'Subject: hello\n\nhello\n' >"spool/${number}.TXT"
	{
		echo 'From: ann@gnat.example.test'
		printf 'To: %s@gnat.example.test\n' "$@"
	} >envelope
	touch -d "@$(($(date +%s) + 3))" envelope
	mv envelope "spool/${number}.WRK"
}

start_worker() {
	${WORK} 2>>log &
	workers="${workers-} $!"
	await grep -q event=start log
}

# So many tries have ended so.
tried() {
	[ "$(grep -c "event=delivery .*result=$2" log)" -eq "$1" ]
}

end_workers() {
	# shellcheck disable=SC2086
	kill -TERM ${workers}
	wait
}

atf_test_case retry__is_heeded_at_once
retry__is_heeded_at_once_body() {
	make_waiting
	start_worker
	send ann@gnat.example.test late@gnat.example.test
	send ann@gnat.example.test late@gnat.example.test
	send ann@gnat.example.test too@gnat.example.test
	await tried 3 later
	atf_check ${SPOOL} retry 1
	await tried 4 later
	touch late
	atf_check -o inline:'to be tried 2\n' \
	    ${SPOOL} retry --to late@gnat.example.test
	await tried 2 delivered
	touch too
	atf_check -o inline:'to be tried 1\n' ${SPOOL} retry --all
	await tried 3 delivered
	await test ! -e spool/3.TXT
	# The others were not tried along with them.
	atf_check_equal 4 "$(grep -c result=later log)"
	end_workers
}

# A destination is believed to be down for a minute; a person knows better.
atf_test_case retry__tries_a_destination_that_is_down
retry__tries_a_destination_that_is_down_body() {
	make_waiting
	start_worker
	send ann@gnat.example.test gone@gnat.example.test
	await tried 1 later
	atf_check ${SPOOL} retry 1
	await tried 2 later
	end_workers
}

# The news that a worker may miss are in the files.
atf_test_case retry__is_for_any_worker_and_the_next
retry__is_for_any_worker_and_the_next_body() {
	make_waiting
	deferred 5 late
	atf_check -s exit:111 -e not-match:delivery ${WORK} --once
	atf_check -o match:'	[1-9][0-9]*	-$' ${SPOOL} list
	atf_check ${SPOOL} retry 5
	atf_check -o match:'	0	-$' ${SPOOL} list
	atf_check -s exit:111 -e match:result=later ${WORK} --once
	# Once.
	atf_check -s exit:111 -e not-match:delivery ${WORK} --once
	touch late
	start_worker
	start_worker
	atf_check ${SPOOL} retry 5
	await test ! -e spool/5.TXT
	end_workers
	atf_check_equal 1 "$(grep -c result=delivered log)"
}

atf_test_case hold__keeps_from_consumers_until_release
hold__keeps_from_consumers_until_release_body() {
	make_waiting
	touch late too
	deferred 5 late
	deferred 6 too
	echo 9 >spool/sequence.seq
	atf_check ${SPOOL} hold 5
	atf_check -o inline:'held 1\n' ${SPOOL} hold --to too@gnat.example.test
	stored '5.HLD 5.TXT 6.HLD 6.TXT'
	atf_check -o match:'^5	.*	held	' -o match:'^messages 0$' \
	    -o match:'^held 2$' sh -c "${SPOOL} list; ${SPOOL} stat"
	for command in 'hold 5' 'retry 5' 'claim 5 -- true'; do
		atf_check -s exit:100 -e match:'5: it is held: release' \
		    ${SPOOL} ${command}
	done
	atf_check -s exit:100 -e match:'7: no such message' ${SPOOL} release 7
	atf_check -o match:'^To: late' ${SPOOL} show 5
	atf_check -o inline:'removed 0\n' ${SPOOL} clean
	atf_check -o match:note ${SPOOL} check
	start_worker
	atf_check -e empty -o empty ${SPOOL} release 5
	await test ! -e spool/5.TXT
	stored '6.HLD 6.TXT'
	atf_check -o inline:'released 1\n' ${SPOOL} release --all
	await test ! -e spool/6.TXT
	end_workers
	atf_check -s exit:100 -e match:'6: no such message' ${SPOOL} hold 6
	deferred 8 late
	atf_check -s exit:100 -e match:'8: it is not held' ${SPOOL} release 8
}

atf_test_case fail__ends_in_a_report
fail__ends_in_a_report_body() {
	make_waiting
	start_worker
	send ann@gnat.example.test late@gnat.example.test too@gnat.example.test
	await tried 2 later
	await test -e spool/1.WHY
	atf_check -o inline:'failed 1\n' \
	    ${SPOOL} fail -y --reason 'not yet'
	await grep -q event=report log
	await sh -c 'ls ann/new | grep -q .'
	mail_of ann >mail
	atf_check -o match:'^Final-Recipient: rfc822; *late@gnat.example.test' \
	    -o match:'given up by the administrator; the last try:' \
	    -o match:'4.3.0 command: temporary failure .*: not yet' \
	    -o not-match:too@gnat.example.test cat mail
	# The other one still waits.
	await sh -c "${SPOOL} list | grep -q waiting"
	atf_check -o match:'^1	.*	1	waiting	ann@gnat.example.test	' \
	    ${SPOOL} list
	# Nobody wants to hear of this one; one that is held has a report, too.
	echo text >spool/5.TXT
	printf 'From: ann@gnat.example.test\nTo: late@gnat.example.test\nNotify: NEVER\n' \
	    >spool/5.HLD
	rm -r ann
	atf_check ${SPOOL} fail 5
	stored '1.TXT 1.WRK'
	deferred 6 late
	# The worker may be trying it.
	await ${SPOOL} hold 6
	atf_check ${SPOOL} fail 6
	await sh -c 'ls ann/new | grep -q .'
	atf_check -s exit:100 -e match:'6: no such message' ${SPOOL} fail 6
	end_workers
}

atf_test_case remove__asks_before_it_takes_many
remove__asks_before_it_takes_many_body() {
	make_waiting
	for number in $(seq 1 70); do
		deferred "${number}" late
	done
	touch spool/70.WHY
	deferred 80 too
	mv spool/9.WRK spool/9.BAD
	mv spool/10.WRK spool/10.HLD
	echo n | atf_check -s exit:100 \
	    -e inline:'smtpserv-spool: remove 70 messages? [y/N] smtpserv-spool: nothing was done\n' \
	    ${SPOOL} remove --to late@gnat.example.test
	atf_check_equal 142 "$(spool_files | wc -l)"
	atf_check -s exit:100 -e match:'nothing was done' \
	    ${SPOOL} remove --all </dev/null
	echo y | atf_check -e match:'remove 70 messages' \
	    -o inline:'removed 70\n' ${SPOOL} remove --to late@gnat.example.test
	atf_check -o inline:'80.TXT\n80.WRK\n' ls -v spool
	atf_check -o inline:'removed 0\n' ${SPOOL} remove --from '<>'
	atf_check -s exit:100 -e match:'81: no such message' \
	    ${SPOOL} remove 80 81
	deferred 82 too
	atf_check -o inline:'removed 1\n' ${SPOOL} remove -y --all
	atf_check -o empty ls spool
	for wrong in retry 'remove -y' 'hold 5 --all' 'hold -y 5' 'fail -x 5' \
	    'fail --sender x'; do
		atf_check -s exit:100 -e match:'^smtpserv-spool: .' \
		    ${SPOOL} ${wrong}
	done
}

# One that is being delivered is not changed, which is said.
atf_test_case steer__not_what_is_being_delivered
steer__not_what_is_being_delivered_body() {
	make_waiting
	deferred 5 late
	deferred 6 late
	atf_check ${SPOOL} claim 5 -- sh -c "
		for verb in retry hold fail remove; do
			${SPOOL} \${verb} 5 2>>told && exit 1
		done
		${SPOOL} hold --all >>told 2>&1 || [ \$? -eq 111 ]"
	atf_check_equal 5 "$(grep -c '5: somebody else is working on it' told)"
	atf_check -o match:'^held 1$' cat told
	stored '6.HLD 6.TXT'
}

atf_init_test_cases() {
	atf_add_test_case retry__is_heeded_at_once
	atf_add_test_case retry__tries_a_destination_that_is_down
	atf_add_test_case retry__is_for_any_worker_and_the_next
	atf_add_test_case hold__keeps_from_consumers_until_release
	atf_add_test_case fail__ends_in_a_report
	atf_add_test_case remove__asks_before_it_takes_many
	atf_add_test_case steer__not_what_is_being_delivered
}
