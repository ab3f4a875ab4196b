# smtpserv-remote(8) with smtpserv-tlsc(8), and servers with certificates.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/remote.subr"
. "$(atf_get_srcdir)/../../support/certs.subr"

MAIL='<|>250 ok|<|>250 ok|<|>354 go|.|>250 2.0.0 taken|<|>221 bye'
SECURE="220 hi|<|>250-hi\r\n250 STARTTLS|<|>220 go|T|<|>250 hi|${MAIL}"
CLEAR="220 hi|<|>250-hi\r\n250 STARTTLS|${MAIL}"

# A host mx1.example.test with a certificate; $1 is its TLSA, $2 the level.
set_up() {
	mkdir -p programs
	cp "${BUILD}/libexec/smtpserv-remote" "${BUILD}/libexec/smtpserv-tlsc" \
	    programs/
	test -s cert.pem || {
		authority ca
		certificate cert.pem ca /CN=x "DNS:mx1.example.test"
		mv cert.pem.key key.pem
	}
	[ -z "${PLAYER}" ] || kill "${PLAYER}"
	rm -f said
	play ">${SECURE}" ">${CLEAR}"
	cat >programs/smtpserv-mx <<-EOF
		#!/bin/sh
		echo '= ok secure example.test'
		echo '10 mx1.example.test 127.0.0.1 ${PORT} secure$1'
	EOF
	chmod +x programs/smtpserv-mx
	REMOTE="${PWD}/programs/smtpserv-remote -f ${PWD}/wattcp.cfg"
	make_remote "smtp.remote.tls = $2" "smtp.remote.ca = ${PWD}/ca"
	printf 'text\n' >message
	HOST=example.test
}

needs_openssl() {
	atf_set require.progs openssl
}

# OB-107, OB-109, OB-113
atf_test_case handshake__by_level
handshake__by_level_head() {
	needs_openssl
}
handshake__by_level_body() {
	while read -r level reached; do
		set_up '' "${level}"
		bring a@x b@y
		reports rK taken
		atf_check -o match:"event=sent .*tls=\"TLSv1.[23] .* ${reached}" \
		    cat log
		atf_check -o inline:'2\n' grep -c EHLO said
	done <<-EOF
		may anonymous
		dane anonymous
		encrypt anonymous
		verify name mx1.example.test
	EOF
}

# OB-120, OB-121
atf_test_case handshake__by_dane
handshake__by_dane_head() {
	needs_openssl
}
handshake__by_dane_body() {
	set_up '' none
	set_up " tlsa=mx1.example.test 3.1.1.$(digest cert.pem key)" dane
	bring a@x b@y
	reports rK taken
	atf_check -o match:'event=tls .*policy=dane verdict="= .* dane ' cat log
	set_up " tlsa=mx1.example.test 3.1.1.$(digest ca key)" dane
	bring a@x b@y
	reports Z '#4.7.5'
	atf_check -o match:'event=tls .*verdict="! ' cat log
	atf_check -s exit:1 grep -q MAIL said
	# Unusable records: TLS without a name, and never clear.
	set_up " tlsa=mx1.example.test 1.1.1.$(digest cert.pem key)" dane
	bring a@x b@y
	reports rK taken
	atf_check -o match:'event=tls .*policy=dane verdict="= .* anonymous' \
	    cat log
}

# OB-111
atf_test_case handshake__with_another_name_is_none
handshake__with_another_name_is_none_head() {
	needs_openssl
}
handshake__with_another_name_is_none_body() {
	set_up '' verify
	certificate cert.pem ca /CN=x "DNS:mx2.example.test"
	mv cert.pem.key key.pem
	bring a@x b@y
	reports Z '#4.7.5'
	atf_check -o match:'event=tls .*policy=key verdict="! certificate-host-' \
	    cat log
	atf_check -s exit:1 grep -q MAIL said
}

# OB-207
atf_test_case try__says_how_it_was_verified
try__says_how_it_was_verified_head() {
	needs_openssl
}
try__says_how_it_was_verified_body() {
	set_up '' verify
	atf_check -o match:'^tls TLSv1.* name mx1.example.test$' \
	    -o match:'^host mx1.example.test$' -e ignore \
	    ${REMOTE} -n example.test
}

# OB-105, OB-111
atf_test_case requiretls__goes_only_where_it_may
requiretls__goes_only_where_it_may_head() {
	needs_openssl
}
requiretls__goes_only_where_it_may_body() {
	# Nothing vouches for the MX record.
	set_up '' may
	sed -i 's/= ok secure/= ok insecure/' programs/smtpserv-mx
	atf_check -o match:'^F hop 5.7.10 ' -e ignore \
	    python3 "${BUILD}/tests/support/feedcall.py" shows \
	    programs/smtpserv-remote --requiretls example.test
	# It does, and the certificate is to be good.
	set_up '' may
	atf_check -o match:'^C 1 mx1.example.test .* name mx1.example.test' \
	    -e ignore python3 "${BUILD}/tests/support/feedcall.py" shows \
	    programs/smtpserv-remote --requiretls example.test
}

# OB-139
atf_test_case tlsno__is_not_held_up_by_dane
tlsno__is_not_held_up_by_dane_head() {
	needs_openssl
}
tlsno__is_not_held_up_by_dane_body() {
	set_up '' none
	set_up " tlsa=mx1.example.test 3.1.1.$(digest ca key)" dane
	atf_check -o match:'^F hop 4.7.5 ' -e ignore \
	    python3 "${BUILD}/tests/support/feedcall.py" shows \
	    programs/smtpserv-remote example.test
	set_up " tlsa=mx1.example.test 3.1.1.$(digest ca key)" dane
	atf_check -o match:'^C 1 mx1.example.test .* anonymous' -e ignore \
	    python3 "${BUILD}/tests/support/feedcall.py" shows \
	    programs/smtpserv-remote --tlsno example.test
}

atf_init_test_cases() {
	atf_add_test_case handshake__by_level
	atf_add_test_case handshake__by_dane
	atf_add_test_case handshake__with_another_name_is_none
	atf_add_test_case try__says_how_it_was_verified
	atf_add_test_case requiretls__goes_only_where_it_may
	atf_add_test_case tlsno__is_not_held_up_by_dane
}
