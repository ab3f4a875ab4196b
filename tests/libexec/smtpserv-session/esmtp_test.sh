# smtpserv-session(8): the extensions that came after 1991, and LMTP and
# submission.  What a table means is told in tests/support/dialog.py.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

# Play the table on descriptor 0; the session's log is then in `log`.
dialog() {
	atf_check -s exit:0 -e save:log \
	    python3 "${BUILD}/tests/support/dialog.py" "$@" -- ${SESSION}
}

# stored FILES: that, and nothing else, is in the spool.
stored() {
	atf_check -o inline:"$1\n" echo $(spool_files)
}

# offers LINE...: EHLO's (or LHLO's) reply has these keywords, `!LINE` not.
offers() {
	lines "${HELO:-EHLO} client.example" >in
	atf_check -o save:out -e ignore ${SESSION} <in
	for keyword; do
		case ${keyword} in
		!*)
			atf_check -s exit:1 \
			    grep -q "^250[- ]${keyword#!}" out ;;
		*)
			atf_check -o ignore grep "^250[- ]${keyword}" out ;;
		esac
	done
}

atf_test_case bdat__chunks_are_one_message
bdat__chunks_are_one_message_head() {
	atf_set descr 'BDAT n reads exactly n octets, a dot is
	    a dot, BDAT 0 LAST ends a message; the number is taken once'
}
bdat__chunks_are_one_message_body() {
	make_conf
	for how in '' --step; do
		dialog ${how} <<-'ROWS'
			250 | EHLO client.example
			250 | MAIL FROM:<erick@maggot>
			250 | RCPT TO:<bruce@gnat>
			- | BDAT 14
			250 2.0.0 / Subject: x\x0d\x0a\x0d\x0a
			250 2.0.0 | BDAT 0
			250 2.0.0 | NOOP
			- | bdat 10
			250 2.0.0 / .\x0d\x0a..\x0d\x0a.\x0d\x0a
			- | BDAT 6 last
			250 2.0.0 / QUIT\x0d\x0a
			250 | MAIL FROM:<>
			250 | RCPT TO:<bruce@gnat>
			- | BDAT 4
			250 / abcd
			250 | BDAT 0 LAST
			221 | QUIT
		ROWS
	done
	stored '1.TXT 1.WRK 2.TXT 2.WRK 3.TXT 3.WRK 4.TXT 4.WRK'
	body 1 >received
	atf_check -o inline:'Subject: x\n\n.\n..\n.\nQUIT\n' cat received
	atf_check -o match:'with ESMTP$' cat spool/1.TXT
	# A last line without an end is given one.
	body 2 >received
	atf_check -o inline:'\nabcd\n' cat received
	atf_check -o inline:'From: \nTo: bruce@gnat\n' cat spool/2.WRK
	atf_check -o match:'accepted number=3 .* size=30 ' cat log
}

atf_test_case bdat__line_ends_are_those_of_data
bdat__line_ends_are_those_of_data_head() {
	atf_set descr 'a CR at the end of one chunk
	    and a LF at the start of the next are a line end; what is bare is
	    harmless, or refused; nothing smuggled'
}
bdat__line_ends_are_those_of_data_body() {
	make_conf
	cat >table <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		- | BDAT 3
		250 / a:\x0d
		- | BDAT 2
		250 / \x0ab
		- | BDAT 1
		250 / \x0a
		- | BDAT 3
		250 / .\x0d\x0d
		250 | BDAT 0
		- | BDAT 5
		250 / \x0a\x00c\x0d\x0d
	ROWS
	{ cat table; echo '250 | BDAT 0 LAST'; } >whole
	dialog <whole
	body 1 >received
	atf_check -o inline:'a:\nb\n.\n c\n' cat received
	make_conf 'smtp.eol = crlf'
	dialog <whole
	body 2 >received
	atf_check -o inline:'a:\r\nb\r\n.\r\n c\r\n' cat received
	make_conf 'smtp.bareeol = reject'
	{ cat table; echo '550 5.6.0 | BDAT 0 LAST'; } >whole
	dialog <whole
	stored '1.TXT 1.WRK 2.TXT 2.WRK'
}

atf_test_case bdat__without_a_transaction_is_dropped
bdat__without_a_transaction_is_dropped_head() {
	atf_set descr 'the octets are read and dropped, then
	    503; no later recipient or chunk makes half a message of it'
}
bdat__without_a_transaction_is_dropped_body() {
	make_conf
	dialog <<-'ROWS'
		- | BDAT 6
		503 5.5.1 / QUIT\x0d\x0a
		503 | BDAT 0 LAST
		250 | EHLO client.example
		- | BDAT 6 LAST
		503 5.5.1 / QUIT\x0d\x0a
		250 | MAIL FROM:<a@b>
		- | BDAT 6
		503 5.5.1 / QUIT\x0d\x0a
		503 5.5.1 | RCPT TO:<c@d>
		503 5.5.1 | MAIL FROM:<a@b>
		- | BDAT 6
		503 5.5.1 / QUIT\x0d\x0a
		- | BDAT 6 LAST
		503 5.5.1 / QUIT\x0d\x0a
		503 5.5.1 | RCPT TO:<c@d>
		250 | MAIL FROM:<a@b>
		501 | RCPT TO:<bad>
		- | BDAT 6 LAST
		503 5.5.1 / QUIT\x0d\x0a
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		- | BDAT 1 LAST
		250 / x
		503 | BDAT 0
		503 | DATA
		250 | RSET
		250 | MAIL FROM:<a@b>
		221 | QUIT
	ROWS
	stored '1.TXT 1.WRK'
	body 1 >received
	atf_check -o inline:'\nx\n' cat received
}

atf_test_case bdat__order_of_commands
bdat__order_of_commands_head() {
	atf_set descr 'between chunks RSET, EHLO and QUIT drop
	    all of them; MAIL, RCPT and DATA are 503; nothing is left behind'
}
bdat__order_of_commands_body() {
	make_conf
	cat >start <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		- | BDAT 5
		250 / first
	ROWS
	for end in '250 | RSET' '250 | EHLO again.example' \
	    '250 | HELO again.example' '221 | QUIT' '- | '; do
		{ cat start; echo "${end}"; } >table
		case ${end} in
		'250 '*)
			cat >>table <<-'ROWS'
				503 | DATA
				250 | MAIL FROM:<a@b>
				250 | RCPT TO:<c@d>
				- | BDAT 6 LAST
				250 / second
			ROWS
			;;
		'- '*)
			# Gone in the middle of a chunk.
			echo '- | BDAT 100 LAST' >>table
			sed '/^- | $/d' table >short
			mv short table
			;;
		esac
		dialog <table
	done
	stored '2.TXT 2.WRK 4.TXT 4.WRK 6.TXT 6.WRK'
	for n in 2 4 6; do
		body ${n} >received
		atf_check -o inline:'\nsecond\n' cat received
	done
	{
		cat start
		cat <<-'ROWS'
			503 5.5.1 | MAIL FROM:<e@f>
			503 5.5.1 | RCPT TO:<e@f>
			503 5.5.1 | DATA
			250 | NOOP
			252 | VRFY x
			214 | HELP
			250 | BDAT 0 LAST
			221 | QUIT
		ROWS
	} >table
	dialog <table
	atf_check -o inline:'From: a@b\nTo: c@d\n' cat spool/9.WRK
}

atf_test_case bdat__malformed_hangs_up
bdat__malformed_hangs_up_head() {
	atf_set descr 'whoever cannot say how many octets follow
	    has lost count, and so have we: the end'
}
bdat__malformed_hangs_up_body() {
	make_conf
	for argument in '' ' ' ' x' ' -1' ' +1' ' 1 FIRST' ' 1 LAST x' \
	    ' LAST' ' 0x1' ' 000000000000000000001' \
	    ' 100000000000000000000' ' 1{501* }LAST' '\x09 1' ' 1\x00'; do
		dialog <<-ROWS
			250 | EHLO client.example
			250 | MAIL FROM:<a@b>
			250 | RCPT TO:<c@d>
			- | BDAT 1
			250 / x
			$(case ${argument} in
			*501*|*'\x0'*) echo '500 5.5.2' ;;
			*) echo '501 5.5.4' ;;
			esac) | BDAT${argument}
			- | NOOP
			- | BDAT 0 LAST
		ROWS
	done
	# Nor does a line end that is none make commands of the octets.
	dialog <<-'ROWS'
		250 | EHLO client.example
		500 5.5.2 / BDAT 6\x0aQUIT\x0d\x0a
		- | NOOP
	ROWS
	# Nor do blanks before the verb.
	dialog <<-'ROWS'
		250 | EHLO client.example
		500 5.5.2 / \x20\x09bdat 6\x0d\x0aQUIT\x0d\x0a
		- | NOOP
	ROWS
	stored ''
}

atf_test_case bdat__twenty_digits_are_counted
bdat__twenty_digits_are_counted_head() {
	atf_set descr 'A size of up to 20 digits is fine, and what comes is text
	    to the end of the session'
}
bdat__twenty_digits_are_counted_body() {
	make_conf 'smtp.maxsize = 0'
	for octets in 99999999999999999999 18446744073709551615 \
	    18446744073709551617; do
		dialog <<-ROWS
			250 | EHLO client.example
			250 | MAIL FROM:<a@b>
			250 | RCPT TO:<c@d>
			- | BDAT ${octets} LAST
			- | QUIT
			- | QUIT
		ROWS
	done
	make_conf
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		- | BDAT 99999999999999999999
		- | QUIT
	ROWS
	stored ''
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		- | BDAT 00000000000000000006 LAST
		250 / QUIT\x0d\x0a
		221 | QUIT
	ROWS
	atf_check -o match:WRK ls spool
}

atf_test_case bdat__too_big_is_552_to_the_last
bdat__too_big_is_552_to_the_last_head() {
	atf_set descr 'the chunk that goes over the limit and
	    all that follow it are read, dropped and refused until LAST or RSET,
	    and the session goes on'
}
bdat__too_big_is_552_to_the_last_body() {
	make_conf 'smtp.maxsize = 10'
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		- | BDAT 6
		250 / 012345
		- | BDAT 5
		552 5.3.4 / 67890
		- | BDAT 6
		552 5.3.4 / QUIT\x0d\x0a
		503 | RCPT TO:<e@f>
		- | BDAT 1 LAST
		552 5.3.4 / x
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		- | BDAT 11
		552 5.3.4 / 0123456789x
		250 | RSET
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		- | BDAT 10 LAST
		250 / 0123456789
		221 | QUIT
	ROWS
	stored '3.TXT 3.WRK'
	# A message is one line of the log, whatever its chunks.
	atf_check -o inline:'2\n' grep -c 'event=refused code=552' log
}

atf_test_case bdat__local_fault_is_told_to_each_chunk
bdat__local_fault_is_told_to_each_chunk_head() {
	atf_set descr 'when no message can be begun, the chunks are
	    read all the same, and get the temporary reply each'
}
bdat__local_fault_is_told_to_each_chunk_body() {
	make_conf
	mkdir spool/sequence.seq
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		- | BDAT 6
		451 4.3.0 / QUIT\x0d\x0a
		- | BDAT 6 LAST
		451 4.3.0 / QUIT\x0d\x0a
		250 | NOOP
		221 | QUIT
	ROWS
	stored ''
}

atf_test_case bdat__floods_end
bdat__floods_end_head() {
	atf_set descr 'chunks of nothing, and chunks out of
	    order, come to an end'
}
bdat__floods_end_body() {
	make_conf 'smtp.maxerrors = 3'
	dialog <<-'ROWS'
		503 | BDAT 0
		503 | BDAT 0
		503 | BDAT 0 LAST
		421 4.7.0 | BDAT 0 LAST
		- | NOOP
	ROWS
	{
		echo '250 | EHLO client.example'
		echo '250 | MAIL FROM:<a@b>'
		echo '250 | RCPT TO:<c@d>'
		i=1
		while [ ${i} -lt 100 ]; do
			echo '250 | BDAT 0'
			i=$((i + 1))
		done
		echo '421 4.7.0 | BDAT 0'
	} >table
	dialog <table
	stored ''
}

atf_test_case binarymime__keeps_every_byte
binarymime__keeps_every_byte_head() {
	atf_set descr 'BODY=BINARYMIME where line ends are kept,
	    there only by BDAT, and then byte for byte'
}
binarymime__keeps_every_byte_body() {
	make_conf 'smtp.eol = crlf' 'smtp.bareeol = reject' \
	    'smtp.envelope = full'
	offers BINARYMIME CHUNKING
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b> BODY=BINARYMIME
		250 | RCPT TO:<c@d>
		503 5.5.1 | DATA
		- | BDAT 8
		250 / \x00\x0a\x0d.\x0d\x0a.\x0d
		- | BDAT 3 LAST
		250 / \x0a\xff\x0d
		501 | MAIL FROM:<a@b> BODY=BINARY
		221 | QUIT
	ROWS
	body 1 >received
	# An empty line ends our header; then they come.
	printf '\r\n\000\n\r.\r\n.\r\n\377\r' >expected
	atf_check cmp received expected
	atf_check -o match:'^Body: BINARYMIME$' -o match:'^Size: 11$' \
	    cat spool/1.WRK
	dialog <<-'ROWS'
		250 | HELO client.example
		501 | MAIL FROM:<a@b> BODY=BINARYMIME
	ROWS
	make_conf
	offers '!BINARYMIME' CHUNKING
	dialog <<-'ROWS'
		250 | EHLO client.example
		501 5.5.4 | MAIL FROM:<a@b> BODY=BINARYMIME
	ROWS
}

atf_test_case dsn__goes_into_the_envelope_as_it_was_sent
dsn__goes_into_the_envelope_as_it_was_sent_head() {
	atf_set descr 'RET and ENVID after all recipients,
	    NOTIFY and ORCPT after theirs; only what was said, for that message'
}
dsn__goes_into_the_envelope_as_it_was_sent_body() {
	make_conf
	offers DSN
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b> RET=hdrs ENVID=QQ+2B314 BODY=8BITMIME SMTPUTF8
		250 | RCPT TO:<c@d> ORCPT=rfc822;Carol+40d NOTIFY=SUCCESS,DELAY
		250 | RCPT TO:<e@f>
		250 | RCPT TO:<g@h> NOTIFY=never
		354 | DATA
		250 | .
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		354 | DATA
		250 | .
		250 | MAIL FROM:<> ENVID={100*x} RET=FULL
		250 | RCPT TO:<c@d> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;{493*x}
		- | BDAT 1 LAST
		250 / x
		221 | QUIT
	ROWS
	atf_check -o inline:'From: a@b
To: c@d
Notify: SUCCESS,DELAY
Orcpt: rfc822;Carol+40d
To: e@f
To: g@h
Notify: never
Body: 8BITMIME
Smtputf8: yes
Envid: QQ+2B314
Ret: HDRS
' cat spool/1.WRK
	atf_check -o inline:'From: a@b\nTo: c@d\n' cat spool/2.WRK
	atf_check -o match:'^Envid: x{100}$' -o match:'^Ret: FULL$' \
	    -o match:'^Orcpt: rfc822;x{493}$' cat spool/3.WRK
	atf_check -e empty -o ignore ${SPOOL} check
}

atf_test_case dsn__malformed_or_repeated_is_501
dsn__malformed_or_repeated_is_501_head() {
	atf_set descr 'values out of form, each parameter
	    once, and no line end hidden in xtext'
}
dsn__malformed_or_repeated_is_501_body() {
	make_conf 'smtp.maxerrors = 100'
	dialog <<-'ROWS'
		250 | EHLO client.example
		501 5.5.4 | MAIL FROM:<a@b> RET=FULL RET=HDRS
		501 5.5.4 | MAIL FROM:<a@b> ENVID=a ENVID=a
		501 5.5.4 | MAIL FROM:<a@b> RET=ALL
		250 | MAIL FROM:<a@b>
		501 5.5.4 | RCPT TO:<c@d> NOTIFY=NEVER,FAILURE
		501 5.5.4 | RCPT TO:<c@d> NOTIFY=SUCCESS NOTIFY=DELAY
		501 5.5.4 | RCPT TO:<c@d> NOTIFY=sometimes
		501 5.5.4 | RCPT TO:<c@d> ORCPT=rfc822;a ORCPT=rfc822;a
		503 | DATA
	ROWS
	stored ''
}

atf_test_case dsn__labels_that_cannot_be_kept_are_dropped
dsn__labels_that_cannot_be_kept_are_dropped_head() {
	atf_set descr 'ENVID and ORCPT do not steer the message: it is taken
	    without them, and the log has the first one'
}
dsn__labels_that_cannot_be_kept_are_dropped_body() {
	for envid in '' '={101*x}' '=+G1' '=a+' '=a+0D+0AQUIT' '=a=b' \
	    '=\xc3\xbc' '=\xff'; do
		make_conf
		rm -f spool/*
		dialog <<-ROWS
			250 | EHLO client.example
			250 | MAIL FROM:<a@b> ENVID${envid} SMTPUTF8
			250 | RCPT TO:<c@d> ORCPT
			250 | RCPT TO:<c@d> ORCPT=c@d
			250 | RCPT TO:<c@d> ORCPT=rfc822;+0A
			250 | RCPT TO:<c@d> ORCPT=rfc822;{494*x}
			250 | RCPT TO:<c@d> ORCPT=rfc822;j\xf6rg@d
			250 | RCPT TO:<c@d> ORCPT=rfc822;a\xe2\x80\xa8b@d
			354 | DATA
			250 | .
		ROWS
		# All six are alike without it, so they are one.
		atf_check -o inline:'From: a@b
To: c@d
Smtputf8: yes
' sh -c 'cat spool/*.WRK'
		atf_check -o inline:'1\n' grep -c 'event=dropped' log
		atf_check -o match:'event=dropped.* parameter="?ENVID' cat log
	done
}

atf_test_case dsn__orcpt_in_bare_utf8_is_kept
dsn__orcpt_in_bare_utf8_is_kept_head() {
	atf_set descr 'bare, as RFC 6533 has it under SMTPUTF8, and as xtext of
	    its bytes, as Postfix relays it: kept in ASCII'
}
dsn__orcpt_in_bare_utf8_is_kept_body() {
	make_conf
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b> SMTPUTF8
		250 | RCPT TO:<j\xc3\xb6rg@d> ORCPT=rfc822;j\xc3\xb6rg@d
		250 | RCPT TO:<j\xc3\xb6rg@d> ORCPT=utf-8;j\xc3\xb6rg@d
		250 | RCPT TO:<j\xc3\xb6rg@d> ORCPT=rfc822;j+C3+B6rg@d
		250 | RCPT TO:<c@d> ORCPT=rfc822;a=b@d NOTIFY=NEVER
		354 | DATA
		250 | .
	ROWS
	# The three spellings are one recipient.
	printf 'From: a@b\n' >expected
	printf 'To: j\303\266rg@d\nOrcpt: utf-8;j\\x{F6}rg@d\n' >>expected
	printf 'To: c@d\nNotify: NEVER\nOrcpt: utf-8;a\\x{3D}b@d\n' >>expected
	printf 'Smtputf8: yes\n' >>expected
	atf_check -o file:expected cat spool/1.WRK
	atf_check -s exit:1 grep event=dropped log
}

atf_test_case dsn__not_offered_is_555
dsn__not_offered_is_555_head() {
	atf_set descr 'HELO offers nothing'
}
dsn__not_offered_is_555_body() {
	make_conf
	dialog <<-'ROWS'
		250 | HELO client.example
		555 5.5.4 | MAIL FROM:<a@b> RET=FULL
		555 5.5.4 | MAIL FROM:<a@b> ENVID=x
		250 | MAIL FROM:<a@b>
		555 5.5.4 | RCPT TO:<c@d> NOTIFY=NEVER
		555 5.5.4 | RCPT TO:<c@d> ORCPT=rfc822;c@d
		250 | RCPT TO:<c@d>
	ROWS
}

atf_test_case requiretls__needs_an_encrypted_session
requiretls__needs_an_encrypted_session_head() {
	atf_set descr 'not offered in clear, and refused with
	    5.7.10 there'
}
requiretls__needs_an_encrypted_session_body() {
	make_conf
	offers '!REQUIRETLS'
	dialog <<-'ROWS'
		250 | EHLO client.example
		530 5.7.10 | MAIL FROM:<a@b> REQUIRETLS
		501 | MAIL FROM:<a@b> REQUIRETLS=yes
		503 | RCPT TO:<c@d>
	ROWS
}

atf_test_case lmtp__greets_and_knows_lhlo_only
lmtp__greets_and_knows_lhlo_only_head() {
	atf_set descr 'LHLO in LMTP alone, HELO and EHLO not in
	    it; PIPELINING and ENHANCEDSTATUSCODES are there'
}
lmtp__greets_and_knows_lhlo_only_body() {
	make_conf
	dialog <<-'ROWS'
		500 5.5.2 | LHLO client.example
		500 5.5.2 | LHLO
		214 | HELP
	ROWS
	SESSION="${SESSION} -l"
	HELO=LHLO offers PIPELINING ENHANCEDSTATUSCODES CHUNKING DSN
	atf_check -o match:'^220 gnat.example.test LMTP SMTPSERV.$' cat out
	dialog <<-'ROWS'
		500 5.5.2 | EHLO client.example
		500 5.5.2 | HELO client.example
		500 5.5.2 | HELO
		501 5.5.4 | LHLO
		503 | MAIL FROM:<a@b>
		250 | LHLO client.example
		250 | MAIL FROM:<a@b>
		503 5.5.1 | DATA
		221 | QUIT
	ROWS
	lines HELP QUIT >in
	atf_check -o match:'^214 2.0.0 LHLO MAIL RCPT .*BDAT' \
	    -o not-match:EHLO -e ignore ${SESSION} <in
}

atf_test_case lmtp__one_reply_for_each_recipient
lmtp__one_reply_for_each_recipient_head() {
	atf_set descr 'in order, for duplicates too, after
	    the dot and after BDAT LAST, accepted or not; one where nobody was'
}
lmtp__one_reply_for_each_recipient_body() {
	make_conf 'smtp.maxsize = 20' 'smtp.envelope = full'
	SESSION="${SESSION} -l"
	dialog <<-'ROWS'
		250 | LHLO client.example
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		501 | RCPT TO:<bad>
		250 | RCPT TO:<c@d>
		250 | RCPT TO:<e@f>
		354 | DATA
		250 2.0.0 | .
		250 2.0.0 / 
		250 2.0.0 / 
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		250 | RCPT TO:<e@f>
		- | BDAT 1
		250 / x
		250 2.0.0 | BDAT 0 LAST
		250 2.0.0 / 
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		250 | RCPT TO:<e@f>
		354 | DATA
		- | {30*x}
		552 5.3.4 | .
		552 5.3.4 / 
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		250 | RCPT TO:<e@f>
		- | BDAT 30
		552 5.3.4 / {30*x}
		- | BDAT 1 LAST
		552 5.3.4 / x
		552 5.3.4 / 
		250 | MAIL FROM:<a@b>
		501 | RCPT TO:<bad>
		- | BDAT 1 LAST
		503 5.5.1 / x
		221 | QUIT
	ROWS
	stored '1.TXT 1.WRK 2.TXT 2.WRK'
	atf_check -o inline:'1\n' grep -c '^To: c@d$' spool/1.WRK
	atf_check -o match:'^Proto: LMTP$' cat spool/1.WRK
	atf_check -o match:' with LMTP$' cat spool/1.TXT
	atf_check -o inline:'2\n' grep -c 'event=refused code=552' log
}

atf_test_case lmtp__more_replies_than_fit
lmtp__more_replies_than_fit_head() {
	atf_set descr 'a thousand recipients, a thousand replies,
	    even if the client sends nothing more before it has them'
}
lmtp__more_replies_than_fit_body() {
	make_conf
	SESSION="${SESSION} -l"
	{
		echo '250 | LHLO client.example'
		echo '250 | MAIL FROM:<a@b>'
		yes '250 | RCPT TO:<c@d>' | head -n 1000
		echo '452 | RCPT TO:<c@d>'
		echo '354 | DATA'
		echo '250 | .'
		yes '250 2.0.0 / ' | head -n 999
		echo '221 | QUIT'
	} >table
	dialog <table
	dialog --step <table
	stored '1.TXT 1.WRK 2.TXT 2.WRK'
}

atf_test_case submission__is_for_those_who_authenticate
submission__is_for_those_who_authenticate_head() {
	atf_set descr 'with -s MAIL before AUTH is 530 5.7.0'
}
submission__is_for_those_who_authenticate_body() {
	make_conf
	SESSION="${SESSION} -s"
	# It would be for nobody.
	atf_check -s exit:100 -o match:'^421 4\.3\.5 ' \
	    -e match:'event=configuration .* key=smtp.auth why="not set' \
	    ${SESSION} </dev/null
	make_conf 'smtp.auth = "/bin/false"'
	dialog <<-'ROWS'
		250 | EHLO client.example
		530 5.7.0 | MAIL FROM:<a@b>
		503 | RCPT TO:<c@d>
		250 | NOOP
		221 | QUIT
	ROWS
	stored ''
}

# A checkpassword program that knows erick, whose password is beer.
make_checkpassword() {
	cat >checkpassword <<-'SCRIPT'
		#!/bin/sh
		tr '\0' '\n' <&3 | {
			read -r user
			read -r password
			[ "${user}/${password}" = erick/beer ]
		} || exit 1
		exec "$@"
	SCRIPT
	chmod +x checkpassword
}

# with PROTOCOL NUMBER: that is what the trace and the envelope say.
with() {
	atf_check -o match:" with $1\$" head -n 1 "spool/$2.TXT"
	atf_check -o match:"^Proto: $1\$" cat "spool/$2.WRK"
}

atf_test_case requiretls__goes_into_the_envelope
requiretls__goes_into_the_envelope_head() {
	atf_set descr 'inside TLS REQUIRETLS is offered, taken
	    and handed on; the protocols that end in S'
}
requiretls__goes_into_the_envelope_body() {
	make_conf 'smtp.envelope = full'
	SSL_PROTOCOL=TLSv1.3
	SSL_CIPHER=TLS_AES_256_GCM_SHA384
	export SSL_PROTOCOL SSL_CIPHER
	offers REQUIRETLS
	dialog <<-'ROWS'
		250 | EHLO client.example
		501 5.5.4 | MAIL FROM:<a@b> REQUIRETLS REQUIRETLS
		250 | MAIL FROM:<a@b> REQUIRETLS ENVID=x
		250 | RCPT TO:<c@d>
		354 | DATA
		250 | .
		250 | MAIL FROM:<a@b> SMTPUTF8
		250 | RCPT TO:<c@d>
		- | BDAT 1 LAST
		250 / x
		250 | HELO client.example
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		354 | DATA
		250 | .
	ROWS
	atf_check -o match:'^Requiretls: yes$' \
	    -o match:'^Tls: TLSv1.3 TLS_AES_256_GCM_SHA384$' cat spool/1.WRK
	atf_check -o not-match:'^Requiretls' cat spool/2.WRK
	with ESMTPS 1
	with UTF8SMTPS 2
	with SMTP 3
	SESSION="${SESSION} -l"
	dialog <<-'ROWS'
		250 | LHLO client.example
		250 | MAIL FROM:<a@b> REQUIRETLS
		250 | RCPT TO:<c@d>
		354 | DATA
		250 | .
		250 | MAIL FROM:<a@b> SMTPUTF8
		250 | RCPT TO:<c@d>
		354 | DATA
		250 | .
	ROWS
	with LMTPS 4
	with UTF8LMTPS 5
}

atf_test_case submission__adds_what_is_missing
submission__adds_what_is_missing_head() {
	atf_set descr 'after AUTH a message is taken,
	    with the Date and Message-ID it lacks; the envelope says who; the
	    protocols that end in A'
}
submission__adds_what_is_missing_body() {
	make_checkpassword
	make_conf 'smtp.envelope = full' "smtp.auth = \"${PWD}/checkpassword\""
	SSL_PROTOCOL=TLSv1.3
	export SSL_PROTOCOL
	MX=${SESSION}
	SESSION="${SESSION} -s"
	dialog <<-'ROWS'
		250 | EHLO client.example
		530 5.7.0 | MAIL FROM:<a@b>
		535 5.7.8 | AUTH PLAIN AGVyaWNrAHdhdGVy
		530 5.7.0 | MAIL FROM:<a@b> AUTH=<>
		235 2.7.0 | AUTH PLAIN AGVyaWNrAGJlZXI=
		250 | MAIL FROM:<a@b> AUTH=e+3Dmc2@b
		250 | RCPT TO:<c@d>
		354 | DATA
		- | Subject: beer
		- | 
		- | Date: in the text
		250 | .
		250 | MAIL FROM:<a@b> SMTPUTF8
		250 | RCPT TO:<c@d>
		- | BDAT 12
		250 / date: today\x0d
		250 | RSET
		250 | MAIL FROM:<a@b> SMTPUTF8
		250 | RCPT TO:<c@d>
		- | BDAT 20 LAST
		250 / date: today\x0d\x0ato: x\x0d\x0a
		221 | QUIT
	ROWS
	with ESMTPSA 1
	with UTF8SMTPSA 3
	atf_check -o match:'^Auth: erick$' -o match:'^Tls: TLSv1.3$' \
	    -o match:'^Size: 36$' cat spool/1.WRK
	body 1 | sed 's/^Date: [MTWFS][a-z][a-z], .* +0000$/DATE/
		s/^Message-ID: <A1\.[0-9a-f]*@gnat\.example\.test>$/ID/' >received
	atf_check -o inline:'Subject: beer\nDATE\nID\n\nDate: in the text\n' \
	    cat received
	body 3 >received
	atf_check -o match:'^Message-ID: <A3\.[0-9a-f]*@gnat\.example\.test>$' \
	    -o not-match:'^Date:' cat received
	# What was added is what the log has.
	atf_check -o match:'event=accepted number=3 .* msgid=<A3\.[0-9a-f]*@gnat' \
	    cat log
	# Who receives mail for others adds nothing (RFC 5321 6.4).
	SESSION=${MX}
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		354 | DATA
		250 | .
	ROWS
	body 4 >received
	atf_check -o empty cat received
	with ESMTPS 4
	SESSION="${MX} -l"
	dialog <<-'ROWS'
		250 | LHLO client.example
		235 2.7.0 | AUTH PLAIN AGVyaWNrAGJlZXI=
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		354 | DATA
		250 | .
		250 | MAIL FROM:<a@b> SMTPUTF8
		250 | RCPT TO:<c@d>
		354 | DATA
		250 | .
	ROWS
	with LMTPSA 5
	with UTF8LMTPSA 6
	unset SSL_PROTOCOL
	make_conf 'smtp.envelope = full' 'smtp.auth.plaintext = yes' \
	    "smtp.auth = \"${PWD}/checkpassword\""
	SESSION=${MX}
	dialog <<-'ROWS'
		250 | EHLO client.example
		235 2.7.0 | AUTH PLAIN AGVyaWNrAGJlZXI=
		250 | MAIL FROM:<a@b> AUTH=<>
		250 | RCPT TO:<c@d>
		354 | DATA
		250 | .
	ROWS
	with ESMTPA 7
}

atf_test_case dsn__is_not_offered_where_it_would_be_lost
dsn__is_not_offered_where_it_would_be_lost_head() {
	atf_set descr 'a qmail-queue program knows no DSN, no
	    REQUIRETLS'
}
dsn__is_not_offered_where_it_would_be_lost_body() {
	make_conf 'smtp.queue = "/bin/true"'
	offers CHUNKING '!DSN' '!REQUIRETLS'
	SSL_PROTOCOL=TLSv1.3
	export SSL_PROTOCOL
	offers CHUNKING '!DSN' '!REQUIRETLS'
	dialog <<-'ROWS'
		250 | EHLO client.example
		555 5.5.4 | MAIL FROM:<a@b> RET=FULL
		555 5.5.4 | MAIL FROM:<a@b> REQUIRETLS
		250 | MAIL FROM:<a@b>
		555 5.5.4 | RCPT TO:<c@d> NOTIFY=NEVER
	ROWS
}

atf_init_test_cases() {
	atf_add_test_case bdat__chunks_are_one_message
	atf_add_test_case bdat__line_ends_are_those_of_data
	atf_add_test_case bdat__without_a_transaction_is_dropped
	atf_add_test_case bdat__order_of_commands
	atf_add_test_case bdat__malformed_hangs_up
	atf_add_test_case bdat__twenty_digits_are_counted
	atf_add_test_case bdat__too_big_is_552_to_the_last
	atf_add_test_case bdat__local_fault_is_told_to_each_chunk
	atf_add_test_case bdat__floods_end
	atf_add_test_case binarymime__keeps_every_byte
	atf_add_test_case dsn__goes_into_the_envelope_as_it_was_sent
	atf_add_test_case dsn__malformed_or_repeated_is_501
	atf_add_test_case dsn__labels_that_cannot_be_kept_are_dropped
	atf_add_test_case dsn__orcpt_in_bare_utf8_is_kept
	atf_add_test_case dsn__not_offered_is_555
	atf_add_test_case requiretls__needs_an_encrypted_session
	atf_add_test_case lmtp__greets_and_knows_lhlo_only
	atf_add_test_case lmtp__one_reply_for_each_recipient
	atf_add_test_case lmtp__more_replies_than_fit
	atf_add_test_case requiretls__goes_into_the_envelope
	atf_add_test_case submission__adds_what_is_missing
	atf_add_test_case dsn__is_not_offered_where_it_would_be_lost
	atf_add_test_case submission__is_for_those_who_authenticate
}
