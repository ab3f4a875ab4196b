# The service entries of smtpserv-publish in etc/, run as they are but for names.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/supervised.subr"

ETC=${BUILD}/share/smtpserv

# An entry with our program and configuration in it, and users that there are.
adapt() {
	sed -e "s,^\([a-zA-Z]*=\)[^ ]*/bin/,\1${BUILD}/bin/," \
	    -e "s,/etc/smtpserv/wattcp.cfg,${PWD}/wattcp.cfg," \
	    -e "s,^path=.*,path=${PWD}/socket," \
	    -e 's,^user=.*,user=nobody,' -e 's,^senders=.*,senders=daemon,' \
	    "$1"
}

is_listening() {
	[ -S socket ]
}

atf_test_case s6__binds_the_socket_for_those_who_send
s6__binds_the_socket_for_those_who_send_head() {
	atf_set require.progs s6-ipcserver-socketbinder
}
s6__binds_the_socket_for_those_who_send_body() {
	make_conf 'smtp.amqp.nodes = localhost:1' \
	    "smtp.amqp.socket = ${PWD}/socket" "smtp.amqp.login = ${PWD}/login"
	printf 'one\nsecret\n' >login
	chmod 600 login
	chmod 755 .
	if [ "$(id -u)" = 0 ]; then
		chown nobody login
		setpriv --reuid nobody --clear-groups --regid daemon \
		    test -r "${PWD}/wattcp.cfg" ||
		    atf_skip 'nobody cannot come here'
	fi
	adapt "${ETC}/s6/smtpserv-publish/run" >run
	start sh ./run
	await is_listening
	atf_check_equal 660 "$(stat -c %a socket)"
	[ "$(id -u)" != 0 ] || atf_check_equal daemon "$(stat -c %G socket)"
	# It has become the keeper, and is the keeper's user.
	await grep -qx smtpserv-publis "/proc/${PIDS# }/comm"
	[ "$(id -u)" != 0 ] ||
	    atf_check_equal nobody "$(stat -c %U "/proc/${PIDS# }")"
	kill -TERM ${PIDS}
	wait ${PIDS} || atf_fail "it ended with $?"
	PIDS=
}

atf_test_case systemd__units_are_sound
systemd__units_are_sound_head() {
	atf_set require.progs systemd-analyze
}
systemd__units_are_sound_body() {
	make_conf
	for unit in publish.socket publish.service pull.service; do
		adapt "${ETC}/systemd/smtpserv-${unit}" |
		    sed -e "s/^\(Socket\)*User=.*/\1User=$(id -un)/" \
			-e "s/^SocketGroup=.*/SocketGroup=$(id -gn)/" \
			>"smtpserv-${unit}"
	done
	for unit in publish.socket publish.service pull.service; do
		[ -x "${BUILD}/bin/smtpserv-${unit%.*}" ] || continue
		# Of other units it may say what it likes.
		systemd-analyze --man=no verify "./smtpserv-${unit}" >found 2>&1 ||
		    grep -q smtpserv-p found ||
		    atf_skip "systemd-analyze does not work here: $(head -n 1 found)"
		atf_check -s exit:1 grep smtpserv-p found
	done
	atf_check -o ignore grep '^StandardInput=socket' \
	    smtpserv-publish.service
	atf_check -o ignore grep "^ListenStream=/run/smtpserv/publish" \
	    smtpserv-publish.socket
}

atf_init_test_cases() {
	atf_add_test_case s6__binds_the_socket_for_those_who_send
	atf_add_test_case systemd__units_are_sound
}
