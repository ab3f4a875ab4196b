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
	printf 'From erick Mon Nov 23\nSubject: x\n\nbody\n' | inject a@b
	atf_check -s exit:1 grep 'Mon Nov 23' spool/3.TXT
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
	make_conf 'smtp.maxsize = 1000' 'smtp.maxrcpts = 3'
	printf 'To: <broken\n\n' >broken
	printf '\n' >in
	atf_check -s exit:64 -e match:'no recipients' ${INJECT} <in
	atf_check -s exit:64 -e match:'no recipients in the header' \
	    ${INJECT} -t <in
	atf_check -s exit:64 -e match:'^usage:' ${INJECT} -Z <in
	atf_check -s exit:64 -e match:'none of ours' ${INJECT} -bd <in
	atf_check -s exit:65 -e match:'To: cannot be used' \
	    ${INJECT} -t <broken
	for bad in 'a b' 'a@' '@b' 'a@b@c' 'a@b c@d' '<a@b' 'a@-b'; do
		atf_check -s exit:65 -e match:'not an address' \
		    ${INJECT} ok@gnat "${bad}" <in
	done
	atf_check -s exit:65 -e match:'not an address' ${INJECT} -f 'a b' x <in
	atf_check -s exit:65 -e match:'too many' ${INJECT} a b c d <in
	printf 'S: x\n\n%02000d\n' 0 >big
	atf_check -s exit:69 -e not-empty ${INJECT} a <big
	atf_check -s exit:74 -e match:'unable to read' ${INJECT} a <.
	atf_check_equal '' "$(spool_files)"
	# Later, perhaps.
	rm -rf spool
	atf_check -s exit:75 -e not-empty ${INJECT} a <in
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
	inject -q30m <in
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
	atf_check -o match:'^250 2.0.0 A1 accepted' -e ignore ${INJECT} -bs <in
	check_body 1 -o inline:'Subject: a test\n\nSix?\n'
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

# Every user may send, but cannot choose the spool, nor what others may read.
atf_test_case set_user_id__lets_every_user_send
set_user_id__lets_every_user_send_head() {
	atf_set require.user root
	atf_set require.progs setpriv
}
set_user_id__lets_every_user_send_body() {
	sanitizers_cannot 'be set-user-ID'
	chmod 755 .
	mkdir -p local/bin local/libexec etc
	cp "${BUILD}/bin/smtpserv-inject" "${BUILD}/bin/smtpserv-spool" local/bin
	cp "${BUILD}/libexec/smtpserv-queue" \
	    "${BUILD}/libexec/smtpserv-session" local/libexec
	chown nobody:daemon local/libexec/smtpserv-queue
	chmod 6755 local/libexec/smtpserv-queue
	user="setpriv --reuid daemon --clear-groups --"
	${user} test -x "${PWD}/local/libexec/smtpserv-queue" ||
	    atf_skip 'daemon cannot see the directory of this test'
	findmnt -no OPTIONS -T . 2>/dev/null | grep -q nosuid &&
	    atf_skip 'no set-user-ID in the file system of this test'
	# What is not for others stays so, whatever the caller's mask.
	printf 'Fs\0Tr\0\0' >envelope
	make_conf
	chown nobody spool
	printf '\n' >in
	atf_check -s exit:31 -e match:'op="use, as set-user-ID,"' -x \
	    "${user} local/libexec/smtpserv-queue -f wattcp.cfg <in 1<envelope"
	# Without -f it is the machine's, which a test cannot write; but the
	# caller's environment does not choose it either.
	[ ! -e /etc/smtpserv/wattcp.cfg ] ||
	    atf_skip 'this machine has a configuration'
	WATTCP_CFG=${PWD}
	export WATTCP_CFG
	atf_check -s exit:55 -e match:'/etc/smtpserv/wattcp.cfg' -x \
	    "${user} local/libexec/smtpserv-queue <in 1<envelope"
	atf_check_equal '' "$(spool_files)"
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
	atf_add_test_case set_user_id__lets_every_user_send
}
