# The keeper between a client and brokers that do one thing wrong at a time;
# tests/support/keeper.py has the cases.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

cases() {
	atf_check python3 "$(atf_get_srcdir)/../../support/keeper.py" \
	    "${BUILD}/bin/smtpserv-publish" "$@"
}

atf_test_case word__follows_from_what_the_broker_says
word__follows_from_what_the_broker_says_body() {
	cases WORDS
}

atf_test_case word__is_a_yes_only_if_the_broker_said_so_wherever_it_ends
word__is_a_yes_only_if_the_broker_said_so_wherever_it_ends_body() {
	cases ENDS
}

atf_test_case word__comes_in_time_though_the_broker_is_silent
word__comes_in_time_though_the_broker_is_silent_body() {
	cases SILENCES
}

atf_test_case keeper__keeps_what_it_should_and_survives_its_clients
keeper__keeps_what_it_should_and_survives_its_clients_body() {
	cases SCENES
}

atf_init_test_cases() {
	atf_add_test_case word__follows_from_what_the_broker_says
	atf_add_test_case \
	    word__is_a_yes_only_if_the_broker_said_so_wherever_it_ends
	atf_add_test_case keeper__keeps_what_it_should_and_survives_its_clients
	atf_add_test_case word__comes_in_time_though_the_broker_is_silent
}
