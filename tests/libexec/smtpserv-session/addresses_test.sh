# smtpserv-session(8) against a table of what real senders say: addresses and
# greetings, beside what Postfix and Exim answer.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

VERDICTS="${BUILD}/tests/support/verdicts.py"
TABLE="${BUILD}/tests/support/addresses.txt"

atf_test_case table__we_answer_as_it_says
table__we_answer_as_it_says_body() {
	make_conf
	atf_check -e save:log python3 "${VERDICTS}" "${TABLE}" ${SESSION}
}

atf_test_case table__what_only_we_refuse_has_a_reason
table__what_only_we_refuse_has_a_reason_head() {
	atf_set descr 'what both others take is refused in the last part only,
	    in which nothing else stands'
}
table__what_only_we_refuse_has_a_reason_body() {
	atf_check awk '
		/^# Kept out, though both others take them\./ { is_last = 1 }
		!/^[0-9]/ { next }
		(/^5.. 250 250 / ? 1 : 0) != is_last { print }
		is_last { found++ }
		END { if (found == 0) print "no last part" }' "${TABLE}"
}

atf_test_case senders__get_their_mail_through
senders__get_their_mail_through_head() {
	atf_set descr 'what mailing lists, RAID controllers, carriers of Japan
	    and owners of name servers send is stored for whom it is for'
}
senders__get_their_mail_through_body() {
	make_conf
	verp=bounces+0123456789-0123456789-0123456789-0123456789-ab12-bruce=gnat
	cat >rows <<-ROWS
		<${verp}@em1.example>|${verp}@em1.example
		<.try..this.@docomo.example>|.try..this.@docomo.example
		raid@maggot.example|raid@maggot.example
		 raid@maggot.example|raid@maggot.example
		\\traid@maggot.example|raid@maggot.example
		\\t<raid@maggot.example>|raid@maggot.example
		< raid@maggot.example >|raid@maggot.example
		<erick@maggot.example.>|erick@maggot.example
		<erick@maggot.example>\\tSIZE=9\\tBODY=7BIT|erick@maggot.example
		<erick@maggot.example> AUTH=<>|erick@maggot.example
		<erick@maggot.example> AUTH=+ZZ|erick@maggot.example
		< >|
	ROWS
	while IFS= read -r row; do
		rm -f spool/*
		path=$(printf %b "${row%|*}")
		rcpt=$(expr "${path}" : "\([^>]*>\{0,1\}\)")
		lines 'EHLO [2001:db8::19]' "MAIL FROM:${path}" \
		    "RCPT TO:${rcpt}" 'RCPT TO: Postmaster' DATA . QUIT >in
		atf_check -o match:'^250 2.0.0 A1 accepted' -e save:log \
		    ${SESSION} <in
		echo "From: ${row#*|}" >expected
		test -z "${row#*|}" || echo "To: ${row#*|}" >>expected
		echo 'To: Postmaster' >>expected
		atf_check -o file:expected cat spool/1.WRK
		atf_check -s exit:1 grep event=dropped log
	done <rows
}

atf_init_test_cases() {
	atf_add_test_case table__we_answer_as_it_says
	atf_add_test_case table__what_only_we_refuse_has_a_reason
	atf_add_test_case senders__get_their_mail_through
}
