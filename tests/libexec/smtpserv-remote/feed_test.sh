# smtpserv-remote(8) --feed: what it tells the worker, and what it sends.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

PROGRAM="${BUILD}/libexec/smtpserv-remote"

# As what is tried is one, it is also the name of the case in feedcall.py.
feed() {
	atf_check -o ignore -e ignore \
	    python3 "${BUILD}/tests/support/feedcall.py" "$1" "${PROGRAM}"
}

CASES='many exactly_once worker_dies worker_dies_in_doubt
worker_dies_while_it_connects gives_up nonsense
no_text large recipients hop_fails idle_closed idle_ends many_enough filtered
talker_dies dialer_dies'

for case in ${CASES}; do
	atf_test_case "feed__${case}"
	eval "feed__${case}_body() { feed ${case}; }"
done

atf_init_test_cases() {
	for case in ${CASES}; do
		atf_add_test_case "feed__${case}"
	done
}
