# smtpserv-tlsc(8): who is let through, and that nobody else hears a word.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/certs.subr"

TLSC=${BUILD}/libexec/smtpserv-tlsc

# tlsc CASE PORT OPTIONS...: the verdict is in `out`.
tlsc() {
	kind=$1
	port=$2
	shift 2
	atf_check -o save:out -e save:err python3 \
	    "${BUILD}/tests/support/tlsc.py" "${kind}" "${port}" "${TLSC}" "$@"
}

# Rows of `CERTIFICATE | OPTIONS | VERDICT`, with the port in CERTIFICATE.port.
try_rows() {
	cat >want
	tlsc rows 0 <want
	atf_check -o file:want cat out
}

with_openssl() {
	atf_set require.progs "openssl python3"
}

# OB-107, OB-114, OB-190
atf_test_case verify__by_chain_and_name
verify__by_chain_and_name_head() {
	with_openssl
}
verify__by_chain_and_name_body() {
	authority ca
	authority middle ca
	certificate good ca /CN=x DNS:mx.example.test,DNS:b.example.test
	certificate wrong ca /CN=mx.example.test DNS:other.example.test
	certificate expired ca /CN=x DNS:mx.example.test -1
	certificate wild ca /CN=x 'DNS:*.example.test'
	certificate partial ca /CN=x 'DNS:m*.example.test'
	certificate plain ca /CN=mx.example.test ''
	certificate address ca /CN=x IP:192.0.2.1,IP:2001:db8::1
	certificate chained middle /CN=x DNS:mx.example.test
	authority alone
	certificate stranger alone /CN=x DNS:mx.example.test
	for name in good wrong expired wild partial plain address alone stranger; do
		show "${name}"
	done
	show chained -cert_chain middle
	# The same, but the authority between is not shown.
	cp chained lost
	cp chained.key lost.key
	show lost
	wait_for_ports good wrong expired wild partial plain address alone \
	    stranger chained lost
	verify='-l verify -C ca'
	try_rows <<-END
	good | ${verify} -m mx.example.test | = name mx.example.test
	good | ${verify} -m MX.Example.TEST | = name mx.example.test
	good | ${verify} -m a.example -m b.example.test | = name b.example.test
	good | ${verify} -m example.test | ! certificate-host-mismatch
	wrong | ${verify} -m mx.example.test | ! certificate-host-mismatch
	expired | ${verify} -m mx.example.test | ! certificate-expired
	wild | ${verify} -m mx.example.test | = name *.example.test
	wild | ${verify} -m a.mx.example.test | ! certificate-host-mismatch
	wild | ${verify} -m example.test | ! certificate-host-mismatch
	partial | ${verify} -m mx.example.test | ! certificate-host-mismatch
	plain | ${verify} -m mx.example.test | = name mx.example.test
	address | ${verify} -m [192.0.2.1] | = name 192.0.2.1
	address | ${verify} -m [IPv6:2001:db8::1] | = name 2001:DB8:0:0:0:0:0:1
	address | ${verify} -m [192.0.2.2] | ! certificate-host-mismatch
	alone | ${verify} -m alone | ! certificate-not-trusted
	stranger | ${verify} -m mx.example.test | ! certificate-not-trusted
	chained | ${verify} -m mx.example.test | = name mx.example.test
	lost | ${verify} -m mx.example.test | ! certificate-not-trusted
	expired | -l encrypt | = anonymous
	stranger | -l may | = anonymous
	END
	stop_servers
}

# OB-120 to OB-124
atf_test_case dane__by_records
dane__by_records_head() {
	with_openssl
}
dane__by_records_body() {
	authority ca
	authority middle ca
	certificate leaf middle /CN=x DNS:mx.example.test
	certificate old middle /CN=x DNS:other.example.test -1
	certificate late middle /CN=x DNS:mx.example.test -1
	cat middle ca >chain
	for name in leaf old late; do
		show "${name}" -cert_chain chain
	done
	cp leaf bare
	cp leaf.key bare.key
	show bare
	wait_for_ports leaf old late bare
	d='-l dane -m mx.example.test -T'
	no=$(printf '%064d' 7)
	key=$(digest leaf key)
	ta=$(digest ca cert)
	try_rows <<-END
	leaf | ${d} 3.1.1.${key} | = dane 3.1.1
	leaf | ${d} 3.0.1.$(digest leaf cert) | = dane 3.0.1
	leaf | ${d} 3.1.2.$(digest leaf key 512) | = dane 3.1.2
	leaf | ${d} 3.1.0.$(whole leaf key) | = dane 3.1.0
	leaf | ${d} 3.0.0.$(whole leaf cert) | = dane 3.0.0
	leaf | ${d} 3.1.1.${no} | ! tlsa-invalid
	leaf | ${d} 3.1.1.${ta} | ! tlsa-invalid
	old | ${d} 3.1.1.$(digest old key) | = dane 3.1.1
	leaf | ${d} 2.0.1.${ta} | = dane 2.0.1 mx.example.test
	leaf | ${d} 2.1.1.$(digest ca key) | = dane 2.1.1 mx.example.test
	leaf | ${d} 2.1.1.$(digest middle key) | = dane 2.1.1 mx.example.test
	leaf | ${d} 2.0.0.$(whole ca cert) | = dane 2.0.0 mx.example.test
	leaf | ${d} 2.0.1.${no} | ! tlsa-invalid
	bare | ${d} 2.0.0.$(whole middle cert) | = dane 2.0.0 mx.example.test
	bare | ${d} 2.0.1.$(digest middle cert) | ! tlsa-invalid
	leaf | -l dane -m a.example -T 2.0.1.${ta} | ! certificate-host-mismatch
	leaf | -l dane -m a.example -m mx.example.test -T 2.0.1.${ta} | = dane 2.0.1 mx.example.test
	late | ${d} 2.0.1.${ta} | ! certificate-expired
	leaf | ${d} 3.1.1.${no} -T 3.1.1.${key} | = dane 3.1.1
	leaf | ${d} 1.1.1.${no} -T 3.1.1.${key} | = dane 3.1.1
	leaf | ${d} 1.1.1.${key} -T 3.1.1.${no} | ! tlsa-invalid
	leaf | ${d} 1.1.1.${key} -T 0.0.1.${ta} | = anonymous
	leaf | ${d} 3.1.1.${key%??} -T 3.7.1.${key} | = anonymous
	END
	stop_servers
	# As a route's line has them.
	show leaf
	wait_for_ports leaf
	tlsc echo "$(cat leaf.port)" -l dane -m x -T " 3.1.1.${no} 3.1.1.${key}"
	atf_check -o match:' dane 3.1.1$' cat out
	stop_servers
}

# OB-113
atf_test_case sni__is_a_name_and_never_an_address
sni__is_a_name_and_never_an_address_head() {
	with_openssl
}
sni__is_a_name_and_never_an_address_body() {
	authority ca
	certificate other ca /CN=x DNS:other.example.test
	certificate named ca /CN=x DNS:mx.example.test
	show other -servername mx.example.test -cert2 named -key2 named.key \
	    -tlsextdebug
	wait_for_ports other
	v='-l verify -C ca -m mx.example.test'
	try_rows <<-END
	other | ${v} -s mx.example.test | = name mx.example.test
	other | ${v} | ! certificate-host-mismatch
	other | ${v} -s 192.0.2.1 | ! certificate-host-mismatch
	other | ${v} -s [192.0.2.1] | ! certificate-host-mismatch
	other | ${v} -s 2001:db8::1 | ! certificate-host-mismatch
	END
	# With TLSA it is the base domain, which is the first name.
	tlsc echo "$(cat other.port)" -l dane -m mx.example.test \
	    -T "3.1.1.$(digest named key)"
	atf_check -o match:' dane 3.1.1$' cat out
	stop_servers
	atf_check_equal 2 "$(grep -c 'extension "server name"' other.out)"
}

# OB-115
atf_test_case strength__is_enough
strength__is_enough_head() {
	with_openssl
}
strength__is_enough_body() {
	authority ca
	certificate good ca /CN=x DNS:mx.example.test
	for name in null export none old; do
		cp good "${name}"
		cp good.key "${name}.key"
	done
	show null -tls1_2 -cipher NULL:@SECLEVEL=0
	show none -tls1_2 -cipher aNULL:@SECLEVEL=0
	show old -tls1_1 -cipher DEFAULT:@SECLEVEL=0
	wait_for_ports null none old
	v='-C ca -m mx.example.test'
	try_rows <<-END
	null | -l may | ! validation-failure
	null | -l verify ${v} | ! validation-failure
	none | -l may | ! validation-failure
	old | -l encrypt | ! validation-failure
	old | -l verify ${v} | ! validation-failure
	old | -l dane -m x -T 3.1.1.$(digest good key) | ! validation-failure
	END
	# Where clear text would do, an old one does, if there still is one.
	if openssl s_client -connect "127.0.0.1:$(cat old.port)" -tls1_1 \
	    -cipher DEFAULT:@SECLEVEL=0 </dev/null >client.out 2>&1; then
		tlsc echo "$(cat old.port)" -l may
		atf_check -o match:'^= TLSv1.1 .* anonymous$' cat out
	fi
	stop_servers
}

# OB-115: a server's commands behind the handshake.
atf_test_case later_messages__do_no_harm
later_messages__do_no_harm_head() {
	with_openssl
}
later_messages__do_no_harm_body() {
	authority ca
	certificate good ca /CN=x DNS:mx.example.test
	mkfifo stdin
	openssl s_server -accept 127.0.0.1:0 -cert good -key good.key \
	    -num_tickets 20 -msg <stdin >good.out 2>good.err &
	echo "$!" >servers
	exec 9>stdin
	wait_for_ports good
	# New keys, and new keys on both sides, now and again.
	( until grep -q sesame good.out; do sleep 0.05; done
	  for step in k:1 K:2 K:3 k:4; do
		echo "${step%:*}" >&9
		until [ "$(grep -c '>>>.*KeyUpdate' good.out)" -eq "${step#*:}" ]; do
			sleep 0.02
		done
	  done
	  echo after >&9 ) &
	tlsc interrupted "$(cat good.port)" -l verify -C ca -m mx.example.test
	atf_check -o match:'^= TLSv1.3 ' -o match:'^after$' cat out
	n=0
	until grep -q 'and again' good.out; do
		n=$((n + 1))
		[ "${n}" -lt 1200 ] || atf_fail 'nothing comes with the new keys'
		sleep 0.05
	done
	atf_check -o match:'<<< TLS 1.3.*KeyUpdate' cat good.out
	exec 9>&-
	stop_servers
}

atf_test_case renegotiation__is_refused
renegotiation__is_refused_head() {
	with_openssl
}
renegotiation__is_refused_body() {
	authority ca
	certificate good ca /CN=x DNS:mx.example.test
	mkfifo stdin
	openssl s_server -accept 127.0.0.1:0 -cert good -key good.key -tls1_2 \
	    <stdin >good.out 2>good.err &
	echo "$!" >servers
	exec 9>stdin
	wait_for_ports good
	( until grep -q sesame good.out; do sleep 0.05; done
	  printf 'r\n' >&9 ) &
	# What openssl does then is its own business; ours is to end well.
	tlsc deaf "$(cat good.port)" -l may
	atf_check -o match:'^= TLSv1.2 ' cat out
	exec 9>&-
	stop_servers
}

# OB-108, OB-110 to OB-112, OB-116: nothing in clear, and a line all the same.
atf_test_case bad_server__gets_no_clear_text
bad_server__gets_no_clear_text_head() {
	with_openssl
}
bad_server__gets_no_clear_text_body() {
	tlsc bad all -l may -w 1
	atf_check -o inline:'closed ! validation-failure
half ! validation-failure
junk ! validation-failure
reset ! validation-failure
smtp ! validation-failure
zeroes ! validation-failure\n' cat out
	authority ca
	tlsc bad junk -l verify -C ca -m x
	tlsc bad smtp -l dane -m x -T "3.1.1.$(printf '%064d' 7)"
	tlsc bad zeroes -l encrypt
	# OB-110: the limit of a handshake, which `half' has met.
	tlsc bad half -l may -w 1
	atf_check -o match:'the server takes too long' cat err
}

atf_test_case bytes__come_through_as_they_are
bytes__come_through_as_they_are_head() {
	with_openssl
}
bytes__come_through_as_they_are_body() {
	authority ca
	certificate good ca /CN=x DNS:mx.example.test
	tlsc bulk "${PWD}/good" -l verify -C ca -m mx.example.test
	case ${BUILD} in
	*/asan) ;;
	# Far from the 24 MiB that were carried.
	*) atf_check test "$(sed -n 's/^KiB //p' out)" -lt 16384 ;;
	esac
}

# OB-171
atf_test_case program_that_is_killed__is_not_outlived
program_that_is_killed__is_not_outlived_head() {
	with_openssl
}
program_that_is_killed__is_not_outlived_body() {
	authority ca
	show ca
	wait_for_ports ca
	tlsc killed "$(cat ca.port)" -l may
	stop_servers
}

# OB-185
atf_test_case rights__are_given_up
rights__are_given_up_head() {
	with_openssl
}
rights__are_given_up_body() {
	sanitizers_cannot 'be confined'
	[ "$(id -u)" -eq 0 ] || atf_skip 'only root can look into it'
	authority ca
	certificate good ca /CN=x DNS:mx.example.test
	show good
	wait_for_ports good
	tlsc confined "$(cat good.port)" -l verify -C ca -m mx.example.test
	grep -q unconfined err && atf_skip 'this kernel has no whole sandbox'
	atf_check -o match:'^= ' -o match:'^seccomp 2 no_new_privs 1$' \
	    -o match:'^descriptors 0 1 2 6 7$' cat out
	stop_servers
}

# OB-200
atf_test_case idle_connection__costs_little
idle_connection__costs_little_head() {
	with_openssl
}
idle_connection__costs_little_body() {
	sanitizers_cannot 'be small'
	authority ca
	certificate good ca /CN=x DNS:mx.example.test
	# As many authorities as a system has.
	all=/etc/ssl/certs/ca-certificates.crt
	[ ! -r "${all}" ] || cat "${all}" >many
	cat ca >>many
	show good
	wait_for_ports good
	tlsc memory "$(cat good.port)" -l verify -C many -m mx.example.test
	cat out
	# OpenSSL 3.0 needs 1184, and 3.5, 1540.
	atf_check test "$(cat out)" -le 1600
	stop_servers
}

atf_test_case certificate__is_shown_to_who_asks
certificate__is_shown_to_who_asks_head() {
	with_openssl
}
certificate__is_shown_to_who_asks_body() {
	authority ca
	certificate good ca /CN=x DNS:mx.example.test
	certificate client ca /CN=client ''
	show good -Verify 1 -verify_return_error -CAfile ca
	wait_for_ports good
	tlsc echo "$(cat good.port)" -l may -c client -k client.key
	atf_check -o match:'^= ' cat out
	cat client client.key >both
	tlsc echo "$(cat good.port)" -l may -c both
	tlsc deaf "$(cat good.port)" -l may
	stop_servers
}

atf_test_case file__that_cannot_be_read_is_named
file__that_cannot_be_read_is_named_body() {
	sh -c "exec '${TLSC}' -l verify -m x -C ${PWD}/none 6</dev/null 7>&6" \
	    >out 2>err
	atf_check_equal 111 "$?"
	atf_check -o empty cat out
	atf_check -o match:"event=fault why=\"read ${PWD}/none: No such" cat err
	echo 'not a certificate' >none
	sh -c "exec '${TLSC}' -l verify -m x -C ${PWD}/none 6</dev/null 7>&6" \
	    2>err
	atf_check_equal 111 "$?"
	sh -c "exec '${TLSC}' -l may -c ${PWD}/none 6</dev/null 7>&6" 2>>err
	atf_check_equal 111 "$?"
	atf_check -o match:'read .*/none: no start line' cat err
	# A bundle that ends in the middle would be too small without a word.
	cp /etc/passwd none
	echo '-----BEGIN CERTIFICATE-----' >>none
	sh -c "exec '${TLSC}' -l verify -m x -C ${PWD}/none 6</dev/null 7>&6" \
	    2>err
	atf_check_equal 111 "$?"
	# A look at them needs no connection.
	atf_check -s exit:111 -e match:'read none: bad end line' "${TLSC}" -n -l verify \
	    -m x -C none
	atf_check "${TLSC}" -n -l may
	# 6 and 7 are to be open.
	atf_check -s exit:100 -e match:'6 and 7' sh -c \
	    "exec '${TLSC}' -l may 6>&- 7>&-"
}

atf_test_case usage__is_told
usage__is_told_body() {
	hex=$(printf '%064d' 7)
	for wrong in '' '-l none' '-l secure' '-l may x' '-l verify' '-l dane' \
	    "-l dane -T 3.1.1.${hex}" '-l may -w 0' '-l may -w 3601' \
	    '-l may -k x' '-l may -T 3.1.1.x' '-l may -T 3.1.1' '-l verify -m' \
	    "-l may -m $(printf '%0256d' 7)" '-x' '-C x'; do
		# shellcheck disable=SC2086 # options are words
		atf_check -s exit:100 -e match:'event=usage' "${TLSC}" ${wrong}
	done
}

# By hand, behind a program that connects.
atf_test_case tcpclient__can_start_it
tcpclient__can_start_it_head() {
	atf_set require.progs "openssl tcpclient"
}
tcpclient__can_start_it_body() {
	authority ca
	certificate good ca /CN=x DNS:mx.example.test
	show good
	wait_for_ports good
	mkfifo stdin
	tcpclient -RHl0 127.0.0.1 "$(cat good.port)" "${TLSC}" -l verify \
	    -C "${PWD}/ca" -m mx.example.test <stdin >out &
	client=$!
	exec 9>stdin
	echo hello >&9
	n=0
	until grep -q olleh out || [ "$((n += 1))" -gt 200 ]; do
		sleep 0.05
	done
	exec 9>&-
	stop_servers
	# The server is gone, and what it said is all there.
	wait "${client}" || atf_fail "it ended with $?"
	atf_check -o match:'^= .* name mx.example.test$' -o match:'^olleh$' \
	    cat out
}

atf_init_test_cases() {
	atf_add_test_case verify__by_chain_and_name
	atf_add_test_case dane__by_records
	atf_add_test_case sni__is_a_name_and_never_an_address
	atf_add_test_case strength__is_enough
	atf_add_test_case later_messages__do_no_harm
	atf_add_test_case renegotiation__is_refused
	atf_add_test_case bad_server__gets_no_clear_text
	atf_add_test_case bytes__come_through_as_they_are
	atf_add_test_case program_that_is_killed__is_not_outlived
	atf_add_test_case rights__are_given_up
	atf_add_test_case idle_connection__costs_little
	atf_add_test_case certificate__is_shown_to_who_asks
	atf_add_test_case file__that_cannot_be_read_is_named
	atf_add_test_case usage__is_told
	atf_add_test_case tcpclient__can_start_it
}
