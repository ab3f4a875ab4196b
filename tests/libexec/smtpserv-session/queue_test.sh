# smtpserv-session(8) with smtp.queue: what others' programs make of a message,
# and what the client hears of it.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

QUEUE="${BUILD}/libexec/smtpserv-queue -f ${PWD}/spool.cfg"
HANDOVER="${BUILD}/tests/support/handover.py"

# A session that hands its mail to the program of that name here, whose text is
# on descriptor 0; more lines of the configuration are arguments.
make_queue() {
	make_conf
	mv wattcp.cfg spool.cfg
	queue=$1
	shift
	{
		echo '#!/bin/sh'
		cat
	} >"${queue}"
	chmod +x "${queue}"
	make_conf "smtp.queue = \"${PWD}/${queue}\"" 'smtp.programtime = 20' \
	    "$@"
}

one_message() {
	{
		lines 'EHLO client.example'
		message 'some text' '..'
		lines 'NOOP' 'QUIT'
	} >in
}

# says CODES [PROGRAM...]: the replies to one_message.
says() {
	want=$1
	shift
	atf_check -o save:out -e save:log "$@" ${SESSION} <in
	codes | tail -n 4 >got
	atf_check -o inline:"${want}\n" echo $(cat got)
}

atf_test_case message__through_a_filter_into_the_spool
message__through_a_filter_into_the_spool_body() {
	make_queue filter <<END
t=\$(mktemp) && exec 3>"\$t" 4<"\$t" && rm "\$t" || exit 53
{ echo 'X-Filter: was here' && cat; } >&3 || exit 53
exec ${QUEUE} <&4
END
	one_message
	says '354 250 250 221'
	atf_check -o match:'^250 2\.0\.0 ok qp [0-9]+' cat out
	atf_check -o match:'event=queued qp=[0-9]+ from=erick@maggot rcpts=1 ' \
	    cat log
	atf_check -o inline:'From: erick@maggot\nTo: bruce@gnat\n' \
	    cat spool/1.WRK
	sed '1,2d' spool/1.TXT >text
	atf_check -o inline:'X-Filter: was here\n' sed -n 1p text
	atf_check -o match:'^Received: from client\.example by gnat\.example\.test with ESMTP;' \
	    sed -n 2p text
	atf_check -o match:'^	[A-Z][a-z][a-z], [0-9]+ ' sed -n 3p text
	atf_check -o inline:'Subject: a test\n\nsome text\n.\n' sed 1,3d text
	${SPOOL} check || atf_fail 'smtpserv-spool finds fault'
}

# The example above, with a cat that is killed.
atf_test_case message__of_a_filter_that_dies_is_not_accepted
message__of_a_filter_that_dies_is_not_accepted_body() {
	make_queue filter <<END
t=\$(mktemp) && exec 3>"\$t" 4<"\$t" && rm "\$t" || exit 53
{ head -n 2; sh -c 'kill -9 \$\$'; } >&3 || exit 53
exec ${QUEUE} <&4
END
	one_message
	says '354 452 250 221'
	atf_check -o inline:'\n' echo $(spool_files)
}

atf_test_case message__several_and_in_chunks
message__several_and_in_chunks_body() {
	make_queue filter <<END
exec ${QUEUE}
END
	{
		lines 'EHLO client.example'
		message one
		message two
		lines 'MAIL FROM:<>' 'RCPT TO:<ann@gnat>' 'RCPT TO:<bruce@gnat>' \
		    'BDAT 7'
		printf 'three\r\n'
		lines 'BDAT 6 LAST'
		printf 'more\r\n'
		lines QUIT
	} >in
	atf_check -o save:out -e ignore ${SESSION} <in
	atf_check -o inline:'6\n' -x 'ls spool | grep -c "[0-9]"'
	atf_check -o inline:'From: \nTo: ann@gnat\nTo: bruce@gnat\n' \
	    cat spool/3.WRK
	atf_check -o inline:'\nthree\nmore\n' sed 1,4d spool/3.TXT
	# What the interface has no place for is not offered.
	atf_check -o not-match:'DSN|REQUIRETLS|BINARYMIME' cat out
}

# A message with all that a client can ask for but TLS.
asking_message() {
	lines 'EHLO client.example' \
	    'MAIL FROM:<erick@maggot> RET=HDRS ENVID=a+2Bb BODY=8BITMIME' \
	    'RCPT TO:<bruce@gnat> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b@gnat' \
	    'RCPT TO:<ann@gnat> NOTIFY=NEVER' 'RCPT TO:<cid@gnat>' \
	    'DATA' 'Subject: a test' '' 'text' '.' 'QUIT'
}

# E1, E2, E3: what a session would have written is what is written.
atf_test_case envelope__whole_one_survives_a_filter
envelope__whole_one_survives_a_filter_body() {
	asking_message >in
	for facts in plain full; do
		make_conf "smtp.envelope = ${facts}"
		atf_check -o save:out -e ignore ${SESSION} <in
		atf_check -o match:'250-DSN' cat out
		sed '/^Received-At/s/[0-9]/0/g' spool/1.WRK >want
		rm -r spool
		make_queue filter 'smtp.queue.envelope = full' \
		    "smtp.envelope = ${facts}" <<END
t=\$(mktemp) && exec 3>"\$t" 4<"\$t" && rm "\$t" || exit 53
{ echo 'X-Filter: was here' && cat; } >&3 || exit 53
exec ${QUEUE} <&4
END
		atf_check -o save:out -e save:log ${SESSION} <in
		atf_check -o match:'250-DSN' cat out
		atf_check -o match:'^250 2.0.0 ok qp' cat out
		atf_check -o file:want sed '/^Received-At/s/[0-9]/0/g' \
		    spool/1.WRK
		rm -r spool
	done
	atf_check -o match:'^Orcpt: rfc822;b@gnat$' cat want
	atf_check -o match:'^Helo: client.example$' cat want
}

# E2: a filter that hands on another envelope has to say so in both.
atf_test_case envelope__of_two_minds_is_not_taken
envelope__of_two_minds_is_not_taken_body() {
	asking_message >in
	make_queue filter 'smtp.queue.envelope = full' <<END
cat >message; tr b B <&1 >envelope
exec ${QUEUE} <message 1<envelope
END
	atf_check -o save:out -e save:log ${SESSION} <in
	atf_check -o match:'^451 4.3.0 ' cat out
	atf_check -o match:'event=notqueued qp=[0-9]* exit=91 ' cat log
	atf_check_equal '' "$(spool_files)"
	make_queue filter 'smtp.queue.envelope = full' <<END
cat >message; tr b B <&1 >envelope
sed '/^From\|^To/y/b/B/' /dev/fd/5 >whole
exec ${QUEUE} <message 1<envelope 5<whole
END
	atf_check -o save:out -e save:log ${SESSION} <in
	atf_check -o match:'^To: Bruce@gnat$' cat spool/*.WRK
	# A program that a filter starts for mail of its own.
	make_queue filter 'smtp.queue.envelope = full' <<END
cat >message; cat <&1 >envelope
printf 'Fa@b\0Tc@d\0\0' >own
SMTPSERV_ENVELOPE= ${QUEUE} <message 1<own
exec ${QUEUE} <message 1<envelope
END
	atf_check -o save:out -e save:log ${SESSION} <in
	atf_check -o match:'^250 2.0.0 ok qp' cat out
}

# E3
atf_test_case envelope__whole_one_lets_binary_messages_in
envelope__whole_one_lets_binary_messages_in_body() {
	make_queue filter 'smtp.queue.envelope = full' 'smtp.eol = crlf' <<END
exec ${QUEUE}
END
	echo 'smtp.eol = crlf' >>spool.cfg
	printf 'a: b\r\n\r\n\0\r\n\r\r\n.\n\nx' >want
	{
		lines 'EHLO a' 'MAIL FROM:<a@b> BODY=BINARYMIME' \
		    'RCPT TO:<c@d>' "BDAT $(wc -c <want) LAST"
		cat want
		lines 'EHLO a'
		message some text
		lines QUIT
	} >in
	atf_check -o save:out -e ignore ${SESSION} <in
	atf_check -o match:'^250-BINARYMIME' cat out
	atf_check -o match:'^Body: BINARYMIME$' cat spool/1.WRK
	# Two traces, of two lines each.
	tail -n +5 spool/1.TXT >got
	atf_check -o file:want cat got
	atf_check -o match:'^Received: from a by .*[^[:print:]]$' \
	    sed -n 3p spool/1.TXT
	# Other texts go as ever.
	printf 'some\r\ntext\r\n' >want
	tail -n 2 spool/2.TXT >got
	atf_check -o file:want cat got
	# Not for a spool of Unix texts.
	sed -i /smtp.eol/d wattcp.cfg
	atf_check -o save:out -e ignore ${SESSION} <in
	atf_check -o not-match:'BINARYMIME' cat out
	atf_check -o match:'250-DSN' cat out
}

atf_test_case message__by_lmtp_and_by_submission
message__by_lmtp_and_by_submission_body() {
	make_queue filter 'smtp.auth.plaintext = yes' \
	    "smtp.auth = \"${PWD}/check\"" <<END
exec ${QUEUE}
END
	printf '#!/bin/sh\nexit 0\n' >check
	chmod +x check
	{
		lines 'LHLO client.example' 'MAIL FROM:<a@b>' 'RCPT TO:<c@d>' \
		    'RCPT TO:<e@f>' 'DATA' 'text' '.' 'QUIT'
	} >in
	atf_check -o save:out -e ignore ${SESSION} -l <in
	codes >got
	atf_check -o inline:'220 250 250 250 250 354 250 250 221\n' \
	    echo $(cat got)
	atf_check -o inline:'1.TXT 1.WRK\n' echo $(spool_files)
	{
		lines 'EHLO client.example' 'AUTH PLAIN AGJvYgBzZWNyZXQ='
		message 'text'
		message 'text'
		lines 'QUIT'
	} >in
	atf_check -o save:out -e ignore ${SESSION} -s <in
	# Nothing has a number, and yet each its own.
	atf_check -o match:'^Date: ' cat spool/2.TXT
	sed -n 's/^Message-ID: \(<.*@gnat.example.test>\)$/\1/p' \
	    spool/*.TXT | sort -u >ids
	atf_check -o inline:'2\n' -x 'wc -l <ids'
}

atf_test_case message__needs_no_spool
message__needs_no_spool_body() {
	make_queue taker <<END
cat >message; cat <&1 >envelope
END
	rmdir spool
	one_message
	says '354 250 250 221'
	atf_check -o inline:'.\n' sed -n '$p' message
	printf 'Ferick@maggot\0Tbruce@gnat\0\0' >want
	atf_check -o file:want cat envelope
	echo 'smtp.eol = crlf' >>wattcp.cfg
	says '354 250 250 221'
	atf_check -s exit:1 grep "$(printf '\r')" message
}

atf_test_case code__decides
code__decides_body() {
	make_queue taker <<END
cat >/dev/null; cat <&1 >/dev/null
cat words >&6
exit \$(cat code)
END
	one_message
	: >words
	while read -r code reply; do
		echo "${code}" >code
		says "354 ${reply%% *} 250 221"
		atf_check -o match:"^${reply}" cat out
		atf_check -o match:"event=notqueued qp=[0-9]+ exit=${code} " \
		    cat log
	done <<'END'
11 554 5.1.3 address too long
31 554 5.7.1 message refused
32 554 5.3.0 message refused
1 451 4.3.0
53 452 4.3.1
71 451 4.3.2
81 451 4.3.0
82 451 4.3.0
91 451 4.3.0
111 451 4.3.0
120 451 4.3.5
END
	echo 82 >code
	printf 'D5.7.1 we do not like it (#1)\r\n250 ok\r\n' >words
	says '354 554 250 221'
	atf_check -o match:'^554 5.7.1 we do not like it \(#1\) 250 ok.$' cat out
	printf 'Ztry \001 tomorrow' >words
	says '354 451 250 221'
	atf_check -o match:'^451 4.3.0 try \? tomorrow.$' cat out
	atf_check -o match:'said="Ztry \\x01 tomorrow"' cat log
}

atf_test_case program__that_fails_is_for_now
program__that_fails_is_for_now_body() {
	one_message
	make_queue taker <<END
kill -9 \$\$
END
	says '354 451 250 221'
	atf_check -o match:'exit=crashed' cat log
	rm taker
	says '354 451 250 221'
	atf_check -o match:'^451 4.3.5 ' cat out
	make_queue taker 'smtp.programtime = 1' <<END
cat >/dev/null; echo \$\$ >pid; exec sleep 1000
END
	sed -i '/programtime = 20/d' wattcp.cfg
	says '354 451 250 221'
	atf_check -o match:'exit="took too long"' cat log
	kill -0 "$(cat pid)" 2>/dev/null && atf_fail 'it still runs'
	# Its word counts, though it did not read what was sent.
	make_queue taker <<END
exit 31
END
	{
		lines 'EHLO client.example'
		message "$(head -c 1000000 /dev/zero | tr '\0' x)"
		lines 'NOOP' 'QUIT'
	} >in
	says '354 554 250 221'
	# But it cannot take what it did not let itself be given.
	make_queue taker <<END
exit 0
END
	says '354 451 250 221'
	atf_check -o match:'exit="did not read it all"' cat log
}

atf_test_case message__that_is_given_up_is_not_taken
message__that_is_given_up_is_not_taken_body() {
	make_queue filter 'smtp.maxsize = 1000' <<END
${QUEUE} 2>>log; echo \$? >>exits
END
	# Too big: the program has some of it already.
	{
		lines 'EHLO client.example'
		message "$(head -c 100000 /dev/zero | tr '\0' x)"
		message good
		lines 'MAIL FROM:<a@b>' 'RCPT TO:<c@d>' 'DATA'
		printf 'half a message\r\n.'
	} >in
	atf_check -o save:out -e ignore ${SESSION} <in
	codes | tail -n 8 >got
	atf_check -o inline:'552 250 250 354 250 250 250 354\n' echo $(cat got)
	atf_check -o inline:'54 0 54\n' echo $(cat exits)
	atf_check -o inline:'good\n' sed -n '$p' spool/*.TXT
	atf_check -o inline:'2\n' -x 'ls spool | grep -c "[0-9]"'
}

atf_test_case message__of_a_session_that_is_to_stop_is_given_up
message__of_a_session_that_is_to_stop_is_given_up_body() {
	make_queue slow 'smtp.maxtime = 300' <<END
while [ ! -e go ]; do sleep 0.05; done
exec ${QUEUE} 2>>log
END
	# Longer than all who wait for it.
	sed -i 's/programtime = 20/programtime = 300/' wattcp.cfg
	for way in signal smtp.maxtime; do
		atf_check -e save:log env WAY=${way} python3 "${HANDOVER}" \
		    stops ${SESSION}
		atf_check -o match:"event=end why=${way}" cat log
		atf_check -o match:'event=notqueued qp=[0-9]* exit="given up"' \
		    cat log
		atf_check -s exit:1 grep event=fault log
		atf_check_equal '' "$(spool_files)"
		sed -i 's/maxtime = 300/maxtime = 5/' wattcp.cfg
	done
}

atf_test_case client__that_vanishes_anywhere_leaves_nothing
client__that_vanishes_anywhere_leaves_nothing_body() {
	make_queue filter 'smtp.sync = no' <<END
exec ${QUEUE}
END
	{
		lines 'EHLO a'
		message text
	} >in
	size=$(wc -c <in)
	for cut in $(seq 1 3 $((size - 1))); do
		head -c "${cut}" in | ${SESSION} >out 2>log ||
		    atf_fail "cut at ${cut}"
		spool_files >left
		atf_check -o empty cat left
	done
	pgrep -f "${PWD}" >left
	atf_check -o empty cat left
}

atf_test_case qmailqueue__counts_where_there_is_a_queue
qmailqueue__counts_where_there_is_a_queue_body() {
	one_message
	make_queue usual <<END
cat >/dev/null; cat <&1 >/dev/null; exit 31
END
	printf '#!/bin/sh\ncat >mail; cat <&1 >/dev/null\n' >other
	chmod +x other
	says '354 554 250 221'
	says '354 250 250 221' env QMAILQUEUE="${PWD}/other"
	atf_check -o match:'some text' cat mail
	says '354 554 250 221' env QMAILQUEUE=
	says '354 451 250 221' env QMAILQUEUE=other
	says '354 451 250 221' env \
	    QMAILQUEUE="/$(head -c 2000 /dev/zero | tr '\0' x)"
	# And nowhere else.
	make_conf
	says '354 250 250 221' env QMAILQUEUE="${PWD}/other"
	atf_check -o inline:'1.TXT 1.WRK\n' echo $(spool_files)
}

atf_test_case helper__that_dies_or_is_missing_is_for_now
helper__that_dies_or_is_missing_is_for_now_body() {
	make_queue taker <<END
cat >/dev/null; cat <&1 >/dev/null
END
	atf_check -e save:log python3 "${HANDOVER}" dead_helper ${SESSION}
	atf_check -o match:'event=fault op="reach the helper for"' cat log
	# A session that lies somewhere alone.
	cp "${SESSION%% *}" session
	one_message
	atf_check -o save:out -e save:log ./session -f wattcp.cfg <in
	codes >got
	atf_check -o inline:'220 250 250 250 451 500 500 500 500 500 250 221\n' \
	    echo $(cat got)
	atf_check -o match:'event=fault op=run name=.*smtpserv-broker ' cat log
}

atf_test_case session__without_it_starts_nothing
session__without_it_starts_nothing_head() {
	atf_set require.progs strace
}
session__without_it_starts_nothing_body() {
	sanitizers_cannot 'be traced'
	strace true 2>/dev/null || atf_skip 'strace does not work here'
	make_conf
	one_message
	atf_check -o ignore -e ignore strace -f -o trace \
	    -e trace=process,socketpair ${SESSION} <in
	# Threads, for what is synced side by side, are no processes.
	sed 's/^[0-9]* *//; /exited with/d' trace |
	    grep -v -e ^execve -e ^exit_group -e '^clone.*CLONE_THREAD' \
	    -e '^<... clone resumed>' -e '^exit(' >more
	atf_check -o empty cat more
	atf_check -o inline:'1\n' grep -c execve trace
}

atf_init_test_cases() {
	atf_add_test_case message__through_a_filter_into_the_spool
	atf_add_test_case message__of_a_filter_that_dies_is_not_accepted
	atf_add_test_case message__several_and_in_chunks
	atf_add_test_case envelope__whole_one_survives_a_filter
	atf_add_test_case envelope__of_two_minds_is_not_taken
	atf_add_test_case envelope__whole_one_lets_binary_messages_in
	atf_add_test_case message__by_lmtp_and_by_submission
	atf_add_test_case message__needs_no_spool
	atf_add_test_case code__decides
	atf_add_test_case program__that_fails_is_for_now
	atf_add_test_case message__that_is_given_up_is_not_taken
	atf_add_test_case message__of_a_session_that_is_to_stop_is_given_up
	atf_add_test_case client__that_vanishes_anywhere_leaves_nothing
	atf_add_test_case qmailqueue__counts_where_there_is_a_queue
	atf_add_test_case helper__that_dies_or_is_missing_is_for_now
	atf_add_test_case session__without_it_starts_nothing
}
