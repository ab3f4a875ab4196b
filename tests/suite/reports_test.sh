# From the parameters of a session to the report that Python's mail parser
# reads in the sender's Maildir.

. "$(atf_get_srcdir)/../support/smtpserv.subr"

WORK="${BUILD}/bin/smtpserv-work -f ${PWD}/wattcp.cfg"
READ="python3 $(atf_get_srcdir)/../support/read_report.py"

# bruce's mail fails, late's is tried again, the others have Maildirs.
make_table() {
	cat >deliver.txt <<-TABLE
		bruce@gnat |echo "no room for \$RECIPIENT"; exit 100
		late@gnat |echo "not now"; exit 111
		ann@gnat ${PWD}/ann/
		erick@maggot ${PWD}/erick/
		j${O}rg@maggot ${PWD}/joerg/
		root@gnat ${PWD}/postmaster/
	TABLE
	cdb -c -m deliver.cdb deliver.txt
	make_conf "smtp.deliver = ${PWD}/deliver.cdb" \
	    'smtp.postmaster = root@gnat' "$@"
}

# These commands, then a message of these lines on standard input.
send() {
	{
		lines 'EHLO client.example' "$@" 'DATA'
		sed 's/$/\r/'
		lines '.' 'QUIT'
	} | atf_check -o match:'^250 2.0.0 A' -e ignore ${SESSION}
}

deliver() {
	atf_check -s ignore -e ignore ${WORK} --once --now
}

# The message files are these and no others.
stored() {
	atf_check -o inline:"$1\n" echo $(spool_files)
}

# What stands in the only report that the Maildir has.
read_report() {
	atf_check -o inline:'1\n' -x "ls $1/new | wc -l"
	atf_check -o save:read ${READ} "$1"/new/*
}

atf_test_case report__gives_back_what_the_client_said
report__gives_back_what_the_client_said_head() {
	atf_set require.progs "python3 cdb"
}
report__gives_back_what_the_client_said_body() {
	make_table
	send 'MAIL FROM:<erick@maggot> RET=HDRS ENVID=QQ+2B314' \
	    'RCPT TO:<bruce@gnat> NOTIFY=FAILURE,DELAY ORCPT=rfc822;Old+2BBruce@gnat' \
	    'RCPT TO:<ann@gnat> NOTIFY=SUCCESS ORCPT=rfc822;Ann@gnat' \
	    'RCPT TO:<ann@gnat>' <<-'TEXT'
		Message-ID: <beers@maggot>
		Subject: Beers?

		Six?
	TEXT
	deliver
	read_report erick
	atf_check -o match:'^From: Mail delivery <MAILER-DAEMON@gnat.example.test>$' \
	    -o match:'^To: <erick@maggot>$' \
	    -o match:'^In-Reply-To: <beers@maggot>$' \
	    -o match:'^Auto-Submitted: auto-replied$' \
	    -o match:'^Return-Path: <>$' \
	    -o match:'^parts text/plain message/delivery-status text/rfc822-headers$' \
	    -o match:'^Original-Envelope-Id: QQ\+314$' \
	    -o match:'^Reporting-MTA: dns; gnat.example.test$' \
	    -o match:'^Original-Recipient: rfc822;Old\+Bruce@gnat$' \
	    -o match:'^Final-Recipient: rfc822; bruce@gnat$' \
	    -o match:'^Action: failed$' -o match:'^Status: 5.3.0$' \
	    -o match:'^Diagnostic-Code: x-smtpserv; .*no room for.bruce@gnat' \
	    -o match:'^Original-Recipient: rfc822;Ann@gnat$' \
	    -o match:'^Action: delivered$' -o match:'^Status: 2.0.0$' \
	    -o match:'Subject: Beers\?.n$' \
	    -o not-match:'Six' -o not-match:'^defect' cat read
	# The second ann did not ask.
	atf_check -o inline:'2\n' grep -c '^Final-Recipient' read
	# She did not get a second copy either.
	atf_check -o inline:'1\n' -x 'ls ann/new | wc -l'
	stored ''
}

atf_test_case report__is_not_sent_to_who_wants_none
report__is_not_sent_to_who_wants_none_head() {
	atf_set require.progs "python3 cdb"
}
report__is_not_sent_to_who_wants_none_body() {
	make_table
	echo 'Subject: x' | send 'MAIL FROM:<erick@maggot>' \
	    'RCPT TO:<bruce@gnat> NOTIFY=NEVER' \
	    'RCPT TO:<bruce@gnat> NOTIFY=SUCCESS,DELAY' \
	    'RCPT TO:<ann@gnat> NOTIFY=FAILURE'
	deliver
	atf_check -o inline:'1\n' -x 'ls ann/new | wc -l'
	[ ! -e erick ] || atf_fail 'erick got a report'
	stored ''
}

atf_test_case report__of_mail_from_nobody_goes_to_postmaster
report__of_mail_from_nobody_goes_to_postmaster_head() {
	atf_set require.progs "python3 cdb"
}
report__of_mail_from_nobody_goes_to_postmaster_body() {
	make_table
	echo 'Subject: a report of another host' |
	    send 'MAIL FROM:<>' 'RCPT TO:<bruce@gnat>'
	deliver
	read_report postmaster
	atf_check -o match:'^To: <postmaster@gnat.example.test>$' \
	    -o match:'^. which has no sender to be told' \
	    -o match:'^Final-Recipient: rfc822; bruce@gnat$' \
	    -o match:'Subject: a report of another host' \
	    -o not-match:'^defect' cat read
}

atf_test_case report__to_a_user_of_smtputf8_is_global
report__to_a_user_of_smtputf8_is_global_head() {
	atf_set require.progs "python3 cdb"
}
report__to_a_user_of_smtputf8_is_global_body() {
	O=$(printf '\303\266')
	make_table
	printf 'Subject: f\303\274r\n\nSechs?\n' |
	    send "MAIL FROM:<j${O}rg@maggot> SMTPUTF8 BODY=8BITMIME" \
	    'RCPT TO:<bruce@gnat>'
	deliver
	read_report joerg
	atf_check -o match:"^To: <j${O}rg@maggot>\$" \
	    -o match:'^parts text/plain message/global-delivery-status message/global$' \
	    -o match:'^Final-Recipient: rfc822; bruce@gnat$' \
	    -o match:'Subject: f.xc3.xbcr.n.nSechs\?.n$' \
	    -o not-match:'^defect' cat read
}

atf_test_case report__in_a_spool_with_dos_lines
report__in_a_spool_with_dos_lines_head() {
	atf_set require.progs "python3 cdb"
}
report__in_a_spool_with_dos_lines_body() {
	make_table 'smtp.eol = crlf'
	printf 'Subject: x\n\n8 bits: \303\274\n' |
	    send 'MAIL FROM:<erick@maggot> BODY=8BITMIME' 'RCPT TO:<bruce@gnat>'
	deliver
	read_report erick
	atf_check -o match:'^Content-Transfer-Encoding: 8bit$' \
	    -o match:'message/delivery-status message/rfc822$' \
	    -o match:'8 bits: .xc3.xbc' -o not-match:'^defect' cat read
}

# What is hidden in a message cannot speak for us.
atf_test_case report__returns_a_report_within_a_report
report__returns_a_report_within_a_report_head() {
	atf_set require.progs "python3 cdb"
}
report__returns_a_report_within_a_report_body() {
	make_table
	send 'MAIL FROM:<erick@maggot>' 'RCPT TO:<bruce@gnat>' <<-'TEXT'
		Subject: x
		Message-ID: <a@b>
		 <c@d>
		Content-Type: multipart/report; boundary="b"

		--b
		Content-Type: message/delivery-status

		Final-Recipient: rfc822; ann@gnat
		Action: failed

		--b--
	TEXT
	deliver
	mkdir first
	mv erick/new/* first/report
	{ lines 'EHLO client.example' 'MAIL FROM:<erick@maggot>' \
	    'RCPT TO:<bruce@gnat>' 'DATA'
	sed 's/^\./../; s/$/\r/' first/report
	lines '.' 'QUIT'; } | atf_check -o ignore -e ignore ${SESSION}
	deliver
	read_report erick
	atf_check -o match:'^parts text/plain message/delivery-status message/rfc822$' \
	    -o not-match:'^In-Reply-To: <a@b>' -o not-match:'^defect' cat read
	atf_check -o inline:'1\n' grep -c '^Final-Recipient: rfc822; bruce' read
	atf_check -o inline:'0\n' -s exit:1 grep -c \
	    '^Final-Recipient: rfc822; ann' read
}

atf_init_test_cases() {
	atf_add_test_case report__gives_back_what_the_client_said
	atf_add_test_case report__is_not_sent_to_who_wants_none
	atf_add_test_case report__of_mail_from_nobody_goes_to_postmaster
	atf_add_test_case report__to_a_user_of_smtputf8_is_global
	atf_add_test_case report__in_a_spool_with_dos_lines
	atf_add_test_case report__returns_a_report_within_a_report
}
