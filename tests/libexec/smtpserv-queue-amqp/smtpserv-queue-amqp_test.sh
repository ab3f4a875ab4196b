# smtpserv-queue-amqp(8): what it hands to a keeper, and what it makes of its
# word, or of none.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

PROGRAM="${BUILD}/libexec/smtpserv-queue-amqp"

# As what is tried is one, it is also the name of the case in keepercall.py.
keeper() {
	make_conf
	atf_check -s exit:0 -o ignore -e ignore \
	    python3 "${BUILD}/tests/support/keepercall.py" "$1" \
	    "${PWD}/wattcp.cfg" "${PROGRAM}" "${BUILD}/libexec/smtpserv-session"
}

# Q1, Q3, Q4, Q5
atf_test_case message__is_handed_over_with_one_id
message__is_handed_over_with_one_id_body() {
	keeper taken
}

# E2
atf_test_case envelope__whole_one_is_handed_over
envelope__whole_one_is_handed_over_body() {
	keeper whole
}

# Q1, Q2
atf_test_case message__bad_ones_are_not_handed_over
message__bad_ones_are_not_handed_over_body() {
	keeper inputs
}

# Q4
atf_test_case keeper__has_the_word
keeper__has_the_word_body() {
	keeper answers
}

# Q4: no exit 0 by anything else.
atf_test_case keeper__that_lies_is_not_believed
keeper__that_lies_is_not_believed_body() {
	keeper lies
}

atf_test_case keeper__that_dies_is_74
keeper__that_dies_is_74_body() {
	keeper dies
}

atf_test_case keeper__that_is_not_there_is_73
keeper__that_is_not_there_is_73_body() {
	keeper nobody
}

atf_test_case keeper__that_is_silent_is_72_in_time
keeper__that_is_silent_is_72_in_time_body() {
	keeper waits
}

atf_test_case signal__ends_it_until_all_is_read
signal__ends_it_until_all_is_read_body() {
	keeper signals
}

# Q5, and the table of exit codes.
atf_test_case session__replies_by_the_cause
session__replies_by_the_cause_body() {
	keeper session
}

atf_test_case usage__is_told
usage__is_told_body() {
	usage='usage: smtpserv-queue-amqp [-f file]\n'
	atf_check -o inline:"${usage}" ${PROGRAM} --help
	for wrong in -l -f 'x y'; do
		atf_check -s exit:100 -e inline:"${usage}" \
		    ${PROGRAM} ${wrong} </dev/null
	done
	atf_check -s exit:54 -e ignore ${PROGRAM} <&-
}

atf_init_test_cases() {
	atf_add_test_case message__is_handed_over_with_one_id
	atf_add_test_case envelope__whole_one_is_handed_over
	atf_add_test_case message__bad_ones_are_not_handed_over
	atf_add_test_case keeper__has_the_word
	atf_add_test_case keeper__that_lies_is_not_believed
	atf_add_test_case keeper__that_dies_is_74
	atf_add_test_case keeper__that_is_not_there_is_73
	atf_add_test_case keeper__that_is_silent_is_72_in_time
	atf_add_test_case signal__ends_it_until_all_is_read
	atf_add_test_case session__replies_by_the_cause
	atf_add_test_case usage__is_told
}
