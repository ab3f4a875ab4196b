# smtpserv-session(8) as a program of UCSPI-TLS: who says what on which
# descriptor is told in tests/support/ucspitls.py.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

SECURE='Received: from client.example by gnat.example.test with ESMTPS
	id A1 tls TLS_AES_256_GCM_SHA384; '

provider() {
	make_conf 'smtp.envelope = full'
	atf_check -e save:log \
	    python3 "${BUILD}/tests/support/ucspitls.py" "$1" -- ${SESSION}
}

stored_securely() {
	atf_check_equal '1.TXT 1.WRK' "$(echo $(spool_files))"
	atf_check_equal "${SECURE}" "$(head -n 2 spool/1.TXT | sed 's/; .*/; /')"
	atf_check -o inline:'Proto: ESMTPS\nTls: TLSv1.3 TLS_AES_256_GCM_SHA384\n' \
	    grep -E '^(Proto|Tls):' spool/1.WRK
	atf_check -o match:'protocol=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384' \
	    grep event=tls log
}

atf_test_case starttls__under_a_provider_that_closes_its_end
starttls__under_a_provider_that_closes_its_end_body() {
	provider as_s6
	stored_securely
}

atf_test_case starttls__under_a_provider_that_keeps_its_end
starttls__under_a_provider_that_keeps_its_end_body() {
	provider as_sslserver
	stored_securely
}

atf_test_case starttls__asks_a_provider_that_can_be_asked
starttls__asks_a_provider_that_can_be_asked_body() {
	provider asked
	stored_securely
}

atf_test_case starttls__is_454_when_the_provider_says_no
starttls__is_454_when_the_provider_says_no_body() {
	for how in asked_says_no asked_dies; do
		provider "${how}"
		atf_check -o ignore grep 'event=refused code=454' log
		atf_check -o match:'with ESMTP$' head -n 1 spool/1.TXT
		rm -f spool/*
	done
}

atf_test_case starttls__a_handshake_that_fails_ends_the_session
starttls__a_handshake_that_fails_ends_the_session_body() {
	provider handshake_fails
	atf_check_equal '' "$(spool_files)"
	atf_check -o inline:'3\n' grep -c 'event=notls' log
}

atf_test_case starttls__a_tunnel_that_breaks_leaves_nothing
starttls__a_tunnel_that_breaks_leaves_nothing_body() {
	provider gone_within_a_message
	atf_check_equal '' "$(spool_files)"
}

atf_test_case starttls__not_asked_for_costs_nothing
starttls__not_asked_for_costs_nothing_body() {
	provider never_asked_for
	atf_check -s exit:1 grep -E 'tls' log
}

atf_test_case start__closes_what_is_not_of_tls
start__closes_what_is_not_of_tls_body() {
	provider other_descriptors_are_closed
}

atf_test_case start__bad_variables_offer_nothing
start__bad_variables_offer_nothing_body() {
	provider bad_variables
}

atf_test_case start__believes_in_tls_that_came_first
start__believes_in_tls_that_came_first_body() {
	provider tls_first
	atf_check -o match:'with ESMTPS$' head -n 1 spool/1.TXT
	atf_check -o match:'id A1 tls TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256; ' \
	    sed -n 2p spool/1.TXT
}

atf_test_case start__believes_in_no_tls_around_a_socket
start__believes_in_no_tls_around_a_socket_body() {
	provider no_tls_around_a_socket
	atf_check -o match:'with ESMTP$' head -n 1 spool/1.TXT
}

atf_init_test_cases() {
	atf_add_test_case starttls__under_a_provider_that_closes_its_end
	atf_add_test_case starttls__under_a_provider_that_keeps_its_end
	atf_add_test_case starttls__asks_a_provider_that_can_be_asked
	atf_add_test_case starttls__is_454_when_the_provider_says_no
	atf_add_test_case starttls__a_handshake_that_fails_ends_the_session
	atf_add_test_case starttls__a_tunnel_that_breaks_leaves_nothing
	atf_add_test_case starttls__not_asked_for_costs_nothing
	atf_add_test_case start__closes_what_is_not_of_tls
	atf_add_test_case start__bad_variables_offer_nothing
	atf_add_test_case start__believes_in_tls_that_came_first
	atf_add_test_case start__believes_in_no_tls_around_a_socket
}
