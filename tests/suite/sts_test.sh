# What a domain says of the TLS that its mail is to have by MTA-STS, which
# Debian's daemon hears, from a DNS and by HTTPS, and tells us (OB-134).

. "$(atf_get_srcdir)/../support/smtpserv.subr"
. "$(atf_get_srcdir)/../support/certs.subr"
. "$(atf_get_srcdir)/../support/dns.subr"

DEPS=${BUILD}/deps

# domain NAME: NAME.test, its only host, and where its policy is.
domain() {
	echo "$1 MX 10 mx.$1"
	echo "mx.$1 A 198.51.100.25"
	echo "_mta-sts.$1 TXT \"v=STSv1; id=1\""
	echo "mta-sts.$1 A 198.51.100.26"
}

# The world, our session in it, and a configuration with these lines.
set_up() {
	dns_or_skip
	dns_enter
	authority ca
	certificate good ca /CN=x DNS:mx.sts.test
	cat good ca >chain
	mkdir spool
	cat >server.cfg <<-EOF2
		hostname = server
		domain = test
		smtp.subdir = "${PWD}/spool"
		smtp.tls.cert = "${PWD}/chain"
		smtp.tls.key = "${PWD}/good.key"
	EOF2
	dns_run ${WORLD} tcpserver -H -R -l 0 198.51.100.25 25 \
	    "${BUILD}/libexec/smtpserv-tls" -f "${PWD}/server.cfg" \
	    "${BUILD}/libexec/smtpserv-session" -f "${PWD}/server.cfg"
	listens 198.51.100.25 25
	make_conf 'smtp.listen = 192.0.2.77:25' "smtp.remote.ca = ${PWD}/ca" "$@"
}

# Wait until somebody does, in the world.
listens() {
	dns_wait ${WORLD} python3 -c \
	    "import socket; socket.create_connection(('$1', $2))"
}

# Ours of a domain: what was shown, or the status.
ours() {
	${WORLD} "${BUILD}/libexec/smtpserv-remote" -n -f wattcp.cfg "$1" \
	    >ours 2>>ours.log
	sed -n -e 's/^tls [^ ]* [^ ]* [0-9]* //p' \
	    -e 's/^not now \([0-9.]*\) .*/\1/p' -e 's/^never \([0-9.]*\) .*/\1/p' \
	    ours
}

# OB-130, OB-131, OB-132, OB-134
atf_test_case sts__is_what_debians_daemon_says
sts__is_what_debians_daemon_says_head() {
	atf_set require.progs "openssl python3 tcpserver"
}
sts__is_what_debians_daemon_says_body() {
	daemon=${DEPS}/mta-sts/usr/bin/mta-sts-daemon
	[ -f "${daemon}" ] && /usr/bin/python3 -c \
	    'import aiodns, aiohttp, yaml' 2>/dev/null ||
	    atf_skip "no mta-sts-daemon in ${DEPS}, or not what it imports"
	set_up 'smtp.remote.policy = socketmap:inet:127.0.0.1:8461:postfix'
	dns_zone >zone
	for name in sts other testing wrong both; do
		domain "${name}"
	done >>zone
	# Its MX is another's; and a host that its policy names has TLSA.
	sed -i 's/^wrong MX 10 .*/wrong MX 10 mx.sts/' zone
	echo "_25._tcp.mx.both TLSA 3 1 1 $(digest good key)" >>zone
	dns_start zone
	certificate web ca /CN=x "DNS:mta-sts.sts.test,DNS:mta-sts.other.test,\
DNS:mta-sts.testing.test,DNS:mta-sts.wrong.test,DNS:mta-sts.both.test"
	dns_run ${WORLD} python3 "${BUILD}/tests/support/stsweb.py" \
	    198.51.100.26 web web.key \
	    sts=enforce:mx.sts.test other=enforce:mx.other.test \
	    testing=testing:mx.sts.test wrong=enforce:*.wrong.test \
	    both=enforce:mx.both.test
	cat >daemon.yml <<-EOF2
		host: 127.0.0.1
		port: 8461
		cache:
		  type: internal
		  options: {cache_size: 100}
		default_zone:
		  strict_testing: false
		  timeout: 4
	EOF2
	dns_run ${WORLD} env SSL_CERT_FILE="${PWD}/ca" https_proxy= \
	    PYTHONPATH="${DEPS}/mta-sts/usr/lib/python3/dist-packages" \
	    /usr/bin/python3 "${daemon}" -c daemon.yml
	listens 127.0.0.1 8461
	listens 198.51.100.26 443
	# The name of the host; a certificate without it; a policy that is only
	# tried; an MX that it does not name; and TLSA, which rule.
	cat >want <<-END
		sts name mx.sts.test
		other 4.7.5
		testing anonymous
		wrong 4.7.5
		both dane 3.1.1
		two anonymous
	END
	while read -r name rest; do
		echo "${name} $(ours "${name}.test")"
	done <want >got
	cat ours.log
	atf_check -o file:want cat got
	atf_check -o match:'policy=sts verdict="= ' cat ours.log
}

atf_init_test_cases() {
	atf_add_test_case sts__is_what_debians_daemon_says
}
