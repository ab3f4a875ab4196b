# Mail of all kinds, from a client to three nodes and into a spool.

. "$(atf_get_srcdir)/../support/smtpserv.subr"
. "$(atf_get_srcdir)/../support/quorum.subr"

# T1.
atf_test_case mail__arrives_once_and_as_it_was_sent
mail__arrives_once_and_as_it_was_sent_head() {
	atf_set timeout 120
}
mail__arrives_once_and_as_it_was_sent_body() {
	make_quorum
	start_keeper
	start_pull
	load clients=8 each=122 sizes=0,66,4096,1000,100000,20000,4096,4096
	load clients=3 each=7 sizes=4096,33000000,1000,66,10000000,300000,0
	arrives sent=997 taken=997 unpromised=0
}

# T1, I6: the same by way of the nodes as in the session's own spool.
atf_test_case mail__is_what_the_session_would_have_spooled
mail__is_what_the_session_would_have_spooled_body() {
	make_quorum 'smtp.queue.envelope = full'
	start_keeper
	start_pull
	mkdir own
	sed "/^smtp.queue/d; s,/spool\",/own\"," wattcp.cfg >own.cfg
	for conf in own.cfg wattcp.cfg; do
		atf_check -e save:sent.log ${QUORUM} kinds \
		    "${BUILD}/libexec/smtpserv-session" "${PWD}/${conf}"
	done
	rabbit_await 30 is_all_there || atf_fail 'not all are there'
	atf_check ${QUORUM} same own spool
	stop_pull
}

is_all_there() {
	[ "$(ls own | grep -c WRK)" = "$(ls spool | grep -c WRK)" ]
}

# T8.
atf_test_case consumer__is_killed_and_nothing_comes_twice
consumer__is_killed_and_nothing_comes_twice_body() {
	make_quorum
	start_keeper
	start_load
	for turn in 1 2 3 4 5 6 7 8 9 10; do
		start_pull
		start_pull
		sleep "0.$(od -An -N1 -tu1 /dev/urandom | tr -d ' ')"
		stop_pull KILL
	done
	stop_load
	arrives deferred=0 cut=0 unpromised=0
}

atf_test_case consumer__leaves_on_the_nodes_what_its_spool_is_not_to_have
consumer__leaves_on_the_nodes_what_its_spool_is_not_to_have_body() {
	make_quorum 'smtp.pull.most = 20'
	start_keeper
	load clients=4 each=25 sizes=4096
	start_pull
	rabbit_await 30 has_messages 20 || atf_fail 'it takes too few'
	sleep 2
	[ "$(spooled)" -le 30 ] || atf_fail "it has taken $(spooled)"
	stop_pull
	sed -i '/^smtp.pull.most/d' pull.cfg
	arrives sent=100 taken=100 unpromised=0
}

spooled() {
	find spool -name '*.WRK' | wc -l
}

has_messages() {
	[ "$(spooled)" -ge "$1" ]
}

# T11.
atf_test_case acknowledgement__comes_after_a_majority_has_synced
acknowledgement__comes_after_a_majority_has_synced_head() {
	atf_set require.progs strace
}
acknowledgement__comes_after_a_majority_has_synced_body() {
	make_quorum
	start_keeper
	atf_check_equal 250 "$(code_of_one)"
	for n in 1 2 3; do
		strace -f -qq -e trace=fdatasync,fsync -o "syncs.${n}" \
		    -p "$(cat "${NODES}/r${n}/pid")" 2>"strace.${n}" &
		echo $! >>load.pids
	done
	sleep 2
	grep -q . strace.1 && atf_skip "strace cannot: $(cat strace.1)"
	load clients=1 each=100
	# shellcheck disable=SC2046 # numbers
	kill $(cat load.pids)
	wait $(cat load.pids) || true
	: >load.pids
	for n in 1 2 3; do
		grep -c -e 'fdatasync(' -e 'fsync(' "syncs.${n}"
	done >counts
	# Each message waited for the one before.
	awk '$1 >= 100 { n++ } END { exit n < 2 }' counts ||
	    atf_fail "syncs of the nodes: $(tr '\n' ' ' <counts)"
	arrives sent=101 taken=101
}

atf_init_test_cases() {
	atf_add_test_case mail__arrives_once_and_as_it_was_sent
	atf_add_test_case mail__is_what_the_session_would_have_spooled
	atf_add_test_case consumer__is_killed_and_nothing_comes_twice
	atf_add_test_case consumer__leaves_on_the_nodes_what_its_spool_is_not_to_have
	atf_add_test_case acknowledgement__comes_after_a_majority_has_synced
}
