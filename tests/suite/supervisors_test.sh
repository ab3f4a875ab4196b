# Every entry that `smtpserv-conf service' prints, under the super-server that
# it is for: mail comes through it, the trace has the client's address, no log
# line reaches the client, and smtp.sessions holds as far as it can.

. "$(atf_get_srcdir)/../support/smtpserv.subr"
. "$(atf_get_srcdir)/../support/supervised.subr"

entry() {
	atf_check -o save:entry ${CONF} service -u "${USER_NAME}" "$@"
}

# The line of a session that has ended, in the log of the super-server: the
# super-server may be a moment later than the reply.
check_log() {
	n=0
	until grep -q 'event=end .*accepted=1' "$1"; do
		n=$((n + 1))
		[ "${n}" -lt 300 ] || atf_fail "nothing in the log"
		sleep 0.1
	done
}

atf_test_case tcpserver__serves_and_holds_sessions
tcpserver__serves_and_holds_sessions_body() {
	need tcpserver
	make_service '127.0.0.1:P'
	entry tcpserver
	start sh ./entry
	check_v4 1
	check_limit waits
	check_log log
}

atf_test_case tcpserver__names_what_it_does_not_serve
tcpserver__names_what_it_does_not_serve_body() {
	make_service '[::1]:P,127.0.0.1:P'
	entry tcpserver
	atf_check -o ignore grep "^#.*\[::1\]:${PORT}" entry
}

atf_test_case s6__serves_and_logs
s6__serves_and_logs_body() {
	need s6-svscan s6-supervise s6-log
	command -v s6-tcpserver >/dev/null || need tcpserver
	make_service '127.0.0.1:P'
	entry s6
	mkdir -p scan/smtpserv/log logs
	cp entry scan/smtpserv/run
	printf '#!/bin/sh\nexec s6-log -b n20 s1000000 T "%s/logs"\n' \
	    "${PWD}" >scan/smtpserv/log/run
	chmod +x scan/smtpserv/run scan/smtpserv/log/run
	start s6-svscan scan
	check_v4 1
	check_limit waits
	check_log logs/current
}

atf_test_case s6__ipv6_needs_s6_tcpserver
s6__ipv6_needs_s6_tcpserver_body() {
	make_service '[::1]:P'
	entry s6
	if command -v s6-tcpserver >/dev/null; then
		start sh ./entry
		check_v6 1
	else
		atf_check -s exit:111 -o match:'tcpserver has no IPv6' \
		    sh ./entry
	fi
}

# The entry as it is printed, and where its failures are logged.
xinetd_entry() {
	entry xinetd
	{
		cat entry
		echo "defaults"
		echo "{"
		echo "}"
	} >xinetd.conf
}

atf_test_case xinetd__serves_both_and_turns_away
xinetd__serves_both_and_turns_away_body() {
	need xinetd
	make_service '0.0.0.0:P,[::]:P'
	xinetd_entry
	start xinetd -dontfork -f "${PWD}/xinetd.conf" -filelog "${PWD}/xlog"
	check_v4 1
	check_v6 2
	check_limit busy
}

atf_test_case xinetd__serves_single_addresses
xinetd__serves_single_addresses_body() {
	need xinetd
	make_service '127.0.0.1:P,[::1]:P'
	xinetd_entry
	start xinetd -dontfork -f "${PWD}/xinetd.conf" -filelog "${PWD}/xlog"
	check_v4 1
	check_v6 2
	check_limit busy
}

# An installation has the text for who is turned away.
atf_test_case xinetd__says_421_to_whom_it_turns_away
xinetd__says_421_to_whom_it_turns_away_body() {
	need xinetd
	make_service '127.0.0.1:P' 'smtp.persource = 1'
	mkdir -p local/bin local/libexec local/share/smtpserv/xinetd
	cp "${BUILD}/bin/smtpserv-conf" local/bin
	cp "${BUILD}/libexec/smtpserv-session" local/libexec
	busy=local/share/smtpserv/xinetd/busy.txt
	lines '421 4.3.2 Too busy, try again later' >"${busy}"
	CONF="${PWD}/local/bin/smtpserv-conf -f ${PWD}/wattcp.cfg"
	xinetd_entry
	start xinetd -dontfork -f "${PWD}/xinetd.conf" -filelog "${PWD}/xlog"
	check_v4 1
	atf_check -o file:"${busy}" ${CLIENT} turned-away 127.0.0.1 "${PORT}"
}

find_inetd() {
	for inetd in "${BUILD}/deps/usr/sbin/inetd" \
	    "${BUILD%/*}/build/deps/usr/sbin/inetd"; do
		[ ! -x "${inetd}" ] || return 0
	done
	atf_skip 'no build/deps/usr/sbin/inetd: make check-deps gets it'
}

atf_test_case inetd__serves_without_a_limit
inetd__serves_without_a_limit_body() {
	find_inetd
	make_service '127.0.0.1:P,[::1]:P'
	entry inetd
	start "${inetd}" -i "${PWD}/entry"
	check_v4 1
	check_v6 2
	# inetd cannot hold smtp.sessions; its entry says so.
	check_limit served
	atf_check -o ignore grep '^#.*no limit on sessions' entry
}

atf_test_case inetd__serves_all_addresses
inetd__serves_all_addresses_body() {
	find_inetd
	make_service '0.0.0.0:P,[::]:P'
	entry inetd
	start "${inetd}" -i "${PWD}/entry"
	check_v4 1
	check_v6 2
}

# The units, as far as they can run without systemd: the command and its
# descriptors.  systemd-socket-activate has no MaxConnections.
atf_test_case systemd__the_command_of_the_unit_serves
systemd__the_command_of_the_unit_serves_body() {
	need systemd-socket-activate
	make_service '127.0.0.1:P,[::1]:P'
	entry systemd
	set --
	for address in $(sed -n 's/^ListenStream=//p' entry); do
		set -- "$@" -l "${address}"
	done
	# No path here has a blank.
	start systemd-socket-activate -a --inetd "$@" \
	    $(sed -n 's/^ExecStart=//p' entry)
	check_v4 1
	check_v6 2
	check_limit served
	check_log log
	atf_check -o inline:'MaxConnections=2\nMaxConnectionsPerSource=2\n' \
	    grep '^MaxConn' entry
}

atf_test_case systemd__the_units_are_understood
systemd__the_units_are_understood_body() {
	need systemd-analyze
	make_service '127.0.0.1:P,[::1]:P'
	# It would warn about nobody.
	USER_NAME=daemon
	entry systemd
	sed '/^# smtpserv@.service/,$d' entry >smtpserv.socket
	sed -n '/^# smtpserv@.service/,$p' entry >smtpserv@.service
	# The pages may not be installed.
	atf_check -s ignore -o save:said -e save:said2 \
	    systemd-analyze verify ./smtpserv.socket ./smtpserv@.service
	cat said said2 | grep -v "Command 'man " >problems || true
	atf_check -s exit:1 grep smtpserv problems
}

atf_test_case tcpsvd__serves_and_holds_sessions
tcpsvd__serves_and_holds_sessions_body() {
	need tcpsvd
	make_service '127.0.0.1:P'
	start "${BUILD}/bin/smtpserv" -f wattcp.cfg -s tcpsvd
	check_v4 1
	check_limit waits
	check_log log
}

# What root starts runs as the user of the entry: whose is the message?
atf_test_case user__sessions_run_as_the_one_of_the_entry
user__sessions_run_as_the_one_of_the_entry_head() {
	atf_set require.user root
}
user__sessions_run_as_the_one_of_the_entry_body() {
	need tcpserver setpriv
	USER_NAME=nobody
	make_service '127.0.0.1:P'
	chmod 777 . spool
	setpriv --reuid nobody --clear-groups -- test -r "${PWD}/wattcp.cfg" ||
	    atf_skip 'nobody cannot see the directory of this test'
	setpriv --reuid nobody --clear-groups -- \
	    test -x "${BUILD}/libexec/smtpserv-session" ||
	    atf_skip "nobody cannot see ${BUILD}"
	for kind in tcpserver s6; do
		entry "${kind}"
		start sh ./entry
		check_v4 1
		atf_check -o inline:'nobody\n' stat -c %U spool/1.TXT
		stop
		rm -f spool/*
	done
}

atf_init_test_cases() {
	atf_add_test_case tcpserver__serves_and_holds_sessions
	atf_add_test_case tcpserver__names_what_it_does_not_serve
	atf_add_test_case s6__serves_and_logs
	atf_add_test_case s6__ipv6_needs_s6_tcpserver
	atf_add_test_case xinetd__serves_both_and_turns_away
	atf_add_test_case xinetd__serves_single_addresses
	atf_add_test_case xinetd__says_421_to_whom_it_turns_away
	atf_add_test_case inetd__serves_without_a_limit
	atf_add_test_case inetd__serves_all_addresses
	atf_add_test_case systemd__the_command_of_the_unit_serves
	atf_add_test_case systemd__the_units_are_understood
	atf_add_test_case tcpsvd__serves_and_holds_sessions
	atf_add_test_case user__sessions_run_as_the_one_of_the_entry
}
