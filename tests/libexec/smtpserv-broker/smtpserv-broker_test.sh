# smtpserv-broker(8): what it runs, and what becomes of that.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

PROGRAM="${BUILD}/libexec/smtpserv-broker"

# As what is tried is one, it is also the name of the case in brokercall.py.
broker() {
	atf_check -s exit:0 -o ignore -e ignore \
	    python3 "${BUILD}/tests/support/brokercall.py" "$1" "${PROGRAM}"
}

atf_test_case queue__gets_message_and_envelope_and_nothing_else
queue__gets_message_and_envelope_and_nothing_else_body() {
	broker taken
	broker large
}

# E1
atf_test_case queue__gets_the_whole_envelope
queue__gets_the_whole_envelope_body() {
	broker whole
}

atf_test_case queue__says_by_code_and_words
queue__says_by_code_and_words_body() {
	broker codes
	broker words
}

atf_test_case queue__that_ends_early_has_its_code
queue__that_ends_early_has_its_code_body() {
	broker early
}

atf_test_case queue__that_hangs_is_ended
queue__that_hangs_is_ended_body() {
	broker hangs
}

atf_test_case queue__sees_what_is_given_up
queue__sees_what_is_given_up_body() {
	broker aborts
	broker session_ends_at_commit
	broker stops
}

atf_test_case broker__that_dies_takes_its_program_along
broker__that_dies_takes_its_program_along_body() {
	broker killed
}

atf_test_case login__is_asked_of_checkpassword
login__is_asked_of_checkpassword_body() {
	broker logins
}

atf_test_case login__in_trouble_is_for_now
login__in_trouble_is_for_now_body() {
	broker login_trouble
}

atf_test_case record__that_is_none_is_the_end
record__that_is_none_is_the_end_body() {
	broker nonsense
}

atf_test_case usage__is_told
usage__is_told_body() {
	usage='usage: smtpserv-broker [-a command] [-e] [-q command] [-t seconds]\n'
	atf_check -o inline:"${usage}" ${PROGRAM} --help
	for wrong in '-x' '-t' '-t 0' '-t 3601' '-t x' 'a'; do
		atf_check -s exit:100 -e inline:"${usage}" \
		    ${PROGRAM} ${wrong} </dev/null
	done
	atf_check -s exit:111 ${PROGRAM} -q /bin/true </dev/null
}

atf_init_test_cases() {
	atf_add_test_case queue__gets_message_and_envelope_and_nothing_else
	atf_add_test_case queue__gets_the_whole_envelope
	atf_add_test_case queue__says_by_code_and_words
	atf_add_test_case queue__that_ends_early_has_its_code
	atf_add_test_case queue__that_hangs_is_ended
	atf_add_test_case queue__sees_what_is_given_up
	atf_add_test_case broker__that_dies_takes_its_program_along
	atf_add_test_case login__is_asked_of_checkpassword
	atf_add_test_case login__in_trouble_is_for_now
	atf_add_test_case record__that_is_none_is_the_end
	atf_add_test_case usage__is_told
}
