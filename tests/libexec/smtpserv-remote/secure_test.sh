# smtpserv-remote(8) and smtpserv-tlsc(8) together: what TLS shows, and what a
# man in the middle gets to read.  The server is our own session; smtpserv-mx is
# a script, which says what a resolver that can be trusted would.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/certs.subr"
. "$(atf_get_srcdir)/../../support/remote.subr"

SUPPORT=${BUILD}/tests/support
HOST=example.test

with_servers() {
	atf_set require.progs "openssl python3 tcpserver cdb"
}

end_servers() {
	# shellcheck disable=SC2046 # numbers
	[ ! -s servers ] || kill $(cat servers) 2>/dev/null
}

# Certificates, the session at SERVER_PORT, and a route to it.
set_up() {
	mkdir -p programs spool
	cp "${BUILD}/libexec/smtpserv-remote" "${BUILD}/libexec/smtpserv-tlsc" \
	    programs/
	REMOTE="${PWD}/programs/smtpserv-remote -f ${PWD}/wattcp.cfg"
	printf '#!/bin/sh\ncat "%s/route"\n' "${PWD}" >programs/smtpserv-mx
	chmod +x programs/smtpserv-mx
	printf 'the text is secret\n' >message
	authority ca
	certificate good ca /CN=x \
	    DNS:mx.example.test,DNS:relay.example,IP:127.0.0.1
	cat good ca >chain
	KEY=$(digest good key)
	NO=$(printf '%064d' 7)
	cat >server.cfg <<-EOF2
		hostname = mx
		domain = example.test
		smtp.subdir = "${PWD}/spool"
		smtp.tls.cert = "${PWD}/chain"
		smtp.tls.key = "${PWD}/good.key"
	EOF2
	tcpserver -1 -H -R -l 0 -c 60 -b 60 127.0.0.1 0 \
	    "${BUILD}/libexec/smtpserv-tls" -f "${PWD}/server.cfg" \
	    "${BUILD}/libexec/smtpserv-session" -f "${PWD}/server.cfg" \
	    >server.port 2>server.log &
	echo "$!" >>servers
	trap end_servers EXIT
	await_file server.port
	SERVER_PORT=$(cat server.port)
}

# How a message fares: the letters of its report, its status, the level that
# was reached, and whether it came.  try LEVEL ROUTE-WORDS... [-- SETTING...]
try() {
	level=$1
	words=$2
	shift 2
	printf '%s\n' "= ok ${MX:-secure} example.test" \
	    "10 mx.example.test 127.0.0.1 ${PORT} ${words}" >route
	make_remote "smtp.remote.tls = ${level}" \
	    "smtp.remote.ca = \"${PWD}/ca\"" "$@"
	before=$(spool_files | grep -c TXT)
	bring a@x b@y
	echo "$(letters) $(sed -n 's/.*(#\([0-9.]*\)).*/\1/p' report | head -n 1)" \
	    "$(sed -n 's/.*event=sent .* tls="TLSv[^ ]* [^ ]* [0-9]* \([^"]*\)".*/\1/p' log)" \
	    "came $(($(spool_files | grep -c TXT) - before))" |
	    tr -s ' ' >>fared
}

# What is in `fared`, as on stdin.
fared() {
	cat >want
	atf_check -o file:want cat fared
	rm fared
}

# OB-107, OB-114, OB-120, OB-121, OB-123, OB-124
atf_test_case level__is_reached_or_no_mail_is_sent
level__is_reached_or_no_mail_is_sent_head() {
	with_servers
}
level__is_reached_or_no_mail_is_sent_body() {
	set_up
	PORT=${SERVER_PORT}
	tlsa="secure tlsa=mx.example.test"
	try may insecure
	try encrypt insecure
	try verify insecure
	try verify insecure "smtp.remote.ca = \"${PWD}/good\""
	try dane insecure
	try dane "${tlsa} 3.1.1.${KEY}"
	try dane "${tlsa} 3.1.1.${NO} 3.1.1.${KEY}"
	try dane "${tlsa} 2.0.1.$(digest ca cert)"
	try dane "${tlsa} 3.1.1.${NO}"
	try dane "${tlsa} 1.1.1.${KEY}"
	try none "${tlsa} 3.1.1.${KEY}"
	fared <<-END
	rK 2.0.0 anonymous came 1
	rK 2.0.0 anonymous came 1
	rK 2.0.0 name mx.example.test came 1
	Z 4.7.5 came 0
	rK 2.0.0 anonymous came 1
	rK 2.0.0 dane 3.1.1 came 1
	rK 2.0.0 dane 3.1.1 came 1
	rK 2.0.0 dane 2.0.1 mx.example.test came 1
	Z 4.7.5 came 0
	rK 2.0.0 anonymous came 1
	rK 2.0.0 came 1
	END
}

# OB-130 to OB-133
atf_test_case policy__says_what_a_domain_needs
policy__says_what_a_domain_needs_head() {
	with_servers
}
policy__says_what_a_domain_needs_body() {
	set_up
	PORT=${SERVER_PORT}
	printf '%s\n' 'example.test encrypt' | cdb -c -m one.cdb
	printf '%s\n' '.test verify' | cdb -c -m two.cdb
	printf '%s\n' 'example.test match=.other.test' | cdb -c -m three.cdb
	printf '%s\n' 'example.test none' | cdb -c -m four.cdb
	printf '%s\n' 'example.test quantum' | cdb -c -m five.cdb
	policy='smtp.remote.policy ='
	for table in one two three four five; do
		try may insecure "${policy} ${PWD}/${table}.cdb"
	done
	fared <<-END
	rK 2.0.0 anonymous came 1
	rK 2.0.0 name mx.example.test came 1
	Z 4.7.5 came 0
	rK 2.0.0 came 1
	Z 4.7.5 came 0
	END
	atf_check -o match:'policy of example.test is not one' cat report
	for answer in 'OK secure match=mx.example.test' \
	    'OK secure match=mx.other.test' 'OK none' 'TEMP not now'; do
		rm -f map.port
		python3 "${SUPPORT}/socketmap.py" "${answer}" &
		echo "$!" >>servers
		await_file map.port
		map="${policy} socketmap:inet:127.0.0.1:$(cat map.port):postfix"
		# The domain has a CNAME; it is asked for all the same.
		try may insecure "${map}"
		try encrypt insecure "${map}" 'smtp.remote.policy.unknown = later'
		cat log >>logs
	done
	fared <<-END
	rK 2.0.0 name mx.example.test came 1
	rK 2.0.0 name mx.example.test came 1
	Z 4.7.5 came 0
	Z 4.7.5 came 0
	rK 2.0.0 anonymous came 1
	rK 2.0.0 anonymous came 1
	rK 2.0.0 anonymous came 1
	Z 4.7.5 came 0
	END
	atf_check -o inline:'20:postfix example.test,\n' sort -u questions
	# What is believed to know nothing is logged.
	try may insecure "${map}"
	atf_check -o match:'event=policy hop=example.test why=.*TEMP not now' \
	    cat log
}

# OB-108, OB-110 to OB-112: attack, and what is demanded.
atf_test_case middle__reads_nothing
middle__reads_nothing_head() {
	with_servers
}
middle__reads_nothing_body() {
	set_up
	authority other.pem
	echo 'relay.example:2525 erick sesame' >accounts
	chmod 0600 accounts
	for attack in watch strip refuse deny junk close reset inject other; do
		python3 "${SUPPORT}/middle.py" "${attack}" "${SERVER_PORT}" &
		echo "$!" >>servers
		await_file middle.port
		mv middle.port "${attack}.port"
	done
	insecure=insecure
	dane="secure tlsa=mx.example.test 3.1.1.${KEY}"
	for row in "verify ${insecure}" "dane ${dane}" "encrypt ${insecure}"; do
		for attack in watch strip refuse deny junk close reset inject \
		    other; do
			case ${row%% *}.${attack} in
			# All that is demanded is TLS.
			encrypt.other) continue ;;
			# One is like the other.
			encrypt.deny | encrypt.reset | dane.re* | dane.junk)
				continue ;;
			esac
			PORT=$(cat "${attack}.port")
			try "${row%% *}" "${row#* }"
			echo "${attack} ${row%% *} $(cat fared)" >>all
			rm fared
		done
	done
	# With a password, which only a relay has.
	for attack in strip close other; do
		PORT=$(cat "${attack}.port")
		echo "relay.example:${PORT} erick sesame" >accounts
		printf '%s\n' '= ok insecure relay.example' \
		    "0 relay.example 127.0.0.1 ${PORT} insecure" >route
		make_remote 'smtp.remote.tls = may' \
		    "smtp.remote.ca = \"${PWD}/ca\"" \
		    "smtp.remote.auth = \"${PWD}/accounts\""
		HOST="[relay.example]:${PORT}"
		bring a@x b@y
		HOST=example.test
		echo "${attack} account $(letters)" >>all
	done
	atf_check -s exit:1 grep -aE 'MAIL|RCPT|AUTH|secret|sesame|ZXJp' wire
	atf_check -o match:STARTTLS cat wire
	sort all >got
	cat >want <<-END
	close account Z
	close dane Z 4.7.5 came 0
	close encrypt Z 4.7.5 came 0
	close verify Z 4.7.5 came 0
	deny dane Z 4.7.5 came 0
	deny verify Z 4.7.5 came 0
	inject dane Z 4.7.5 came 0
	inject encrypt Z 4.7.5 came 0
	inject verify Z 4.7.5 came 0
	junk encrypt Z 4.7.5 came 0
	junk verify Z 4.7.5 came 0
	other account Z
	other dane Z 4.7.5 came 0
	other verify Z 4.7.5 came 0
	refuse encrypt Z 4.7.5 came 0
	refuse verify Z 4.7.5 came 0
	reset verify Z 4.7.5 came 0
	strip account Z
	strip dane Z 4.7.4 came 0
	strip encrypt Z 4.7.4 came 0
	strip verify Z 4.7.4 came 0
	watch dane rK 2.0.0 dane 3.1.1 came 1
	watch encrypt rK 2.0.0 anonymous came 1
	watch verify rK 2.0.0 name mx.example.test came 1
	END
	atf_check -o file:want cat got
	# OB-110: where TLS was only wished for, the mail comes without.
	for attack in strip refuse deny junk close reset other; do
		PORT=$(cat "${attack}.port")
		try may insecure
	done
	fared <<-END
	rK 2.0.0 came 1
	rK 2.0.0 came 1
	rK 2.0.0 came 1
	rK 2.0.0 came 1
	rK 2.0.0 came 1
	rK 2.0.0 came 1
	rK 2.0.0 anonymous came 0
	END
}

# OB-135 to OB-137, OB-140, with our own session, and servers that lack a thing.
atf_test_case requiretls__goes_where_it_is_kept
requiretls__goes_where_it_is_kept_head() {
	with_servers
}
requiretls__goes_where_it_is_kept_body() {
	set_up
	ca="smtp.remote.ca = ${PWD}/ca"
	feed() {
		atf_check -o save:out python3 "${SUPPORT}/requiretls.py" \
		    "${PWD}/programs/smtpserv-remote" "$@" \
		    'smtp.remote.tls = may'
		cat out >>fared
	}
	feed "${SERVER_PORT}" a@x requiretls "${ca}"
	atf_check -o match:'^Requiretls: yes$' cat spool/1.WRK
	# The certificate is nobody's whom we know.  A handshake that fails
	# may be the network's.
	feed "${SERVER_PORT}" a@x requiretls "smtp.remote.ca = ${PWD}/good"
	# Without the demand, nothing is said of it.
	feed "${SERVER_PORT}" a@x '' "${ca}"
	atf_check -s exit:1 grep Requiretls spool/2.WRK
	# TLS, but no such extension.
	cp good cert.pem
	cp good.key key.pem
	play '>220 hi|<|>250-hi\r\n250 STARTTLS|<|>220 go|T|<|>250 hi|<|>221 bye'
	echo "${PLAYER}" >>servers
	feed "${PORT}" a@x requiretls "${ca}"
	atf_check -s exit:1 grep MAIL said
	# What comes back from a server is not kept for that.
	kill "${PLAYER}"
	play '>220 hi|<|>250-hi\r\n250 STARTTLS|<|>220 go|T|<|>250 hi|<|>250 ok|<|>250 ok|<|>354 go|.|>250 2.0.0 taken|<|>221 bye'
	echo "${PLAYER}" >>servers
	feed "${PORT}" '' requiretls "${ca}"
	atf_check -o inline:'MAIL FROM:<>\n' grep MAIL said
	# No TLS.
	kill "${PLAYER}"
	: >said
	play '>220 hi|<|>250-hi\r\n250 REQUIRETLS|<|>221 bye'
	echo "${PLAYER}" >>servers
	feed "${PORT}" a@x requiretls "${ca}"
	atf_check -s exit:1 grep MAIL said
	fared <<-END
	K 2.0.0
	hop 4.7.5
	K 2.0.0
	D 5.7.30
	K 2.0.0
	hop 5.7.10
	END
	trap end_servers EXIT
}

# OB-84, OB-173: the end of the text was sent, and TLS dies before the reply.
atf_test_case tlsc__that_is_killed_has_claimed_nothing
tlsc__that_is_killed_has_claimed_nothing_head() {
	atf_set require.progs "openssl python3 tcpserver pgrep"
}
tlsc__that_is_killed_has_claimed_nothing_body() {
	set_up
	cp good cert.pem
	cp good.key key.pem
	make_remote 'smtp.remote.tls = encrypt'
	play '>220 hi|<|>250-hi\r\n250 STARTTLS|<|>220 go|T|<|>250 hi|<|>250 ok|<|>250 ok|<|>354 go|.|G|>250 taken'
	echo "${PLAYER}" >>servers
	trap end_servers EXIT
	${REMOTE} "[127.0.0.1]:${PORT}" a@x b@y <message >report.0 2>log &
	remote=$!
	await_file text.1
	# A child of one of the two processes.
	kill -9 "$(pgrep -x smtpserv-tlsc \
	    -P "${remote},$(pgrep -d , -P "${remote}")")" ||
	    atf_fail 'there is no smtpserv-tlsc'
	wait "${remote}" || atf_fail "it ended with $?"
	tr '\0' '\n' <report.0 >report
	reports Z 'may be a duplicate.*(#4.4.2)'
}

atf_init_test_cases() {
	atf_add_test_case level__is_reached_or_no_mail_is_sent
	atf_add_test_case policy__says_what_a_domain_needs
	atf_add_test_case middle__reads_nothing
	atf_add_test_case requiretls__goes_where_it_is_kept
	atf_add_test_case tlsc__that_is_killed_has_claimed_nothing
}
