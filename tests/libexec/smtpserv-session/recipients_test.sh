# smtpserv-session(8) and the table of smtp.deliver: who is here, and that
# nobody else's mail comes in.  The tables are made by the tool that people
# make them with.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

dialog() {
	atf_check -s exit:0 -e save:log \
	    python3 "${BUILD}/tests/support/dialog.py" "$@" -- ${SESSION}
}

# A table of the lines on descriptor 0, and a configuration that names it.
make_table() {
	make_conf "smtp.deliver = ${PWD}/deliver.cdb" \
	    'smtp.postmaster = ops@gnat.example.test' "$@"
	cat >deliver.txt
	atf_check cdb -c -m deliver.cdb deliver.txt
}

# The table of most cases.
make_usual_table() {
	make_table "$@" <<-'TABLE'
		# a comment
		ann@gnat.example.test       /home/ann/Maildir/
		tickets@gnat.example.test   |ticket --from "$SENDER"

		tickets@gnat.example.test   &ann@gnat.example.test
		@maggot.example.test        lmtp:unix:/run/lmtp
		bob@other.example.test	/home/bob/Maildir/
		@                           |relay
	TABLE
}

atf_test_case rcpt__named_twice_gets_one_copy
rcpt__named_twice_gets_one_copy_head() {
	atf_set descr 'each is answered 250; who is there with other facts is
	    owed a report of their own, and stays'
}
rcpt__named_twice_gets_one_copy_body() {
	make_conf 'smtp.envelope = full'
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<erick@maggot>
		250 2.1.5 | RCPT TO:<ann@gnat>
		250 2.1.5 | RCPT TO:<joann@gnat>
		250 2.1.5 | RCPT TO:<ann@gnat>
		250 2.1.5 | RCPT TO:<ann@gnat> NOTIFY=SUCCESS
		250 2.1.5 | RCPT TO:<ann@gnat> NOTIFY=SUCCESS ORCPT=rfc822;a@b
		250 2.1.5 | RCPT TO:<ann@gnat> NOTIFY=SUCCESS
		250 2.1.5 | RCPT TO:<ann@gnat>
		354 | DATA
		250 | text\x0d\x0a.
		250 | MAIL FROM:<erick@maggot>
		250 2.1.5 | RCPT TO:<ann@gnat>
		354 | DATA
		250 | text\x0d\x0a.
		221 | QUIT
	ROWS
	atf_check -o inline:'From: erick@maggot
To: ann@gnat
To: joann@gnat
To: ann@gnat
Notify: SUCCESS
To: ann@gnat
Notify: SUCCESS
Orcpt: rfc822;a@b
' sed -n '/^[FTNO]/p' spool/1.WRK
	atf_check -o inline:'1\n' grep -c '^To: ann@gnat$' spool/2.WRK
}

atf_test_case rcpt__is_looked_up_in_the_table
rcpt__is_looked_up_in_the_table_head() {
	atf_set descr 'mailbox, mailbox without +extension, domain; without
	    case; who is none of these gets 550 5.1.1'
}
rcpt__is_looked_up_in_the_table_body() {
	make_usual_table
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<erick@maggot>
		250 2.1.5 | RCPT TO:<ann@gnat.example.test>
		250 | RCPT TO:<Ann@GNAT.example.TEST>
		250 | RCPT TO:<"ann"@gnat.example.test>
		250 | RCPT TO:<ann+lists@gnat.example.test>
		250 | RCPT TO:<tickets+4711@gnat.example.test>
		250 | RCPT TO:<anybody@maggot.example.test>
		250 | RCPT TO:<@relay.example:ann@gnat.example.test>
		550 5.1.1 | RCPT TO:<bob@gnat.example.test>
		550 5.1.1 | RCPT TO:<ann@elsewhere.example>
		550 5.1.1 | RCPT TO:<ann@example.test>
		550 5.1.1 | RCPT TO:<ann-lists@gnat.example.test>
		252 | VRFY bob@gnat.example.test
		354 | DATA
		250 | text\x0d\x0a.
		221 | QUIT
	ROWS
	# Only who was accepted is in the envelope, as the client wrote it.
	atf_check -o inline:'From: erick@maggot
To: ann@gnat.example.test
To: Ann@GNAT.example.TEST
To: "ann"@gnat.example.test
To: ann+lists@gnat.example.test
To: tickets+4711@gnat.example.test
To: anybody@maggot.example.test
' cat spool/1.WRK
	atf_check -o inline:'4\n' grep -c 'event=refused code=550' log
}

atf_test_case rcpt__in_utf8_is_looked_up_by_its_octets
rcpt__in_utf8_is_looked_up_by_its_octets_body() {
	make_table <<-'TABLE'
		jürgen@gnat.example.test  /home/juergen/Maildir/
		@grüße.example.test       /var/mail/all/
	TABLE
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<erick@maggot> SMTPUTF8
		250 | RCPT TO:<jürgen@gnat.example.test>
		250 | RCPT TO:<Jürgen+x@GNAT.example.test>
		250 | RCPT TO:<anybody@grüße.Example.test>
		550 5.1.1 | RCPT TO:<jÜrgen@gnat.example.test>
		550 5.1.1 | RCPT TO:<jurgen@gnat.example.test>
		550 5.1.1 | RCPT TO:<anybody@xn--gre-6ka8i.example.test>
	ROWS
}

# As the manual makes it durable, too.
atf_test_case rcpt__is_found_by_either_spelling_and_with_a_last_dot
rcpt__is_found_by_either_spelling_and_with_a_last_dot_head() {
	atf_set descr 'U-labels and A-labels are one domain, of which only the
	    ASCII letters have no case; so are a@b and a@b.'
}
rcpt__is_found_by_either_spelling_and_with_a_last_dot_body() {
	u=$(printf '\303\274')
	make_table <<-TABLE
		jo@b${u}cher.example   /home/jo/Maildir/
		@xn--mller-kva.example /home/m/Maildir/
		try..this.@gnat.example.test /home/try/Maildir/
	TABLE
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<> SMTPUTF8
		250 | RCPT TO:<jo@b\xc3\xbccher.example>
		250 | RCPT TO:<jo@xn--bcher-kva.example>
		250 | RCPT TO:<jo@XN--Bcher-KVA.example.>
		250 | RCPT TO:<who@m\xc3\xbcller.example>
		250 | RCPT TO:<who@xn--mller-kva.Example.>
		250 | RCPT TO:<postmaster@xn--bcher-kva.example>
		250 | RCPT TO:<try..this.@gnat.example.test.>
		550 5.1.1 | RCPT TO:<jo@b\xc3\x9ccher.example>
		550 5.1.1 | RCPT TO:<jo@bcher.example>
		550 5.1.1 | RCPT TO:<who@xn--mller-kv.example>
	ROWS
}

atf_test_case rcpt__reaches_postmaster_wherever_we_take_mail
rcpt__reaches_postmaster_wherever_we_take_mail_head() {
	atf_set descr 'RFC 5321 4.5.1: postmaster, in any case, alone, at our
	    name, and at each domain that the table has a key for'
}
rcpt__reaches_postmaster_wherever_we_take_mail_body() {
	make_usual_table
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<>
		250 | RCPT TO:<postmaster>
		250 | RCPT TO:<PostMaster>
		250 | RCPT TO:<POSTMASTER@gnat.example.test>
		250 | RCPT TO:<postmaster@maggot.example.test>
		250 | RCPT TO:<Postmaster@Other.Example.Test>
		550 5.1.1 | RCPT TO:<postmaster@elsewhere.example>
		550 5.1.1 | RCPT TO:<postmaster@example.test>
	ROWS
}

# Recipients that some server or other has taken for a way to a third host.
hacks() {
	printf '%s | RCPT TO:%s\n' \
	    "$1" '<victim@elsewhere.example>' \
	    "$1" '<@gnat.example.test:victim@elsewhere.example>' \
	    "$1" '<@a.example,@gnat.example.test:victim@elsewhere.example>' \
	    "$1" '<"victim@elsewhere.example"@elsewhere.example>' \
	    "$1" '<victim%gnat.example.test@elsewhere.example>' \
	    "$1" '<gnat.example.test!victim@elsewhere.example>' \
	    "$1" '<ann@[127.0.0.1]>' \
	    "$1" '<ann@[IPv6:::1]>' \
	    "$1" '<"ann@gnat.example.test"@elsewhere.example>' \
	    "$1" '<""@elsewhere.example>' \
	    "$1" '<"@"@elsewhere.example>' \
	    "$1" '<+@elsewhere.example>' \
	    "$1" '<ann@gnat.example.test.elsewhere.example>'
	# At our own domain they are names like others.
	printf '%s | RCPT TO:%s\n' \
	    "$2" '<victim%elsewhere.example@gnat.example.test>' \
	    "$2" '<elsewhere.example!victim@gnat.example.test>' \
	    "$2" '<"victim@elsewhere.example"@gnat.example.test>' \
	    "$2" '<"elsewhere.example!victim"@gnat.example.test>' \
	    "$2" '<""@gnat.example.test>' \
	    "$2" '<"@"@gnat.example.test>' \
	    "$2" '<"\@"@gnat.example.test>' \
	    "$2" '<+x@gnat.example.test>'
	# And these are no addresses, or none with a domain.
	printf '501 | RCPT TO:%s\n' '<>' '<@>' '<victim>' '<"">' \
	    '<victim@elsewhere.example@gnat.example.test>' \
	    '<victim@>' '<@gnat.example.test>' '<victim@[elsewhere.example]>' \
	    '<elsewhere.example!victim>' '<victim%elsewhere.example>'
}

atf_test_case rcpt__is_no_open_relay_by_any_form_of_address
rcpt__is_no_open_relay_by_any_form_of_address_head() {
	atf_set descr 'percent-hack, source routes, quoted local parts, bang
	    paths, literals: none reaches the key @ of a table'
}
rcpt__is_no_open_relay_by_any_form_of_address_body() {
	make_usual_table 'smtp.maxerrors = 1000'
	{
		echo '250 | EHLO client.example'
		echo '250 | MAIL FROM:<erick@maggot>'
		hacks '550 5.1.1' '550 5.1.1'
		echo '503 | DATA'
	} >rows
	dialog <rows
	# Nor if our whole domain is somebody's, but for its own names; and not
	# where the route leads out of the house (OB-206).
	for route in '|relay' 'smtp:' 'smtp:[relay.example]:587'; do
		make_table 'smtp.maxerrors = 1000' <<-TABLE
			@gnat.example.test /var/mail/all/
			@ ${route}
		TABLE
		{
			echo '250 | EHLO client.example'
			echo '250 | MAIL FROM:<erick@maggot>'
			hacks '550 5.1.1' '250'
		} >rows
		dialog <rows
		RELAYCLIENT='' dialog <<-'ROWS'
			250 | EHLO client.example
			250 | MAIL FROM:<erick@maggot>
			250 | RCPT TO:<friend@elsewhere.example>
		ROWS
	done
}

atf_test_case rcpt__is_relayed_for_relayclient_only
rcpt__is_relayed_for_relayclient_only_head() {
	atf_set descr 'the key @ serves who has RELAYCLIENT, though it be empty,
	    and nobody where the table has no such key'
}
rcpt__is_relayed_for_relayclient_only_body() {
	make_usual_table
	cat >rows <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<erick@maggot>
		250 | RCPT TO:<friend@elsewhere.example>
		250 | RCPT TO:<ann@gnat.example.test>
		354 | DATA
		250 | text\x0d\x0a.
	ROWS
	RELAYCLIENT='' dialog <rows
	atf_check -s exit:1 grep RELAYCLIENT log
	# Its value does not become part of the recipient, as it does in qmail.
	RELAYCLIENT='@fixme' dialog <rows
	atf_check -o match:'event=note' grep RELAYCLIENT log
	for n in 1 2; do
		atf_check -o inline:'From: erick@maggot
To: friend@elsewhere.example
To: ann@gnat.example.test
' cat "spool/${n}.WRK"
	done
	echo 'ann@gnat.example.test /home/ann/Maildir/' >local
	make_table <local
	RELAYCLIENT='' dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<erick@maggot>
		550 5.1.1 | RCPT TO:<friend@elsewhere.example>
		250 | RCPT TO:<ann@gnat.example.test>
	ROWS
}

atf_test_case rcpt__is_relayed_for_who_has_authenticated
rcpt__is_relayed_for_who_has_authenticated_head() {
	atf_set descr 'from AUTH on the key @ serves the client, not before, and
	    not after a password that is wrong'
}
rcpt__is_relayed_for_who_has_authenticated_body() {
	cat >check <<-'EOF'
		#!/bin/sh
		tr '\0' '\n' <&3 | head -n 2 | tr '\n' / | grep -qx 'ann/secret/' ||
		    exit 1
		exec "$@"
	EOF
	chmod +x check
	make_usual_table "smtp.auth = ${PWD}/check" 'smtp.auth.plaintext = yes'
	good=$(printf '\0ann\0secret' | base64)
	bad=$(printf '\0ann\0secrets' | base64)
	dialog <<-ROWS
		250 | EHLO client.example
		250 | MAIL FROM:<ann@gnat.example.test>
		550 5.1.1 | RCPT TO:<friend@elsewhere.example>
		250 | RSET
		535 | AUTH PLAIN ${bad}
		250 | MAIL FROM:<ann@gnat.example.test>
		550 5.1.1 | RCPT TO:<friend@elsewhere.example>
		250 | RSET
		235 | AUTH PLAIN ${good}
		250 | MAIL FROM:<ann@gnat.example.test>
		250 2.1.5 | RCPT TO:<friend@elsewhere.example>
		250 | RCPT TO:<bob@other.example.test>
	ROWS
}

atf_test_case rcpt__is_temporarily_refused_while_the_table_is_broken
rcpt__is_temporarily_refused_while_the_table_is_broken_head() {
	atf_set descr 'missing, unreadable, empty, cut, overwritten or no table
	    at all: 451 4.3.0 and a log line with its name, never 550'
}
# check_broken WHY
check_broken() {
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<erick@maggot>
		451 4.3.0 | RCPT TO:<ann@gnat.example.test>
		451 4.3.0 | RCPT TO:<nobody@gnat.example.test>
		451 4.3.0 | RCPT TO:<postmaster>
		503 | DATA
		221 | QUIT
	ROWS
	atf_check -o match:"event=fault .*table.*deliver\.cdb.*$1" \
	    grep event=fault log
	# Once a session is enough.
	atf_check -o inline:'1\n' grep -c event=fault log
}
rcpt__is_temporarily_refused_while_the_table_is_broken_body() {
	make_usual_table
	cp deliver.cdb good
	rm deliver.cdb
	check_broken 'No such file'
	: >deliver.cdb
	check_broken ''
	atf_check -o match:'which is damaged' grep event=fault log
	head -c 2060 good >deliver.cdb
	check_broken ''
	head -c 4096 /dev/zero >deliver.cdb
	check_broken ''
	cp deliver.txt deliver.cdb
	check_broken ''
	# As sound as its head looks, what that points to is not there.
	{
		head -c 2048 good
		tail -c +2049 good | tr '\000-\377' '\377'
	} >deliver.cdb
	check_broken ''
	rm deliver.cdb
	mkdir deliver.cdb
	check_broken ''
	rmdir deliver.cdb
	mkfifo deliver.cdb
	check_broken ''
	rm deliver.cdb
	atf_check cdb -c -m deliver.cdb deliver.txt
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<erick@maggot>
		250 | RCPT TO:<ann@gnat.example.test>
	ROWS
}

atf_test_case session__without_a_table_is_a_sink
session__without_a_table_is_a_sink_head() {
	atf_set descr 'without smtp.deliver every recipient is accepted, and
	    RELAYCLIENT says nothing'
}
session__without_a_table_is_a_sink_body() {
	make_conf
	RELAYCLIENT='@fixme' dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<erick@maggot>
		250 | RCPT TO:<anybody@anywhere.example>
		250 | RCPT TO:<postmaster>
		354 | DATA
		250 | text\x0d\x0a.
	ROWS
	atf_check -s exit:1 grep -E 'note|fault' log
}

atf_test_case session__with_a_table_wants_a_postmaster
session__with_a_table_wants_a_postmaster_head() {
	atf_set descr 'smtp.deliver without smtp.postmaster is no configuration:
	    421 4.3.5 and exit 100'
}
session__with_a_table_wants_a_postmaster_body() {
	make_usual_table
	sed -i /postmaster/d wattcp.cfg
	atf_check -s exit:100 -o match:'^421 4\.3\.5 ' \
	    -e match:'smtp.postmaster' ${SESSION} </dev/null
}

atf_test_case session__keeps_the_table_it_has_opened
session__keeps_the_table_it_has_opened_head() {
	atf_set descr 'a table that replaces it is the next session'"'"'s; one
	    that is written in place is 451 from then on'
}
session__keeps_the_table_it_has_opened_body() {
	make_usual_table
	atf_check -o save:out -e save:log python3 - ${SESSION} <<-'EOF'
		import subprocess, sys, os

		session = subprocess.Popen(sys.argv[1:], bufsize=0,
		    stdin=subprocess.PIPE, stdout=subprocess.PIPE)

		def ask(line):
		    session.stdin.write(line.encode() + b'\r\n')
		    while (reply := session.stdout.readline())[3:4] == b'-':
		        pass
		    return reply[:3].decode()

		session.stdout.readline()
		ask('EHLO client.example')
		ask('MAIL FROM:<erick@maggot>')
		print(ask('RCPT TO:<ann@gnat.example.test>'))
		with open('other.txt', 'w') as other:
		    other.write('cat@gnat.example.test /home/cat/Maildir/\n')
		os.link('deliver.cdb', 'old.cdb')
		subprocess.run(['cdb', '-c', '-m', 'deliver.cdb', 'other.txt'],
		    check=True)
		print(ask('RCPT TO:<ann@gnat.example.test>'))
		print(ask('RCPT TO:<cat@gnat.example.test>'))
		with open('deliver.cdb', 'rb') as new, \
		    open('old.cdb', 'wb') as old:
		    old.write(new.read())
		print(ask('RCPT TO:<ann@gnat.example.test>'))
		print(ask('RCPT TO:<nobody@gnat.example.test>'))
		print(ask('QUIT'))
		sys.exit(session.wait())
	EOF
	atf_check -o inline:'250\n250\n550\n451\n451\n221\n' cat out
	atf_check -o match:'in place' grep event=fault log
	dialog <<-'ROWS'
		250 | EHLO client.example
		250 | MAIL FROM:<erick@maggot>
		250 | RCPT TO:<cat@gnat.example.test>
		550 5.1.1 | RCPT TO:<ann@gnat.example.test>
	ROWS
}

atf_test_case table__that_is_replaced_is_the_old_or_the_new
table__that_is_replaced_is_the_old_or_the_new_head() {
	atf_set descr 'while tables are made over it by cdb -c, each session
	    sees one of them, whole'
}
table__that_is_replaced_is_the_old_or_the_new_body() {
	# Both have ann and neither has bob; each has all of its own users.
	for table in a b; do
		echo 'ann@gnat.example.test /home/ann/Maildir/'
		for n in $(seq 300); do
			echo "${table}${n}@gnat.example.test /var/mail/x/"
		done
	done >both.txt
	grep -v '^b' both.txt >a.txt
	grep -v '^a[0-9]' both.txt >b.txt
	make_table <a.txt
	{
		lines 'EHLO client.example' 'MAIL FROM:<erick@maggot>'
		for n in 1 100 200 300; do
			lines 'RCPT TO:<ann@gnat.example.test>' \
			    'RCPT TO:<bob@gnat.example.test>' \
			    "RCPT TO:<a${n}@gnat.example.test>" \
			    "RCPT TO:<b${n}@gnat.example.test>"
		done
		lines QUIT
	} >in
	# Until the sessions are done; the last cdb ends with the loop.
	(
		while [ ! -e stop ]; do
			cdb -c -m deliver.cdb b.txt && echo x >>replaced
			cdb -c -m deliver.cdb a.txt && echo x >>replaced
		done
	) &
	n=0
	# As many sessions as it takes to have met both, and at least 300.
	while [ ${n} -lt 300 ] || [ ! -s as ] || [ ! -s bs ]; do
		[ ${n} -lt 5000 ] || break
		n=$((n + 1))
		${SESSION} <in >out 2>log || echo "exit $?" >>wrong
		case $(codes | sed 1,3d | tr '\n' ' ') in
		'250 550 250 550 250 550 250 550 250 550 250 550 250 550 250 550 221 ')
			echo a >>as ;;
		'250 550 550 250 250 550 550 250 250 550 550 250 250 550 550 250 221 ')
			echo b >>bs ;;
		*)
			cat out log >>wrong ;;
		esac
	done
	: >stop
	wait
	[ ! -e wrong ] || atf_fail "$(head -n 60 wrong)"
	atf_check test -s as
	atf_check test -s bs
	atf_check test -s replaced
}

atf_init_test_cases() {
	atf_add_test_case rcpt__named_twice_gets_one_copy
	atf_add_test_case rcpt__is_looked_up_in_the_table
	atf_add_test_case rcpt__in_utf8_is_looked_up_by_its_octets
	atf_add_test_case rcpt__is_found_by_either_spelling_and_with_a_last_dot
	atf_add_test_case rcpt__reaches_postmaster_wherever_we_take_mail
	atf_add_test_case rcpt__is_no_open_relay_by_any_form_of_address
	atf_add_test_case rcpt__is_relayed_for_relayclient_only
	atf_add_test_case rcpt__is_relayed_for_who_has_authenticated
	atf_add_test_case rcpt__is_temporarily_refused_while_the_table_is_broken
	atf_add_test_case session__without_a_table_is_a_sink
	atf_add_test_case session__with_a_table_wants_a_postmaster
	atf_add_test_case session__keeps_the_table_it_has_opened
	atf_add_test_case table__that_is_replaced_is_the_old_or_the_new
}
