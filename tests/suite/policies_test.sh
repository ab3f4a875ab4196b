# What a domain says of the TLS that its mail is to have, in a DNS with signed
# zones: by DANE, compared with Postfix, and by MTA-STS, through Debian's daemon.

. "$(atf_get_srcdir)/../support/smtpserv.subr"
. "$(atf_get_srcdir)/../support/certs.subr"
. "$(atf_get_srcdir)/../support/dns.subr"

DEPS=${BUILD}/deps

# mx NAME ADDRESS [TLSA...]: the domain NAME.test, its only host, and records of
# that.
mx() {
	echo "$1 MX 10 mx.$1"
	echo "mx.$1 A 198.51.100.$2"
	name=$1
	shift 2
	for tlsa; do
		echo "_25._tcp.mx.${name} TLSA ${tlsa}"
	done
}

# Our session at an address of the world, with that certificate and chain.
serve() {
	mkdir -p "spool$1"
	cat >"server$1.cfg" <<-EOF2
		hostname = server$1
		domain = test
		smtp.subdir = "${PWD}/spool$1"
		smtp.tls.cert = "${PWD}/$2"
		smtp.tls.key = "${PWD}/$3"
	EOF2
	dns_run ${WORLD} tcpserver -H -R -l 0 "198.51.100.$1" 25 \
	    "${BUILD}/libexec/smtpserv-tls" -f "${PWD}/server$1.cfg" \
	    "${BUILD}/libexec/smtpserv-session" -f "${PWD}/server$1.cfg"
	dns_wait ${WORLD} python3 -c "import socket
socket.create_connection(('198.51.100.$1', 25))"
}

# The world, with a zone of lines on standard input, and a server for each of
# two certificates: one for some names, and one that has expired.
set_up() {
	dns_or_skip
	dns_enter
	echo 'options trust-ad edns0' >>resolv.conf
	authority ca
	certificate good ca /CN=x DNS:mx.good.test,DNS:mx.ta.test,DNS:mx.sts.test
	certificate old ca /CN=x DNS:other.example -1
	cat good ca >chain
	cat old ca >oldchain
	serve 25 chain good.key
	serve 26 oldchain old.key
	make_conf 'smtp.listen = 192.0.2.77:25' "smtp.remote.ca = ${PWD}/ca" "$@"
}

# Ours of a domain: what was shown, or the status.
ours() {
	${WORLD} "${BUILD}/libexec/smtpserv-remote" -n -f wattcp.cfg "$1" \
	    >ours 2>>ours.log
	sed -n -e 's/^tls [^ ]* [^ ]* [0-9]* //p' \
	    -e 's/^not now \([0-9.]*\) .*/\1/p' -e 's/^never \([0-9.]*\) .*/\1/p' \
	    ours
}

# Postfix's: `dane' and the record, or that it is not known.
postfixs() {
	${WORLD} env LD_LIBRARY_PATH="${DEPS}/usr/lib/postfix" \
	    MAIL_CONFIG="${PWD}/postfix" \
	    "${DEPS}/usr/sbin/posttls-finger" -c -l dane -L summary,verbose "$1" \
	    >finger 2>&1
	if grep -q 'Verified TLS connection' finger; then
		sed -n 's/.*Matched DANE .* depth [0-9]*: \([0-9]\) \([0-9]\) \([0-9]\) .*/dane \1.\2.\3/p' finger
	elif grep -q 'TLS connection established' finger; then
		echo unknown
	else
		echo none
	fi
}

# OB-129, and with it OB-117, OB-120 to OB-127
atf_test_case dane__is_what_postfix_makes_of_it
dane__is_what_postfix_makes_of_it_head() {
	atf_set require.progs "openssl python3 tcpserver"
}
dane__is_what_postfix_makes_of_it_body() {
	[ -x "${DEPS}/usr/sbin/posttls-finger" ] ||
	    atf_skip "no posttls-finger in ${DEPS}: make check-deps"
	set_up
	mkdir -p postfix
	printf '%s\n' 'compatibility_level = 3.6' 'mail_owner = bin' \
	    'setgid_group = daemon' >postfix/main.cf
	no=$(printf '%064d' 7)
	key=$(digest good key)
	ta=$(digest ca cert)
	# Our own records instead of those that have no server.
	dns_zone | sed '/^\t*good MX/,/^\t*tlsaalias MX/d' >zone
	{
		mx good 25 "3 1 1 ${key}"
		mx bad 25 "3 1 1 ${no}"
		mx useless 25 "1 1 1 ${key}" "3 1 1 ${key%??}"
		mx ta 25 "2 0 1 ${ta}"
		mx taname 25 "2 0 1 ${ta}"
		mx expired 26 "3 1 1 $(digest old key)"
		mx taexpired 26 "2 0 1 ${ta}"
		mx rollover 25 "3 1 1 ${no}" "3 1 1 ${key}"
		mx whole 25 "3 0 0 $(whole good cert)"
		mx longer 25 "3 1 2 $(digest good key 512)"
		mx tlsacname 25
		echo '_25._tcp.mx.tlsacname CNAME _25._tcp.mx.good'
		echo 'cname MX 10 mx.cname'
		echo 'mx.cname CNAME mx.good'
	} >>zone
	dns_start zone
	# Of the last, both skip the first host, and use the second.
	cat >want <<-END
		good dane 3.1.1 | dane 3.1.1
		bad 4.7.5 | unknown
		useless anonymous | unknown
		ta dane 2.0.1 mx.ta.test | dane 2.0.1
		taname 4.7.5 | unknown
		expired dane 3.1.1 | dane 3.1.1
		taexpired 4.7.5 | unknown
		rollover dane 3.1.1 | dane 3.1.1
		whole dane 3.0.0 | dane 3.0.0
		longer dane 3.1.2 | dane 3.1.2
		tlsacname dane 3.1.1 | dane 3.1.1
		cname dane 3.1.1 | dane 3.1.1
		two anonymous | unknown
		insecure anonymous | unknown
		null 5.1.10 | none
		tlsadead anonymous | unknown
	END
	while read -r name rest; do
		echo "${name} $(ours "${name}.test") | $(postfixs "${name}.test")"
	done <want >got
	cat ours.log finger
	atf_check -o file:want cat got
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
	for name in sts other testing wrong; do
		mx "${name}" 25
		echo "_mta-sts.${name} TXT \"v=STSv1; id=1\""
		echo "mta-sts.${name} A 198.51.100.26"
	done >>zone
	# Its MX is another's, and a host that its policy names has TLSA.
	sed -i 's/^wrong MX 10 .*/wrong MX 10 mx.sts/' zone
	{
		mx both 25 "3 1 1 $(digest good key)"
		echo '_mta-sts.both TXT "v=STSv1; id=1"'
		echo 'mta-sts.both A 198.51.100.26'
	} >>zone
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
	dns_wait ${WORLD} python3 -c \
	    "import socket; socket.create_connection(('127.0.0.1', 8461))"
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
	atf_add_test_case dane__is_what_postfix_makes_of_it
	atf_add_test_case sts__is_what_debians_daemon_says
}
