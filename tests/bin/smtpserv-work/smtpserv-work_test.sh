# Black-box tests of smtpserv-work(8).

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/work.subr"

atf_test_case command_line__a_recipient_at_a_time
command_line__a_recipient_at_a_time_body() {
	make_conf
	cat >handle <<'EOF'
#!/bin/sh
echo "$SENDER $RECIPIENT $*" >>log
cat >>text
EOF
	chmod +x handle
	send erick@maggot bruce@gnat ann@gnat
	atf_check -e match:'event=done number=1' \
	    ${WORK} --once -- ./handle 'an argument'
	atf_check -o inline:'erick@maggot ann@gnat an argument
erick@maggot bruce@gnat an argument\n' sort log
	atf_check -o inline:'2\n' grep -c '^hello$' text
	stored ''
}

# Not when the first mail comes, which may be in a week.
atf_test_case table__that_is_text_is_told_at_the_start
table__that_is_text_is_told_at_the_start_body() {
	echo 'ann@gnat.example.test |true' | make_site
	work 0
	atf_check -s exit:1 grep table log
	cp deliver.txt deliver.cdb
	work 0
	atf_check -o match:'use as table its text, of which smtpserv-conf table' \
	    cat log
	rm deliver.cdb
	work 0
	atf_check -o match:'open table.*deliver.cdb' cat log
	# A command needs none.
	work 0 -- true
	atf_check -s exit:1 grep table log
}

atf_test_case usage__is_100
usage__is_100_body() {
	make_conf
	atf_check -s exit:100 -e match:'^usage' ${WORK} --twice
	atf_check -s exit:100 -e match:'^usage' ${WORK} --
	atf_check -s exit:100 -e match:'set smtp.deliver, or give a command after --' \
	    ${WORK} --once
	atf_check -s exit:100 -e match:'gone.cfg' \
	    "${BUILD}/bin/smtpserv-work" -f gone.cfg --once -- true
	rmdir spool
	atf_check -s exit:100 -e match:'unable to open spool' \
	    ${WORK} --once -- true
}

atf_test_case table__every_recipient_has_what_is_his
table__every_recipient_has_what_is_his_body() {
	make_site <<EOF
bruce@gnat.example.test ${PWD}/bruce/
bruce@gnat.example.test |cat >bruce.txt
ann@gnat.example.test &bruce@gnat.example.test
pat@gnat.example.test pegasus:${PWD}/pat/
@shop.example.test |printf '%s ' "\$LOCAL" "\$DEFAULT" >>shop.txt
EOF
	mkdir pat
	printf '%s\n' 'From: erick@maggot' 'To: Bruce@gnat.example.test' \
	    'To: ann@gnat.example.test' 'To: pat@gnat.example.test' \
	    'To: any@shop.example.test' | pair 5 "${TEXT}"
	work 0
	stored ''
	# Directly, and by way of ann.
	mail_of bruce >got
	atf_check -o inline:'2\n' grep -c '^hello$' got
	atf_check -o inline:'2\n' grep -c '^Return-Path: <erick@maggot>$' got
	atf_check -o match:'^Delivered-To: Bruce@gnat.example.test$' \
	    -o match:'^Delivered-To: bruce@gnat.example.test$' \
	    -o match:'^Delivered-To: ann@gnat.example.test$' cat got
	atf_check -o match:'^hello$' cat bruce.txt
	atf_check -o inline:'any any ' cat shop.txt
	# DOS line ends, all of them, and an 8.3 name.
	atf_check -o match:'^Y[0-9A-Z]{7}\.CNM$' ls pat
	atf_check -s exit:1 grep -v "$(printf '\r')\$" pat/*.CNM
	atf_check -o match:'^hello' cat pat/*.CNM
}

atf_test_case table__nobody_is_a_failure_and_a_route_is_not
table__nobody_is_a_failure_and_a_route_is_not_body() {
	make_site <<EOF
erick@gnat.example.test ${PWD}/erick/
erick@gnat.example.test
EOF
	printf '%s\n' 'From: erick@gnat.example.test' \
	    'To: nobody@gnat.example.test' 'To: a@elsewhere.example' |
	    pair 5 "${TEXT}"
	# The second line is no instruction: that is to be mended.
	work 111
	atf_check_equal 'failed 5.1.1' "$(fate nobody@gnat.example.test)"
	atf_check_equal 'failed 5.1.1' "$(fate a@elsewhere.example)"
	printf '%s\n' "erick@gnat.example.test ${PWD}/erick/" \
	    '@ |echo "$RECIPIENT" >>routed' | make_table
	printf '%s\n' 'From: x@y' 'To: a@elsewhere.example' |
	    pair 4000000000 "${TEXT}"
	work 0
	atf_check -o inline:'a@elsewhere.example\n' cat routed
	mail_of erick >mail
	atf_check -o match:'^Status: 5.1.1$' \
	    -o match:'^Final-Recipient: rfc822; nobody@gnat.example.test$' \
	    -o match:'^Return-Path: <>$' cat mail
}

atf_test_case maildir__is_made_and_trouble_is_temporary
maildir__is_made_and_trouble_is_temporary_body() {
	make_site <<EOF
new@gnat.example.test ${PWD}/new/
deep@gnat.example.test ${PWD}/no/such/place/
file@gnat.example.test ${PWD}/deliver.txt/
EOF
	printf '%s\n' 'From: erick@maggot' 'To: new@gnat.example.test' \
	    'To: deep@gnat.example.test' 'To: file@gnat.example.test' |
	    pair 5 "${TEXT}"
	work 111
	atf_check -o inline:'cur\nnew\ntmp\n' ls new
	atf_check -o inline:'600\n' stat -c %a new/new/*
	atf_check -o empty ls new/tmp
	atf_check_equal 'later 4.3.0' "$(fate deep@gnat.example.test)"
	atf_check_equal 'later 4.3.0' "$(fate file@gnat.example.test)"
	# Who has it is not asked again.
	atf_check -o inline:'From: erick@maggot
To: deep@gnat.example.test
To: file@gnat.example.test
' grep -E '^(From|To):' spool/5.WRK
	mkdir -p no/such
	work 111
	atf_check_equal '' "$(fate new@gnat.example.test)"
	atf_check_equal 'delivered 2.0.0' "$(fate deep@gnat.example.test)"
	atf_check -o inline:'1\n' sh -c 'ls new/new | wc -l'
}

# The name of a delivery is by the message, so that one that a crash repeats is
# seen to be there.
atf_test_case maildir__done_once_more_is_one_copy
maildir__done_once_more_is_one_copy_body() {
	make_site <<EOF
ann@gnat.example.test ${PWD}/ann/
bruce@gnat.example.test ${PWD}/ann/
EOF
	printf '%s\n' 'From: erick@maggot' 'To: ann@gnat.example.test' |
	    pair 5 "${TEXT}"
	# As a power cut would leave them.
	ln spool/5.TXT text
	cp spool/5.WRK envelope
	again() {
		ln text spool/5.TXT
		cp envelope spool/5.WRK
		work 0
		stored ''
		atf_check -o empty ls ann/tmp
	}
	work 0
	again
	atf_check -o inline:'1\n' sh -c 'ls ann/new | wc -l'
	name=$(ls ann/new)
	for flags in :2, :2,S; do
		mv "ann/new/${name}" "ann/cur/${name}${flags}"
		again
		atf_check -o empty ls ann/new
		mv "ann/cur/${name}${flags}" "ann/new/${name}"
	done
	# For another recipient it is another message, and so is what differs.
	sed 's/ann@/bruce@/' envelope >other
	mv envelope kept
	mv other envelope
	again
	atf_check -o inline:'2\n' sh -c 'ls ann/new | wc -l'
	mv kept envelope
	echo more >>"ann/new/${name}"
	again
	atf_check -o inline:'3\n' sh -c 'ls ann/new | wc -l'
}

# What root's worker makes is its user's, and no link leads it where that user
# may not write.
atf_test_case maildir__of_a_user_is_theirs_though_root_delivers
maildir__of_a_user_is_theirs_though_root_delivers_head() {
	atf_set require.user root
}
maildir__of_a_user_is_theirs_though_root_delivers_body() {
	chmod 755 .
	mkdir home home/ann home/eve home/mad home/pat closed roots open
	for user in ann:1001 eve:1002 mad:1003 pat:1004; do
		chown "${user#*:}:2345" "home/${user%:*}"
	done
	# The way there may be closed to the user.
	chmod 700 home closed open
	chown 1001 closed
	# Another's link into what is root's, as a Maildir, in one, on the way.
	mkdir -p home/eve/M/tmp home/eve/M/cur home/mad/M roots/new
	ln -s "${PWD}/roots/new" home/eve/M/new
	chown -R -h 1002 home/eve/M
	chown 1003 home/mad/M
	ln -s "${PWD}/roots" home/mad/M/x
	chown -h 1003 home/mad/M/x
	# And root's own link, which is followed; and where others may write.
	ln -s "${PWD}/home/pat" way
	chmod 775 open
	make_site <<-EOF
	ann@gnat.example ${PWD}/home/ann/Maildir/
	eve@gnat.example ${PWD}/home/eve/M/
	mad@gnat.example ${PWD}/home/mad/M/x/
	made@gnat.example ${PWD}/home/mad/M/x/new/Maildir/
	pat@gnat.example ${PWD}/way/Maildir/
	peg@gnat.example pegasus:${PWD}/home/mad/M/x/
	pegasus@gnat.example pegasus:${PWD}/home/ann/
	open@gnat.example ${PWD}/open/
	EOF
	for to in ann eve mad made pat peg pegasus open; do
		send a@b.example ${to}@gnat.example
	done
	once || true
	atf_check_equal 'delivered 2.0.0' "$(fate ann@gnat.example)"
	atf_check_equal 'delivered 2.0.0' "$(fate pat@gnat.example)"
	atf_check_equal 'delivered 2.0.0' "$(fate pegasus@gnat.example)"
	for to in eve mad made peg open; do
		result=$(fate ${to}@gnat.example)
		atf_check_equal later "${result%% *}"
	done
	atf_check -o inline:'1001 2345\n' sh -c \
	    "find home/ann -mindepth 1 -exec stat -c '%u %g' {} + | sort -u"
	atf_check -o inline:'1004 2345\n' sh -c \
	    "find home/pat -mindepth 1 -exec stat -c '%u %g' {} + | sort -u"
	atf_check -o inline:'roots/new\n' find roots open -mindepth 1
	atf_check_equal 1 "$(find home/ann/Maildir/new -type f | wc -l)"
}

atf_test_case maildir__half_made_is_made_durable
maildir__half_made_is_made_durable_head() {
	atf_set require.progs strace
}
maildir__half_made_is_made_durable_body() {
	sanitizers_cannot 'be traced'
	make_site 'smtp.sync = yes' <<EOF
ann@gnat.example.test ${PWD}/ann/
EOF
	strace -o /dev/null true 2>/dev/null || atf_skip 'strace cannot trace'
	# As who was killed before the names were synced would leave it.
	mkdir -p ann/tmp ann/new
	printf 'From: a@b\nTo: ann@gnat.example.test\n' | pair 5 "${TEXT}"
	atf_check -e ignore -o ignore strace -f -y -o trace \
	    -e trace=fsync,mkdirat ${WORK} --once
	# The names before the last one, which says that they are durable.
	atf_check -o inline:"fsync ${PWD}
fsync ${PWD}/ann
mkdirat ${PWD}/ann
fsync ${PWD}/ann/new\n" sed -n \
	    -e 's/.*fsync([0-9]*<\(.*\)>.*/fsync \1/' \
	    -e 's/.*mkdirat([0-9]*<\(.*\)>, "cur".*/mkdirat \1/' \
	    -e '/spool$/d; /^fsync/p; /^mkdirat/p' trace
	printf 'From: a@b\nTo: ann@gnat.example.test\n' | pair 5 "${TEXT}"
	atf_check -e ignore -o ignore strace -f -y -o trace \
	    -e trace=fsync ${WORK} --once
	atf_check -o match:'/ann/new>' -o not-match:'/ann>' cat trace
}

# A user may make a Maildir in a directory that they may not open.
atf_test_case maildir__in_a_closed_directory_is_made_durable
maildir__in_a_closed_directory_is_made_durable_head() {
	atf_set require.user root
	atf_set require.progs strace
}
maildir__in_a_closed_directory_is_made_durable_body() {
	sanitizers_cannot 'be traced'
	strace -o /dev/null true 2>/dev/null || atf_skip 'strace cannot trace'
	chmod 755 .
	# One is there, as who was killed before the sync would leave it.
	mkdir -p zoe/half/tmp
	chown -R 1005:2345 zoe
	chmod 300 zoe
	make_site 'smtp.sync = yes' <<EOF
half@gnat.example.test ${PWD}/zoe/half/
made@gnat.example.test ${PWD}/zoe/made/
EOF
	for to in half made; do
		printf 'From: a@b\nTo: %s@gnat.example.test\n' "${to}" |
		    pair 5 "${TEXT}"
		atf_check -e save:log -o ignore strace -f -o trace \
		    -e trace=syncfs ${WORK} --once
		atf_check_equal 'delivered 2.0.0' \
		    "$(fate ${to}@gnat.example.test)"
		atf_check -o inline:'1\n' grep -c 'syncfs(.*= 0' trace
	done
}

atf_test_case pegasus__the_right_to_create_is_enough cleanup
pegasus__the_right_to_create_is_enough_body() {
	# Root may do everything, so this needs another user and a place that
	# is open to him.
	[ "$(id -u)" -eq 0 ] || atf_skip 'needs root, to be nobody for a while'
	command -v setpriv >/dev/null || atf_skip 'needs setpriv'
	nobody='setpriv --reuid 65534 --regid 65534 --clear-groups'
	${nobody} "${BUILD}/bin/smtpserv-work" --version >/dev/null 2>&1 ||
	    atf_skip "nobody cannot run ${BUILD}/bin/smtpserv-work"
	here=$(mktemp -d /tmp/smtpserv-work.XXXXXX)
	echo "${here}" >here
	cd "${here}"
	mkdir pat
	make_site <<EOF
pat@gnat.example.test pegasus:${here}/pat/
EOF
	printf 'From: erick@maggot\nTo: pat@gnat.example.test\n' |
	    pair 5 "${TEXT}"
	chown -R 65534 .
	chmod 0755 .
	chown 0 pat
	chmod 0733 pat
	atf_check -e match:'result=delivered .*text="pegasus: Y' ${nobody} \
	    "${BUILD}/bin/smtpserv-work" --once -f "${here}/wattcp.cfg"
	atf_check -o match:'^Y.*CNM$' ls pat
}
pegasus__the_right_to_create_is_enough_cleanup() {
	[ ! -s here ] || rm -rf "$(cat here)"
}

atf_test_case text__with_dos_line_ends_stays_so
text__with_dos_line_ends_stays_so_body() {
	make_site 'smtp.eol = crlf' <<EOF
bruce@gnat.example.test ${PWD}/bruce/
pat@gnat.example.test pegasus:${PWD}/pat/
fwd@gnat.example.test &bruce@gnat.example.test
EOF
	mkdir pat
	send erick@maggot bruce@gnat.example.test pat@gnat.example.test \
	    fwd@gnat.example.test
	work 0
	atf_check -s exit:1 grep -v "$(printf '\r')\$" bruce/new/* pat/*.CNM
	atf_check -s exit:1 grep "$(printf '\r\r')\$" bruce/new/* pat/*.CNM
	atf_check -o inline:'2\n' sh -c 'ls bruce/new | wc -l'
}

atf_test_case envelope__by_hand
envelope__by_hand_body() {
	make_site <<EOF
bruce@gnat.example.test ${PWD}/bruce/
ann@gnat.example.test |exit 111
EOF
	# As NOS writes it: no domain; and as DOS does. What is not known is
	# kept.
	printf 'from: erick@maggot\r\nTO: bruce\r\nX-Mine: 1\r\nto: ann@gnat.example.test\r\nBody: 8BITMIME\r\n' |
	    pair 5 "${TEXT}"
	work 111
	mail_of bruce >mail
	atf_check -o match:'^Delivered-To: bruce$' cat mail
	atf_check -o inline:'From: erick@maggot
To: ann@gnat.example.test
X-Mine: 1
Body: 8BITMIME
' grep -vE '^(Status|Diagnostic|Tries|Tried):' spool/5.WRK
}

# The reasons of NAME, without what is another each time.
reasons() {
	sed -E 's/^(Tried: )20[0-9-]+T[0-9:]+Z$/\1then/' "spool/$1"
}

# What is known of the message is in each line of a delivery, escaped, and the
# delay is what smtpserv-count wants for its histogram.
atf_test_case log__says_what_is_known_of_the_message
log__says_what_is_known_of_the_message_body() {
	make_site <<EOF
bruce@gnat.example.test ${PWD}/bruce/
ann@gnat.example.test |exit 111
EOF
	printf 'From: a@b\nTo: bruce@gnat.example.test\nTo: ann@gnat.example.test\n' |
	    pair 5 'Received: x\n\tby y\nmessage-id:\n <"a\\\\b"\0377=x@y>\n\nhi\n'
	touch -d '10 minutes ago' spool/5.TXT
	work 111
	facts=' from=a@b size=49 msgid="<.*xff=x@y>"$'
	atf_check \
	    -o match:"to=bruce@gnat.example.test .* delay=60[0-9] place=/[^ ]*${facts}" \
	    -o match:"to=ann@gnat.example.test .* delay=60[0-9] place=.\|exit 111.${facts}" \
	    cat log
	atf_check -o ignore sh -c "'${BUILD}/bin/smtpserv-count' counters <log"
	atf_check -o match:'delay_seconds_bucket.le="300". 0' \
	    -o match:'delay_seconds_bucket.le="900". 1' cat counters
}

# Beside the envelope, which a try that settles nothing leaves as it is; in it
# when it is written anyway; and gone with the message.
atf_test_case why__it_waits_is_written_down
why__it_waits_is_written_down_body() {
	make_site <<EOF
bruce@gnat.example.test ${PWD}/bruce/
ann@gnat.example.test |test ! -e down || { echo the disk is full; exit 111; }
bob@gnat.example.test |test ! -e down || exit 111
EOF
	touch down
	envelope='From: a@b\nTo: ann@gnat.example.test\nTo: bob@gnat.example.test\n'
	printf "${envelope}" | pair 5 "${TEXT}"
	work 111
	atf_check -o inline:"${envelope}" cat spool/5.WRK
	reasons 5.WHY >reasons
	atf_check -o inline:'To: ann@gnat.example.test
Status: 4.3.0
Diagnostic: command: temporary failure (exit 111): the disk is full
Tries: 1
Tried: then
To: bob@gnat.example.test
Status: 4.3.0
Diagnostic: command: temporary failure (exit 111)
Tries: 1
Tried: then
' cat reasons
	# What a power cut may leave of it is read as far as it goes.
	head -c 100 spool/5.WHY >torn
	printf '\0\0\0' | cat torn - >spool/5.WHY
	work 111
	atf_check -o match:'^Tries: 1$' cat spool/5.WHY
	printf 'To: ann@gnat.example.test\nTries: 41\nTri' >spool/5.WHY
	work 111
	atf_check -o match:'^Tries: 42$' -o match:'^Tries: 1$' cat spool/5.WHY
	rm -r spool/*
	# The first has failed when the second is written down.
	echo smtp.workers = 1 >>wattcp.cfg
	printf 'From: a@b\nTo: bob@gnat.example.test\nTo: bruce@gnat.example.test\n' |
	    pair 6 "${TEXT}"
	work 111
	reasons 6.WRK >reasons
	atf_check -o inline:'From: a@b
To: bob@gnat.example.test
Status: 4.3.0
Diagnostic: command: temporary failure (exit 111)
Tries: 1
Tried: then
' cat reasons
	work 111
	atf_check -o match:'^Tries: 2$' cat spool/6.WHY
	rm down
	work 0
	atf_check -o empty ls spool
}

# One that is older than the message, of another of its number, is not its own.
atf_test_case why__of_another_message_is_not_read
why__of_another_message_is_not_read_body() {
	make_site <<'EOF'
ann@gnat.example.test |exit 111
EOF
	printf 'From: a@b\nTo: ann@gnat.example.test\n' | pair 5 "${TEXT}"
	printf 'To: ann@gnat.example.test\nTries: 7\n' >spool/5.WHY
	touch -d '1 hour ago' spool/5.WHY
	work 111
	atf_check -o match:'^Tries: 1$' cat spool/5.WHY
}

atf_test_case damaged__is_set_aside
damaged__is_set_aside_body() {
	make_site <<EOF
bruce@gnat.example.test ${PWD}/bruce/
EOF
	good='From: erick@maggot\nTo: bruce@gnat.example.test\n'
	printf 'To: bruce@gnat.example.test\n' | pair 1 "${TEXT}"
	printf 'From: erick@maggot\n' | pair 2 "${TEXT}"
	printf 'From: erick@maggot\nTo: bruce@gnat.exam' | pair 3 "${TEXT}"
	printf "${good}junk\n" | pair 4 "${TEXT}"
	: | pair 5 "${TEXT}"
	printf "${good}" | pair 6 "${TEXT}"
	rm spool/6.TXT
	printf "${good}" | pair 7 "${TEXT}"
	rm spool/7.TXT
	ln -s /etc/passwd spool/7.TXT
	printf "${good}" | pair 8 ''
	printf "${good}" >target
	ln -s "${PWD}/target" spool/9.WRK
	printf '%b' "${TEXT}" >spool/9.TXT
	mkdir spool/10.WRK
	mkfifo spool/11.WRK
	printf "${good}From: twice@maggot\n" | pair 12 "${TEXT}"
	printf "${good}To: \n" | pair 13 "${TEXT}"
	printf "${good}\001: x\n" | pair 14 "${TEXT}"
	printf "${good}" | pair 20 "${TEXT}"
	work 0
	while read -r number why; do
		[ -e "spool/${number}.BAD" ] || [ -L "spool/${number}.BAD" ] ||
		    atf_fail "${number}.BAD is missing"
		[ ! -e "spool/${number}.WRK" ] || atf_fail "${number}.WRK"
		atf_check -o match:"${why}" \
		    grep "event=damaged number=${number} " log
	done <<'EOF'
1 the first line is not From:
2 no To: line
3 the last line has no line end
4 a line that is not
5 no To: line
6 there is no text beside it
7 its text is not a file
8 its text is empty
9 a symbolic link
10 not a file
11 not a file
12 a second From: line
13 an empty To: line
14 a line that is not
EOF
	# The rest goes on, and what is set aside stays, with its text.
	atf_check -o inline:'1\n' sh -c 'ls bruce/new | wc -l'
	work 0
	atf_check -o inline:'removed 0\n' ${SPOOL} clean
	[ -e spool/1.TXT ] || atf_fail 'the text of 1 is gone'
	atf_check -o match:'^1	.*	aside	' ${SPOOL} list
	# A person mends it.
	printf "${good}" >spool/1.BAD
	mv spool/1.BAD spool/1.WRK
	work 0
	atf_check -o inline:'2\n' sh -c 'ls bruce/new | wc -l'
}

atf_test_case loop__ends
loop__ends_body() {
	make_site <<EOF
postie@gnat.example.test ${PWD}/postie/
erick@gnat.example.test ${PWD}/erick/
ping@gnat.example.test &pong@gnat.example.test
pong@gnat.example.test &ping@gnat.example.test
bruce@gnat.example.test ${PWD}/bruce/
EOF
	printf 'From: erick@gnat.example.test\nTo: ping@gnat.example.test\n' |
	    pair 5 "${TEXT}"
	work 0
	stored ''
	mail_of erick >mail
	atf_check -o match:'^Status: 5.4.6$' -o match:'the message loops: it has been' \
	    cat mail
	i=0
	hops=
	while [ "${i}" -lt 101 ]; do
		hops="${hops}Received: x\n"
		i=$((i + 1))
	done
	printf 'From: erick@gnat.example.test\nTo: bruce@gnat.example.test\n' |
	    pair 9000 "${hops}Subject: x\n\nhello\n"
	printf 'From: erick@gnat.example.test\nTo: bruce@gnat.example.test\n' |
	    pair 9001 "Received: x\nDelivered-To: BRUCE@gnat.example.test\n\nhello\n"
	# In the body it means nothing.
	printf 'From: erick@gnat.example.test\nTo: bruce@gnat.example.test\n' |
	    pair 9002 "Received: x\n\nDelivered-To: bruce@gnat.example.test\n"
	work 0
	atf_check -o match:'number=9000 .*status=5.4.6 .*hundred hosts' \
	    -o match:'number=9001 .*status=5.4.6 .*this recipient before' \
	    -o match:'number=9002 .*result=delivered' cat log
}

atf_test_case report__goes_to_the_sender_as_he_wants
report__goes_to_the_sender_as_he_wants_body() {
	make_site <<EOF
postie@gnat.example.test ${PWD}/postie/
erick@gnat.example.test ${PWD}/erick/
fwd@gnat.example.test &bruce@gnat.example.test
bruce@gnat.example.test ${PWD}/bruce/
EOF
	cat <<'EOF' | pair 5 "${TEXT}"
From: erick@gnat.example.test
To: a@gnat.example.test
To: never@gnat.example.test
Notify: NEVER
To: late@gnat.example.test
Notify: SUCCESS,DELAY
To: bruce@gnat.example.test
Notify: SUCCESS
Orcpt: rfc822;b@old.example
To: fwd@gnat.example.test
Notify: SUCCESS,FAILURE
Envid: QQ314
Ret: HDRS
EOF
	work 0
	stored ''
	atf_check -o inline:'1\n' sh -c 'ls erick/new | wc -l'
	mail_of erick >report
	atf_check -o match:'^Original-Envelope-Id: QQ314$' \
	    -o match:'^Final-Recipient: rfc822; a@gnat.example.test$' \
	    -o match:'^Original-Recipient: rfc822; ?b@old.example$' \
	    -o match:'^Action: relayed$' -o match:'^Action: delivered$' \
	    -o match:'^Action: failed$' \
	    -o not-match:'never@' -o not-match:'late@' \
	    -o not-match:'^hello$' cat report
	# What was forwarded tells nobody of its success once more.
	atf_check -o inline:'2\n' sh -c 'ls bruce/new | wc -l'
	[ ! -e postie ] || atf_fail 'postmaster was told'
}

# From the client's parameters to the report.
atf_test_case report__of_what_a_client_asked_for
report__of_what_a_client_asked_for_body() {
	make_site <<EOF
erick@gnat.example.test ${PWD}/erick/
bad@gnat.example.test |exit 100
bruce@gnat.example.test ${PWD}/bruce/
EOF
	{
		lines 'EHLO client.example' \
		    'MAIL FROM:<erick@gnat.example.test> RET=HDRS ENVID=E+2B1' \
		    'RCPT TO:<bad@gnat.example.test> NOTIFY=FAILURE ORCPT=rfc822;old+40x' \
		    'RCPT TO:<bruce@gnat.example.test> NOTIFY=SUCCESS' \
		    'DATA' 'Subject: a test' '' 'hello' '.' 'QUIT'
	} | atf_check -o match:'^250 2.0.0 A1' -e ignore ${SESSION}
	work 0
	mail_of erick >mail
	atf_check -o match:'^Original-Envelope-Id: E\+1$' \
	    -o match:'^Original-Recipient: rfc822; ?old@x$' \
	    -o match:'^Final-Recipient: rfc822; bad@gnat.example.test$' \
	    -o match:'^Final-Recipient: rfc822; bruce@gnat.example.test$' \
	    -o match:'^Action: delivered$' -o match:'^Action: failed$' \
	    -o match:'^Subject: a test$' -o not-match:'^hello' cat mail
}

atf_test_case report__of_nobodys_mail_goes_to_postmaster
report__of_nobodys_mail_goes_to_postmaster_body() {
	make_site <<EOF
postie@gnat.example.test ${PWD}/postie/
EOF
	printf 'From: \nTo: gone@gnat.example.test\n' | pair 5 "${TEXT}"
	work 0
	stored ''
	mail_of postie >mail
	atf_check -o match:'^Final-Recipient: rfc822; gone@gnat.example.test$' \
	    cat mail
	# And if there is no postmaster, it stays for a person, once.
	: | make_table
	printf 'From: \nTo: gone@gnat.example.test\n' | pair 5000 "${TEXT}"
	work 0
	atf_check -o match:'^[0-9]*.BAD [0-9]*.TXT$' echo $(spool_files)
	atf_check -o match:'event=damaged .*nobody is left to report it to' \
	    cat log
	work 0
	atf_check -s exit:1 grep delivery log
	# Where a BAD is in the way nothing goes over it, and nothing is lost.
	bad=$(cd spool && ls *.BAD)
	number=${bad%.BAD}
	cp "spool/${bad}" "spool/${number}.WRK"
	echo precious >"spool/${bad}"
	work 111
	atf_check -o inline:'precious\n' cat "spool/${bad}"
	atf_check -o match:'^Failed: ' cat "spool/${number}.WRK"
}

atf_test_case retry__follows_the_age_and_ends
retry__follows_the_age_and_ends_body() {
	make_site 'smtp.queuelife = 100000' <<EOF
erick@gnat.example.test ${PWD}/erick/
later@gnat.example.test |echo x >>tries; echo not yet; exit 111
EOF
	printf 'From: erick@gnat.example.test\nTo: later@gnat.example.test\n' |
	    pair 5 "${TEXT}"
	work 111
	# It was tried: the envelope is younger than its text, and a worker
	# that keeps to the times leaves it alone.
	[ "$(($(stat -c %Y spool/5.WRK) - $(stat -c %Y spool/5.TXT)))" -ge 2 ] ||
	    atf_fail 'the attempt has left no trace'
	# What the first has logged must not be taken for this one's.
	rm log
	${WORK} 2>log &
	worker=$!
	await grep -q event=start log
	printf 'From: a@b\nTo: erick@gnat.example.test\n' >spool/6.new
	printf '%b' "${TEXT}" >spool/6.TXT
	mv spool/6.new spool/6.WRK
	await grep -q 'event=done number=6' log
	atf_check_equal 1 "$(wc -l <tries)"
	kill -TERM "${worker}"
	wait "${worker}" || atf_fail "it ended with $?"
	# Its time is over: the next try is the last.
	touch -d '2 days ago' spool/5.TXT
	work 0
	atf_check_equal 2 "$(wc -l <tries)"
	mail_of erick >mail
	atf_check -o match:'^Status: 4.4.7$' -o match:'^Action: failed$' \
	    -o match:'the last try:' -o match:'not yet' cat mail
	stored ''
}

# A worker of root's leaves the spool to its user.
atf_test_case root__leaves_the_spool_to_its_user
root__leaves_the_spool_to_its_user_head() {
	atf_set require.user root
	atf_set require.progs setpriv
}
root__leaves_the_spool_to_its_user_body() {
	make_site <<-'EOF'
	good@gnat.example |cat >/dev/null
	bad@gnat.example |exit 100
	later@gnat.example |exit 111
	on@gnat.example &later@gnat.example
	EOF
	chmod 755 .
	chown 1234:2345 spool
	setpriv --reuid 1234 --clear-groups test -w spool ||
	    atf_skip 'that user cannot see the directory of this test'
	send good@gnat.example good@gnat.example bad@gnat.example \
	    later@gnat.example on@gnat.example
	umask 077
	once || true
	# The rest of the envelope, and the forward.
	atf_check_equal 4 "$(spool_files | wc -l)"
	atf_check -o inline:'1234 2345 640\n' \
	    sh -c "stat -c '%u %g %a' spool/* | sort -u"
	chmod 644 wattcp.cfg deliver.cdb
	atf_check -s ignore -e not-match:event=fault \
	    setpriv --reuid 1234 --regid 2345 --clear-groups ${WORK} --once
}

# --once keeps to the times, so that cron does not try each message each time.
# A report of a delay says why, and is no reason for another report.
atf_test_case report__of_a_delay_says_why_and_ends_there
report__of_a_delay_says_why_and_ends_there_body() {
	make_site <<'EOF'
tmp@gnat.example.test |echo 'the disk is full'; exit 75
ann@gnat.example.test |cat >told; exit 100
postie@gnat.example.test |cat >>postie
EOF
	printf 'From: ann@gnat.example.test\nTo: tmp@gnat.example.test\n' |
	    pair 5 "${TEXT}"
	touch -d '5 hours ago' spool/5.TXT spool/5.WRK
	work 111
	atf_check -o match:'^Status: 4.3.0$' \
	    -o match:'^Diagnostic-Code: x-smtpserv; .*temporary failure' \
	    -o match:'the disk is full' cat told
	[ ! -e postie ] || atf_fail 'postmaster was told of a delay'
	stored '5.TXT 5.WRK'
}

# Who sends to a list waits for nobody, and a program does not read it; but who
# asks for it gets it.
atf_test_case report__of_a_delay_is_not_for_lists_and_programs
report__of_a_delay_is_not_for_lists_and_programs_body() {
	make_site <<'EOF'
tmp@gnat.example.test |exit 111
ann@gnat.example.test |cat >>told
EOF
	n=10
	while read -r field; do
		printf 'From: ann@gnat.example.test\nTo: tmp@gnat.example.test\n' |
		    pair "${n}" "Received: x\n\ty; z\n${field}\nSubject: x\n\nhello\n"
		n=$((n + 1))
	done <<-'EOF'
	List-Id: <a.gnat.example.test>
	Precedence: bulk
	Auto-Submitted: auto-generated
	EOF
	touch -d '5 hours ago' spool/*
	work 111
	[ ! -e told ] || atf_fail 'the sender of automatic mail was told'
	atf_check -o inline:'3\n' sh -c \
	    'cat spool/*.WRK | grep -c "^Delay-Reported: yes$"'
	atf_check -o inline:'3\n' grep -c 'event=report .*nobody wants one' log
	printf 'From: ann@gnat.example.test\nTo: tmp@gnat.example.test\n' |
	    pair 20 "Received: x\nAuto-Submitted: no\nX: no\n\nList-Id: x\n"
	printf 'From: ann@gnat.example.test\nTo: tmp@gnat.example.test\nNotify: DELAY\n' |
	    pair 21 "Received: x\nList-Id: x\nX: asked\n\nhello\n"
	touch -d '5 hours ago' spool/*
	work 111
	atf_check -o inline:'X: asked\nX: no\n' sh -c "grep '^X: ' told | sort"
}

# Nobody from outside can make a message that only a person can take away.
atf_test_case report__a_forged_loop_stays_nowhere
report__a_forged_loop_stays_nowhere_body() {
	make_site <<EOF
postie@gnat.example.test ${PWD}/postie/
ops@gnat.example.test &gone@gnat.example.test
EOF
	for to in gone@gnat.example.test postmaster ops@gnat.example.test; do
		for forged in "${to}" postmaster; do
			printf 'From: \nTo: %s\n' "${to}" | pair 5 "Received: \
from maggot by gnat with SMTP\n\tid A5; Mon, 23 Nov 2026 00:00:00 +0000\n\
Delivered-To: ${forged}\n\nhello\n"
			work 0
			cat log >>logs
			stored ''
		done
	done
	# Of those that may have come from our own reports nothing is left but
	# this line; postmaster has the others.
	atf_check -o inline:'4\n' grep -c 'event=report .*dropped: ' logs
	atf_check -o inline:'2\n' sh -c 'ls postie/new | wc -l'
}

# An address in UTF-8 needs SMTPUTF8 on its way.
atf_test_case forward__to_utf8_says_so
forward__to_utf8_says_so_body() {
	make_site <<EOF
fwd@gnat.example.test &$(printf 'b\303\266')@gnat.example.test
@gnat.example.test |cp "\${SMTPSERV_TXT%TXT}WRK" seen
EOF
	printf 'From: \nTo: fwd@gnat.example.test\n' | pair 5 "${TEXT}"
	work 0
	atf_check -o match:'^Smtputf8: yes$' cat seen
}

# C2: the id says where this copy came from, so it stays when the envelope is
# written anew, and does not go with another message.
atf_test_case queue_id__stays_with_the_message_and_not_with_a_forward
queue_id__stays_with_the_message_and_not_with_a_forward_body() {
	make_site <<EOF
fwd@gnat.example.test &b@gnat.example.test
b@gnat.example.test |cp "\${SMTPSERV_TXT%TXT}WRK" seen
later@gnat.example.test |exit 111
EOF
	printf '%s\n' 'From: ' 'To: fwd@gnat.example.test' \
	    'To: later@gnat.example.test' 'Envid: E1' 'Queue-Id: 1.2.gnat' |
	    pair 5 "${TEXT}"
	work 111
	atf_check -o inline:'From: \nTo: later@gnat.example.test\n' \
	    sed -n 1,2p spool/5.WRK
	atf_check -o match:'^Envid: E1$' -o match:'^Queue-Id: 1.2.gnat$' \
	    cat spool/5.WRK
	atf_check -o match:'^Envid: E1$' -o not-match:'Queue-Id' cat seen
	atf_check -o match:'^Queue-Id: 1.2.gnat$' ${SPOOL} show 5
}

atf_test_case retry__once_keeps_to_the_times
retry__once_keeps_to_the_times_body() {
	make_site <<'EOF'
later@gnat.example.test |echo x >>tries; exit 111
EOF
	printf 'From: \nTo: later@gnat.example.test\n' | pair 5 "${TEXT}"
	for i in 1 2 3; do
		atf_check -s exit:111 -e ignore ${WORK} --once
	done
	atf_check_equal 1 "$(wc -l <tries)"
	atf_check -s exit:111 -e ignore ${WORK} --once --now
	atf_check_equal 2 "$(wc -l <tries)"
	atf_check -s exit:100 -e match:'^usage' ${WORK} --now
}

atf_test_case worker__hangup_reads_the_configuration_and_retries
worker__hangup_reads_the_configuration_and_retries_body() {
	make_site <<'EOF'
later@gnat.example.test |echo x >>tries; [ -e ready ]
EOF
	printf 'From: \nTo: later@gnat.example.test\n' | pair 5 "${TEXT}"
	${WORK} 2>log &
	worker=$!
	await grep -q 'result=later' log
	# A bad one does not end it, and changes nothing.
	cp wattcp.cfg good.cfg
	echo 'smtp.nonsense = 1' >>wattcp.cfg
	kill -HUP "${worker}"
	await sh -c '[ "$(wc -l <tries)" -eq 2 ]'
	atf_check -s exit:1 grep event=reload log
	mkdir other
	echo 'new@gnat.example.test |cat' >other.txt
	{
		grep -v smtp.deliver good.cfg
		echo "smtp.deliver = \"${PWD}/other.cdb\""
	} >wattcp.cfg
	atf_check cdb -c -m other.cdb other.txt
	kill -HUP "${worker}"
	# Nobody by that name in the other table.
	await grep -q 'result=failed status=5.1.1' log
	atf_check -o match:event=reload cat log
	kill -TERM "${worker}"
	wait "${worker}" || atf_fail "it ended with $?"
}

# What a shell lets its background ignore.
atf_test_case worker__quit_ends_it_though_it_was_ignored
worker__quit_ends_it_though_it_was_ignored_body() {
	make_site </dev/null
	(
		trap '' QUIT
		exec ${WORK} 2>log
	) &
	worker=$!
	await grep -q event=start log
	kill -QUIT "${worker}"
	code=0
	wait "${worker}" || code=$?
	atf_check_equal 131 "${code}"
}

atf_test_case retry__delay_is_reported_once
retry__delay_is_reported_once_body() {
	make_site <<EOF
erick@gnat.example.test ${PWD}/erick/
later@gnat.example.test |exit 111
EOF
	printf 'From: erick@gnat.example.test\nTo: later@gnat.example.test\nNotify: DELAY\n' |
	    pair 5 "${TEXT}"
	touch -d '5 hours ago' spool/5.TXT
	work 111
	mail_of erick >mail
	atf_check -o match:'^Action: delayed$' \
	    -o match:'^Final-Recipient: rfc822; later@' cat mail
	atf_check -o match:'^Delay-Reported: yes$' cat spool/5.WRK
	work 111
	atf_check -o inline:'1\n' sh -c 'ls erick/new | wc -l'
}

atf_test_case worker__new_mail_wakes_it_and_term_ends_it
worker__new_mail_wakes_it_and_term_ends_it_body() {
	make_site <<EOF
bruce@gnat.example.test ${PWD}/bruce/
slow@gnat.example.test |touch begun; while [ ! -e go ]; do sleep 0.05; done; cat >slow.txt
EOF
	${WORK} 2>log &
	worker=$!
	await grep -q event=start log
	send erick@maggot bruce@gnat.example.test
	await grep -q event=done log
	# What runs is finished, what waits is not begun.
	send erick@maggot slow@gnat.example.test
	await [ -e begun ]
	kill -TERM "${worker}"
	send erick@maggot bruce@gnat.example.test
	kill -0 "${worker}" || atf_fail 'it did not wait'
	touch go
	wait "${worker}" || atf_fail "it ended with $?"
	atf_check -o match:'^hello$' cat slow.txt
	atf_check -o inline:'1\n' sh -c 'ls bruce/new | wc -l'
	stored '3.TXT 3.WRK'
}

atf_test_case worker__killed_takes_its_commands_along
worker__killed_takes_its_commands_along_body() {
	make_site <<'EOF'
slow@gnat.example.test |echo $$ >pid; sleep 600
EOF
	${WORK} 2>log &
	worker=$!
	await grep -q event=start log
	send erick@maggot slow@gnat.example.test
	await [ -s pid ]
	kill -KILL "${worker}"
	gone() {
		! kill -0 "$(cat pid)" 2>/dev/null
	}
	await gone
	stored '1.TXT 1.WRK'
	# And the message is free.
	atf_check ${SPOOL} claim 1 -- true
}

# A list with many members lets other mail go before its end.
atf_test_case worker__large_list_keeps_nobody_waiting
worker__large_list_keeps_nobody_waiting_body() {
	make_site 'smtp.workers = 2' 'smtp.sync = no' <<EOF
@list.example |exit 0
bruce@gnat.example.test ${PWD}/bruce/
EOF
	{
		echo 'From: erick@maggot'
		seq 250 | sed 's/.*/To: m&@list.example/'
	} | pair 5 "${TEXT}"
	# Nor do several, more than there are workers.
	for n in 2 3 4; do
		cp spool/5.WRK "spool/${n}.WRK"
		cp spool/5.TXT "spool/${n}.TXT"
	done
	printf 'From: a@b\nTo: bruce@gnat.example.test\n' | pair 6 "${TEXT}"
	work 0
	atf_check_equal 1001 "$(grep -c 'result=delivered' log)"
	atf_check_equal 5 "$(grep -c event=done log)"
	atf_check_equal 'event=done number=6' \
	    "$(sed -n 's/.*\(event=done.*\)/\1/p' log | head -n 1)"
}

atf_test_case worker__standard_files_may_be_closed
worker__standard_files_may_be_closed_body() {
	make_site <<EOF
bruce@gnat.example.test |cat >text
bad@gnat.example.test |exit 111
EOF
	printf '%s\n' 'From: erick@maggot' 'To: bruce@gnat.example.test' \
	    'To: bad@gnat.example.test' | pair 5 "${TEXT}"
	code=0
	${WORK} --once <&- >&- 2>&- || code=$?
	atf_check_equal 111 "${code}"
	printf '%b' "${TEXT}" >want
	atf_check -o file:want cat text
	atf_check -o file:want cat spool/5.TXT
	atf_check -o inline:'From: erick@maggot
To: bad@gnat.example.test
' grep -vE '^(Status|Diagnostic|Tries|Tried):' spool/5.WRK
}

atf_test_case worker__locked_counter_delays_what_needs_one
worker__locked_counter_delays_what_needs_one_body() {
	make_site <<EOF
fwd@gnat.example.test &bruce@gnat.example.test
bruce@gnat.example.test ${PWD}/bruce/
EOF
	printf 'From: \nTo: fwd@gnat.example.test\n' | pair 5 "${TEXT}"
	echo garbage >spool/sequence.seq
	work 111
	atf_check_equal 'later 4.3.0' "$(fate fwd@gnat.example.test)"
	rm spool/sequence.seq
	work 0
	mail_of bruce >mail
	atf_check -o match:'^Delivered-To: fwd@gnat.example.test$' cat mail
}

atf_test_case terminal__shows_progress
terminal__shows_progress_head() {
	atf_set require.progs script
}
terminal__shows_progress_body() {
	make_site <<EOF
bruce@gnat.example.test ${PWD}/bruce/
EOF
	send erick@maggot bruce@gnat.example.test
	atf_check -o save:out -e ignore \
	    script -qec "${WORK} --once" /dev/null </dev/null
	atf_check -o match:'0 waiting, 0 running, 1 delivered, 0 failed, 0 for later' \
	    cat out
}

atf_test_case load__a_thousand_messages_and_two_workers
load__a_thousand_messages_and_two_workers_head() {
	atf_set timeout 280
}
load__a_thousand_messages_and_two_workers_body() {
	# Forty messages a session, ten recipients each.
	messages=1000
	case ${BUILD} in
	*/asan) messages=80 ;;
	esac
	i=0
	while [ "${i}" -lt 10 ]; do
		echo "u${i}@gnat.example.test ${PWD}/u${i}/"
		i=$((i + 1))
	done | make_site 'smtp.sync = no' 'smtp.workers = 8'
	rcpts=$(sed 's/ .*/>/; s/^/RCPT TO:</' deliver.txt)
	{
		lines 'EHLO client.example'
		seq "${messages}" | while read -r n; do
			echo 'MAIL FROM:<erick@maggot>'
			echo "${rcpts}"
			printf '%s\n' DATA "Subject: message ${n}" '' hello .
		done | sed "s/\$/$(printf '\r')/"
		lines 'QUIT'
	} | atf_check -o ignore -e match:"accepted=${messages} " ${SESSION}
	${WORK} --once 2>log1 &
	first=$!
	${WORK} --once 2>log2 &
	second=$!
	wait "${first}"
	wait "${second}"
	stored ''
	i=0
	while [ "${i}" -lt 10 ]; do
		cat "u${i}"/new/* | sed -n 's/^Subject: message //p' |
		    sort -n >got
		seq "${messages}" >want
		atf_check -o file:want cat got
		i=$((i + 1))
	done
	# Both had something to do.
	atf_check -o ignore grep event=delivery log1
	atf_check -o ignore grep event=delivery log2
}

atf_test_case retry__a_clock_that_was_set_back_stops_nothing
retry__a_clock_that_was_set_back_stops_nothing_body() {
	make_conf
	printf '%s\n' 'From: erick@maggot' 'To: bruce@gnat' | pair 5 "${TEXT}"
	touch -d '+1 year' spool/5.WRK spool/5.TXT
	${WORK} -- sh -c 'exit 111' 2>log1 &
	worker=$!
	await grep -q 'result=later' log1
	kill "${worker}"
	wait "${worker}"
	# It was tried in a time to come, which has not come yet.
	touch -d "@$(($(date +%s) + 31536000))" spool/5.WRK
	${WORK} -- true 2>log2 &
	worker=$!
	await grep -q event=done log2
	kill "${worker}"
	wait "${worker}"
	stored ''
}

atf_test_case report__that_cannot_be_addressed_is_set_aside
report__that_cannot_be_addressed_is_set_aside_body() {
	make_conf
	{
		printf 'From: %03000d@maggot\n' 0
		echo 'To: bruce@gnat'
	} | pair 5 "${TEXT}"
	atf_check -s exit:0 -e match:'event=damaged number=5' \
	    ${WORK} --once -- sh -c 'exit 100'
	stored '5.BAD 5.TXT'
}

atf_test_case worker__ends_when_its_spool_is_gone
worker__ends_when_its_spool_is_gone_body() {
	make_conf
	for away in rmdir replace; do
		printf '%s\n' 'From: erick@maggot' 'To: bruce@gnat' |
		    pair 5 "${TEXT}"
		# The one before must not answer for it.
		rm -f log
		${WORK} -- true 2>log &
		worker=$!
		await grep -q event=done log
		case ${away} in
		rmdir) rm -r spool ;;
		replace) mv spool "spool.old" && mkdir spool ;;
		esac
		wait "${worker}"
		atf_check_equal 111 $?
		atf_check -o match:'unable to find the spool again' cat log
		mkdir -p spool
	done
}

# How many ticks of processor time a process has had.
ticks() {
	set -- $(sed 's/.*) //' "/proc/$1/stat")
	echo $((${12} + ${13}))
}

atf_test_case worker__told_to_end_waits_in_peace
worker__told_to_end_waits_in_peace_body() {
	make_conf
	printf '%s\n' 'From: erick@maggot' 'To: bruce@gnat' | pair 5 "${TEXT}"
	# Longer than until the next look at the directory would be due.
	cat >handle <<'EOF'
#!/bin/sh
touch running
until [ -e enough ]; do sleep 0.1; done
EOF
	chmod +x handle
	${WORK} -- ./handle 2>log &
	worker=$!
	await test -e running
	kill "${worker}"
	sleep 3
	before=$(ticks "${worker}")
	sleep 2
	after=$(ticks "${worker}")
	touch enough
	wait "${worker}"
	atf_check_equal 0 $?
	stored ''
	[ $((after - before)) -lt 5 ] ||
	    atf_fail "$((after - before)) ticks for nothing"
}

atf_init_test_cases() {
	atf_add_test_case command_line__a_recipient_at_a_time
	atf_add_test_case table__that_is_text_is_told_at_the_start
	atf_add_test_case usage__is_100
	atf_add_test_case table__every_recipient_has_what_is_his
	atf_add_test_case table__nobody_is_a_failure_and_a_route_is_not
	atf_add_test_case maildir__is_made_and_trouble_is_temporary
	atf_add_test_case maildir__done_once_more_is_one_copy
	atf_add_test_case maildir__of_a_user_is_theirs_though_root_delivers
	atf_add_test_case maildir__half_made_is_made_durable
	atf_add_test_case maildir__in_a_closed_directory_is_made_durable
	atf_add_test_case pegasus__the_right_to_create_is_enough
	atf_add_test_case text__with_dos_line_ends_stays_so
	atf_add_test_case envelope__by_hand
	atf_add_test_case log__says_what_is_known_of_the_message
	atf_add_test_case why__it_waits_is_written_down
	atf_add_test_case why__of_another_message_is_not_read
	atf_add_test_case damaged__is_set_aside
	atf_add_test_case loop__ends
	atf_add_test_case report__goes_to_the_sender_as_he_wants
	atf_add_test_case report__of_what_a_client_asked_for
	atf_add_test_case report__of_nobodys_mail_goes_to_postmaster
	atf_add_test_case retry__follows_the_age_and_ends
	atf_add_test_case root__leaves_the_spool_to_its_user
	atf_add_test_case report__of_a_delay_says_why_and_ends_there
	atf_add_test_case report__of_a_delay_is_not_for_lists_and_programs
	atf_add_test_case report__a_forged_loop_stays_nowhere
	atf_add_test_case forward__to_utf8_says_so
	atf_add_test_case \
	    queue_id__stays_with_the_message_and_not_with_a_forward
	atf_add_test_case retry__once_keeps_to_the_times
	atf_add_test_case worker__hangup_reads_the_configuration_and_retries
	atf_add_test_case worker__quit_ends_it_though_it_was_ignored
	atf_add_test_case retry__delay_is_reported_once
	atf_add_test_case worker__new_mail_wakes_it_and_term_ends_it
	atf_add_test_case worker__killed_takes_its_commands_along
	atf_add_test_case worker__large_list_keeps_nobody_waiting
	atf_add_test_case worker__standard_files_may_be_closed
	atf_add_test_case worker__locked_counter_delays_what_needs_one
	atf_add_test_case retry__a_clock_that_was_set_back_stops_nothing
	atf_add_test_case report__that_cannot_be_addressed_is_set_aside
	atf_add_test_case worker__ends_when_its_spool_is_gone
	atf_add_test_case worker__told_to_end_waits_in_peace
	atf_add_test_case terminal__shows_progress
	atf_add_test_case load__a_thousand_messages_and_two_workers
}
