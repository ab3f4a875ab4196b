# Nodes die, freeze and come back under load: nothing that was taken is lost.

. "$(atf_get_srcdir)/../support/smtpserv.subr"
. "$(atf_get_srcdir)/../support/quorum.subr"

followers() {
	echo 1 2 3 | tr ' ' '\n' | grep -vx "$(rabbit_leader)"
}

# T2.
atf_test_case node__is_killed_and_no_reply_is_worse_than_late
node__is_killed_and_no_reply_is_worse_than_late_body() {
	make_quorum
	start_keeper
	start_pull
	start_load
	for turn in leader leader follower; do
		node=$(rabbit_leader)
		[ "${turn}" = leader ] || node=$(followers | head -n 1)
		rabbit_kill "${node}"
		sleep 2
		rabbit_restart "${node}" || atf_fail 'it does not come back'
	done
	stop_load
	arrives deferred=0 cut=0 unpromised=0
	all_within 10
}

# T3.
atf_test_case nodes__are_all_killed_and_keep_what_they_confirmed
nodes__are_all_killed_and_keep_what_they_confirmed_body() {
	make_quorum 'smtp.amqp.time = 8'
	start_keeper
	start_load
	rabbit_kill 1 2 3
	stop_load
	rabbit_restart 1 2 3 || atf_fail 'they do not come back'
	arrives cut=0
	all_within 13
}

# T4.
without_majority() {
	rabbit_kill "$@"
	begun=$(wc -l <log)
	load clients=4 each=1
	# Each was begun after the kill, and nobody promised anything.
	tail -n "+$((begun + 1))" log | cut -d ' ' -f 2 | sort -u >codes
	atf_check -o match:'^4' -o not-match:'^[025]' cat codes
	all_within 13
	rabbit_restart "$@" || atf_fail 'they do not come back'
	rabbit_await 30 takes_mail || atf_fail 'no mail is taken again'
}

takes_mail() {
	[ "$(code_of_one)" = 250 ]
}

atf_test_case majority__is_gone_and_nothing_is_promised
majority__is_gone_and_nothing_is_promised_body() {
	make_quorum 'smtp.amqp.time = 8' 'smtp.amqp.refusal = 3'
	start_keeper
	atf_check_equal 250 "$(code_of_one)"
	# The one that is left leads; and then it does not.
	# shellcheck disable=SC2046 # numbers
	without_majority $(followers)
	without_majority "$(rabbit_leader)" "$(followers | tail -n 1)"
	arrives cut=0
}

# T5.
atf_test_case leader__is_frozen_and_that_is_a_gap
leader__is_frozen_and_that_is_a_gap_body() {
	make_quorum
	start_keeper
	start_pull
	start_load
	leader=$(rabbit_leader)
	rabbit_freeze "${leader}"
	sleep 15
	rabbit_thaw "${leader}"
	sleep 1
	stop_load
	arrives cut=0
	all_within 30
}

# T9.
atf_test_case keeper__is_killed_and_nobody_is_told_a_yes
keeper__is_killed_and_nobody_is_told_a_yes_body() {
	make_quorum
	start_keeper
	start_pull
	start_load
	for turn in 1 2 3 4 5; do
		sleep 0.5
		kill_keeper
		start_keeper
	done
	stop_load
	arrives cut=0
}

atf_init_test_cases() {
	atf_add_test_case node__is_killed_and_no_reply_is_worse_than_late
	atf_add_test_case nodes__are_all_killed_and_keep_what_they_confirmed
	atf_add_test_case majority__is_gone_and_nothing_is_promised
	atf_add_test_case leader__is_frozen_and_that_is_a_gap
	atf_add_test_case keeper__is_killed_and_nobody_is_told_a_yes
}
