# Every entry that `smtpserv-conf service' prints, under the super-server that
# it is for: mail comes through it, the trace has the client's address, no log
# line reaches the client, and smtp.sessions holds as far as it can.

. "$(atf_get_srcdir)/../support/smtpserv.subr"
. "$(atf_get_srcdir)/../support/supervised.subr"
. "$(atf_get_srcdir)/../support/tls.subr"

entry() {
	atf_check -o save:entry -e ignore ${CONF} service -u "${USER_NAME}" "$@"
}

# The line of a session that has ended, in the log of the super-server: the
# super-server may be a moment later than the reply.
check_log() {
	n=0
	until grep -q 'event=end .*accepted=1' "$1"; do
		n=$((n + 1))
		[ "${n}" -lt 600 ] || atf_fail "nothing in the log"
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

# A service with TLS and AUTH, for each role on a port of its own.
make_secure_service() {
	make_key cert.pem
	echo "erick:$(openssl passwd -6 beers)" >passwd
	first=$(${CLIENT} port)
	submission=$(${CLIENT} port)
	make_service '127.0.0.1:P' "smtp.submission = 127.0.0.1:${submission}" \
	    "smtp.submissions = 127.0.0.1:${first}" \
	    "smtp.lmtp = \"${PWD}/lmtp\"" \
	    "smtp.tls.cert = \"${PWD}/cert.pem\"" \
	    "smtp.tls.key = \"${PWD}/cert.pem.key\"" \
	    "smtp.auth = \"${BUILD}/share/smtpserv/checkpassword ${PWD}/passwd\"" \
	    "$@"
}

say_tls() {
	atf_check python3 "${BUILD}/tests/support/tls.py" "$1" \
	    "${PWD}/cert.pem" "$2" "$3"
}

# What came by the three of them, and how.
check_roles() {
	say_tls send starttls "${PORT}"
	say_tls submit starttls "${submission}"
	say_tls submit first "${first}"
	for n in 1 2 3; do
		sed -n '1s/.* with //p' "spool/${n}.TXT"
	done >with
	atf_check -o inline:'ESMTPS\nESMTPSA\nESMTPSA\n' cat with
	atf_check -o inline:'3\n' -x \
	    'grep -c "(\[127.0.0.1\])" spool/*.TXT -h | awk "{ n += \$1 } END { print n }"'
}

atf_test_case roles__under_tcpserver
roles__under_tcpserver_body() {
	need tcpserver openssl
	make_secure_service
	for role in smtp submission submissions; do
		entry -r "${role}" tcpserver
		mv entry "run.${role}"
		start sh "./run.${role}"
	done
	check_roles
	atf_check -s exit:100 -e match:'Unix socket' \
	    ${CONF} service -r lmtp tcpserver
}

atf_test_case roles__under_s6
roles__under_s6_body() {
	need s6-svscan s6-supervise openssl
	command -v s6-tcpserver >/dev/null || need tcpserver
	make_secure_service
	for role in smtp submission submissions; do
		entry -r "${role}" s6
		mkdir -p "scan/${role}"
		mv entry "scan/${role}/run"
		chmod +x "scan/${role}/run"
	done
	start s6-svscan scan
	check_roles
}

atf_test_case roles__under_xinetd
roles__under_xinetd_body() {
	need xinetd openssl
	[ "$(id -u)" = 0 ] || atf_skip 'xinetd runs it as root only for root'
	make_secure_service
	USER_NAME=$(id -un)
	for role in smtp submission submissions; do
		entry -r "${role}" xinetd
		cat entry >>xinetd.conf
	done
	printf 'defaults\n{\n}\n' >>xinetd.conf
	start xinetd -dontfork -f "${PWD}/xinetd.conf" -filelog "${PWD}/xlog"
	check_roles
	atf_check -s exit:100 -e match:'Unix socket' \
	    ${CONF} service -r lmtp xinetd
}

atf_test_case roles__under_inetd
roles__under_inetd_body() {
	find_inetd
	need openssl
	[ "$(id -u)" = 0 ] || atf_skip 'inetd runs it as root only for root'
	make_secure_service
	for role in smtp submission submissions; do
		entry -r "${role}" inetd
		cat entry >>inetd.conf
	done
	start "${inetd}" -i "${PWD}/inetd.conf"
	check_roles
}

atf_test_case roles__under_systemd
roles__under_systemd_body() {
	need systemd-socket-activate openssl
	make_secure_service
	for role in smtp submission submissions; do
		entry -r "${role}" systemd
		start systemd-socket-activate -a --inetd \
		    -l "$(sed -n 's/^ListenStream=//p' entry)" \
		    $(sed -n 's/^ExecStart=//p' entry)
	done
	check_roles
	atf_check -o match:'^User=root$' cat entry
}

atf_test_case roles__need_a_certificate
roles__need_a_certificate_body() {
	make_service '127.0.0.1:P'
	for kind in xinetd s6 tcpserver systemd inetd; do
		atf_check -s exit:100 -e match:'needs smtp.tls.cert' \
		    ${CONF} service -r submissions "${kind}"
	done
}

# One message by LMTP over the Unix socket.
check_lmtp() {
	socket=${1:-lmtp}
	atf_check python3 - <<-PYTHON
		import socket, time
		until = time.monotonic() + 30
		while True:
		    s = socket.socket(socket.AF_UNIX)
		    try:
		        s.connect("${PWD}/${socket}")
		        break
		    except OSError:
		        assert time.monotonic() < until, "nobody serves"
		        time.sleep(0.02)
		s.sendall(b"LHLO client.example\r\nMAIL FROM:<erick@maggot>\r\n"
		          b"RCPT TO:<bruce@gnat>\r\nRCPT TO:<ann@gnat>\r\n"
		          b"DATA\r\nSix?\r\n.\r\nQUIT\r\n")
		got = b""
		while part := s.recv(65536):
		    got += part
		assert got.count(b" accepted") == 2, got
	PYTHON
	atf_check -o match:'with LMTP$' sh -c 'head -qn 1 spool/*.TXT'
}

atf_test_case lmtp__under_s6
lmtp__under_s6_body() {
	need s6-ipcserver
	make_service '127.0.0.1:P' "smtp.lmtp = \"${PWD}/lmtp\""
	entry -r lmtp s6
	start sh ./entry
	check_lmtp
}

# Whoever is of the user's group may write to it, as the page says.
atf_test_case lmtp__under_s6_as_root
lmtp__under_s6_as_root_head() {
	atf_set require.user root
}
lmtp__under_s6_as_root_body() {
	need s6-ipcserver s6-setuidgid
	make_service '127.0.0.1:P' "smtp.lmtp = \"${PWD}/run/of/lmtp\""
	USER_NAME=daemon
	own="${USER_NAME} $(id -gn "${USER_NAME}")"
	chmod 755 .
	chown "${USER_NAME}" spool
	s6-setuidgid "${USER_NAME}" test -x "${BUILD}/libexec/smtpserv-session" \
	    -a -r "${PWD}/wattcp.cfg" ||
		atf_skip "${USER_NAME} cannot see this, or ${BUILD}"
	entry -r lmtp s6
	start sh ./entry
	check_lmtp run/of/lmtp
	atf_check -o inline:"${own} 755\n${own} 660\n" \
	    stat -c '%U %G %a' run/of run/of/lmtp
	stop
	# And again, where all that is there by now, and its mode is somebody's.
	chmod 2750 run/of
	rm spool/1.*
	start sh ./entry
	check_lmtp run/of/lmtp
	atf_check -o inline:"${own} 2750\n${own} 660\n" \
	    stat -c '%U %G %a' run/of run/of/lmtp
}

atf_test_case lmtp__under_systemd
lmtp__under_systemd_body() {
	need systemd-socket-activate
	make_service '127.0.0.1:P' "smtp.lmtp = \"${PWD}/lmtp\""
	entry -r lmtp systemd
	start systemd-socket-activate -a --inetd \
	    -l "$(sed -n 's/^ListenStream=//p' entry)" \
	    $(sed -n 's/^ExecStart=//p' entry)
	check_lmtp
	atf_check -o match:'^SocketMode=0660$' cat entry
}

atf_test_case lmtp__under_inetd
lmtp__under_inetd_body() {
	find_inetd
	make_service '127.0.0.1:P' "smtp.lmtp = \"${PWD}/lmtp\""
	entry -r lmtp inetd
	start "${inetd}" -i "${PWD}/entry"
	check_lmtp
}

# Behind a balancer, STARTTLS and TLS from the start: the header comes first.
atf_test_case proxy__is_in_front_of_each_role
proxy__is_in_front_of_each_role_body() {
	need tcpserver openssl
	make_secure_service 'smtp.proxy = 127.0.0.1,10.0.0.0/8'
	for role in smtp submissions; do
		entry -r "${role}" tcpserver
		mv entry "run.${role}"
		start sh "./run.${role}"
	done
	atf_check python3 - <<-PYTHON
		import sys
		sys.path.insert(0, "${BUILD}/tests/support")
		import tls
		tls.CERT = "cert.pem"
		create = tls.socket.create_connection
		def through(*args):
		    s = create(*args)
		    s.sendall(b"PROXY TCP4 192.0.2.7 192.0.2.1 1 25\r\n")
		    return s
		tls.socket.create_connection = through
		tls.send("starttls", ${PORT})
		tls.submit("first", ${first})
	PYTHON
	atf_check -o match:'\(\[192\.0\.2\.7\]\) .*ESMTPS$' head -n 1 spool/1.TXT
	atf_check -o match:'\(\[192\.0\.2\.7\]\) .*ESMTPSA$' head -n 1 spool/2.TXT
}

# smtpserv itself, with TLS.
atf_test_case smtpserv__puts_tls_in_front
smtpserv__puts_tls_in_front_body() {
	need tcpserver openssl
	make_secure_service
	start "${BUILD}/bin/smtpserv" -f wattcp.cfg -s tcpserver
	say_tls send starttls "${PORT}"
	atf_check -o match:'with ESMTPS$' head -n 1 spool/1.TXT
}

# tcprules and rblsmtpd, as they have always stood in front.
atf_test_case tcprules__set_what_the_session_honours
tcprules__set_what_the_session_honours_body() {
	need tcpserver tcprules rblsmtpd
	make_service '127.0.0.1:P' 'smtp.maxsize = 1000000'
	cat >rules <<-'EOF'
		127.0.0.1:allow,RBLSMTPD="",DATABYTES="3000",TCPREMOTEHOST="client.rules.example",TCPREMOTEINFO="jo(e)"
		127.0.0.2:allow,RBLSMTPD="-go away"
		127.0.0.3:deny
		:allow,RBLSMTPD="",DATABYTES="0"
	EOF
	atf_check tcprules rules.cdb rules.tmp <rules
	start tcpserver -H -R -l 0 -x rules.cdb 127.0.0.1 "${PORT}" \
	    rblsmtpd -r nobody.invalid ${SESSION}
	{
		lines 'EHLO client.example' 'MAIL FROM:<a@b> SIZE=3001'
		message 'Six?'
		lines 'QUIT'
	} >in
	atf_check -o save:said ${CLIENT} send 127.0.0.1 "${PORT}" <in
	atf_check -o inline:'250-SIZE 3000\n' -x "tr -d '\r' <said | grep SIZE"
	atf_check -o match:'^552 5.3.4' cat said
	atf_check -o inline:'Received: from client.example (client.rules.example [127.0.0.1]) (ident jo\\(e\\)) by gnat.example.test with ESMTP\n' \
	    head -n 1 spool/1.TXT
	# From other addresses of this machine.
	for from in 127.0.0.2 127.0.0.3 127.0.0.4; do
		python3 - "${from}" "${PORT}" <in >"said.${from}" <<-'PYTHON'
			import socket, sys
			s = socket.create_connection(
			    ("127.0.0.1", int(sys.argv[2])), 30, (sys.argv[1], 0))
			got = b""
			try:
			    s.sendall(b"EHLO x\r\nMAIL FROM:<a@b>\r\n"
			              b"RCPT TO:<c@d>\r\nQUIT\r\n")
			    while part := s.recv(65536):
			        got += part
			except ConnectionResetError:
			    pass
			sys.stdout.buffer.write(got)
		PYTHON
	done
	atf_check -o match:'^553 go away' cat said.127.0.0.2
	atf_check -o empty cat said.127.0.0.3
	atf_check -o match:'^250-SIZE 0' cat said.127.0.0.4
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
	atf_add_test_case roles__under_tcpserver
	atf_add_test_case roles__under_s6
	atf_add_test_case roles__under_xinetd
	atf_add_test_case roles__under_inetd
	atf_add_test_case roles__under_systemd
	atf_add_test_case roles__need_a_certificate
	atf_add_test_case lmtp__under_s6
	atf_add_test_case lmtp__under_s6_as_root
	atf_add_test_case lmtp__under_systemd
	atf_add_test_case lmtp__under_inetd
	atf_add_test_case proxy__is_in_front_of_each_role
	atf_add_test_case smtpserv__puts_tls_in_front
	atf_add_test_case tcprules__set_what_the_session_honours
	atf_add_test_case user__sessions_run_as_the_one_of_the_entry
}
