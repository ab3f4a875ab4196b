# smtpserv-tls(8): clients that speak TLS, and ones that do not, are in
# tests/support/tls.py.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/tls.subr"

# CASE for STARTTLS that must leave nothing in the spool.
leaves_nothing() {
	make_tls_conf
	tls "$1" ${TLS} ${SESSION}
	atf_check_equal '' "$(spool_files)"
}

atf_test_case starttls__mail_comes_by_tls_1_2_and_1_3
starttls__mail_comes_by_tls_1_2_and_1_3_body() {
	make_tls_conf
	tls starttls ${TLS} ${SESSION}
	stored_securely 2
	atf_check -o match:'protocol=TLSv1.2 ' cat log
	atf_check -o match:'protocol=TLSv1.3 ' cat log
}

atf_test_case starttls__older_versions_are_refused
starttls__older_versions_are_refused_body() {
	leaves_nothing old_version
	atf_check -o match:'event=notls why=' cat log
}

atf_test_case starttls__what_came_in_the_clear_is_void
starttls__what_came_in_the_clear_is_void_body() {
	make_tls_conf
	tls pipelined ${TLS} ${SESSION}
	stored_securely 1
}

atf_test_case starttls__a_handshake_may_end_anywhere
starttls__a_handshake_may_end_anywhere_body() {
	leaves_nothing truncated
}

atf_test_case starttls__garbage_is_no_handshake
starttls__garbage_is_no_handshake_body() {
	leaves_nothing garbage
}

atf_test_case starttls__a_handshake_has_a_deadline
starttls__a_handshake_has_a_deadline_body() {
	make_tls_conf
	tls slow ${TLS} -t 1 ${SESSION}
	tls slow ${TLS} -t 1 -i ${SESSION}
}

atf_test_case starttls__a_key_that_cannot_be_used_is_454
starttls__a_key_that_cannot_be_used_is_454_body() {
	make_tls_conf
	make_key other.pem
	# None; garbage; another certificate's; unreadable; a directory.
	for how in 'rm cert.pem.key' 'echo x >cert.pem.key' \
	    'cp other.pem.key cert.pem.key' 'rm cert.pem' \
	    'rm cert.pem; mkdir cert.pem'; do
		sh -c "${how}"
		tls no_key ${TLS} ${SESSION}
		atf_check_equal 2 "$(spool_files | wc -l)"
		atf_check -o match:'with ESMTP$' head -n 1 "spool/1.TXT"
		rm -rf spool cert.pem cert.pem.key
		make_tls_conf
	done
}

atf_test_case starttls__an_unreadable_key_is_454
starttls__an_unreadable_key_is_454_body() {
	make_tls_conf
	chmod 0 cert.pem.key
	user=
	if [ "$(id -u)" = 0 ]; then
		command -v setpriv >/dev/null || atf_skip 'no setpriv'
		chmod 777 . spool
		user='setpriv --reuid nobody --clear-groups --'
		${user} test -r "${PWD}/wattcp.cfg" ||
		    atf_skip 'nobody cannot see the directory of this test'
		${user} test -x "${BUILD}/libexec/smtpserv-session" ||
		    atf_skip "nobody cannot see ${BUILD}"
	fi
	tls no_key ${user} ${TLS} ${SESSION}
	atf_check -o match:"event=nokey file=${PWD}/cert.pem.key" cat log
}

atf_test_case starttls__no_certificate_in_the_configuration_is_454
starttls__no_certificate_in_the_configuration_is_454_body() {
	make_key cert.pem
	make_conf
	tls no_key ${TLS} ${SESSION}
	atf_check -o match:'why="smtp.tls.cert is not set"' cat log
}

atf_test_case starttls__certificate_is_read_for_each_connection
starttls__certificate_is_read_for_each_connection_body() {
	make_tls_conf
	cp cert.pem trusted.pem
	make_key cert.pem.new
	cat cert.pem.new >>trusted.pem
	# The client trusts both.
	mkdir served
	mv cert.pem cert.pem.key cert.pem.new cert.pem.new.key served
	sed "s,${PWD}/cert,${PWD}/served/cert," wattcp.cfg >both.cfg
	atf_check -o save:log -e save:sizes python3 - <<-PYTHON
		import sys
		sys.path.insert(0, "${BUILD}/tests/support")
		import tls
		make = tls.ssl.create_default_context
		tls.ssl.create_default_context = \
		    lambda cafile: make(cafile="trusted.pem")
		tls.CERT = "served/cert.pem"
		tls.case_new_certificate("${TLS} -f both.cfg ${SESSION}".split())
	PYTHON
	stored_securely 2
}

atf_test_case starttls__option_names_certificate_and_key
starttls__option_names_certificate_and_key_body() {
	make_key cert.pem
	make_conf
	cat cert.pem.key >>cert.pem
	for options in '-c cert.pem -k cert.pem.key' '-c cert.pem'; do
		tls starttls "${BUILD}/libexec/smtpserv-tls" ${options} \
		    ${SESSION}
		stored_securely 2
		rm -f spool/*
	done
}

atf_test_case starttls__long_messages_and_late_readers
starttls__long_messages_and_late_readers_body() {
	make_tls_conf
	tls long ${TLS} ${SESSION}
	stored_securely 1
	# Its first line is no field, so an empty line is before it.
	atf_check_equal 3002 "$(body 1 | wc -l)"
}

atf_test_case starttls__a_half_closed_connection_is_served
starttls__a_half_closed_connection_is_served_body() {
	make_tls_conf
	tls half_close ${TLS} ${SESSION}
	stored_securely 1
}

atf_test_case starttls__a_client_that_vanishes_leaves_nothing
starttls__a_client_that_vanishes_leaves_nothing_body() {
	leaves_nothing client_vanishes
}

atf_test_case starttls__the_process_with_the_key_is_killed
starttls__the_process_with_the_key_is_killed_body() {
	leaves_nothing tls_is_killed
}

atf_test_case starttls__the_program_is_killed
starttls__the_program_is_killed_body() {
	make_tls_conf
	tls program_is_killed ${TLS} ${SESSION}
	# Of that its consumers see nothing, and the next cleaner removes it.
	atf_check_equal '1.CMD 1.TMP' "$(echo $(spool_files))"
	atf_check -o ignore ${SPOOL} clean
	atf_check_equal '' "$(spool_files)"
}

atf_test_case starttls__the_program_is_told_to_stop
starttls__the_program_is_told_to_stop_body() {
	leaves_nothing program_is_told_to_stop
}

# given_up CASE COMMAND..., in the background.
given_up() {
	kind=$1
	shift
	python3 "${BUILD}/tests/support/tls.py" "${kind}" "${PWD}/cert.pem" \
	    -- "$@" >"${kind}.log" 2>"${kind}.err" &
	echo "$!" >"${kind}.pid"
}

# A client that reads nothing, one that never rests either, and a program that
# has no end of its own.  All at once, as each has half a minute for the last
# words.
atf_test_case starttls__nobody_stays_for_ever
starttls__nobody_stays_for_ever_body() {
	make_tls_conf 'smtp.maxtime = 1' 'smtp.programtime = 1'
	mv wattcp.cfg short.cfg
	make_conf "smtp.tls.cert = \"${PWD}/cert.pem\"" \
	    "smtp.tls.key = \"${PWD}/cert.pem.key\"" \
	    'inactive = 1' 'smtp.maxtime = 30'
	given_up deaf ${TLS} ${SESSION}
	given_up flood ${TLS} ${SESSION}
	given_up long_life "${BUILD}/libexec/smtpserv-tls" -f short.cfg \
	    python3 "${BUILD}/tests/support/ucspitls_app.py" Y
	for kind in deaf flood long_life; do
		wait "$(cat ${kind}.pid)" || atf_fail "${kind}: $(cat ${kind}.err)"
	done
	for kind in deaf flood; do
		atf_check -o match:'event=end why=inactive' cat ${kind}.log
	done
}

atf_test_case starttls__not_asked_for_loads_no_library
starttls__not_asked_for_loads_no_library_body() {
	sanitizers_cannot 'be without libraries'
	make_tls_conf
	# Not even the key need be there.
	rm cert.pem.key
	tls plain ${TLS} ${SESSION}
	atf_check -o match:'^smtpserv-tls: [0-9]+ KiB$' cat sizes
}

atf_test_case starttls__not_asked_for_opens_no_file_of_tls
starttls__not_asked_for_opens_no_file_of_tls_head() {
	atf_set require.progs 'strace openssl'
}
starttls__not_asked_for_opens_no_file_of_tls_body() {
	sanitizers_cannot 'be traced'
	make_tls_conf
	lines 'EHLO client.example' 'QUIT' >in
	atf_check -o ignore -e ignore -x \
	    "strace -f -o trace -e trace=open,openat,execve ${TLS} ${SESSION} <in"
	atf_check -o ignore grep smtpserv-session trace
	atf_check -s exit:1 grep -E 'libtls|libssl|cert.pem|smtpserv-tlsd' trace
}

atf_test_case starttls__runs_as_its_users
starttls__runs_as_its_users_head() {
	atf_set require.user root
	atf_set require.progs setpriv
}
starttls__runs_as_its_users_body() {
	make_tls_conf
	chmod 600 cert.pem.key
	chmod 777 . spool
	setpriv --reuid nobody --clear-groups -- test -r "${PWD}/wattcp.cfg" ||
	    atf_skip 'nobody cannot see the directory of this test'
	setpriv --reuid nobody --clear-groups -- \
	    test -x "${BUILD}/libexec/smtpserv-session" ||
	    atf_skip "nobody cannot see ${BUILD}"
	sanitizers_cannot 'be asked for their capabilities'
	tls users ${TLS} -u nobody ${SESSION}
	stored_securely 1
	atf_check -o inline:'nobody\n' stat -c %U spool/1.TXT
}

# As under inetd and xinetd: descriptor 2 is the client.
atf_test_case log__goes_to_syslog_where_2_is_the_client
log__goes_to_syslog_where_2_is_the_client_head() {
	atf_set require.user root
	atf_set require.progs 'unshare openssl python3'
}
log__goes_to_syslog_where_2_is_the_client_body() {
	unshare -m true 2>/dev/null || atf_skip 'no private mounts here'
	make_tls_conf
	rm cert.pem.key
	cat >listen.py <<-'PYTHON'
		import socket, subprocess, sys
		log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		log.bind("/dev/log")
		log.settimeout(60)
		ours, theirs = socket.socketpair()
		p = subprocess.Popen(sys.argv[1:], stdin=theirs, stdout=theirs,
		                     stderr=theirs)
		theirs.close()
		ours.sendall(b"EHLO a\r\nSTARTTLS\r\nQUIT\r\n")
		got = b""
		while part := ours.recv(65536):
		    got += part
		assert p.wait() == 0
		assert b"454" in got and b"event=" not in got, got
		lines = log.recv(65536) + log.recv(65536)
		assert b"smtpserv-tlsd[" in lines, lines
		assert b"event=nokey" in lines, lines
	PYTHON
	atf_check unshare -m sh -ec '
		mount -t tmpfs none /dev
		mknod -m 666 /dev/null c 1 3
		mknod -m 666 /dev/urandom c 1 9
		exec python3 "$@"' sh listen.py ${TLS} ${SESSION}
}

atf_test_case first__mail_comes
first__mail_comes_body() {
	make_tls_conf
	# Who has told nothing of the peer need not: the socket knows.
	tls first ${TLS} -i ${SESSION}
	stored_securely 1
}

atf_test_case first__plain_smtp_gets_no_word_of_it
first__plain_smtp_gets_no_word_of_it_body() {
	make_tls_conf
	tls garbage ${TLS} -i ${SESSION}
	tls truncated ${TLS} -i ${SESSION}
	atf_check_equal '' "$(spool_files)"
	# There never was a session.
	atf_check -s exit:1 grep event=end log
}

atf_test_case first__a_key_that_cannot_be_used_closes
first__a_key_that_cannot_be_used_closes_body() {
	make_tls_conf
	rm cert.pem.key
	tls no_key_first ${TLS} -i ${SESSION}
}

atf_test_case program__may_be_any_of_ucspi_tls
program__may_be_any_of_ucspi_tls_body() {
	make_tls_conf
	KEYFILE=${PWD}/cert.pem.key
	CERTFILE=${PWD}/cert.pem
	TLS_UID=0
	export KEYFILE CERTFILE TLS_UID
	for byte in Y y; do
		tls echo ${TLS} python3 \
		    "${BUILD}/tests/support/ucspitls_app.py" "${byte}"
	done
	# Its exit status is ours.
	WANT=77
	export WANT
	tls echo ${TLS} python3 \
	    "${BUILD}/tests/support/ucspitls_app.py" Y 77
}

atf_test_case program__may_be_mailfront
program__may_be_mailfront_head() {
	atf_set require.progs 'mailfront openssl'
}
program__may_be_mailfront_body() {
	test -f /usr/lib/mailfront/plugin-starttls-ucspi.so ||
	    atf_skip 'this mailfront has no starttls-ucspi'
	make_tls_conf
	PROTO=TCP
	UCSPITLS=
	export PROTO UCSPITLS
	tls another_program ${TLS} mailfront smtp echo starttls-ucspi accept
}

atf_test_case program__that_is_not_there_is_an_error
program__that_is_not_there_is_an_error_body() {
	make_conf
	atf_check -s exit:100 -e match:'op=run name=/nonexistent' \
	    ${TLS} /nonexistent </dev/null
	atf_check -s exit:100 -e match:'find user' \
	    ${TLS} -u no-such-user true </dev/null
	atf_check -s exit:7 ${TLS} sh -c 'exit 7'
}

# A starter that wants to know of no end of its own children.
atf_test_case program__s_end_is_ours_though_the_starter_ignores_ends
program__s_end_is_ours_though_the_starter_ignores_ends_body() {
	atf_check -s exit:7 env --ignore-signal=CHLD ${TLS} sh -c 'exit 7'
}

atf_test_case trial__says_whether_the_key_can_be_used
trial__says_whether_the_key_can_be_used_body() {
	make_tls_conf
	atf_check ${TLS} -n
	make_key other.pem
	cp other.pem.key cert.pem.key
	atf_check -s exit:111 -e match:'event=nokey' ${TLS} -n
	make_conf
	atf_check -s exit:100 -e match:'smtp.tls.cert is not set' ${TLS} -n
	make_conf 'smtp.foo = 1'
	atf_check -s exit:100 -e match:'event=configuration' ${TLS} -n
}

atf_test_case usage__is_told
usage__is_told_body() {
	for wrong in '' '-x true' '-n true' '-i -n' '-i'; do
		atf_check -s exit:100 -e match:'event=usage' \
		    "${BUILD}/libexec/smtpserv-tls" ${wrong}
	done
	atf_check -s exit:100 -x "${TLS} true <&-"
}

atf_init_test_cases() {
	atf_add_test_case starttls__mail_comes_by_tls_1_2_and_1_3
	atf_add_test_case starttls__older_versions_are_refused
	atf_add_test_case starttls__what_came_in_the_clear_is_void
	atf_add_test_case starttls__a_handshake_may_end_anywhere
	atf_add_test_case starttls__garbage_is_no_handshake
	atf_add_test_case starttls__a_handshake_has_a_deadline
	atf_add_test_case starttls__a_key_that_cannot_be_used_is_454
	atf_add_test_case starttls__an_unreadable_key_is_454
	atf_add_test_case starttls__no_certificate_in_the_configuration_is_454
	atf_add_test_case starttls__certificate_is_read_for_each_connection
	atf_add_test_case starttls__option_names_certificate_and_key
	atf_add_test_case starttls__long_messages_and_late_readers
	atf_add_test_case starttls__a_half_closed_connection_is_served
	atf_add_test_case starttls__a_client_that_vanishes_leaves_nothing
	atf_add_test_case starttls__the_process_with_the_key_is_killed
	atf_add_test_case starttls__the_program_is_killed
	atf_add_test_case starttls__the_program_is_told_to_stop
	atf_add_test_case starttls__nobody_stays_for_ever
	atf_add_test_case starttls__not_asked_for_loads_no_library
	atf_add_test_case starttls__not_asked_for_opens_no_file_of_tls
	atf_add_test_case starttls__runs_as_its_users
	atf_add_test_case log__goes_to_syslog_where_2_is_the_client
	atf_add_test_case first__mail_comes
	atf_add_test_case first__plain_smtp_gets_no_word_of_it
	atf_add_test_case first__a_key_that_cannot_be_used_closes
	atf_add_test_case program__may_be_any_of_ucspi_tls
	atf_add_test_case program__may_be_mailfront
	atf_add_test_case program__that_is_not_there_is_an_error
	atf_add_test_case \
	    program__s_end_is_ours_though_the_starter_ignores_ends
	atf_add_test_case trial__says_whether_the_key_can_be_used
	atf_add_test_case usage__is_told
}
