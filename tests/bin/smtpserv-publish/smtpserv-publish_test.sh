# smtpserv-publish as a person types it.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

PUBLISH="${BUILD}/bin/smtpserv-publish"

atf_test_case main__refuses_a_wrong_command_line
main__refuses_a_wrong_command_line_body() {
	make_conf
	for words in 'chekc' '-x check' 'check more' 'check -x'; do
		# shellcheck disable=SC2086 # words
		atf_check -s exit:100 -e match:'^usage: ' ${PUBLISH} ${words}
	done
	echo 'smtp.amqp.nodes = nothing' >>wattcp.cfg
	atf_check -s exit:100 -e match:'smtp.amqp.nodes' \
	    ${PUBLISH} -f wattcp.cfg check
}

atf_init_test_cases() {
	atf_add_test_case main__refuses_a_wrong_command_line
}
