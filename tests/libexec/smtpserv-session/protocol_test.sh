# smtpserv-session(8) against the numbered statements of the RFCs' demands;
# what a table means is told in tests/support/dialog.py.

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

# check_body NUMBER WHAT: the message without its trace is what atf_check says.
check_body() {
	body "$1" >received
	shift
	atf_check "$@" cat received
}

atf_test_case session__greets_with_its_name
session__greets_with_its_name_head() {
	atf_set descr '220, and the first word is our domain'
}
session__greets_with_its_name_body() {
	make_conf
	atf_check -o inline:'220 gnat.example.test ESMTP SMTPSERV\n221 2.0.0 bye\n' \
	    -x "printf 'QUIT\r\n' | ${SESSION} 2>log | tr -d '\r'"
}

atf_test_case ehlo__lists_each_extension_that_works
ehlo__lists_each_extension_that_works_head() {
	atf_set descr 'EHLO is 250, our domain, then
	    keywords with a dash on all but the last; SIZE and LIMITS say what
	    is enforced; nothing is offered that is not there'
}
ehlo__lists_each_extension_that_works_body() {
	make_conf 'smtp.maxsize = 4096' 'smtp.maxrcpts = 123'
	lines 'EHLO client.example' >in
	atf_check -o inline:'250-gnat.example.test
250-PIPELINING
250-8BITMIME
250-SMTPUTF8
250-ENHANCEDSTATUSCODES
250-CHUNKING
250-DSN
250-SIZE 4096
250-LIMITS RCPTMAX=123
250 HELP
' -x "${SESSION} <in 2>log | tr -d '\r' | sed 1d"
	make_conf 'smtp.maxsize = 0'
	atf_check -o match:'^250-SIZE 0$' -x "${SESSION} <in 2>log | tr -d '\r'"
}

atf_test_case helo__is_one_line
helo__is_one_line_head() {
	atf_set descr 'HELO is one 250 line without keywords'
}
helo__is_one_line_body() {
	make_conf
	lines 'HELO client.example' >in
	atf_check -o inline:'250 gnat.example.test\n' \
	    -x "${SESSION} <in 2>log | tr -d '\r' | sed 1d"
}

atf_test_case ehlo__argument_is_one_printable_word
ehlo__argument_is_one_printable_word_head() {
	atf_set descr 'none is 501, a name need not
	    exist, nor be one: but it is short, and has no blank in it'
}
ehlo__argument_is_one_printable_word_body() {
	make_conf
	dialog <<-'ROWS'
		501 | EHLO
		501 | HELO
		501 | EHLO 
		501 | HELO   
		250 | EHLO no-such-host.invalid
		250 | EHLO localhost
		250 | EHLO [192.0.2.1]
		250 | EHLO [IPv6:2001:db8::1]
		250 | HELO [192.0.2.1]
		250 | ehlo client.example
		250 | EHLO under_score.example
		250 | EHLO xn--mller-kva.example
		250 | EHLO m\xc3\xbcller.example
		501 | EHLO m\xfcller.example
		501 | EHLO two words
		500 | EHLO two\x09words
		500 | EHLO two\x01words
		250 | EHLO [192.0.2.256]
		250 | EHLO [2001:db8::1]
		250 | EHLO [IPv6:2001:db8::1::2]
		250 | EHLO [192.0.2.1
		250 | EHLO -client.example
		250 | EHLO client-.example
		250 | EHLO client.example.
		250 | EHLO client..example
		250 | EHLO <client>
		250 | EHLO (client)
		250 | EHLO {63*a}.{63*b}.{63*c}.{61*d}.e
		501 | EHLO {63*a}.{63*b}.{63*c}.{62*d}.e
		250 | EHLO {64*a}.example
	ROWS
}

atf_test_case ehlo__what_is_not_a_name_stays_out_of_the_trace
ehlo__what_is_not_a_name_stays_out_of_the_trace_head() {
	atf_set descr 'the address stands in for it, or "unknown" if there is
	    none; the log and a full envelope have it as it was sent'
}
ehlo__what_is_not_a_name_stays_out_of_the_trace_body() {
	make_conf 'smtp.envelope = full'
	check_trace 'maggot.example' 'maggot.example'
	check_trace 'maggot.example.' 'maggot.example'
	check_trace '-maggot-.example' '-maggot-.example'
	check_trace '[2001:db8::19]' '\[2001:db8::19\]'
	for name in 'a..b' '(maggot' 'maggot)' '<maggot>' 'a@b' 'a;b' '"a' \
	    '[192.0.2.256]' 'm\303\274ller' 'a\\b'; do
		check_trace "${name}" '\[192.0.2.9\]'
	done
	dialog <<-'ROWS'
		250 | HELO a..b
		250 | MAIL FROM:<erick@maggot>
		250 | RCPT TO:<bruce@gnat>
		354 | DATA
		250 | .
	ROWS
	atf_check -o match:'^Received: from unknown by gnat.example.test with' \
	    cat spool/2.TXT
}

# check_trace GREETING SHOWN: the name in the trace, a pattern.
check_trace() {
	rm -f spool/*
	lines "$(printf "EHLO $1")" 'MAIL FROM:<erick@maggot>' \
	    'RCPT TO:<bruce@gnat>' DATA . QUIT >in
	atf_check -o match:'^250 2.0.0 A1 accepted' -e save:log \
	    env PROTO=TCP TCPREMOTEIP=192.0.2.9 ${SESSION} <in
	atf_check -o match:"^Received: from $2 \(\[192.0.2.9\]\) by gnat" \
	    head -n 1 spool/1.TXT
	printf "Helo: $1\n" >expected
	atf_check -o file:expected grep ^Helo: spool/1.WRK
}

atf_test_case ehlo__forgets_the_transaction
ehlo__forgets_the_transaction_head() {
	atf_set descr 'EHLO or HELO is RSET too; one that gets
	    501 changes nothing'
}
ehlo__forgets_the_transaction_body() {
	make_conf
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<erick@maggot>
		250 | RCPT TO:<bruce@gnat>
		250 | EHLO client.example
		503 | DATA
		503 | RCPT TO:<bruce@gnat>
		250 | MAIL FROM:<erick@maggot>
		250 | RCPT TO:<bruce@gnat>
		250 | HELO client.example
		503 | DATA
		250 | MAIL FROM:<erick@maggot>
		501 | EHLO
		501 | HELO not a name
		250 | RCPT TO:<bruce@gnat>
		501 | EHLO non sense
		354 | DATA
		250 | .
	ROWS
	stored '1.TXT 1.WRK'
}

atf_test_case mail__needs_a_greeting
mail__needs_a_greeting_head() {
	atf_set descr 'MAIL before EHLO is 503; what asks for no
	    mail works'
}
mail__needs_a_greeting_body() {
	make_conf
	dialog <<-'ROWS'
		503 5.5.1 | MAIL FROM:<erick@maggot>
		503 5.5.1 | RCPT TO:<bruce@gnat>
		503 5.5.1 | DATA
		250 | NOOP
		214 | HELP
		252 | VRFY bruce
		502 | EXPN list
		250 | RSET
		503 | MAIL FROM:<erick@maggot>
		501 | EHLO
		503 | MAIL FROM:<erick@maggot>
		221 | QUIT
	ROWS
}

atf_test_case command__case_matters_in_local_parts_only
command__case_matters_in_local_parts_only_head() {
	atf_set descr 'verbs, FROM: and TO: in any case; addresses
	    are kept as they are'
}
command__case_matters_in_local_parts_only_body() {
	make_conf
	dialog <<-'ROWS'
		250 | eHlO client.example
		250 | mAiL fRoM:<Erick.MiXed@Maggot.EXAMPLE> sIzE=10 bOdY=8bitmime
		250 | rCpT tO:<BRUCE@gnat>
		354 | dAtA
		250 | .
		250 | nOoP
		250 | rSeT
		214 | hElP
		252 | vRfY x
		221 | qUiT
	ROWS
	atf_check -o inline:'From: Erick.MiXed@Maggot.EXAMPLE
To: BRUCE@gnat
Body: 8BITMIME
' cat spool/1.WRK
}

atf_test_case command__of_another_protocol_is_421_and_the_end
command__of_another_protocol_is_421_and_the_end_head() {
	atf_set descr 'what a web page makes a browser
	    post is not obeyed; a client of SSH or TLS is told, and does not wait'
}
command__of_another_protocol_is_421_and_the_end_body() {
	make_conf
	{
		lines 'POST / HTTP/1.1' 'Host: 127.0.0.1:25' \
		    'Content-Type: text/plain;charset=UTF-8' '' 'EHLO evil'
		message evil
		lines QUIT
	} | ${SESSION} >out 2>log
	codes >got
	atf_check -o inline:'220\n421\n' cat got
	atf_check -o match:'event=refused code=421 .*HTTP.* command=POST$' \
	    -o match:'event=end why="hung up" accepted=0 refused=1' cat log
	spool_files >got
	atf_check -o empty cat got
	# These wait for an answer, and need not have sent a line end.
	mkfifo in
	for hello in SSH-2.0-x\\r\\n \\026\\003\\001\\002\\000\\001; do
		${SESSION} <in >out 2>log &
		exec 3>in
		printf "${hello}" >&3
		wait $!
		exec 3>&-
		atf_check -o match:'^421 4\.7\.0 .*(SSH|TLS)' cat out
		atf_check -o match:'event=refused code=421 .*(SSH|TLS)' cat log
	done
}

atf_test_case command__unknown_is_500_and_absent_is_502
command__unknown_is_500_and_absent_is_502_head() {
	atf_set descr 'nonsense is 500, a verb of some RFC that is not there 502'
}
command__unknown_is_500_and_absent_is_502_body() {
	make_conf
	dialog <<-'ROWS'
		500 5.5.2 | FOO
		500 5.5.2 |
		500 5.5.2 | MAILFROM <a@b>
		500 5.5.2 | EHLOclient
		500 5.5.2 | QUITE
		500 5.5.2 | QUI
		500 5.5.2 |  NOOP
		500 5.5.2 | \x09NOOP
		500 5.5.2 | LHLO client.example
		500 5.5.2 | XCLIENT ADDR=192.0.2.1
		500 5.5.2 | PROXY TCP4 192.0.2.1 192.0.2.2 1 2
		502 5.5.1 | EXPN list
		502 5.5.1 | ETRN example.org
		502 5.5.1 | TURN
		502 5.5.1 | SEND FROM:<a@b>
		502 5.5.1 | SOML FROM:<a@b>
		502 5.5.1 | SAML FROM:<a@b>
		502 5.5.1 | AUTH PLAIN AGEAYgA=
		502 5.5.1 | auth LOGIN
		502 5.5.1 | STARTTLS
		250 | NOOP
	ROWS
}

atf_test_case command__line_limits_are_exact
command__line_limits_are_exact_head() {
	atf_set descr '512 octets with CR LF, 53 more
	    for MAIL; longer is 500 and the session stays in step'
}
command__line_limits_are_exact_body() {
	make_conf
	dialog <<-'ROWS'
		250 | NOOP {505*x}
		500 | NOOP {506*x}
		500 | {511*x}
		250 | EHLO client.example
		500 | MAIL FROM:<a@b>{1176* }
		250 | MAIL FROM:<a@b>{1175* }
		500 | RCPT TO:<a@b>{1034* }
		250 | RCPT TO:<a@b>{1033* }
		500 | NOOP {2039*x}
		500 | NOOP {2040*x}
		500 | NOOP {2041*x}
		500 | NOOP {2042*x}
		500 | NOOP {2043*x}
		500 | NOOP {2044*x}
		500 | {4096*x}
		500 | {30000*x}
		250 | NOOP
		354 | DATA
		250 | .
	ROWS
	stored '1.TXT 1.WRK'
}

atf_test_case command__bare_lf_is_500_and_drops_to_crlf
command__bare_lf_is_500_and_drops_to_crlf_head() {
	atf_set descr 'RFC 5321 2.3.8: a bare LF in a command gets
	    500 at once, and nothing up to the next CR LF is a command'
}
command__bare_lf_is_500_and_drops_to_crlf_body() {
	make_conf
	cat >table <<-'ROWS'
		500 5.5.2 / EHLO client.example\x0a
		- / NOOP\x0aQUIT\x0a
		- / QUIT\x0d
		- / \x0dQUIT\x0a
		- / \x0d
		- / \x0a
		250 / EHLO client.example\x0d\x0a
		500 / \x0a
		- / QUIT\x0d\x0a
		500 / {3000*x}
		- / \x0aQUIT\x0a\x0d\x0a
		250 | NOOP
		500 | MAIL FROM:<a@b>\x0aRCPT TO:<c@d>
		503 | RCPT TO:<c@d>
		500 | NOOP\x0dQUIT
		500 | \x0dNOOP
		500 | NOOP\x0d
		500 | NOOP \x00
		500 | NO\x00OP
		500 | NOOP \x07
		500 | NOOP \x7f
		250 | NOOP
	ROWS
	dialog <table
	dialog --step <table
	dialog --step --channel unix <table
}

atf_test_case quit__is_the_last_word
quit__is_the_last_word_head() {
	atf_set descr 'QUIT is 221 and the end,
	    in a transaction too; with an argument 501; nothing behind it is
	    obeyed'
}
quit__is_the_last_word_body() {
	make_conf
	dialog <<-'ROWS'
		250 | EHLO client.example
		501 | QUIT now
		250 | MAIL FROM:<erick@maggot>
		250 | RCPT TO:<bruce@gnat>
		221 2.0.0 | QUIT
		- | DATA
		- | never seen
		- | .
		- | MAIL FROM:<erick@maggot>
		- | NOOP
	ROWS
	stored ''
	dialog --step --channel tcp <<-'ROWS'
		250 | EHLO client.example
		221 | QUIT
	ROWS
	atf_check -o match:'event=end why=quit' cat log
}

atf_test_case rset_noop__are_250
rset_noop__are_250_head() {
	atf_set descr 'RSET 250 (argument 501), NOOP with
	    and without text, HELP 214'
}
rset_noop__are_250_body() {
	make_conf
	dialog <<-'ROWS'
		250 | RSET
		501 | RSET now
		250 | EHLO client.example
		250 | MAIL FROM:<erick@maggot>
		501 | RSET now
		250 | RCPT TO:<bruce@gnat>
		250 | NOOP
		250 | NOOP some text
		214 | HELP
		214 | HELP MAIL
		250 | RSET
		250 | RSET
		503 | DATA
		250 | MAIL FROM:<erick@maggot>
	ROWS
	stored ''
}

atf_test_case vrfy__promises_nothing
vrfy__promises_nothing_head() {
	atf_set descr 'VRFY is 252, with SMTPUTF8 too; without
	    an argument 501'
}
vrfy__promises_nothing_body() {
	make_conf
	dialog <<-'ROWS'
		252 | VRFY bruce
		252 | VRFY <bruce@gnat>
		252 | VRFY br\xc3\xbcce SMTPUTF8
		501 | VRFY
	ROWS
}

atf_test_case mail__null_sender
mail__null_sender_head() {
	atf_set descr 'MAIL FROM:<> is 250, and stored as From:
	    and nothing'
}
mail__null_sender_body() {
	make_conf
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 2.1.0 | MAIL FROM:<>
		250 2.1.5 | RCPT TO:<bruce@gnat>
		501 5.1.3 | RCPT TO:<>
		354 | DATA
		250 2.0.0 | .
	ROWS
	atf_check -o inline:'From: \nTo: bruce@gnat\n' cat spool/1.WRK
}

atf_test_case mail__second_is_503
mail__second_is_503_head() {
	atf_set descr 'the order of MAIL, RCPT and
	    DATA; a second MAIL is refused and the first stays; after the dot
	    all begins anew'
}
mail__second_is_503_body() {
	make_conf
	dialog <<-'ROWS'
		250 | EHLO client.example
		503 5.5.1 | RCPT TO:<bruce@gnat>
		503 5.5.1 | DATA
		250 | MAIL FROM:<first@maggot>
		503 5.5.1 | MAIL FROM:<second@maggot>
		503 5.5.1 | DATA
		250 | RCPT TO:<bruce@gnat>
		503 5.5.1 | MAIL FROM:<second@maggot>
		501 | DATA now
		354 | DATA
		- | DATA now
		250 2.0.0 | .
		503 | RCPT TO:<bruce@gnat>
		503 | DATA
		250 | MAIL FROM:<third@maggot>
		250 | RCPT TO:<ann@gnat>
		354 | DATA
		250 2.0.0 | .
	ROWS
	stored '1.TXT 1.WRK 2.TXT 2.WRK'
	atf_check -o inline:'From: first@maggot
To: bruce@gnat
From: third@maggot
To: ann@gnat
' cat spool/1.WRK spool/2.WRK
	check_body 1 -o inline:'\nDATA now\n'
}

atf_test_case rcpt__postmaster_needs_no_domain
rcpt__postmaster_needs_no_domain_head() {
	atf_set descr '<Postmaster> in any case; other names need
	    a domain'
}
rcpt__postmaster_needs_no_domain_body() {
	make_conf
	dialog <<-'ROWS'
		250 | EHLO client.example
		501 5.1.7 | MAIL FROM:<erick>
		250 | MAIL FROM:<postmaster>
		250 | RCPT TO:<Postmaster>
		250 | RCPT TO:<pOSTMASTER>
		250 | RCPT TO:<postmaster@gnat.example.test>
		501 5.1.3 | RCPT TO:<bruce>
		501 5.1.3 | RCPT TO:<postmaster2>
		354 | DATA
		250 | .
	ROWS
	atf_check -o inline:'From: postmaster
To: Postmaster
To: pOSTMASTER
To: postmaster@gnat.example.test
' cat spool/1.WRK
}

atf_test_case rcpt__forms_of_a_path
rcpt__forms_of_a_path_head() {
	atf_set descr 'source routes are
	    dropped; quoted parts, literals and what a shell would like are
	    kept byte for byte'
}
rcpt__forms_of_a_path_body() {
	make_conf
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<@a.example,@[192.0.2.1]:erick@maggot>
		250 | RCPT TO:<@a.example:bruce@gnat>
		250 | RCPT TO:<"a b"@gnat>
		250 | RCPT TO:<"a\"b"@gnat>
		250 | RCPT TO:<"a>b,c@d"@gnat>
		250 | RCPT TO:<""@gnat>
		250 | RCPT TO:<bruce@[127.0.0.1]>
		250 | RCPT TO:<bruce@[IPv6:::1]>
		250 | RCPT TO:<a.b+c=d/e@gnat.example>
		501 | RCPT TO:<$(touch${IFS}x)@gnat>
		250 | RCPT TO:<"$(touch x)"@gnat>
		250 | RCPT TO:<${run{/bin/true}}@gnat>
		250 | RCPT TO:<|cmd@gnat>
		250 | RCPT TO:<`cmd`@gnat>
		501 | RCPT TO:<../..:etc/x@gnat>
		250 | RCPT TO:<../../etc/x@gnat>
		250 | RCPT TO:<"../../etc/x"@gnat>
		250 | RCPT TO:</etc/passwd@gnat>
		501 | RCPT TO:<;cmd;@gnat>
		250 | RCPT TO:<";cmd;"@gnat>
		250 | RCPT TO:<"() { :;};"@gnat>
		250 | RCPT TO:<"/bin/sh -c x"@gnat>
		501 | RCPT TO:<bruce@../../etc/x>
		354 | DATA
		250 | .
	ROWS
	cat >expected <<-'ENVELOPE'
		From: erick@maggot
		To: bruce@gnat
		To: "a b"@gnat
		To: "a\"b"@gnat
		To: "a>b,c@d"@gnat
		To: ""@gnat
		To: bruce@[127.0.0.1]
		To: bruce@[IPv6:::1]
		To: a.b+c=d/e@gnat.example
		To: "$(touch x)"@gnat
		To: ${run{/bin/true}}@gnat
		To: |cmd@gnat
		To: `cmd`@gnat
		To: ../../etc/x@gnat
		To: "../../etc/x"@gnat
		To: /etc/passwd@gnat
		To: ";cmd;"@gnat
		To: "() { :;};"@gnat
		To: "/bin/sh -c x"@gnat
	ENVELOPE
	atf_check -o file:expected cat spool/1.WRK
	atf_check -s exit:1 test -e x -o -e spool/x
}

atf_test_case parameter__unknown_is_555
parameter__unknown_is_555_head() {
	atf_set descr '555 for a parameter of an
	    extension that is not offered, and the transaction goes on'
}
parameter__unknown_is_555_body() {
	make_conf
	dialog <<-'ROWS'
		250 | EHLO client.example
		555 5.5.4 | MAIL FROM:<a@b> FOO
		555 5.5.4 | MAIL FROM:<a@b> FOO=bar
		555 5.5.4 | MAIL FROM:<a@b> SIZE=1 FOO=bar
		555 5.5.4 | MAIL FROM:<a@b> NOTIFY=NEVER
		503 | RCPT TO:<c@d>
		250 | MAIL FROM:<a@b>
		555 5.5.4 | RCPT TO:<c@d> RET=FULL
		555 5.5.4 | RCPT TO:<c@d> SIZE=1
		503 | DATA
		250 | RCPT TO:<c@d>
		354 | DATA
		250 | .
	ROWS
	dialog <<-'ROWS'
		250 | EHLO client.example
		501 | MAIL FROM:<a@b> BODY=BINARYMIME
	ROWS
}

atf_test_case path__bad_is_501
path__bad_is_501_head() {
	atf_set descr 'what the grammar has not is 501,
	    and a good recipient is welcome after a bad one; blanks after the
	    colon are the one tolerance'
}
path__bad_is_501_body() {
	make_conf 'smtp.maxerrors = 100'
	dialog <<-'ROWS'
		250 | EHLO client.example
		501 | MAIL
		501 | MAIL FROM
		501 | MAIL FROM:
		501 | MAIL TO:<a@b>
		501 | MAIL <a@b>
		501 5.1.7 | MAIL FROM:<a@b
		501 5.1.7 | MAIL FROM:a@b>
		501 5.1.7 | MAIL FROM:<a@b>x
		501 5.1.7 | MAIL FROM:<a@b>SIZE=1
		501 5.1.7 | MAIL FROM:<a@>
		501 5.1.7 | MAIL FROM:<@b>
		501 5.1.7 | MAIL FROM:<a@b@c>
		501 5.1.7 | MAIL FROM:<a b@c>
		501 5.1.7 | MAIL FROM:<"a@c>
		501 5.1.7 | MAIL FROM:<"a"b@c>
		501 5.1.7 | MAIL FROM:<a@-b>
		501 5.1.7 | MAIL FROM:<a@b..c>
		501 5.1.7 | MAIL FROM:<a@b..>
		501 5.1.7 | MAIL FROM:<a@.>
		501 5.1.7 | MAIL FROM:<a@[1.2.3]>
		501 5.1.7 | MAIL FROM:<a@[1.2.3.4>
		501 5.1.7 | MAIL FROM:<@a,b:c@d>
		501 5.1.7 | MAIL FROM:<@a:>
		501 5.1.7 | MAIL FROM:<<a@b>>
		501 5.1.7 | MAIL FROM:Erick <a@b>
		250 | MAIL FROM: <a@b>
		501 5.1.3 | RCPT TO:<c@>
		250 | RCPT TO:  <c@d>
		501 5.1.3 | RCPT TO:c@d,e@f
		501 5.5.4 | RCPT TO:c@d e@f
		501 5.1.3 | RCPT TO:(c) <c@d>
		354 | DATA
		250 | .
	ROWS
	atf_check -o inline:'From: a@b\nTo: c@d\n' cat spool/1.WRK
}

atf_test_case path__limits_are_exact
path__limits_are_exact_head() {
	atf_set descr 'local part 64, path 256
	    octets; longer is refused and never cut'
}
path__limits_are_exact_body() {
	make_conf
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<{64*a}@b>
		250 | RCPT TO:<{64*a}@{63*b}.{63*c}.{61*d}>
		501 5.5.4 | RCPT TO:<{64*a}@{63*b}.{63*c}.{62*d}>
		250 | RCPT TO:<x@{63*b}.{63*c}.{63*d}.{60*e}>
		501 5.5.4 | RCPT TO:<x@{63*b}.{63*c}.{63*d}.{61*e}>
		250 | RCPT TO:<{252*a}@b>
		501 5.5.4 | RCPT TO:<{253*a}@b>
		250 | RCPT TO:{252*c}@b
		501 5.5.4 | RCPT TO:{253*c}@b
		250 | RCPT TO:<"{250*a}"@b>
		501 5.5.4 | RCPT TO:<"{251*a}"@b>
		501 | RCPT TO:<x@{64*b}>
		501 | RCPT TO:<x@{63*b}.{63*c}.{63*d}.{63*e}.f>
		501 | RCPT TO:<{400*a}@b>
		354 | DATA
		250 | .
	ROWS
	atf_check -o inline:'72\n258\n258\n258\n258\n258\n' awk '{ print length($0) }' spool/1.WRK
}

atf_test_case rcpt__a_hundred_and_no_more_than_the_limit
rcpt__a_hundred_and_no_more_than_the_limit_head() {
	atf_set descr '100
	    recipients at least; one above RCPTMAX is 452, and the message goes
	    to the others'
}
rcpt__a_hundred_and_no_more_than_the_limit_body() {
	make_conf 'smtp.maxrcpts = 100'
	{
		echo '250 | EHLO client.example'
		echo '250 | MAIL FROM:<erick@maggot>'
		for i in $(seq 100); do
			echo "250 | RCPT TO:<user${i}@gnat>"
		done
		echo '452 4.5.3 | RCPT TO:<user101@gnat>'
		echo '452 4.5.3 | RCPT TO:<user102@gnat>'
		echo '354 | DATA'
		echo '250 | .'
		echo '250 | MAIL FROM:<erick@maggot>'
		echo '250 | RCPT TO:<user101@gnat>'
	} >table
	dialog <table
	{
		echo 'From: erick@maggot'
		seq -f 'To: user%g@gnat' 100
	} >expected
	atf_check -o file:expected cat spool/1.WRK
	stored '1.TXT 1.WRK'
}

atf_test_case data__ends_at_crlf_dot_crlf_only
data__ends_at_crlf_dot_crlf_only_head() {
	atf_set descr 'nothing but CR LF dot CR LF ends the
	    text; a bare LF is a line end in it, a bare CR and a NUL a blank'
}
data__ends_at_crlf_dot_crlf_only_body() {
	make_conf
	dialog --step <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		354 | DATA
		- / \x0aa\x0a.\x0a
		- / b\x0a.\x0d\x0a
		- / c\x0d\x0a.\x0a
		- / d\x0d.\x0d
		- / e\x0d.\x0d\x0a
		- / f\x0d\x0a.\x0d
		- / g\x0d\x0d\x0a.\x0d\x0d\x0a
		- / h\x0d\x0d\x0a.\x0a
		- / i\x0d\x0a\x00.\x0d\x0a
		- / j\x0a\x0d.\x0d\x0a
		- / k\x0d\x0a.\x00\x0d\x0a
		- / l\x0d\x0a. \x0d\x0a
		250 / .\x0d\x0a
	ROWS
	cat >expected <<-'TEXT'

		a
		.
		b
		.
		c

		d . e .
		f
		 g

		h

		i
		 .
		j
		 .
		k
		 
		l
		 
	TEXT
	check_body 1 -o file:expected
	stored '1.TXT 1.WRK'
}

atf_test_case data__text_that_looks_like_commands_is_text
data__text_that_looks_like_commands_is_text_head() {
	atf_set descr 'all in one write,
	    replies in order; after a refused DATA the text is no commands to be
	    obeyed; text sent before 354 is text'
}
data__text_that_looks_like_commands_is_text_body() {
	make_conf
	cat >table <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b>
		501 | RCPT TO:<bad>
		501 | RCPT TO:<worse
		503 5.5.1 | DATA
		500 | Subject: x
		500 |
		500 | text
		500 | .
		503 | MAIL FROM:<evil@b>
		250 | RCPT TO:<c@d>
		354 | DATA
		- | MAIL FROM:<evil@b>
		- | RCPT TO:<evil@d>
		- | QUIT
		250 2.0.0 | .
		221 | QUIT
	ROWS
	dialog <table
	dialog --step <table
	dialog --channel tcp <table
	atf_check -o inline:'From: a@b\nTo: c@d\n' cat spool/1.WRK
	check_body 1 -o inline:'\nMAIL FROM:<evil@b>\nRCPT TO:<evil@d>\nQUIT\n'
	stored '1.TXT 1.WRK 2.TXT 2.WRK 3.TXT 3.WRK'
}

atf_test_case data__one_leading_dot_is_removed
data__one_leading_dot_is_removed_head() {
	atf_set descr 'exactly one dot of a line that begins with
	    one'
}
data__one_leading_dot_is_removed_body() {
	make_conf
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		354 | DATA
		- | ..
		- | ...
		- | .a
		- | ..b
		- | c.
		- |  .
		-  |
		- | ..
		250 | .
	ROWS
	check_body 1 -o inline:'\n.\n..\na\n.b\nc.\n .\n\n.\n'
}

atf_test_case data__lines_and_messages_of_the_demanded_size
data__lines_and_messages_of_the_demanded_size_head() {
	atf_set descr 'a line of 1000 octets with CR LF, and
	    longer; a message of 64 KiB in one line; all kept'
}
data__lines_and_messages_of_the_demanded_size_body() {
	make_conf
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		354 | DATA
		- | x:{996*x}
		- | {999*y}
		- | {65536*z}
		250 | .
	ROWS
	{
		printf 'x:%0996d\n' 0 | tr 0 x
		printf '%0999d\n' 0 | tr 0 y
		printf '%065536d\n' 0 | tr 0 z
	} >expected
	check_body 1 -o file:expected
}

atf_test_case data__eight_bit_and_header_oddities_are_kept
data__eight_bit_and_header_oddities_are_kept_head() {
	atf_set descr 'no header is added but the
	    trace, none is missed, none is changed; all bytes but CR and NUL are
	    kept'
}
data__eight_bit_and_header_oddities_are_kept_body() {
	make_conf
	python3 -c '
print("250 | EHLO client.example")
print("250 | MAIL FROM:<a@b> BODY=8BITMIME")
print("250 | RCPT TO:<c@d>")
print("354 | DATA")
print("- | Received: from x")
print("- | Return-Path: <x@y>")
print("- | not a header")
print("- |")
print("- | " + "".join("\\x%02x" % n for n in range(1, 256)
    if n not in (10, 13)))
print("250 | .")' >table
	dialog <table
	{
		printf 'Received: from x\nReturn-Path: <x@y>\nnot a header\n\n'
		python3 -c 'import sys
sys.stdout.buffer.write(bytes(n for n in range(1, 256)
    if n not in (10, 13)) + b"\n")'
	} >expected
	check_body 1 -o file:expected
	atf_check -o inline:'Received: from client.example by\n' \
	    -x 'sed -n "1s/ gnat.*//p" spool/1.TXT'
}

atf_test_case data__too_big_is_552_after_the_dot
data__too_big_is_552_after_the_dot_head() {
	atf_set descr 'the octets that come are counted, not
	    those declared; 552 after the dot, nothing is stored, and the
	    session goes on; dots and trace do not count'
}
data__too_big_is_552_after_the_dot_body() {
	make_conf 'smtp.maxsize = 1000'
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b> SIZE=10
		250 | RCPT TO:<c@d>
		354 | DATA
		- | {999*x}
		552 5.3.4 | .
		503 | DATA
		250 | MAIL FROM:<a@b> SIZE=1
		250 | RCPT TO:<c@d>
		354 | DATA
		- | {100000*x}
		- | {100000*x}
		552 5.3.4 | .
		250 | MAIL FROM:<a@b> SIZE=1
		250 | RCPT TO:<c@d>
		354 | DATA
		- |
		- | ..{995*x}
		250 | .
	ROWS
	stored '3.TXT 3.WRK'
	atf_check -o inline:'998\n' -x "sed '1,2d' spool/3.TXT | wc -c"
}

atf_test_case trace__one_header_on_top
trace__one_header_on_top_head() {
	atf_set descr 'one Received on top with what
	    EHLO said, the protocol, the number and a date with a zone; no "for"'
}
trace__one_header_on_top_body() {
	make_conf
	before=$(date +%s)
	dialog <<-'ROWS'
		250 | HELO client.example
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		354 | DATA
		- | x: y
		250 | .
		250 | EHLO [192.0.2.1]
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		250 | RCPT TO:<e@f>
		354 | DATA
		- | x: y
		250 | .
		250 | EHLO [IPv6:2001:db8::1]
		250 | MAIL FROM:<a@b> SMTPUTF8
		250 | RCPT TO:<c@d>
		354 | DATA
		- | x: y
		250 | .
		250 | HELO client.example
		250 | MAIL FROM:<a@b>
		250 | RCPT TO:<c@d>
		354 | DATA
		- | x: y
		250 | .
	ROWS
	after=$(date +%s)
	for n in 1 2 3 4; do
		sed 's/; .*/; DATE/' "spool/${n}.TXT"
	done >traces
	cat >expected <<-'TRACES'
		Received: from client.example by gnat.example.test with SMTP
			id A1; DATE
		x: y
		Received: from [192.0.2.1] by gnat.example.test with ESMTP
			id A2; DATE
		x: y
		Received: from [IPv6:2001:db8::1] by gnat.example.test with UTF8SMTP
			id A3; DATE
		x: y
		Received: from client.example by gnat.example.test with SMTP
			id A4; DATE
		x: y
	TRACES
	sed -i 's/^id/	id/' expected
	atf_check -o file:expected cat traces
	when=$(sed -n 's/^.id A1; //p' spool/1.TXT)
	atf_check -o match:'^[SMTWF][a-z][a-z], [0-9]{1,2} [A-Z][a-z][a-z] [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} \+0000$' \
	    echo "${when}"
	atf_check test "$(date -d "${when}" +%s)" -ge "${before}" \
	    -a "$(date -d "${when}" +%s)" -le "${after}"
	atf_check -o inline:"${when}\n" date -u -d "${when}" '+%a, %-d %b %Y %T +0000'
}

atf_test_case trace__a_hundred_hops_are_a_loop
trace__a_hundred_hops_are_a_loop_head() {
	atf_set descr '100 Received headers are
	    a loop, 554 5.4.6; 99 are not, nor is that word in the text'
}
trace__a_hundred_hops_are_a_loop_body() {
	make_conf
	{
		echo '250 | EHLO client.example'
		for hops in 99 100; do
			echo '250 | MAIL FROM:<a@b>'
			echo '250 | RCPT TO:<c@d>'
			echo '354 | DATA'
			for i in $(seq ${hops}); do
				echo "- | received: from hop${i} by hop"
			done
			echo '- |'
			for i in $(seq 200); do
				echo "- | Received: in the text"
			done
			test ${hops} = 99 && echo '250 | .'
			test ${hops} = 100 && echo '554 5.4.6 | .'
		done
		echo '250 | NOOP'
	} >table
	dialog <table
	stored '1.TXT 1.WRK'
}

atf_test_case size__is_judged_at_mail
size__is_judged_at_mail_head() {
	atf_set descr 'above the limit
	    552, above the space 452, no number 501, and no wrapping around'
}
size__is_judged_at_mail_body() {
	make_conf 'smtp.maxsize = 1000' 'smtp.maxerrors = 100'
	dialog <<-'ROWS'
		250 | EHLO client.example
		552 5.3.4 | MAIL FROM:<a@b> SIZE=1001
		552 5.3.4 | MAIL FROM:<a@b> SIZE=4294967295
		552 5.3.4 | MAIL FROM:<a@b> SIZE=4294967296
		552 5.3.4 | MAIL FROM:<a@b> SIZE=4294967297
		552 5.3.4 | MAIL FROM:<a@b> SIZE=9223372036854775808
		552 5.3.4 | MAIL FROM:<a@b> SIZE=18446744073709551615
		552 5.3.4 | MAIL FROM:<a@b> SIZE=18446744073709551616
		552 5.3.4 | MAIL FROM:<a@b> SIZE=18446744073709551617
		552 5.3.4 | MAIL FROM:<a@b> SIZE=99999999999999999999
		501 5.5.4 | MAIL FROM:<a@b> SIZE=100000000000000000000
		501 5.5.4 | MAIL FROM:<a@b> SIZE={99*9}
		501 5.5.4 | MAIL FROM:<a@b> SIZE=000000000000000000001
		501 5.5.4 | MAIL FROM:<a@b> SIZE
		501 5.5.4 | MAIL FROM:<a@b> SIZE=
		501 5.5.4 | MAIL FROM:<a@b> SIZE=abc
		501 5.5.4 | MAIL FROM:<a@b> SIZE=-1
		501 5.5.4 | MAIL FROM:<a@b> SIZE=+1
		501 5.5.4 | MAIL FROM:<a@b> SIZE=0x10
		501 5.5.4 | MAIL FROM:<a@b> SIZE=1=2
		501 5.5.4 | MAIL FROM:<a@b> SIZE=1 SIZE=1
		250 | MAIL FROM:<a@b> SIZE=1000
		250 | RSET
		250 | MAIL FROM:<a@b> SIZE=0
		250 | RSET
		250 | MAIL FROM:<a@b> SIZE=00000000000000000001
	ROWS
	make_conf 'smtp.maxsize = 0'
	dialog <<-'ROWS'
		250 | EHLO client.example
		452 4.3.1 | MAIL FROM:<a@b> SIZE=18446744073709551615
		452 4.3.1 | MAIL FROM:<a@b> SIZE=99999999999999999999
		250 | MAIL FROM:<a@b> SIZE=1000
	ROWS
}

atf_test_case parameter__syntax_is_strict
parameter__syntax_is_strict_head() {
	atf_set descr 'BODY and SMTPUTF8
	    values; parameters that are cut short, empty or repeated'
}
parameter__syntax_is_strict_body() {
	make_conf 'smtp.maxerrors = 100'
	dialog <<-'ROWS'
		250 | EHLO client.example
		501 | MAIL FROM:<a@b> BODY
		501 | MAIL FROM:<a@b> BODY=
		501 | MAIL FROM:<a@b> BODY=x
		501 | MAIL FROM:<a@b> BODY=7BIT BODY=7BIT
		501 | MAIL FROM:<a@b> SMTPUTF8=x
		501 | MAIL FROM:<a@b> SMTPUTF8=
		501 | MAIL FROM:<a@b> SMTPUTF8 SMTPUTF8
		501 | MAIL FROM:<a@b> =
		501 | MAIL FROM:<a@b> =x
		501 | MAIL FROM:<a@b> "
		555 | MAIL FROM:<a@b> X="
		555 | MAIL FROM:<a@b> X=
		555 | MAIL FROM:<a@b> X==
		501 | MAIL FROM:<a@b> -X=1
		555 | MAIL FROM:<a@b> X=\xff
		501 | MAIL FROM:<a@b> \xff
		250 | MAIL FROM:<a@b>\x09SIZE=1
		250 | RSET
		250 | MAIL FROM:<a@b> BODY=7BIT
		250 | RSET
		250 | MAIL FROM:<a@b> BODY=8bitMIME
		250 | RSET
		250 | MAIL FROM:<a@b>   SIZE=1   BODY=7BIT   SMTPUTF8   
		501 | RCPT TO:<c@d> =
		501 | RCPT TO:<c@d> "
		501 | RCPT TO:<c@d>,<e@f>
		250 | RCPT TO:<c@d>   
	ROWS
}

atf_test_case pipelining__replies_never_wait_for_more
pipelining__replies_never_wait_for_more_head() {
	atf_set descr 'a client that waits for each reply gets
	    each; many commands in one write get as many replies'
}
pipelining__replies_never_wait_for_more_body() {
	make_conf 'smtp.maxerrors = 10000'
	cat >table <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b>
		501 | RCPT TO:<c>
		250 | RCPT TO:<c@d>
		252 | VRFY c
		502 | EXPN c
		250 | NOOP
		500 | WHAT
		354 | DATA
		250 | .
		250 | RSET
		221 | QUIT
	ROWS
	for channel in pipe unix tcp; do
		dialog --step --channel ${channel} <table
		dialog --channel ${channel} <table
	done
	{
		echo '250 | EHLO client.example'
		echo '250 | MAIL FROM:<a@b>'
		yes '501 | RCPT TO:<c@d> =' | head -n 5000
		echo '250 | RCPT TO:<c@d>'
	} >table
	dialog <table
	dialog --channel tcp <table
}

atf_test_case starttls__absent_changes_nothing
starttls__absent_changes_nothing_head() {
	atf_set descr 'STARTTLS is not
	    offered, gets 502, and what follows is plain text as before'
}
starttls__absent_changes_nothing_body() {
	make_conf
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<a@b>
		502 5.5.1 | STARTTLS
		250 | NOOP
		250 | RCPT TO:<c@d>
		354 | DATA
		250 | .
	ROWS
	stored '1.TXT 1.WRK'
}

atf_test_case smtputf8__rules
smtputf8__rules_head() {
	atf_set descr 'an address over 127 needs the parameter
	    (553 5.6.7) and must be UTF-8 (501)'
}
smtputf8__rules_body() {
	make_conf 'smtp.maxerrors = 100'
	dialog <<-'ROWS'
		250 | EHLO client.example
		553 5.6.7 | MAIL FROM:<\xc3\xbc@b>
		553 5.6.7 | MAIL FROM:<a@\xc3\xbc>
		250 | MAIL FROM:<a@b>
		553 5.6.7 | RCPT TO:<\xc3\xbc@d>
		553 5.6.7 | RCPT TO:<"\xc3\xbc"@d>
		250 | RSET
		501 5.1.7 | MAIL FROM:<\xfc@b> SMTPUTF8
		501 5.1.7 | MAIL FROM:<\xc3@b> SMTPUTF8
		501 5.1.7 | MAIL FROM:<\xbc@b> SMTPUTF8
		501 5.1.7 | MAIL FROM:<\xc0\xaf@b> SMTPUTF8
		501 5.1.7 | MAIL FROM:<\xe0\x80\xaf@b> SMTPUTF8
		501 5.1.7 | MAIL FROM:<\xed\xa0\x80@b> SMTPUTF8
		501 5.1.7 | MAIL FROM:<\xf5\x80\x80\x80@b> SMTPUTF8
		501 5.1.7 | MAIL FROM:<\xff@b> SMTPUTF8
		501 5.1.7 | MAIL FROM:<\xc2\x85@b> SMTPUTF8
		501 5.1.7 | MAIL FROM:<\xe2\x80\xa8@b> SMTPUTF8
		250 2.1.0 | MAIL FROM:<\xc3\xbc@m\xc3\xbcller.example> SMTPUTF8
		250 2.1.5 | RCPT TO:<"\xf0\x9f\x98\x80 x"@\xe4\xbe\x8b.example>
		354 | DATA
		250 | .
		250 | MAIL FROM:<a@b>
		553 5.6.7 | RCPT TO:<\xc3\xbc@d>
	ROWS
	printf 'From: \303\274@m\303\274ller.example\n' >expected
	printf 'To: "\360\237\230\200 x"@\344\276\213.example\n' >>expected
	echo 'Smtputf8: yes' >>expected
	atf_check -o file:expected cat spool/1.WRK
}

atf_init_test_cases() {
	atf_add_test_case session__greets_with_its_name
	atf_add_test_case ehlo__lists_each_extension_that_works
	atf_add_test_case helo__is_one_line
	atf_add_test_case ehlo__argument_is_one_printable_word
	atf_add_test_case ehlo__what_is_not_a_name_stays_out_of_the_trace
	atf_add_test_case ehlo__forgets_the_transaction
	atf_add_test_case mail__needs_a_greeting
	atf_add_test_case command__case_matters_in_local_parts_only
	atf_add_test_case command__of_another_protocol_is_421_and_the_end
	atf_add_test_case command__unknown_is_500_and_absent_is_502
	atf_add_test_case command__line_limits_are_exact
	atf_add_test_case command__bare_lf_is_500_and_drops_to_crlf
	atf_add_test_case quit__is_the_last_word
	atf_add_test_case rset_noop__are_250
	atf_add_test_case vrfy__promises_nothing
	atf_add_test_case mail__null_sender
	atf_add_test_case mail__second_is_503
	atf_add_test_case rcpt__postmaster_needs_no_domain
	atf_add_test_case rcpt__forms_of_a_path
	atf_add_test_case parameter__unknown_is_555
	atf_add_test_case path__bad_is_501
	atf_add_test_case path__limits_are_exact
	atf_add_test_case rcpt__a_hundred_and_no_more_than_the_limit
	atf_add_test_case data__ends_at_crlf_dot_crlf_only
	atf_add_test_case data__text_that_looks_like_commands_is_text
	atf_add_test_case data__one_leading_dot_is_removed
	atf_add_test_case data__lines_and_messages_of_the_demanded_size
	atf_add_test_case data__eight_bit_and_header_oddities_are_kept
	atf_add_test_case data__too_big_is_552_after_the_dot
	atf_add_test_case trace__one_header_on_top
	atf_add_test_case trace__a_hundred_hops_are_a_loop
	atf_add_test_case size__is_judged_at_mail
	atf_add_test_case parameter__syntax_is_strict
	atf_add_test_case pipelining__replies_never_wait_for_more
	atf_add_test_case starttls__absent_changes_nothing
	atf_add_test_case smtputf8__rules
}
