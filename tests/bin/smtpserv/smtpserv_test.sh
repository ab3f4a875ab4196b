# Black-box tests of smtpserv(8): what it chooses, says and starts.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/supervised.subr"

PROGRAM="${BUILD}/bin/smtpserv"

# Super-servers that print their arguments, alone in PATH.  xinetd's real one
# is found without PATH, so this one always stands before it.
fake() {
	mkdir -p fake
	for name; do
		cat >"fake/${name}" <<-'EOF'
			#!/bin/sh
			echo "[${0##*/}]"
			printf '%s\n' "$@"
			last=/dev/null
			for last; do :; done
			case ${last} in
			/proc/*) /bin/cat "${last}" ;;
			esac
		EOF
		chmod +x "fake/${name}"
	done
}

SERVE="env PATH=${PWD}/fake ${PROGRAM} -f wattcp.cfg"

# Nobody, or root's sessions would have a user to become.
as_nobody() {
	if [ "${USER_NAME}" = root ]; then
		setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"
	else
		"$@"
	fi
}

atf_test_case usage__help_version_and_mistakes
usage__help_version_and_mistakes_body() {
	atf_check -o match:'^usage: smtpserv ' ${PROGRAM} --help
	atf_check -o match:'^smtpserv [0-9.]*$' ${PROGRAM} --version
	for mistake in '-x' 'word' '-s inetd' '-f'; do
		make_conf
		atf_check -s exit:100 -e match:'^usage: smtpserv ' \
		    ${PROGRAM} -f wattcp.cfg ${mistake}
	done
}

atf_test_case configuration__errors_name_the_line
configuration__errors_name_the_line_body() {
	make_conf 'smtp.eol = dos'
	atf_check -s exit:100 -e match:'^smtpserv: wattcp.cfg:4: smtp.eol: ' \
	    ${PROGRAM} -f wattcp.cfg
}

atf_test_case choice__in_order_for_one_ipv4_address
choice__in_order_for_one_ipv4_address_body() {
	make_service '127.0.0.1:P'
	fake tcpsvd systemd-socket-activate xinetd tcpserver s6-tcpserver
	# Real ones may be found without PATH, so only the first are removed.
	for name in s6-tcpserver tcpserver xinetd; do
		atf_check -o match:"^.${name}.$" \
		    -e match:"^smtpserv: ${name}, found as ${PWD}/fake/" ${SERVE}
		rm "fake/${name}"
	done
}

atf_test_case choice__one_that_serves_all_goes_first
choice__one_that_serves_all_goes_first_body() {
	fake tcpsvd systemd-socket-activate xinetd tcpserver s6-tcpserver
	make_service '127.0.0.1:P,[::1]:P'
	atf_check -o match:'^.xinetd.$' -e not-match:'NOT' ${SERVE}
	make_service '[::1]:P'
	atf_check -o match:'^.s6-tcpserver.$' -e not-match:'NOT' ${SERVE}
}

atf_test_case choice__by_hand
choice__by_hand_body() {
	fake tcpserver s6-tcpserver
	make_service '127.0.0.1:P'
	atf_check -o match:'^.tcpserver.$' -e ignore ${SERVE} -s tcpserver
	atf_check -s exit:100 -e match:'tcpsvd is not installed' \
	    ${SERVE} -s tcpsvd
	make_service '[::1]:P'
	atf_check -s exit:100 -e match:'tcpserver has no IPv6' \
	    ${SERVE} -s tcpserver
}

atf_test_case says__what_is_not_served_and_not_held
says__what_is_not_served_and_not_held_body() {
	fake tcpserver s6-tcpserver systemd-socket-activate
	make_service '[::1]:P,127.0.0.1:P,127.0.0.2:P' \
	    'smtp.sessions = 5' 'smtp.persource = 2'
	atf_check -o ignore -e save:err ${SERVE} -s tcpserver
	atf_check -o match:"listening on 127.0.0.1:${PORT}$" \
	    -o match:"NOT served: \[::1\]:${PORT}: .* no IPv6" \
	    -o match:"NOT served: 127.0.0.2:${PORT}: .* one address" \
	    -o match:'at most 5 sessions at once$' \
	    -o match:'smtp.persource .2. does NOT hold' cat err
	atf_check -o ignore -e save:err ${SERVE} -s s6-tcpserver
	atf_check -o match:"listening on \[::1\]:${PORT}$" \
	    -o match:"NOT served: 127.0.0.1:${PORT}: " \
	    -o match:'at most 2 sessions at once from one address' cat err
	atf_check -o ignore -e save:err ${SERVE} -s systemd-socket-activate
	atf_check -o not-match:'NOT served' \
	    -o match:'smtp.sessions .5. does NOT hold' cat err
}

atf_test_case says__the_spool_is_missing_and_starts
says__the_spool_is_missing_and_starts_body() {
	fake tcpserver
	make_service '127.0.0.1:P'
	rmdir spool
	atf_check -o match:'^.tcpserver.$' \
	    -e match:'smtp.subdir: .*spool: No such file .*451' \
	    ${SERVE} -s tcpserver
}

atf_test_case address__that_is_taken_is_111
address__that_is_taken_is_111_body() {
	need tcpserver
	make_service '127.0.0.1:P'
	start "${PROGRAM}" -f wattcp.cfg -s tcpserver
	check_v4 1
	atf_check -s exit:111 \
	    -e match:"unable to listen on 127.0.0.1 port ${PORT}: Address" \
	    ${PROGRAM} -f wattcp.cfg
	# A mistake on the command line comes first.
	atf_check -s exit:100 -e match:'super-servers: ' \
	    -e not-match:'unable to listen' ${PROGRAM} -f wattcp.cfg -s foo
}

# What follows shows the options as they are for an ordinary user.
only_ordinary() {
	[ "$(id -u)" != 0 ] || ! id smtpserv >/dev/null 2>&1 ||
	    atf_skip 'there is a user smtpserv'
}

atf_test_case options__of_each_super_server
options__of_each_super_server_body() {
	only_ordinary
	fake tcpsvd systemd-socket-activate tcpserver s6-tcpserver
	make_service '127.0.0.1:P' 'smtp.sessions = 40' \
	    'smtp.persource = 3'
	session="${BUILD}/libexec/smtpserv-session\n-f\n${PWD}/wattcp.cfg\n"
	atf_check -e ignore -o inline:"[s6-tcpserver]\n-c\n40\n-b\n160\n-C\n3\n127.0.0.1\n${PORT}\n${session}" \
	    ${SERVE} -s s6-tcpserver
	atf_check -e ignore -o inline:"[tcpserver]\n-HR\n-l\n0\n-c\n40\n-b\n160\n127.0.0.1\n${PORT}\n${session}" \
	    ${SERVE} -s tcpserver
	# shellcheck disable=SC1003 # tcpsvd makes CR LF of these itself
	printf '%s\n' '421 4.3.2 Too many connections from your address\r\n' \
	    >busy
	{
		printf '[tcpsvd]\n-l\n0\n-c\n40\n-b\n160\n-C\n3:'
		cat busy
		printf "127.0.0.1\n${PORT}\n${session}"
	} >want
	atf_check -e ignore -o file:want ${SERVE} -s tcpsvd
	make_service '0.0.0.0:P,[::]:P,127.0.0.2:P'
	atf_check -e ignore -o inline:"[systemd-socket-activate]\n--accept\n--inetd\n-l\n[::]:${PORT}\n-l\n127.0.0.2:${PORT}\n${session}" \
	    ${SERVE} -s systemd-socket-activate
}

atf_test_case options__root_becomes_the_spools_user
options__root_becomes_the_spools_user_head() {
	atf_set require.user root
}
options__root_becomes_the_spools_user_body() {
	make_service '127.0.0.1:P'
	fake tcpsvd systemd-socket-activate tcpserver s6-tcpserver xinetd
	# Whoever is a user of this machine: `make run' makes the spool so.
	atf_check -o ignore \
	    -e match:"the spool is root's: sessions run as root" ${SERVE}
	# One without a name; and nobody at all, who is not root instead.
	chown 54321:54322 spool
	atf_check -e match:'as user 54321' -o save:out ${SERVE} -s tcpserver
	atf_check -o match:'-u 54321 -g 54322 ' paste -sd' ' out
	getent passwd smtpserv >/dev/null || {
		mv spool away
		atf_check -o ignore -e match:'no user smtpserv: sessions run' \
		    ${SERVE}
		cp wattcp.cfg here.cfg
		make_service '0.0.0.0:P'
		rmdir spool
		atf_check -s exit:100 -e match:'no user smtpserv: .* would run' \
		    -o empty ${SERVE}
		mv here.cfg wattcp.cfg
		mv away spool
	}
	uid=$(id -u nobody)
	gid=$(id -g nobody)
	chown nobody spool
	atf_check -e match:'as user nobody' -o save:out ${SERVE} -s tcpserver
	atf_check -o match:"-u ${uid} -g ${gid} " paste -sd' ' out
	atf_check -e ignore -o save:out ${SERVE} -s s6-tcpserver
	atf_check -o match:"-u ${uid} -g ${gid} " paste -sd' ' out
	atf_check -e ignore -o match:"^:${uid}:${gid}$" ${SERVE} -s tcpsvd
	atf_check -e ignore -o match:'user  *= nobody$' ${SERVE} -s xinetd
	atf_check -s exit:100 -e match:'cannot change the user without' \
	    ${SERVE} -s systemd-socket-activate
	fake setpriv
	atf_check -e ignore -o match:'^--reuid$' \
	    ${SERVE} -s systemd-socket-activate
}

# Its configuration comes to xinetd in memory.
atf_test_case xinetd__can_read_its_configuration
xinetd__can_read_its_configuration_body() {
	fake xinetd
	make_service '0.0.0.0:P,[::]:P' 'smtp.sessions = 5'
	atf_check -e ignore -o save:out ${SERVE}
	atf_check -o match:'^-dontfork$' -o match:'instances  *= 5$' \
	    -o match:'bind  *= ::$' -o match:'^-limit$' cat out
}

atf_test_case real__xinetd_serves_two_families_with_one_limit
real__xinetd_serves_two_families_with_one_limit_body() {
	need xinetd
	make_service '127.0.0.1:P,[::1]:P'
	start "${PROGRAM}" -f wattcp.cfg -s xinetd
	check_v4 1
	check_v6 2
	check_limit busy
	# After this xinetd has read its configuration once more.
	kill -HUP ${PIDS}
	n=0
	until grep -q 'Reconfigured: new=0 old=2 dropped=0' log; do
		n=$((n + 1))
		[ "${n}" -lt 600 ] || atf_fail "no reconfiguration: $(cat log)"
		sleep 0.1
	done
	atf_check ${CLIENT} limit ::1 "${PORT}" busy
	atf_check ${CLIENT} across "${PORT}"
}

atf_test_case real__xinetd_serves_for_an_ordinary_user
real__xinetd_serves_for_an_ordinary_user_body() {
	need xinetd setpriv
	make_service '127.0.0.1:P,[::1]:P'
	chmod 777 . spool
	as_nobody test -r "${PWD}/wattcp.cfg" ||
	    atf_skip 'nobody cannot see the directory of this test'
	as_nobody test -x "${BUILD}/libexec/smtpserv-session" ||
	    atf_skip "nobody cannot see ${BUILD}"
	start_as() {
		if [ "${USER_NAME}" = root ]; then
			start setpriv --reuid 65534 --regid 65534 \
			    --clear-groups -- "$@"
		else
			start "$@"
		fi
	}
	start_as "${PROGRAM}" -f wattcp.cfg -s xinetd
	check_v4 1
	check_v6 2
}

atf_test_case real__tcpserver_serves_the_default_choice
real__tcpserver_serves_the_default_choice_body() {
	need tcpserver
	make_service '127.0.0.1:P'
	start "${PROGRAM}" -f wattcp.cfg
	check_v4 1
	check_limit waits
	atf_check -o match:'event=accepted number=1 ' cat log
}

atf_test_case real__systemd_socket_activate_serves_both
real__systemd_socket_activate_serves_both_body() {
	need systemd-socket-activate
	make_service '0.0.0.0:P,[::]:P'
	start "${PROGRAM}" -f wattcp.cfg -s systemd-socket-activate
	check_v4 1
	check_v6 2
	# It cannot hold smtp.sessions, and smtpserv says so.
	check_limit served
	atf_check -o match:'smtp.sessions .2. does NOT hold' cat log
}

atf_init_test_cases() {
	atf_add_test_case usage__help_version_and_mistakes
	atf_add_test_case configuration__errors_name_the_line
	atf_add_test_case choice__in_order_for_one_ipv4_address
	atf_add_test_case choice__one_that_serves_all_goes_first
	atf_add_test_case choice__by_hand
	atf_add_test_case says__what_is_not_served_and_not_held
	atf_add_test_case says__the_spool_is_missing_and_starts
	atf_add_test_case address__that_is_taken_is_111
	atf_add_test_case options__of_each_super_server
	atf_add_test_case options__root_becomes_the_spools_user
	atf_add_test_case xinetd__can_read_its_configuration
	atf_add_test_case real__xinetd_serves_two_families_with_one_limit
	atf_add_test_case real__xinetd_serves_for_an_ordinary_user
	atf_add_test_case real__tcpserver_serves_the_default_choice
	atf_add_test_case real__systemd_socket_activate_serves_both
}
