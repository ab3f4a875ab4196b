# The broker refuses, each time for another reason.

. "$(atf_get_srcdir)/../support/smtpserv.subr"
. "$(atf_get_srcdir)/../support/quorum.subr"

# refused CODE [SIZE]: at once, and it does not appear later.
refused() {
	atf_check_equal "$1" "$(code_of_one "${2:-4096}")"
}

# T6.
blocked() {
	rabbit_ctl "$@" >alarm
	rabbit_await 10 has_alarm || atf_fail 'no alarm'
	for size in 0 4096 100000 1000000; do
		refused 452 "${size}"
	done
	tail -n 4 log >quick
	awk '$3 >= 1 { exit 1 }' quick || atf_fail "$(cat quick)"
}

has_alarm() {
	rabbit_ctl 1 cluster_status | grep -q 'alarm on node'
}

has_no_alarm() {
	! has_alarm
}

atf_test_case alarm__is_452_and_nothing_turns_up_when_it_is_over
alarm__is_452_and_nothing_turns_up_when_it_is_over_body() {
	make_quorum
	start_keeper
	atf_check_equal 250 "$(code_of_one)"
	blocked 2 set_vm_memory_high_watermark 0.00001
	rabbit_ctl 2 set_vm_memory_high_watermark absolute 3GB
	rabbit_await 20 has_no_alarm || atf_fail 'the alarm stays'
	blocked 3 set_disk_free_limit 9000GB
	rabbit_ctl 3 set_disk_free_limit 1GB
	rabbit_await 20 has_no_alarm || atf_fail 'the alarm stays'
	atf_check_equal 250 "$(code_of_one)"
	arrives taken=2 deferred=8 unpromised=0
}

# An alarm that begins while large mail is on its way.
atf_test_case alarm__begins_in_a_body
alarm__begins_in_a_body_body() {
	make_quorum 'smtp.amqp.time = 8'
	start_keeper
	load clients=4 each=1 sizes=33000000 &
	loading=$!
	sleep 1
	rabbit_ctl 2 set_vm_memory_high_watermark 0.00001
	wait "${loading}"
	rabbit_ctl 2 set_vm_memory_high_watermark absolute 3GB
	rabbit_await 20 has_no_alarm || atf_fail 'the alarm stays'
	arrives cut=0
	all_within 20
}

# T7: what the operator has done wrong is ours to wait out.
atf_test_case queue__is_full_and_mail_waits
queue__is_full_and_mail_waits_body() {
	make_quorum 'smtp.amqp.refusal = 2'
	start_keeper
	rabbit_ctl 1 set_policy -p mail full '^smtpserv$' '{"max-length":2}'
	n=0
	until [ "$(code_of_one)" != 250 ]; do
		n=$((n + 1))
		[ "${n}" -lt 20 ] || atf_fail 'it is never full'
	done
	atf_check -o match:'451' tail -n 1 log
	rabbit_ctl 1 clear_policy -p mail full
	arrives deferred=1 unpromised=0
}

atf_test_case body__is_larger_than_the_broker_takes
body__is_larger_than_the_broker_takes_body() {
	make_quorum 'smtp.maxsize = 60000000'
	start_keeper
	refused 554 52000000
	refused 250
	grep -v ' 554 ' log >taken
	mv taken log
	arrives taken=1
}

atf_test_case rights__are_missing_and_mail_waits
rights__are_missing_and_mail_waits_body() {
	make_quorum
	rabbit_ctl 1 set_permissions -p mail smtpserv-publish '^$' '^$' '^$'
	start_keeper
	refused 451
	# May, but it leads nowhere.
	rabbit_ctl 1 set_permissions -p mail smtpserv-publish '^$' \
	    '^(smtpserv|amq.direct)$' '^$'
	kill_keeper
	{ cat wattcp.cfg; echo 'smtp.amqp.exchange = amq.direct'; } >unbound.cfg
	start_keeper unbound.cfg
	refused 451
	rabbit_ctl 1 set_permissions -p mail smtpserv-publish '^$' \
	    '^smtpserv$' '^$'
	kill_keeper
	start_keeper
	refused 250
	arrives deferred=2 unpromised=0
}

atf_test_case certificate__is_not_believed_by_either_side
certificate__is_not_believed_by_either_side_body() {
	make_quorum
	. "${BUILD}/tests/support/certs.subr"
	authority other.ca
	certificate other other.ca /CN=smtpserv-publish ''
	sed "s,^smtp.amqp.ca = .*,smtp.amqp.ca = ${PWD}/other.ca," \
	    wattcp.cfg >other1.cfg
	sed "s,^smtp.amqp.cert = .*,smtp.amqp.cert = ${PWD}/other,
	    s,^smtp.amqp.key = .*,smtp.amqp.key = ${PWD}/other.key," \
	    wattcp.cfg >other2.cfg
	for conf in other1.cfg other2.cfg; do
		start_keeper "${conf}"
		refused 451
		kill_keeper
	done
	start_keeper
	refused 250
	arrives deferred=2 unpromised=0
}

# A password instead of a certificate; it stays where it was written.
atf_test_case password__is_in_no_other_place
password__is_in_no_other_place_body() {
	make_quorum "smtp.amqp.login = ${PWD}/login"
	printf 'smtpserv-publish\nsesame-%s-opens\n' "$$" >login
	chmod 600 login
	sed -i '/^smtp.amqp.\(cert\|key\) /d' wattcp.cfg
	start_keeper
	refused 451
	rabbit_ctl 1 change_password smtpserv-publish "sesame-$$-opens"
	refused 250
	for pid in $(cat keeper.pids) $(pgrep -P "$(cat keeper.pids)"); do
		tr '\0' '\n' <"/proc/${pid}/cmdline"
		tr '\0' '\n' <"/proc/${pid}/environ"
	done >seen
	atf_check -o match:smtpserv-publish -o not-match:sesame cat seen
	atf_check -o not-match:sesame cat keeper.log log.events
	rabbit_ctl 1 clear_password smtpserv-publish
	sed -i '/login/d' pull.cfg
	arrives taken=1 deferred=1
}

atf_init_test_cases() {
	atf_add_test_case alarm__is_452_and_nothing_turns_up_when_it_is_over
	atf_add_test_case alarm__begins_in_a_body
	atf_add_test_case queue__is_full_and_mail_waits
	atf_add_test_case body__is_larger_than_the_broker_takes
	atf_add_test_case rights__are_missing_and_mail_waits
	atf_add_test_case certificate__is_not_believed_by_either_side
	atf_add_test_case password__is_in_no_other_place
}
