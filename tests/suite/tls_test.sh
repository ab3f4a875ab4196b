# Other people's clients by TLS, with passwords, and behind a balancer; and the
# smtpserv-tls(8)'s own lines.

. "$(atf_get_srcdir)/../support/smtpserv.subr"
. "$(atf_get_srcdir)/../support/supervised.subr"
. "$(atf_get_srcdir)/../support/tls.subr"

ROOT=$(atf_get_srcdir)/../../..
# `make asan` builds one directory further down.
[ -f "${ROOT}/Makefile" ] || ROOT=${ROOT}/..

# What is in front of the session, and its options, on ${PORT}.
serve() {
	make_tls_conf \
	    "smtp.auth = \"${BUILD}/share/smtpserv/checkpassword ${PWD}/passwd\""
	echo "erick:$(openssl passwd -6 beers)" >passwd
	PORT=$(${CLIENT} port)
	start tcpserver -H -R -l 0 127.0.0.1 "${PORT}" "$@" -f "${PWD}/wattcp.cfg"
	n=0
	until python3 -c "import socket; socket.create_connection(('127.0.0.1', ${PORT}))" 2>/dev/null
	do
		n=$((n + 1))
		[ "${n}" -lt 600 ] || atf_fail 'nobody serves'
		sleep 0.05
	done
}

starttls() {
	serve ${TLS} "${BUILD}/libexec/smtpserv-session"
}

first() {
	serve ${TLS} -i "${BUILD}/libexec/smtpserv-session"
}

# came NUMBER PROTOCOL: the message, as it was sent.  Some clients ask for SMTPUTF8
# whatever they send.
came() {
	atf_check -o match:" with (UTF8|E)${2#E}\$" head -n 1 "spool/$1.TXT"
	atf_check -o match:"tls TLS_[A-Z0-9_]+;" sed -n 2p "spool/$1.TXT"
	atf_check -o match:'^Six\?.?$' cat "spool/$1.TXT"
}

need_perl_tls() {
	need swaks
	perl -MNet::SSLeay -e 1 2>/dev/null ||
	    atf_skip 'swaks needs libnet-ssleay-perl for TLS'
}

atf_test_case swaks__comes_by_tls_with_a_password
swaks__comes_by_tls_with_a_password_body() {
	need_perl_tls
	need tcpserver openssl
	starttls
	n=0
	for how in PLAIN LOGIN; do
		n=$((n + 1))
		atf_check -o save:talk swaks --server "127.0.0.1:${PORT}" --tls \
		    --tls-verify --tls-ca-path cert.pem \
		    --auth "${how}" --auth-user erick --auth-password beers \
		    --ehlo client.example --from erick@maggot --to bruce@gnat \
		    --body 'Six?'
		came "${n}" ESMTPSA
	done
	atf_check -s exit:28 -o save:talk -e ignore \
	    swaks --server "127.0.0.1:${PORT}" \
	    --tls --auth PLAIN --auth-user erick --auth-password wine \
	    --from erick@maggot --to bruce@gnat
	atf_check -o match:'535 5.7.8' cat talk
	# Without TLS there is no AUTH to be had.
	atf_check -s exit:28 -o save:talk -e ignore \
	    swaks --server "127.0.0.1:${PORT}" \
	    --auth PLAIN --auth-user erick --auth-password beers \
	    --from erick@maggot --to bruce@gnat
	atf_check_equal 2 "$(ls spool/*.WRK | wc -l)"
}

atf_test_case swaks__comes_under_tls_from_the_start
swaks__comes_under_tls_from_the_start_body() {
	need_perl_tls
	need tcpserver openssl
	first
	atf_check -o save:talk swaks --server "127.0.0.1:${PORT}" --tlsc \
	    --ehlo client.example --from erick@maggot --to bruce@gnat \
	    --body 'Six?'
	came 1 ESMTPS
}

atf_test_case swaks__says_whose_the_connection_is
swaks__says_whose_the_connection_is_body() {
	need tcpserver swaks openssl
	serve "${BUILD}/libexec/smtpserv-proxy" -a 127.0.0.1 \
	    "${BUILD}/libexec/smtpserv-session"
	n=0
	for family in TCP4 AF_INET; do
		n=$((n + 1))
		atf_check -o save:talk swaks --server "127.0.0.1:${PORT}" \
		    --proxy-version "${n}" --proxy-family "${family}" \
		    --proxy-protocol STREAM --proxy-command PROXY \
		    --proxy-source 192.0.2.7 --proxy-source-port 1234 \
		    --proxy-dest 192.0.2.1 --proxy-dest-port 25 \
		    --ehlo client.example --from erick@maggot --to bruce@gnat
		atf_check -o match:'^Received: from client.example \(\[192.0.2.7\]\)' \
		    head -n 1 "spool/${n}.TXT"
	done
}

atf_test_case curl__comes_by_tls_with_a_password
curl__comes_by_tls_with_a_password_body() {
	need tcpserver curl openssl
	printf 'Subject: x\r\n\r\nSix?\r\n' >in
	starttls
	atf_check curl -sS --ssl-reqd --cacert cert.pem -u erick:beers \
	    --resolve "gnat.example.test:${PORT}:127.0.0.1" \
	    "smtp://gnat.example.test:${PORT}/client.example" \
	    --mail-from erick@maggot --mail-rcpt bruce@gnat -T in
	came 1 ESMTPSA
	stop
	rm -f spool/*
	first
	cp cert.pem trusted.pem
	atf_check curl -sS --cacert trusted.pem -u erick:beers \
	    --resolve "gnat.example.test:${PORT}:127.0.0.1" \
	    "smtps://gnat.example.test:${PORT}/client.example" \
	    --mail-from erick@maggot --mail-rcpt bruce@gnat -T in
	came 1 ESMTPSA
}

atf_test_case msmtp__comes_by_tls_with_a_password
msmtp__comes_by_tls_with_a_password_body() {
	need tcpserver msmtp openssl
	printf 'Subject: x\n\nSix?\n' >in
	for how in starttls first; do
		${how}
		case ${how} in
		starttls) option=on ;;
		*) option=off ;;
		esac
		atf_check msmtp --file=/dev/null --host=127.0.0.1 \
		    --port="${PORT}" --domain=client.example --tls=on \
		    --tls-starttls="${option}" --tls-certcheck=off \
		    --auth=plain --user=erick --passwordeval='echo beers' \
		    --from=erick@maggot bruce@gnat <in
		came 1 ESMTPSA
		stop
		rm -f spool/*
	done
}

atf_test_case s_client__speaks_by_hand
s_client__speaks_by_hand_body() {
	need tcpserver openssl
	for how in starttls first; do
		${how}
		set -- -connect "127.0.0.1:${PORT}" -quiet -crlf \
		    -CAfile cert.pem -verify_return_error
		[ "${how}" = first ] || set -- "$@" -starttls smtp
		atf_check -o match:'^250 2.0.0 A1 accepted' -e ignore -x \
		    "{ printf 'EHLO client.example\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\n'
		    until grep -q '^354' talk; do sleep 0.05; done
		    printf 'Six?\n.\nQUIT\n'; sleep 0.2; } |
		    openssl s_client $* | tee talk"
		came 1 ESMTPS
		stop
		rm -f spool/* talk
	done
}

# Under other people's UCSPI-TLS servers, where they are installed.
under() {
	make_tls_conf
	KEYFILE="${PWD}/cert.pem.key"
	CERTFILE="${PWD}/cert.pem"
	export KEYFILE CERTFILE
	start "$@"
	atf_check python3 "${BUILD}/tests/support/tls.py" send \
	    "${PWD}/cert.pem" starttls "${PORT}"
	atf_check -o match:' with ESMTPS$' head -n 1 spool/1.TXT
	# And a client that never asks.
	{
		lines 'HELO client.example'
		message 'Six?'
		lines 'QUIT'
	} >in
	atf_check -o match:'250 2.0.0 A2 accepted' \
	    ${CLIENT} send 127.0.0.1 "${PORT}" <in
}

atf_test_case s6_ucspitlsd__serves_the_session
s6_ucspitlsd__serves_the_session_body() {
	need tcpserver s6-ucspitlsd openssl
	PORT=$(${CLIENT} port)
	under sh -c 'exec tcpserver -H -R -l 0 127.0.0.1 "$0" s6-ucspitlsd "$@"' \
	    "${PORT}" ${SESSION}
}

atf_test_case sslserver__serves_the_session
sslserver__serves_the_session_body() {
	need sslserver openssl
	PORT=$(${CLIENT} port)
	under sslserver -n -H -R -l 0 127.0.0.1 "${PORT}" ${SESSION}
}

# The page's lines, word by word, but for the port and for what builds.
atf_test_case page__tls_and_passwords_are_as_it_says
page__tls_and_passwords_are_as_it_says_body() {
	need_perl_tls
	need tcpserver openssl
	mkdir -p var/rqueue
	ln -s "${BUILD}" build
	PORT=$(${CLIENT} port)
	# As `make run' does.
	printf 'smtp.listen = 127.0.0.1:%s\nsmtp.subdir = "%s"\n' "${PORT}" \
	    "${PWD}/var/rqueue" >var/wattcp.cfg
	sed -n '/^\.Sh EXAMPLES/,/^Port 25/p' \
	    "${ROOT}/libexec/smtpserv-tls/smtpserv-tls.8" |
	    sed -n '/^\.Bd/,/^\.Ed/{/^\.[BE]d/!p;}' |
	    sed "s/\\\\e\$/\\\\/; s/:2525/:${PORT}/" >lines
	sed '/^make run/,$d' lines >before
	sed '1,/^make run/d' lines >after
	atf_check -o match:'^openssl req' cat before
	atf_check -o match:'^swaks --server 127.0.0.1:'"${PORT}"' --tls --auth' \
	    cat after
	atf_check sh -e before
	start build/bin/smtpserv -f var/wattcp.cfg
	n=0
	until grep -q 'listening on' log; do
		n=$((n + 1))
		[ "${n}" -lt 600 ] || atf_fail 'it does not start'
		sleep 0.05
	done
	n=0
	until sh -e after >talk 2>&1; do
		n=$((n + 1))
		[ "${n}" -lt 300 ] || atf_fail "$(cat talk)"
		sleep 0.2
	done
	atf_check -o match:'with ESMTPSA$' head -n 1 var/rqueue/1.TXT
}

atf_init_test_cases() {
	atf_add_test_case swaks__comes_by_tls_with_a_password
	atf_add_test_case swaks__comes_under_tls_from_the_start
	atf_add_test_case swaks__says_whose_the_connection_is
	atf_add_test_case curl__comes_by_tls_with_a_password
	atf_add_test_case msmtp__comes_by_tls_with_a_password
	atf_add_test_case s_client__speaks_by_hand
	atf_add_test_case s6_ucspitlsd__serves_the_session
	atf_add_test_case sslserver__serves_the_session
	atf_add_test_case page__tls_and_passwords_are_as_it_says
}
