# One destination's trouble is its own: servers and commands that hang or are
# gone, beside mail that goes elsewhere.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/work.subr"

SUPPORT=$(atf_get_srcdir)/../../support

# An LMTP server that says nothing until somebody opens the FIFO.
serve_silence() {
	mkfifo hold
	python3 -c 'import socket
s = socket.socket(socket.AF_UNIX)
s.bind("silent")
s.listen(100)
open("hold").read()' &
	echo $! >server.pid
	await test -S silent
}

# number, recipients...: a message for them.
message_for() {
	number=$1
	shift
	{
		echo 'From: erick@maggot'
		for rcpt; do
			echo "To: ${rcpt}"
		done
	} | pair "${number}" "${TEXT}"
}

need() {
	atf_set require.progs "python3 cdb"
	atf_set timeout 120
}

atf_test_case silent_server__keeps_nobody_else_waiting
silent_server__keeps_nobody_else_waiting_head() { need; }
silent_server__keeps_nobody_else_waiting_body() {
	serve_silence
	mkfifo never
	{
		echo "@dead.example lmtp:unix:${PWD}/silent"
		# Commands that hang, each its own; in all more than workers.
		for n in $(seq 10); do
			echo "c${n}@gnat.example.test |: ${n}; read x <never"
		done
		echo "ann@gnat.example.test ${PWD}/ann/"
		echo 'fwd@gnat.example.test &ann@gnat.example.test'
	} | make_site 'smtp.sync = no'
	for n in $(seq 24); do
		message_for "${n}" "a${n}@dead.example"
	done
	for n in $(seq 10); do
		message_for "$((24 + n))" "c${n}@gnat.example.test"
	done
	# One of a message for both is not kept by the other, either.
	message_for 50 a@dead.example ann@gnat.example.test
	message_for 51 fwd@gnat.example.test
	${WORK} 2>log &
	echo $! >worker.pid
	await grep -q 'number=50 to=ann@gnat.example.test result=delivered' log
	await grep -q 'number=51 to=fwd@gnat.example.test result=delivered' log
	message_for 52 ann@gnat.example.test
	await grep -q 'event=done number=52' log
	# Nothing has come of the others so far.
	atf_check -s exit:1 grep -q 'dead.example result\|to=c' log
	atf_check -o inline:'From: erick@maggot\nTo: a@dead.example\n' \
	    cat spool/50.WRK
	# Who waits for a slot is claimed by nobody: six run, of eight.
	ls -l "/proc/$(cat worker.pid)/fd" >fds
	atf_check -o inline:'6\n' grep -c '\.WRK$' fds
	: >hold
	await grep -q 'dead.example result=later' log
	kill -KILL "$(cat worker.pid)"
	wait "$(cat worker.pid)" || true
}

atf_test_case down__others_do_not_find_out_once_more
down__others_do_not_find_out_once_more_body() {
	make_site 'smtp.commandtime = 1' 'smtp.workers = 4' <<EOF
@slow.example |echo try >>tries; exec sleep 100
ann@gnat.example.test ${PWD}/ann/
EOF
	for n in 1 2 3 4 5 6; do
		message_for "${n}" "a${n}@slow.example"
	done
	message_for 7 ann@gnat.example.test
	touch -d '@1000000000' spool/6.WRK spool/6.TXT
	work 111
	# One has found out.  Of the others only the one that is over is.
	atf_check -o inline:'try\n' cat tries
	atf_check_equal 'delivered 2.0.0' "$(fate ann@gnat.example.test)"
	atf_check_equal 'later 4.3.0' "$(fate a1@slow.example)"
	atf_check_equal '' "$(fate a2@slow.example)"
	atf_check -o match:'to=a6@slow.example .*ran too long' cat log
	atf_check -s exit:1 test -e spool/6.WRK
	atf_check -o match:'event=report number=6 ' cat log
	# They were not tried, and their times do not say that they were.
	atf_check_equal "$(stat -c %Y spool/2.TXT)" "$(stat -c %Y spool/2.WRK)"
}

# Hundreds that turn out to wait are not looked at in one go.
atf_test_case many__are_looked_at_between_news
many__are_looked_at_between_news_head() {
	atf_set require.progs "strace cdb"
}
many__are_looked_at_between_news_body() {
	case ${BUILD} in
	*/asan) atf_skip 'LeakSanitizer cannot be traced' ;;
	esac
	make_site 'smtp.sync = no' <<EOF
@dead.example lmtp:unix:${PWD}/nobody
EOF
	for n in $(seq 600); do
		message_for "${n}" a@dead.example
	done
	atf_check -s exit:111 -e ignore strace -o trace \
	    -e trace=openat,ppoll -e signal=none ${WORK} --once --now
	atf_check_equal 600 \
	    "$(grep -o '"[0-9]*.WRK", O_RDWR' trace | sort -u | wc -l)"
	most=$(awk '/^ppoll/ { n = 0 } /WRK", O_RDWR/ && ++n > most { most = n }
	    END { print most }' trace)
	[ "${most}" -le 300 ] || atf_fail "${most} without hearing news"
}

# It would else be left alone for a minute.
atf_test_case down__is_asked_again_after_a_hangup
down__is_asked_again_after_a_hangup_body() {
	make_site 'smtp.commandtime = 1' <<EOF
@slow.example |echo try >>tries; [ -e well ] || exec sleep 100
EOF
	message_for 1 a@slow.example
	message_for 2 b@slow.example
	${WORK} 2>log &
	worker=$!
	await grep -q 'result=later' log
	touch well
	kill -HUP "${worker}"
	await grep -q 'event=done number=2' log
	await grep -q 'event=done number=1' log
	atf_check -o inline:'try\ntry\ntry\n' cat tries
	kill -TERM "${worker}"
	wait "${worker}" || atf_fail "it ended with $?"
}

atf_test_case several_recipients__share_a_conversation
several_recipients__share_a_conversation_head() { need; }
several_recipients__share_a_conversation_body() {
	python3 "${SUPPORT}/lmtpd.py" several "${PWD}/socket" 2>lmtpd.log &
	echo $! >server.pid
	await test -f port
	make_site 'smtp.sync = no' <<EOF
@lmtp.example lmtp:unix:${PWD}/socket
two@gnat.example.test lmtp:unix:${PWD}/socket
two@gnat.example.test ${PWD}/two/
ann@gnat.example.test ${PWD}/ann/
EOF
	message_for 5 a@lmtp.example ann@gnat.example.test nobody@lmtp.example \
	    two@gnat.example.test full@lmtp.example b@lmtp.example
	work 111
	kill "$(cat server.pid)"
	# Of whom has another instruction, each is carried out alone.
	awk '/^MAIL/ { n = 0 } /^RCPT/ { n++ } /^DATA/ { print n }' said |
	    sort >counts
	atf_check -o inline:'1\n4\n' cat counts
	atf_check_equal 'delivered 2.0.0' "$(fate a@lmtp.example)"
	atf_check_equal 'delivered 2.0.0' "$(fate b@lmtp.example)"
	atf_check_equal 'delivered 2.0.0' "$(fate two@gnat.example.test)"
	atf_check_equal 'failed 5.1.1' "$(fate nobody@lmtp.example)"
	atf_check_equal 'later 4.2.2' "$(fate full@lmtp.example)"
	atf_check -o match:'^To: full@lmtp.example$' -o not-match:'^To: [^f]' \
	    cat spool/5.WRK
}

atf_init_test_cases() {
	atf_add_test_case silent_server__keeps_nobody_else_waiting
	atf_add_test_case down__others_do_not_find_out_once_more
	atf_add_test_case many__are_looked_at_between_news
	atf_add_test_case down__is_asked_again_after_a_hangup
	atf_add_test_case several_recipients__share_a_conversation
}
