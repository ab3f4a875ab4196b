# smtpserv-remote(8): the command line, the report, and servers of many moods.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/remote.subr"

atf_test_case usage__is_a_report
usage__is_a_report_body() {
	# OB-1
	make_remote
	for words in '' 'example.org' 'example.org a@x'; do
		atf_check -o match:'^D.*(#5.3.5)' ${REMOTE} ${words} </dev/null
	done
	atf_check -s exit:100 -e match:'^usage: smtpserv-remote' \
	    ${REMOTE} -n </dev/null
	atf_check -s exit:100 -e match:'^usage: smtpserv-remote' \
	    ${REMOTE} --feed a b </dev/null
}

atf_test_case host__that_is_none_is_refused
host__that_is_none_is_refused_body() {
	# OB-7, OB-188
	make_remote
	for host in 'a b' '-x' '192.0.2.1' '[192.0.2.256]' '[relay]:0' 'a;b'; do
		atf_check -o match:'^D.*(#5.1.2)' \
		    ${REMOTE} "${host}" a@x b@y </dev/null
	done
}

atf_test_case configuration__that_is_wrong_is_not_gone_by
configuration__that_is_wrong_is_not_gone_by_body() {
	make_remote 'smtp.remote.tls = strict'
	atf_check -o match:'^Z.*smtp.remote.tls.*(#4.3.5)' \
	    ${REMOTE} '[127.0.0.1]:1' a@x b@y </dev/null
	atf_check -o match:'^Z.*(#4.3.5)' "${BUILD}/libexec/smtpserv-remote" \
	    -f missing '[127.0.0.1]:1' a@x b@y </dev/null
}

atf_init_test_cases() {
	atf_add_test_case usage__is_a_report
	atf_add_test_case host__that_is_none_is_refused
	atf_add_test_case configuration__that_is_wrong_is_not_gone_by
}
