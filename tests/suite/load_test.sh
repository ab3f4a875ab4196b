# Many sessions at once through a real super-server, and what one costs.

. "$(atf_get_srcdir)/../support/smtpserv.subr"

serve() {
	make_conf "$@"
	serve_by_tcpserver ${SESSION}
}

senders() {
	atf_check -s exit:0 -o save:said -e save:talk \
	    python3 "${BUILD}/tests/support/senders.py" "$@"
}

atf_test_case crowd__each_message_whole_and_once
crowd__each_message_whole_and_once_head() {
	atf_set descr '50 senders of 20 messages each: 1,000 pairs, numbers
	    unique, ascending in each connection, each text whole and once'
	atf_set require.progs 'tcpserver python3'
}
crowd__each_message_whole_and_once_body() {
	serve
	senders crowd "${PORT}"
	atf_check -o inline:'1000\n' -x "grep -c 'event=accepted' log"
	atf_check -s exit:1 grep -E 'event=(refused|fault)' log
}

atf_test_case crowd__a_slow_client_delays_nobody
crowd__a_slow_client_delays_nobody_head() {
	atf_set descr 'One hangs in the middle of DATA: 50 others come and go,
	    then it goes on'
	atf_set require.progs 'tcpserver python3'
}
crowd__a_slow_client_delays_nobody_body() {
	serve 'smtp.sync = no'
	senders crowd_around_a_slow_one "${PORT}"
}

atf_test_case memory__a_large_message_costs_no_more
memory__a_large_message_costs_no_more_head() {
	atf_set descr '10 MiB cost a session what 256 KiB do'
	atf_set require.progs python3
}
memory__a_large_message_costs_no_more_body() {
	sanitizers_cannot 'be bounded in memory'
	make_conf 'smtp.sync = no'
	test -r /proc/self/smaps_rollup || atf_skip 'no smaps_rollup here'
	senders large_message ${SESSION}
}

atf_test_case memory__an_idle_session_is_small
memory__an_idle_session_is_small_head() {
	atf_set descr 'Under 200 KiB of private memory, before and after a
	    message'
	atf_set require.progs python3
}
memory__an_idle_session_is_small_body() {
	sanitizers_cannot 'be bounded in memory'
	make_conf
	test -r /proc/self/smaps_rollup || atf_skip 'no smaps_rollup here'
	senders idle ${SESSION}
}

atf_init_test_cases() {
	atf_add_test_case crowd__each_message_whole_and_once
	atf_add_test_case crowd__a_slow_client_delays_nobody
	atf_add_test_case memory__a_large_message_costs_no_more
	atf_add_test_case memory__an_idle_session_is_small
}
