# smtpserv-inject(8) as programs call sendmail.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

INJECT="${BUILD}/bin/smtpserv-inject -C ${PWD}/wattcp.cfg"
ME=$(id -un)

# inject ARGUMENT...: standard input goes into the spool, without a word.
inject() {
	atf_check ${INJECT} "$@"
}

# The envelope of message N in one line, without what says when and how long.
envelope() {
	echo $(grep -Ev '^(Received-At|Size): ' "spool/$1.WRK")
}

# The header of message N without its trace; dates and numbers are hidden.
header() {
	body "$1" | sed '/^$/q; s/^Date: .*/Date: D/
	    s/^Message-ID: <[0-9]*\.[0-9a-f]*@/Message-ID: <I@/'
}

text() {
	body "$1" | sed '1,/^$/d'
}

# check_header NUMBER, check_text NUMBER, check_body NUMBER: what atf_check says.
check_header() {
	header "$1" >got
	shift
	atf_check "$@" cat got
}

check_text() {
	text "$1" >got
	shift
	atf_check "$@" cat got
}

check_body() {
	body "$1" >got
	shift
	atf_check "$@" cat got
}

atf_test_case message__gets_what_it_lacks
message__gets_what_it_lacks_body() {
	make_conf
	printf 'Subject: Beers?\n\nSix?\n' | inject -F 'Erick "E" \E' \
	    -f erick@maggot bruce@gnat
	atf_check_equal 'From: erick@maggot To: bruce@gnat' "$(envelope 1)"
	check_header 1 -o inline:'Subject: Beers?
From: "Erick \\"E\\" \\\\E" <erick@maggot>
Date: D
Message-ID: <I@gnat.example.test>

'
	check_text 1 -o inline:'Six?\n'
	atf_check -o match:'^Received: by gnat.example.test \(smtpserv-queue, uid [0-9]*\)$' \
	    head -n 1 spool/1.TXT
	# And nothing that it has.
	printf 'From: a@b\ndate : Mon\nmessage-id: <x@y>\n\n' |
	    inject bruce@gnat
	atf_check -o inline:'From: a@b\nDate: D\nmessage-id: <x@y>\n\n' -x \
	    'sed "1,2d; s/^date : Mon/Date: D/" spool/2.TXT'
	# Two are never the same.
	printf '\n' | inject a@b
	printf '\n' | inject a@b
	atf_check_equal 2 \
	    "$(grep -h '^Message-ID' spool/3.TXT spool/4.TXT | sort -u | wc -l)"
}

atf_test_case recipient__without_a_domain_gets_ours
recipient__without_a_domain_gets_ours_body() {
	make_conf
	# An @ within quotes begins no domain.
	printf '\n' | inject -f erick ann '"a@b"' '"c@d"@gnat'
	atf_check_equal 'From: erick@gnat.example.test To: ann@gnat.example.test To: "a@b"@gnat.example.test To: "c@d"@gnat' \
	    "$(envelope 1)"
}

atf_test_case message__ends_with_a_dot_or_does_not
message__ends_with_a_dot_or_does_not_body() {
	make_conf
	printf 'S: x\n\na\n.\nb\n..\n' >in
	inject a@b <in
	check_text 1 -o inline:'a\n'
	inject -i a@b <in
	check_text 2 -o inline:'a\n.\nb\n..\n'
	inject -oi a@b <in
	inject -o i a@b <in
	check_text 4 -o inline:'a\n.\nb\n..\n'
	# A dot within a line, without a line end, and before the body.
	printf 'S: x\n\na.\n .\n. \n.' | inject a@b
	check_text 5 -o inline:'a.\n .\n. \n'
	printf 'S: x\n.\nno more\n' | inject a@b
	check_text 6 -o empty
	printf 'S: x\r\n\r\na\r\n.\r\nb\r\n' | inject a@b
	check_text 7 -o inline:'a\n'
}

atf_test_case header__ends_where_it_is_none
header__ends_where_it_is_none_body() {
	make_conf
	printf 'Hello there\nSubject: no\n' | inject -f a@b a@b
	check_text 1 -o inline:'Hello there\nSubject: no\n'
	printf 'Subject: x\n folded\nHello there\n' | inject -f a@b a@b
	check_text 2 -o inline:'Hello there\n'
	check_header 2 -o match:'^ folded$'
	# What mailboxes have on top, as they have it and as they quote it.
	printf '%s\n' 'From erick Mon Nov 23' '>From joe Mon Nov 23' \
	    'Subject: x' '' body | inject a@b
	atf_check -s exit:1 grep 'Mon Nov 23' spool/3.TXT
	check_header 3 -o match:'^Subject: x$'
	check_text 3 -o inline:'body\n'
	# A line that is longer than any buffer.
	{
		printf 'X: %0100000d\nY: 1\n\n' 0
		printf '%0200000d\n' 0
	} | inject a@b
	atf_check_equal 100003 "$(header 4 | sed -n 1p | tr -d '\n' | wc -c)"
	check_header 4 -o match:'^Y: 1$'
	atf_check_equal 200001 "$(text 4 | wc -c)"
	# And nothing at all.
	inject -f a@b a@b </dev/null
	check_header 5 -o match:'^From: .*<a@b>$'
}

atf_test_case header__is_longer_than_any
header__is_longer_than_any_body() {
	make_conf
	{
		i=0
		while [ "${i}" -lt 11 ]; do
			printf 'X: %0100000d\n' "${i}"
			i=$((i + 1))
		done
	} >in
	atf_check -s exit:65 -e match:'header is longer' ${INJECT} a@b <in
	atf_check_equal '' "$(spool_files)"
}

atf_test_case recipients__are_in_the_header
recipients__are_in_the_header_body() {
	make_conf
	printf '%s\n' 'To: Bruce <bruce@gnat>, root' 'Cc: (x) ann@gnat,' \
	    ' "a b"@c' 'Bcc: secret@gnat,' '	BRUCE@gnat' \
	    'X-To: nobody@gnat' '' 'hi' | inject -t -f a@b more@gnat
	envelope 1 >got
	atf_check -o inline:'From: a@b To: more@gnat To: bruce@gnat To: root@gnat.example.test To: ann@gnat To: "a b"@c To: secret@gnat\n' \
	    cat got
	atf_check -s exit:1 grep -i -e secret -e '^	BRUCE' spool/1.TXT
	printf '%s\n' 'To: old@gnat' 'Resent-To: new@gnat' \
	    'Resent-Bcc: hid@gnat' '' | inject -t -f a@b
	atf_check_equal 'From: a@b To: new@gnat To: hid@gnat' "$(envelope 2)"
	check_header 2 -o match:'^To: old@gnat$'
	atf_check -s exit:1 grep hid spool/2.TXT
	# Without -t they are not looked at, but Bcc is taken out all the same.
	printf 'To: x@y\nBcc: z@y\n\n' | inject -f a@b a@b
	atf_check_equal 'From: a@b To: a@b' "$(envelope 3)"
	atf_check -s exit:1 grep z@y spool/3.TXT
}

atf_test_case recipients__have_the_dots_that_people_have
recipients__have_the_dots_that_people_have_body() {
	make_conf
	printf '%s\n' 'To: ann@gnat, a..b@docomo.example, <.ab.@docomo.example>' \
	    'Cc: bob@x.example.' '' 'hi' | inject -t -f try..this.@docomo.example
	atf_check_equal 'From: try..this.@docomo.example To: ann@gnat To: a..b@docomo.example To: .ab.@docomo.example To: bob@x.example' \
	    "$(envelope 1)"
	long=$(printf '%0120d' 0)
	inject -f a@b "${long}@gnat" </dev/null
	atf_check_equal "From: a@b To: ${long}@gnat" "$(envelope 2)"
}

atf_test_case sender__is_who_calls_or_what_is_said
sender__is_who_calls_or_what_is_said_body() {
	make_conf
	printf '\n' >in
	inject root <in
	atf_check_equal "From: ${ME}@gnat.example.test To: root@gnat.example.test" \
	    "$(envelope 1)"
	inject -f '' root <in
	atf_check_equal 'From: To: root@gnat.example.test' "$(envelope 2)"
	check_header 2 -o match:'<MAILER-DAEMON@gnat.example.test>$'
	inject -f '<>' root <in
	inject -r bruce root <in
	inject -fann@maggot root <in
	inject -f 'Ann <ann@maggot>' root <in
	atf_check_equal 'From: To: root@gnat.example.test' "$(envelope 3)"
	atf_check_equal 'From: bruce@gnat.example.test To: root@gnat.example.test' \
	    "$(envelope 4)"
	atf_check_equal "$(envelope 5)" "$(envelope 6)"
}

atf_test_case mistakes__have_their_exit_codes_and_queue_nothing
mistakes__have_their_exit_codes_and_queue_nothing_body() {
	make_conf
	mv wattcp.cfg big.cfg
	make_conf 'smtp.maxsize = 1000' 'smtp.maxrcpts = 3'
	printf '\n' >in
	atf_check -s exit:64 -e match:'no recipients' ${INJECT} <in
	atf_check -s exit:64 -e match:'no recipients in the header' \
	    ${INJECT} -t <in
	atf_check -s exit:64 -e match:'^usage:' ${INJECT} -Z <in
	# They say what there is instead, whatever follows.
	for bad in -bd '-bd -q30m' '-q30m -bd'; do
		atf_check -s exit:64 -e match:'smtpserv\(8\) does' \
		    ${INJECT} ${bad} <in
	done
	atf_check -s exit:64 -e match:'smtpserv-work\(8\) works' \
	    ${INJECT} -q15m <in
	atf_check -s exit:64 -e match:'no such -b' ${INJECT} -bx root <in
	atf_check -e match:'every recipient is accepted' ${INJECT} -bv root
	echo 'ann@gnat.example.test /var/mail/ann/' >deliver.txt
	atf_check cdb -c -m deliver.cdb deliver.txt
	cp wattcp.cfg plain.cfg
	echo "smtp.deliver = \"${PWD}/deliver.cdb\"" >>wattcp.cfg
	echo 'smtp.postmaster = ann@gnat.example.test' >>wattcp.cfg
	atf_check -o inline:'ann@gnat.example.test /var/mail/ann/\n' \
	    ${INJECT} -bv ann@gnat.example.test
	atf_check -s exit:67 -o match:'^ann@' -e match:'x@y: nobody here' \
	    ${INJECT} -bv x@y ann@gnat.example.test
	mv plain.cfg wattcp.cfg
	for bad in 'a b' 'a@' '@b' 'a@b@c' 'a@b c@d' '<a@b' 'a@-b'; do
		atf_check -s exit:65 -e match:'inject: .*: not an address' \
		    ${INJECT} "${bad}" <in
	done
	printf 'To: <broken\n\n' | atf_check -s exit:65 \
	    -e inline:'smtpserv-inject: <broken: not an address\n' ${INJECT} -t
	for bad in -Nnever,delay -Nx -Rall -Va=b -V+; do
		atf_check -s exit:64 -e match:'inject: -[NRV]: want' \
		    ${INJECT} ${bad} a <in
	done
	atf_check -s exit:65 -e match:'not an address' ${INJECT} -f 'a b' x <in
	printf 'S: x\n\n%02000d\n' 0 >big
	atf_check -s exit:69 -e inline:'smtpserv-inject: message too big\n' \
	    ${INJECT} a <big
	# For however many it is.
	atf_check -s exit:69 -e inline:'smtpserv-inject: message too big\n' \
	    ${INJECT} a b c d <big
	yes 'Received: from a by b' | head -n 101 | cut -c 1-6,7-40 >loop
	(sed 's/$/;/' loop; echo) | atf_check -s exit:69 -e match:'looping' \
	    "${BUILD}/bin/smtpserv-inject" -C big.cfg a
	atf_check -s exit:74 -e match:'unable to read' ${INJECT} a <.
	atf_check_equal '' "$(spool_files)"
	# Later, perhaps.
	rm -rf spool
	atf_check -s exit:75 -e match:'unable to open .*/spool: No such file' \
	    ${INJECT} a <in
	atf_check -s exit:78 -e not-empty \
	    "${BUILD}/bin/smtpserv-inject" -C nowhere.cfg a <in
}

atf_test_case options__of_sendmail_are_taken
options__of_sendmail_are_taken_body() {
	make_conf
	printf '\n' >in
	# cron; mutt; PHP; git; and all at once.
	inject -i -FCronDaemon -B8BITMIME -oem root <in
	check_header 1 -o match:'^From: "CronDaemon" <'
	inject -oem -oi -f a@b -- root <in
	inject -t -i root <in
	inject -it root <in
	inject -G -h 3 -L tag -m -n -N failure,delay -O Timeout=1 -p ESMTP:x \
	    -R hdrs -U -V id -v -X log -d -d0.1 -em -odb -bm -- root <in
	inject -- root <in
	# What others do here.
	inject -q <in
	inject -bi <in
	inject -I <in
	atf_check_equal 6 "$(ls spool/*.WRK | wc -l)"
}

atf_test_case names__are_those_of_sendmail
names__are_those_of_sendmail_body() {
	make_conf
	for name in sendmail mailq newaliases; do
		ln -s "${BUILD}/bin/smtpserv-inject" "${name}"
	done
	printf '\n' | atf_check ./sendmail -C wattcp.cfg -f a@b c@d
	atf_check_equal 'From: a@b To: c@d' "$(envelope 1)"
	atf_check -o match:'^1	.*a@b' ./mailq -C wattcp.cfg
	atf_check -o match:'^1	.*a@b' ./sendmail -C wattcp.cfg -bp
	atf_check ./newaliases
	# The configuration as cron and its like find it.
	WATTCP_CFG=${PWD}
	export WATTCP_CFG
	printf '\n' | atf_check ./sendmail c@d
}

atf_test_case smtp__is_spoken_on_standard_input
smtp__is_spoken_on_standard_input_body() {
	make_conf
	{
		lines 'HELO a'
		message 'Six?'
		lines 'QUIT'
	} >in
	# The client of a web server's is none of ours.
	REMOTE_ADDR=192.0.2.9 DATABYTES=1 QMAILQUEUE=/no/such
	export REMOTE_ADDR DATABYTES QMAILQUEUE
	atf_check -o match:'^250 2.0.0 ok qp' \
	    ${INJECT} -bs <in
	atf_check -o match:'smtpserv-queue, uid' head -n 1 spool/1.TXT
	atf_check -o inline:'\nSix?\n' tail -n 2 spool/1.TXT
	atf_check_equal 'From: erick@maggot To: bruce@gnat' "$(envelope 1)"
}

# Wherever the command line may send to.
atf_test_case smtp__goes_where_the_command_line_may
smtp__goes_where_the_command_line_may_head() {
	atf_set require.progs cdb
}
smtp__goes_where_the_command_line_may_body() {
	printf '%s\n' 'ann@gnat.example.test /dev/null' \
	    '@ |cat >/dev/null' | cdb -c -m deliver.cdb
	make_conf "smtp.deliver = ${PWD}/deliver.cdb" \
	    'smtp.postmaster = ann@gnat.example.test'
	{
		lines 'HELO a'
		message 'Six?' | sed 's/bruce@gnat/bob@elsewhere.example/'
		lines QUIT
	} >in
	atf_check -o match:'^250 2.0.0 ok qp' ${INJECT} -bs <in
	atf_check_equal 'From: erick@maggot To: bob@elsewhere.example' \
	    "$(envelope 1)"
}

# The header's addresses get a domain, as the envelope's do.
atf_test_case header__addresses_are_qualified
header__addresses_are_qualified_body() {
	make_conf
	# As Debian's cron calls.
	printf '%s\n' 'From: root (Cron Daemon)' 'To: root' \
	    'cc: ann, Bob <bob>,' ' eve@x' 'Reply-To: undisclosed:;' \
	    'Subject: Cron <root@gnat> date' 'X-To: root' \
	    'Resent-To: joe' 'Resent-From: ann' '' 'To: root' |
	    inject -i -FCronDaemon -B8BITMIME -oem root
	check_header 1 -o match:'^From: root@gnat.example.test \(Cron Daemon\)$' \
	    -o match:'^To: root@gnat.example.test$' \
	    -o match:'^cc: ann@gnat.example.test, Bob <bob@gnat.example.test>,$' \
	    -o match:'^ eve@x$' -o match:'^Reply-To: undisclosed:;$' \
	    -o match:'^Subject: Cron <root@gnat> date$' \
	    -o match:'^X-To: root$' \
	    -o match:'^Resent-To: joe@gnat.example.test$' \
	    -o match:'^Resent-From: ann@gnat.example.test$'
	check_text 1 -o inline:'To: root\n'
}

atf_test_case header__what_is_sent_again_says_when
header__what_is_sent_again_says_when_body() {
	make_conf
	printf '%s\n' 'Subject: x' 'Resent-From: a@b' 'Resent-To: c@d' \
	    'Date: Mon' 'From: e@f' 'Message-ID: <x@y>' '' | inject c@d
	body 1 | sed 's/^Resent-Date: .*[0-9]$/Resent-Date: D/
	    s/^\(Resent-Message-ID: <\).*\(@gnat.example.test>\)$/\1I\2/' >got
	atf_check -o inline:'Subject: x
Resent-Date: D
Resent-Message-ID: <I@gnat.example.test>
Resent-From: a@b
Resent-To: c@d
Date: Mon
From: e@f
Message-ID: <x@y>

' cat got
	# One that has them keeps them; an older block is left alone.
	printf '%s\n' 'Resent-Date: now' 'Resent-From: a@b' \
	    'Resent-Message-ID: <z@y>' 'Received: x' 'Resent-From: q@r' \
	    'From: e@f' 'Date: Mon' '' | inject c@d
	atf_check_equal 1 "$(grep -c '^Resent-Date' spool/2.TXT)"
	atf_check_equal 1 "$(grep -c '^Resent-Message-ID' spool/2.TXT)"
}

atf_test_case recipients__a_bad_one_stops_only_itself
recipients__a_bad_one_stops_only_itself_head() {
	atf_set require.progs cdb
}
recipients__a_bad_one_stops_only_itself_body() {
	make_conf
	printf '%s\n' 'To: two words, bruce@gnat' 'Cc: a@-b, ann@gnat, <x' '' |
	    atf_check -e save:said ${INJECT} -t -f erick@maggot
	atf_check -o inline:'smtpserv-inject: two words: not an address
smtpserv-inject: a@-b: not an address
smtpserv-inject: <x: not an address
' cat said
	atf_check_equal 'From: erick@maggot To: bruce@gnat To: ann@gnat' \
	    "$(envelope 1)"
	# The caller's standard error may go nowhere.
	atf_check_equal 'From: To: erick@maggot' "$(envelope 2)"
	check_text 2 -o match:'^two words: not an address$' \
	    -o match:'^a@-b: not an address$'
	check_header 2 -o match:'^Auto-Submitted: auto-replied$'
	# Nobody to tell.
	printf '\n' | atf_check -e not-empty ${INJECT} -f '' 'a b' c@d
	atf_check_equal 6 "$(spool_files | wc -w)"
	# Nobody of that name, where the table can be read.
	echo 'ann@gnat.example.test /dev/null' | cdb -c -m deliver.cdb
	make_conf "smtp.deliver = ${PWD}/deliver.cdb" \
	    'smtp.postmaster = ann@gnat.example.test'
	printf '\n' >in
	atf_check -s exit:67 -e match:'bob@gnat.example.test: there is nobody' \
	    ${INJECT} bob <in
	atf_check_equal 6 "$(spool_files | wc -w)"
	atf_check -e match:'bob@gnat.example.test: there is nobody' \
	    ${INJECT} -f ann bob,ann <in
	atf_check_equal 'From: ann@gnat.example.test To: ann@gnat.example.test' \
	    "$(envelope 4)"
}

atf_test_case recipients__too_many_make_several_messages
recipients__too_many_make_several_messages_body() {
	make_conf 'smtp.maxrcpts = 3'
	printf 'Subject: x\n\nhello\n%0100000d\n' 7 |
	    inject -f e@m a@x b@x c@x d@x e@x A@X f@x g@x
	atf_check_equal 'From: e@m To: a@x To: b@x To: c@x' "$(envelope 1)"
	atf_check_equal 'From: e@m To: d@x To: e@x To: f@x' "$(envelope 2)"
	atf_check_equal 'From: e@m To: g@x' "$(envelope 3)"
	atf_check_equal '1.TXT 1.WRK 2.TXT 2.WRK 3.TXT 3.WRK' \
	    "$(echo $(spool_files))"
	for n in 1 2 3; do
		body "${n}" >"body.${n}"
	done
	atf_check cmp body.1 body.2
	atf_check cmp body.1 body.3
	atf_check_equal 100001 "$(text 3 | tail -n 1 | wc -c)"
	# Many, and each once.
	make_conf
	{
		printf 'Bcc: x'
		for pass in 1 2; do
			seq -f ', u%.0f@x' 20000 | tr -d '\n'
		done
		printf '\n\n'
	} | inject -t -f e@m
	atf_check_equal 20001 "$(cat spool/*.WRK | grep -c '^To: [xu][0-9@]')"
	atf_check_equal 21 "$(grep -l '^To: u' spool/*.WRK | wc -l)"
}

atf_test_case dsn__is_in_the_envelope
dsn__is_in_the_envelope_body() {
	make_conf
	# The caller's own variables are not.
	SMTPSERV_NOTIFY=never SMTPSERV_RET=full SMTPSERV_ENVID=x
	# Of a message that its caller is taking, such as a filter.
	SMTPSERV_ENVELOPE=5
	export SMTPSERV_NOTIFY SMTPSERV_RET SMTPSERV_ENVID SMTPSERV_ENVELOPE
	printf '\n' >in
	inject -N failure,delay -R hdrs -V QQ314+2B -f a@b c@d e@f <in
	atf_check_equal 'From: a@b To: c@d Notify: failure,delay To: e@f Notify: failure,delay Envid: QQ314+2B Ret: HDRS' \
	    "$(envelope 1)"
	inject -N never -f a@b c@d <in
	atf_check_equal 'From: a@b To: c@d Notify: never' "$(envelope 2)"
	inject -f a@b c@d <in
	atf_check_equal 'From: a@b To: c@d' "$(envelope 3)"
	# A report of ours asks for none.
	atf_check -e ignore ${INJECT} -N never -f a@b c@d 'x y' <in
	atf_check_equal 'From: To: a@b' "$(envelope 5)"
}

atf_test_case mailx__sends_through_it
mailx__sends_through_it_body() {
	for mailx in "${BUILD}/deps/usr/bin/bsd-mailx" \
	    "${BUILD%/*}/build/deps/usr/bin/bsd-mailx"; do
		[ ! -x "${mailx}" ] || break
	done
	[ -x "${mailx}" ] ||
	    atf_skip 'no build/deps/usr/bin/bsd-mailx: make check-deps gets it'
	make_conf
	ln -s "${BUILD}/bin/smtpserv-inject" sendmail
	echo "set sendmail=${PWD}/sendmail" >mailrc
	MAILRC=${PWD}/mailrc WATTCP_CFG=${PWD}
	export MAILRC WATTCP_CFG
	printf 'Six?\n.\nSeven?\n' >in
	atf_check "${mailx}" -s 'Beers?' -c ann@gnat bruce@gnat <in
	n=0
	until [ -f spool/1.WRK ]; do
		n=$((n + 1))
		[ "${n}" -lt 3000 ] || atf_fail 'nothing comes'
		sleep 0.01
	done
	atf_check_equal "From: ${ME}@gnat.example.test To: bruce@gnat To: ann@gnat" \
	    "$(envelope 1)"
	check_header 1 -o match:'^Subject: Beers\?$'
}

atf_test_case mutt__sends_through_it
mutt__sends_through_it_head() {
	atf_set require.progs mutt
}
mutt__sends_through_it_body() {
	make_conf
	printf 'Six?\n.\nSeven?\n' >in
	atf_check -e ignore mutt -F /dev/null -n \
	    -e "set sendmail='${INJECT} -oem -oi'" -e 'set copy=no' -e 'set sendmail_wait=0' \
	    -e 'set envelope_from=yes' -e 'set from=erick@maggot' \
	    -e 'set record=""' -s 'Beers?' -b secret@gnat bruce@gnat <in
	atf_check_equal 'From: erick@maggot To: bruce@gnat To: secret@gnat' \
	    "$(envelope 1)"
	check_text 1 -o inline:'Six?\n.\nSeven?\n'
}

# A copy of the programs, as root installs them: smtpserv-queue set-user-ID to
# nobody, whose spool it is.  user COMMAND ... runs it as another user.
make_local() {
	sanitizers_cannot 'be set-user-ID'
	chmod 755 .
	mkdir -p local/bin local/libexec
	cp "${BUILD}/bin/smtpserv-inject" "${BUILD}/bin/smtpserv-spool" local/bin
	cp "${BUILD}/libexec/smtpserv-queue" \
	    "${BUILD}/libexec/smtpserv-broker" \
	    "${BUILD}/libexec/smtpserv-session" local/libexec
	chown nobody:daemon local/libexec/smtpserv-queue
	chmod 6755 local/libexec/smtpserv-queue
	user="setpriv --reuid daemon --clear-groups --"
	${user} test -x "${PWD}/local/libexec/smtpserv-queue" ||
	    atf_skip 'daemon cannot see the directory of this test'
	findmnt -no OPTIONS -T . 2>/dev/null | grep -q nosuid &&
	    atf_skip 'no set-user-ID in the file system of this test'
	make_conf "$@"
	chown nobody:daemon spool
	chmod 700 spool
	printf '\n' >in
}

# Every user may send, but cannot choose the spool, nor what others may read.
atf_test_case set_user_id__chooses_the_configuration
set_user_id__chooses_the_configuration_head() {
	atf_set require.user root
	atf_set require.progs setpriv
}
set_user_id__chooses_the_configuration_body() {
	make_local
	printf 'Fs\0Tr\0\0' >envelope
	atf_check -s exit:31 -e match:'op="use, as set-user-ID,"' -x \
	    "${user} local/libexec/smtpserv-queue -f wattcp.cfg <in 1<envelope"
	atf_check -s exit:64 -e match:'-C does nothing here' \
	    ${user} local/bin/smtpserv-inject -C wattcp.cfg a <in
	atf_check_equal '' "$(spool_files)"
	# Root may, and its mail is the spool's user's.
	atf_check local/bin/smtpserv-inject -C wattcp.cfg a <in
	atf_check_equal nobody "$(stat -c %U spool/1.WRK)"
	# Without -f it is the machine's, which a test cannot write; but the
	# caller's environment does not choose it either.
	[ ! -e /etc/smtpserv/wattcp.cfg ] ||
	    atf_skip 'this machine has a configuration'
	WATTCP_CFG=${PWD}
	export WATTCP_CFG
	atf_check -s exit:55 -e match:'/etc/smtpserv/wattcp.cfg' -x \
	    "${user} local/libexec/smtpserv-queue <in 1<envelope"
	# Not set-user-ID: then it says what is missing.
	chmod 755 local/libexec/smtpserv-queue
	chmod 755 spool
	atf_check -s exit:75 -e match:'Permission denied \(.*set-user-ID' \
	    ${user} local/bin/smtpserv-inject -C wattcp.cfg a <in
	chmod 700 spool
	atf_check -s exit:77 -e match:'not yours to read' \
	    ${user} local/bin/smtpserv-inject -C wattcp.cfg -bp
}

# On a machine whose configuration is the test's.
atf_test_case set_user_id__lets_every_user_send
set_user_id__lets_every_user_send_head() {
	atf_set require.user root
	atf_set require.progs 'setpriv unshare cdb'
}
set_user_id__lets_every_user_send_body() {
	echo '@ |cat >/dev/null' | cdb -c -m deliver.cdb
	# Which users need not be able to read.
	chmod 600 deliver.cdb
	make_local "smtp.deliver = ${PWD}/deliver.cdb" \
	    'smtp.postmaster = ann@gnat.example.test'
	mkdir -p etc/smtpserv
	cp wattcp.cfg etc/smtpserv
	cat >here <<-SH
		#!/bin/sh
		exec unshare --mount sh -c 'mount -t overlay x \
		    -o ro,lowerdir=${PWD}/etc:/etc /etc && exec "\$@"' sh "\$@"
	SH
	chmod +x here
	./here true 2>/dev/null || atf_skip 'no overlay mounts in a name space here'
	inject=${PWD}/local/bin/smtpserv-inject
	atf_check ./here ${user} "${inject}" bob@elsewhere.example <in
	{
		lines 'HELO a'
		message 'Six?' | sed 's/bruce@gnat/bob@elsewhere.example/'
		lines QUIT
	} >smtp
	atf_check -o match:'^250 2.0.0 ok qp' \
	    ./here ${user} "${inject}" -bs <smtp
	atf_check ./here "${inject}" -f root@x bob@elsewhere.example <in
	atf_check_equal 'nobody nobody nobody' \
	    "$(echo $(stat -c %U spool/*.WRK))"
	# Each sees what is his; who may read the spool sees all.
	atf_check -o save:own ./here ${user} "${inject}" -bp
	atf_check_equal '1 2' "$(echo $(cut -f 1 own))"
	atf_check -o match:'^1	[0-9]+	[0-9]+	1	waiting	daemon@gnat.example.test	0	0	-$' \
	    cat own
	atf_check -o save:all ./here "${inject}" -bp
	atf_check_equal '1 2 3' "$(echo $(cut -f 1 all))"
}

atf_init_test_cases() {
	atf_add_test_case message__gets_what_it_lacks
	atf_add_test_case recipient__without_a_domain_gets_ours
	atf_add_test_case message__ends_with_a_dot_or_does_not
	atf_add_test_case header__ends_where_it_is_none
	atf_add_test_case header__is_longer_than_any
	atf_add_test_case recipients__are_in_the_header
	atf_add_test_case recipients__have_the_dots_that_people_have
	atf_add_test_case sender__is_who_calls_or_what_is_said
	atf_add_test_case mistakes__have_their_exit_codes_and_queue_nothing
	atf_add_test_case options__of_sendmail_are_taken
	atf_add_test_case names__are_those_of_sendmail
	atf_add_test_case smtp__is_spoken_on_standard_input
	atf_add_test_case mailx__sends_through_it
	atf_add_test_case mutt__sends_through_it
	atf_add_test_case smtp__goes_where_the_command_line_may
	atf_add_test_case header__addresses_are_qualified
	atf_add_test_case header__what_is_sent_again_says_when
	atf_add_test_case recipients__a_bad_one_stops_only_itself
	atf_add_test_case recipients__too_many_make_several_messages
	atf_add_test_case dsn__is_in_the_envelope
	atf_add_test_case set_user_id__chooses_the_configuration
	atf_add_test_case set_user_id__lets_every_user_send
}
