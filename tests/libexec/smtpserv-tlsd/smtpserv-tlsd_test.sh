# smtpserv-tlsd(8) by itself; what it does for smtpserv-tls(8) is tested there.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/tls.subr"

TLSD="${BUILD}/libexec/smtpserv-tlsd -f ${PWD}/wattcp.cfg"

atf_test_case trial__names_the_file
trial__names_the_file_head() {
	atf_set require.progs openssl
}
trial__names_the_file_body() {
	make_tls_conf
	atf_check ${TLSD} n
	rm cert.pem
	atf_check -s exit:111 -e match:"event=nokey file=${PWD}/cert.pem why=" \
	    ${TLSD} n
}

atf_test_case usage__is_told
usage__is_told_body() {
	make_conf
	for wrong in '' 'n n' '? 3 4 5' '? 1 4 5 9' '? 3 4 5 0' 'x 3 4 5 9' \
	    '-x n' '-t 0 n' '-t 99999 n'; do
		# A question mark is no pattern here.
		set -f
		atf_check -s exit:100 -e match:'event=usage' ${TLSD} ${wrong}
		set +f
	done
}

atf_init_test_cases() {
	atf_add_test_case trial__names_the_file
	atf_add_test_case usage__is_told
}
