# Black-box tests of smtpserv-spool(1), and of the states of
# smtpserv-spool(5) that it looks at and cleans up.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

# A message by a real session, of one line.
deliver() {
	{
		lines 'EHLO client.example'
		message "$@"
		lines 'QUIT'
	} | atf_check -o ignore -e ignore ${SESSION}
}

# The message files are these and no others.
stored() {
	atf_check -o inline:"$1\n" echo $(spool_files)
}

# A pair as a session would leave it: number, text.
pair() {
	printf 'From: erick@maggot\nTo: bruce@gnat\n' >"spool/$1.WRK"
	echo "$2" >"spool/$1.TXT"
}

# A session that is in the midst of its message, number 1 in a new spool.
# Descriptor 9 is its input; `release` lets it go.
hold() {
	mkfifo in
	${SESSION} <in >out 2>log &
	session=$!
	exec 9>in
	lines 'HELO maggot' 'MAIL FROM:<erick@maggot>' 'RCPT TO:<bruce@gnat>' \
	    'DATA' 'half a mess' >&9
	await grep -q ^354 out
}

release() {
	exec 9>&-
	wait "${session}"
}

# The age is that of the message, whenever it was tried.
atf_test_case list__has_nine_fields
list__has_nine_fields_body() {
	make_conf
	atf_check -o empty ${SPOOL} list
	pair 7 hello
	touch -d '1 hour ago' spool/7.TXT
	touch -d "@$(date -d '10 minutes ago' +%s)" spool/7.WRK
	printf 'To: bruce@gnat\nStatus: 4.3.0\nDiagnostic: the disk is full\nTries: 3\n' \
	    >spool/7.WHY
	printf 'From: \nTo: a@b\nTo: c@d\nBody: 8BITMIME\n' >spool/10.WRK
	echo hi >spool/10.TXT
	atf_check -o save:list ${SPOOL} list
	# The age of the second may be 1 by now.  The first was tried at 3000
	# seconds, and is next at (54 + 10) squared.
	atf_check -o match:'^7	6	36[0-9][0-9]	1	waiting	erick@maggot	3	4[89][0-9]	4.3.0 the disk is full$' \
	    -o match:'^10	3	[0-9]*	2	waiting	<>	0	0	-$' cat list
	atf_check -o inline:'7\n10\n' cut -f1 list
	atf_check -o match:'^oldest_seconds 36[0-9][0-9]$' ${SPOOL} stat
}

# The numbers that a list with these options has, on one line.
listed() {
	want=$1
	shift
	atf_check -o save:list ${SPOOL} list "$@"
	atf_check -o inline:"${want}\n" sh -c 'echo $(cut -f1 list)'
}

# A message: number, sender, recipient, status and reason.
late() {
	printf 'From: %s\nTo: %s\n' "$2" "$3" >"spool/$1.WRK"
	echo text >"spool/$1.TXT"
	printf 'To: %s\nStatus: %s\nDiagnostic: %s\nTries: 1\n' \
	    "$3" "$4" "$5" >"spool/$1.WHY"
}

atf_test_case list__filters
list__filters_body() {
	make_conf
	late 1 erick@maggot bruce@gnat 4.4.1 'Connection refused'
	late 2 '' Bruce@GNAT.example 4.3.0 'the disk is full'
	late 3 root@gnat ann@gnat 4.4.1 'no answer'
	late 4 erick@maggot bob@gnat 4.4.1 'no answer'
	printf 'To: ann@gnat\n' >>spool/4.WRK
	touch -d '3 hours ago' spool/3.TXT
	mv spool/1.WRK spool/1.HLD
	echo junk >spool/5.BAD
	listed '1 2 3 4 5'
	listed 2 --to bruce@gnat.example
	listed '1 3 4' --to @gnat
	listed '1 2' --to 'b?uce@*'
	listed 2 --from '<>'
	listed '1 4' --from @maggot
	listed 3 --older 2h
	listed '' --older 1d
	listed '1 2 3 4 5' --older 0
	listed '1 5' --state held --state aside
	listed '1' --reason 'connection REFUSED'
	listed '1 3 4' --reason 4.4.1
	# Of one and the same recipient.
	listed 3 --reason 'no answer' --to ann@gnat
	for wrong in '--older x' '--older 3y' '--older' '--state gone' '--to' 5; do
		atf_check -s exit:100 -e match:'^smtpserv-spool: .' \
		    ${SPOOL} list ${wrong}
	done
}

# Whatever is in the files, each line is an object, and none of it is lost that
# a string of characters can have.
atf_test_case list__json_of_any_bytes
list__json_of_any_bytes_head() {
	atf_set require.progs python3
}
list__json_of_any_bytes_body() {
	make_conf
	late 1 'erick@maggot' '"a\b"@gnat' 4.4.1 'said "no" \ twice'
	printf 'From: \303\274@gnat\nTo: \377\200x@gnat\nFailed: f@y\nStatus: 5.1.1\n' \
	    >spool/2.WRK
	echo hello >spool/2.TXT
	printf 'junk\001\n' >spool/3.WRK
	echo hello >spool/3.TXT
	touch -d '@1700000000' spool/1.TXT
	mv spool/1.WRK spool/1.HLD
	atf_check -o save:list ${SPOOL} list --json
	cat >check.py <<'PY'
import json
held, odd, bad = [json.loads(line) for line in open('list', encoding='utf-8')]
assert held.pop('age') > 1e7
assert held == {'number': 1, 'state': 'held', 'size': 5,
    'accepted': '2023-11-14T22:13:20Z', 'sender': 'erick@maggot',
    'recipients': [{'mailbox': '"a\\b"@gnat', 'state': 'waiting', 'tries': 1,
        'status': '4.4.1', 'reason': 'said "no" \\ twice'}]}, held
assert odd['sender'] == '\u00fc@gnat' and odd['next'] == 0, odd
assert odd['recipients'] == [
    {'mailbox': '\ufffd\ufffdx@gnat', 'state': 'waiting', 'tries': 0},
    {'mailbox': 'f@y', 'state': 'failed', 'status': '5.1.1'}], odd
assert bad['state'] == 'damaged' and bad['wrong'] and bad['recipients'] == [], bad
PY
	atf_check python3 check.py
}

# A stranger's bytes do not command it, lines are as wide as it is, and there is
# colour; in a pipe there are not these.
atf_test_case list__on_a_terminal
list__on_a_terminal_head() {
	atf_set require.progs script
}
list__on_a_terminal_body() {
	make_conf
	late 1 'erick@maggot' "$(printf '\302\233x@gnat')" 4.4.1 \
	    'a very long reason, of which the end has no room in such a line'
	mv spool/1.WRK spool/1.HLD
	see="stty cols 60; ${SPOOL} list"
	atf_check -o save:out -e ignore env TERM=vt100 \
	    script -qec "${see}" /dev/null </dev/null
	tr -d '\r' <out >shown
	atf_check -o match:'^ *NUMBER ' -o match:"$(printf '\033')\[33mheld" \
	    -o match:'^        .xc2.x9bx@gnat, 1 try: 4.4.1 a very.*\.\.\.$' \
	    sed 's/\\/./g' shown
	atf_check -o empty sh -c \
	    "sed 's/.\[[0-9]*m//g' shown | awk 'length(\$0) > 60'"
	atf_check -o save:out -e ignore env TERM=vt100 NO_COLOR=1 \
	    script -qec "${see}" /dev/null </dev/null
	atf_check -s exit:1 grep "$(printf '\033')" out
}

# Healthy mail is not called damaged by one who may not look at it.
atf_test_case list__and_wait_without_the_right_to_read
list__and_wait_without_the_right_to_read_head() {
	atf_set require.progs setpriv
}
list__and_wait_without_the_right_to_read_body() {
	[ "$(id -u)" -eq 0 ] || atf_skip 'only root can be another user'
	make_conf
	pair 1 hello
	chmod 640 spool/*
	chmod 755 . spool
	chmod 644 wattcp.cfg
	setpriv --reuid 1234 --regid 1234 --clear-groups test -r wattcp.cfg ||
	    atf_skip 'that user cannot see the directory of this test'
	other="setpriv --reuid 1234 --regid 1234 --clear-groups ${SPOOL}"
	atf_check -s exit:100 -o match:'^1	6	[0-9]*	0	unreadable	' \
	    -e match:'no right to read 1 of the messages' ${other} list
	atf_check -s exit:100 -e match:'no right to read 1.WRK' ${other} wait
}

# More than are kept in memory at once, round the wraparound.
atf_test_case list__of_many_is_in_order
list__of_many_is_in_order_head() {
	atf_set require.progs python3
}
list__of_many_is_in_order_body() {
	make_conf
	python3 -c '
import os
os.chdir("spool")
for n in list(range(1, 20001)) + list(range(4294950000, 4294967296)):
    os.mknod(f"{n}.BAD")
'
	{ seq 4294950000 4294967295; seq 1 20000; } >want
	${SPOOL} list | cut -f1 >got
	atf_check cmp want got
}

atf_test_case list__state
list__state_body() {
	make_conf
	pair 1 one
	pair 2 two
	pair 3 three
	rm spool/2.TXT
	echo torn >spool/3.WRK
	# What is none of the four files is not there.
	echo x >spool/04.WRK
	echo x >spool/4294967296.WRK
	echo x >spool/5.wrk
	# A text that is none.
	for n in 6 7 8; do pair "${n}" text; done
	: >spool/6.TXT
	rm spool/7.TXT spool/8.TXT
	mkdir spool/7.TXT
	ln -s 1.TXT spool/8.TXT
	damaged='2	damaged\n3	damaged\n6	damaged\n7	damaged\n8	damaged\n'
	atf_check -o inline:"1	waiting\n${damaged}" \
	    sh -c "${SPOOL} list | cut -f1,5"
	atf_check -o inline:"1	claimed\n${damaged}" \
	    ${SPOOL} claim 1 -- sh -c "${SPOOL} list | cut -f1,5"
}

atf_test_case show__prints_both_files
show__prints_both_files_body() {
	make_conf
	printf 'From: erick@maggot\nTo: bruce@gnat\n' >spool/1.WRK
	printf 'Subject: \303\274\n\n\033[2Jbell\007\n' >spool/1.TXT
	{ cat spool/1.WRK; echo; cat spool/1.TXT; } >want
	atf_check -o file:want ${SPOOL} show 1
	atf_check -s exit:100 -e match:'1x: not a message number' \
	    ${SPOOL} show 1x
	atf_check -s exit:100 -e match:'2: no such message' ${SPOOL} show 2
	rm spool/1.TXT
	atf_check -s exit:100 -o match:'^From: erick@maggot$' \
	    -e match:'unable to open 1.TXT' ${SPOOL} show 1
}

atf_test_case show__escapes_on_a_terminal
show__escapes_on_a_terminal_head() {
	atf_set require.progs script
}
show__escapes_on_a_terminal_body() {
	make_conf
	printf 'From: <\303\274@maggot>\nTo: bruce@gnat\n' >spool/1.WRK
	printf 'a\ttab \033[2J \007 \302\233 \177 \\\n' >spool/1.TXT
	atf_check -o save:out -e ignore \
	    script -qec "${SPOOL} show 1" /dev/null </dev/null
	atf_check -o inline:'From: <\\xc3\\xbc@maggot>\nTo: bruce@gnat\n\na\ttab \\x1b[2J \\x07 \\xc2\\x9b \\x7f \\\n' \
	    tr -d '\r' <out
	atf_check -o save:out -e ignore \
	    script -qec "${SPOOL} list" /dev/null </dev/null
	atf_check -o match:'waiting    <\\xc3\\xbc@maggot>' tr -d '\r' <out
}

atf_test_case remove__takes_the_pair
remove__takes_the_pair_body() {
	make_conf
	deliver hello
	deliver world
	atf_check ${SPOOL} remove 1
	stored '2.TXT 2.WRK'
	atf_check -s exit:100 -e match:'^smtpserv-spool: 1: no such message$' \
	    ${SPOOL} remove 1
	# An envelope without text: nobody else would remove it.
	rm spool/2.TXT
	atf_check ${SPOOL} remove 2
	stored ''
}

atf_test_case remove__busy
remove__busy_body() {
	make_conf
	pair 1 hello
	atf_check -s exit:111 -e match:'somebody else is working on it' \
	    ${SPOOL} claim 1 -- ${SPOOL} remove 1
	stored '1.TXT 1.WRK'
}

atf_test_case remove__respects_a_posix_lock
remove__respects_a_posix_lock_head() {
	atf_set require.progs python3
}
remove__respects_a_posix_lock_body() {
	make_conf
	pair 1 hello
	cat >holder.py <<-'EOF'
	import fcntl, subprocess, sys
	with open(sys.argv[1], 'r+b') as wrk:
	    fcntl.lockf(wrk, fcntl.LOCK_EX | fcntl.LOCK_NB)
	    sys.exit(subprocess.call(sys.argv[2:]))
	EOF
	atf_check -s exit:111 -e match:'somebody else is working on it' \
	    python3 holder.py spool/1.WRK ${SPOOL} remove 1
	# And the other way about.
	atf_check -s exit:111 -e match:BlockingIOError \
	    ${SPOOL} claim 1 -- python3 holder.py spool/1.WRK true
	stored '1.TXT 1.WRK'
}

atf_test_case clean__leaves_the_living
clean__leaves_the_living_body() {
	make_conf
	hold
	pair 5 hello
	atf_check -o inline:'removed 0\n' ${SPOOL} clean
	stored '1.CMD 1.TMP 5.TXT 5.WRK'
	# The same just before its last step.
	mv spool/1.TMP spool/1.TXT
	atf_check -o inline:'removed 0\n' ${SPOOL} clean
	stored '1.CMD 1.TXT 5.TXT 5.WRK'
	mv spool/1.TXT spool/1.TMP
	lines '' '.' 'QUIT' >&9
	release
	atf_check -o match:'250 2.0.0 A1 accepted' cat out
	stored '1.TXT 1.WRK 5.TXT 5.WRK'
}

atf_test_case clean__killed_session
clean__killed_session_body() {
	make_conf
	hold
	kill -9 "${session}"
	release
	stored '1.CMD 1.TMP'
	atf_check -o inline:'removed 2\n' ${SPOOL} clean
	stored ''
	# Its number is not handed out again.
	deliver hello
	stored '2.TXT 2.WRK'
}

# Each row of the table in smtpserv-spool(5): what is there, what stays.
atf_test_case clean__every_state
clean__every_state_body() {
	make_conf
	while read -r there stays; do
		rm -f spool/*
		for kind in $(echo "${there}" | tr + ' '); do
			printf 'From: \nTo: a@b\n' >"spool/3.${kind}"
		done
		for kind in $(echo "${stays}" | tr + ' ' | tr -d -); do
			echo "3.${kind}"
		done >want
		find spool -type f | wc -l >before
		atf_check -o save:removed -e empty ${SPOOL} clean
		spool_files >after
		cmp -s want after || atf_fail "${there}: $(cat after)"
		atf_check_equal "removed $(($(cat before) - $(wc -l <after)))" \
		    "$(cat removed)"
	done <<-'EOF'
	CMD -
	TMP -
	TXT -
	CMD+TMP -
	CMD+TXT -
	TMP+TXT -
	CMD+TMP+TXT -
	WRK WRK
	TXT+WRK TXT+WRK
	CMD+TXT+WRK TXT+WRK
	CMD+WRK WRK
	TMP+WRK WRK
	TMP+TXT+WRK TXT+WRK
	CMD+TMP+TXT+WRK TXT+WRK
	CMD+TMP+WRK WRK
	EOF
}

# A rename that a power cut undid by half: one file, two names.
atf_test_case clean__cmd_and_wrk_are_one_file
clean__cmd_and_wrk_are_one_file_body() {
	make_conf
	pair 1 hello
	ln spool/1.WRK spool/1.CMD
	# Whoever works on it holds the lock of both.
	atf_check -s exit:100 -o inline:'removed 0\n' -e ignore \
	    ${SPOOL} claim 1 -- sh -c "${SPOOL} clean; exit 100"
	atf_check -o inline:'removed 1\n' ${SPOOL} clean
	stored '1.TXT 1.WRK'
}

atf_test_case stat__counts_messages_and_left_overs
stat__counts_messages_and_left_overs_body() {
	make_conf
	atf_check -o inline:'messages 0\nbytes 0\noldest_seconds 0\nreceiving 0\nleft_over 0\naside 0\nheld 0\n' \
	    ${SPOOL} stat
	hold
	pair 5 hello
	pair 6 hello
	touch -d '1 hour ago' spool/6.TXT
	touch spool/6.WHY spool/11.WHY
	echo x >spool/12.HLD
	echo x >spool/12.TXT
	echo x >spool/7.CMD
	echo x >spool/8.TXT
	echo x >spool/9.TMP
	echo x >spool/10.BAD
	echo x >spool/10.TXT
	atf_check -o match:'^messages 2$' -o match:'^bytes 12$' \
	    -o match:'^oldest_seconds 36[0-9][0-9]$' \
	    -o match:'^receiving 1$' -o match:'^left_over 4$' \
	    -o match:'^aside 1$' -o match:'^held 1$' ${SPOOL} stat
	release
}

atf_test_case aside__is_kept_and_shown_and_removed
aside__is_kept_and_shown_and_removed_body() {
	make_conf
	pair 4 four
	pair 5 five
	mv spool/5.WRK spool/5.BAD
	echo junk >spool/6.BAD
	echo 6 >spool/sequence.seq
	atf_check -o inline:'4	waiting\n5	aside\n6	aside\n' \
	    sh -c "${SPOOL} list | cut -f1,5"
	atf_check -o match:'^To: bruce@gnat$' -o match:'^five$' ${SPOOL} show 5
	atf_check -o inline:'removed 0\n' ${SPOOL} clean
	stored '4.TXT 4.WRK 5.BAD 5.TXT 6.BAD'
	atf_check -s exit:1 \
	    -o match:'^5.BAD: it was set aside, as the log' \
	    -o match:'^6.BAD: it was set aside' ${SPOOL} check
	# Its number is not for others.
	deliver x
	stored '4.TXT 4.WRK 5.BAD 5.TXT 6.BAD 7.TXT 7.WRK'
	atf_check ${SPOOL} remove 5
	atf_check ${SPOOL} remove 6
	stored '4.TXT 4.WRK 7.TXT 7.WRK'
	atf_check -s exit:100 -e match:'no such message' ${SPOOL} remove 5
}

atf_test_case stat__prometheus
stat__prometheus_body() {
	make_conf
	pair 5 hello
	touch -d '1 day' spool/5.TXT
	for m in 'messages 1 Committed messages.' \
	    'bytes 6 Bytes of their text.' \
	    'oldest_seconds 0 Age of the oldest.' \
	    'receiving 0 Messages being received.' \
	    'left_over 0 Files left by dead sessions.' \
	    'aside 0 Damaged messages set aside.' \
	    'held 0 Messages held back.'; do
		set -- ${m}
		name=smtpserv_spool_$1
		value=$2
		shift 2
		echo "# HELP ${name} $*"
		echo "# TYPE ${name} gauge"
		echo "${name} ${value}"
	done >want
	atf_check -o file:want ${SPOOL} stat --prometheus
	atf_check -s exit:100 -e match:'want --prometheus' ${SPOOL} stat -p
}

# One line, that of how many stages.
nothing_wrong() {
	atf_check -o save:found ${SPOOL} check
	atf_check -o inline:'1\n' grep -c \
	    -e '^note: messages are committed in one stage: ' \
	    -e '^note: messages are committed in two stages: ' found
	atf_check -o inline:'1\n' grep -c '' found
}

# A whole message under its mark, as a power cut can leave one.
marked() {
	printf 'From: erick@maggot\nTo: bruce@gnat\n' \
	    >spool/41.K116-0da8e7b073acdb98
	{
		printf 'Received: from maggot by gnat.example.test with ESMTP\n'
		printf '\tid A41; Mon, 23 Nov 2026 00:00:00 +0000\n'
		printf 'Subject: old\n\nold 41\n'
	} >spool/41.TXT
	printf '%s\n' "0000000050 0000000099 0000000099 0064 \
11111111-2222-3333-4444-555555555555" >spool/sequence.seq
}

atf_test_case mark__whoever_comes_first_completes
mark__whoever_comes_first_completes_body() {
	make_conf
	for command in list 'show 41' 'claim 41 -- cat' wait clean; do
		marked
		atf_check -o ignore ${SPOOL} ${command}
		[ "${command}" = 'claim 41 -- cat' ] || stored '41.TXT 41.WRK'
		rm -f spool/*
	done
	marked
	atf_check ${SPOOL} remove 41
	stored ''
	marked
	atf_check -o inline:'completed 1\nremoved 0\n' ${SPOOL} clean
	marked
	rm -f spool/41.WRK
	deliver hello
	stored '41.TXT 41.WRK 99.TXT 99.WRK'
}

atf_test_case mark__is_said_and_counted
mark__is_said_and_counted_body() {
	make_conf
	marked
	atf_check -s exit:1 -o match:'^41.K116-0da8e7b073acdb98: its session' \
	    ${SPOOL} check
	atf_check -o match:'^receiving 0$' -o match:'^left_over 2$' ${SPOOL} stat
	# They only look.
	stored '41.K116-0da8e7b073acdb98 41.TXT'
	# Torn: no message, and what is left goes.
	printf x | dd of=spool/41.TXT bs=1 seek=110 conv=notrunc 2>dd.err
	atf_check -o inline:'removed 2\n' ${SPOOL} clean
	stored ''
}

atf_test_case check__good
check__good_body() {
	make_conf
	nothing_wrong
	deliver hello
	hold
	nothing_wrong
	release
}

# Number 3 has what is wrong, said with these words.
damage() {
	atf_check -s exit:1 -o save:found ${SPOOL} check
	atf_check -o inline:"$1\n" grep -v '^note: ' found
	rm -rf spool/3.*
	pair 3 hello
	nothing_wrong
}

atf_test_case check__envelope
check__envelope_body() {
	make_conf
	deliver one
	atf_check -o ignore ${SPOOL} repair
	pair 3 hello
	while IFS='|' read -r bytes words; do
		printf "${bytes}" >spool/3.WRK
		damage "3.WRK: ${words}"
	done <<-'EOF'
	|no To: line
	To: a@b\n|the first line is not From:
	From: \n|no To: line
	From: \nTo: \n|an empty To: line
	From: \nTo: a@b\nFrom: \n|a second From: line
	From: \nTo: a@b|the last line has no line end
	From: \nTo: a@b\nnonsense\n|a line that is not `Name: value`
	From: \nTo: a\033@b\n|a line that is not `Name: value`
	EOF
	rm spool/3.WRK
	mkdir spool/3.WRK
	damage '3.WRK: the envelope cannot be read'
	rm spool/3.WRK
	ln -s 1.WRK spool/3.WRK
	damage '3.WRK: the envelope cannot be read'
	# Line ends of DOS, a name that nobody knows: fine.
	printf 'FROM: \r\nto: a@b\r\nX-Other: y\r\n' >spool/3.WRK
	nothing_wrong
}

atf_test_case check__text
check__text_body() {
	make_conf
	pair 3 hello
	atf_check -o ignore ${SPOOL} repair
	rm spool/3.TXT
	damage '3.WRK: there is no text beside it'
	: >spool/3.TXT
	damage '3.WRK: its text is empty'
	rm spool/3.TXT
	mkdir spool/3.TXT
	damage '3.WRK: its text is not a file'
	# All of them are told.
	: >spool/3.TXT
	pair 20 hello
	rm spool/20.TXT
	atf_check -s exit:1 -o save:found ${SPOOL} check
	atf_check -o inline:'3.WRK: its text is empty\n20.WRK: there is no text beside it\n' \
	    grep -v '^note: ' found
}

atf_test_case check__counter
check__counter_body() {
	make_conf
	pair 3 hello
	echo 3 >spool/sequence.seq
	atf_check -s exit:1 \
	    -o match:'^sequence.seq: is at 3, but there is a file with number 3: run smtpserv-spool repair$' \
	    ${SPOOL} check
	# As other programs write it.
	printf ' 4\n' >spool/sequence.seq
	atf_check -s exit:1 -o match:'^sequence.seq: garbage' ${SPOOL} check
	printf '004\r\n' >spool/sequence.seq
	nothing_wrong
	: >spool/sequence.seq
	atf_check -s exit:1 -o match:'^sequence.seq: garbage' ${SPOOL} check
	rm spool/sequence.seq
	mkdir spool/sequence.seq
	atf_check -s exit:1 -o match:'^sequence.seq: not a file' ${SPOOL} check
	rmdir spool/sequence.seq
	rm spool/3.*
	ln -s nowhere spool/sequence.seq
	atf_check -s exit:100 -e match:'unable to open sequence.seq' \
	    ${SPOOL} check
}

atf_test_case wait__is_there_already
wait__is_there_already_body() {
	make_conf
	pair 12 hello
	pair 5 hello
	pair 9 hello
	atf_check -o inline:'5\n' ${SPOOL} wait
	atf_check -o inline:'5\n' ${SPOOL} wait --after 0
	atf_check -o inline:'9\n' ${SPOOL} wait --after 5
	atf_check -o inline:'12\n' ${SPOOL} wait --after 11
	# One that somebody works on is passed over.
	atf_check -s exit:111 -o inline:'9\n' -e ignore \
	    ${SPOOL} claim 5 -- sh -c "${SPOOL} wait; exit 1"
	atf_check -s exit:100 -e match:'not a message number' \
	    ${SPOOL} wait --after x
	atf_check -s exit:100 -e match:'want --after NUMBER' ${SPOOL} wait --after
	atf_check -s exit:100 -e match:'want --after NUMBER' ${SPOOL} wait 1 2
}

# Is that process asleep?
sleeps() {
	grep -q '^State:[[:space:]]*S' "/proc/$1/status"
}

atf_test_case wait__is_woken_by_a_commit
wait__is_woken_by_a_commit_body() {
	make_conf
	pair 1 hello
	echo 2 >spool/sequence.seq
	${SPOOL} wait --after 1 >number &
	waiter=$!
	await sleeps "${waiter}"
	deliver hello
	wait "${waiter}" || atf_fail 'wait failed'
	atf_check -o inline:'2\n' cat number
}

atf_test_case wait__is_woken_by_the_end_of_a_claim
wait__is_woken_by_the_end_of_a_claim_body() {
	make_conf
	pair 1 hello
	mkfifo go
	${SPOOL} claim 1 -- sh -c 'read -r line <go; exit 1' 2>log &
	claimer=$!
	await sh -c "${SPOOL} list | grep -q claimed"
	${SPOOL} wait >number &
	waiter=$!
	await sleeps "${waiter}"
	atf_check -o empty cat number
	echo go >go
	wait "${waiter}" || atf_fail 'wait failed'
	atf_check -o inline:'1\n' cat number
	wait "${claimer}" || true
}

# Processor time of a process, in hundredths of a second.
ticks() {
	awk '{ print $14 + $15 }' "/proc/$1/stat"
}

has_slept_or_spun() {
	[ "$(awk '/^voluntary/ { print $2 }' "/proc/$1/status")" -ge 3 ] ||
	    [ "$(ticks "$1")" -ge 50 ]
}

# An envelope that has no text cannot be worked on, and is no news.
atf_test_case wait__passes_over_a_lone_envelope
wait__passes_over_a_lone_envelope_body() {
	make_conf
	pair 3 hello
	pair 5 hello
	rm spool/3.TXT
	atf_check -o inline:'5\n' ${SPOOL} wait
	rm spool/5.*
	${SPOOL} wait >number &
	waiter=$!
	await has_slept_or_spun "${waiter}"
	atf_check -o empty cat number
	pair 7 hello
	wait "${waiter}" || atf_fail 'wait failed'
	atf_check -o inline:'7\n' cat number
}

# As it stands in the page.
manual_loop() {
	mandoc -T ascii "${BUILD}/share/man/man1/smtpserv-spool.1" |
	    sed -n '/^ *while .*smtpserv-spool wait/,/^ *sleep/p'
	echo done
}

# The loop of the manual: everybody gets their turn, and nobody many.
atf_test_case loop__of_the_manual_lets_none_wait_for_another
loop__of_the_manual_lets_none_wait_for_another_body() {
	make_conf
	for n in 2 3 4 5 6; do
		pair "${n}" hello
	done
	rm spool/2.TXT
	echo garbage >spool/4.WRK
	cat >handle <<-'EOF'
		#!/bin/sh
		echo "${SMTPSERV_NUMBER}" >>handled
		[ "${SMTPSERV_NUMBER}" != 3 ]
	EOF
	chmod +x handle
	cat >smtpserv-spool <<-EOF
		#!/bin/sh
		[ "\$1" != wait ] || echo >>rounds
		exec ${SPOOL} "\$@"
	EOF
	chmod +x smtpserv-spool
	manual_loop >loop
	atf_check -o match:'smtpserv-spool wait' -o match:'sleep [1-9]' cat loop
	PATH=${PWD}:${PATH} sh loop 2>log &
	looper=$!
	await sh -c '[ "$(grep -c "^3$" handled)" -ge 3 ]'
	pair 7 hello
	await grep -q '^7$' handled
	kill "${looper}"
	wait "${looper}" || true
	# Which round it was in when it was ended is not known.
	[ "$(grep -c '^3$' handled)" -le "$(grep -c '' rounds)" ] ||
		atf_fail 'more than one try in a round'
	atf_check -o inline:'5\n6\n7\n' sh -c 'grep -v "^3$" handled'
	atf_check -o ignore ls spool/3.WRK spool/4.WRK spool/2.WRK
}

# Its own looks at the directory must not wake it.
atf_test_case wait__costs_nothing
wait__costs_nothing_body() {
	make_conf
	pair 1 hello
	${SPOOL} wait --after 1 >number &
	waiter=$!
	# It looks once a second.  See a few of these looks, or half a second
	# of processor time, which some hundred thousand of them take.
	await has_slept_or_spun "${waiter}"
	spent=$(ticks "${waiter}")
	kill "${waiter}"
	wait "${waiter}" || true
	[ "${spent}" -lt 50 ] || atf_fail "${spent} ticks"
}

atf_test_case claim__done
claim__done_body() {
	make_conf
	deliver hello
	deliver world
	cat >handler <<-'EOF'
	echo "${SMTPSERV_NUMBER}"
	cmp - "${SMTPSERV_TXT}" && echo "text on 0"
	cat "${SMTPSERV_WRK}"
	echo "$@"
	EOF
	atf_check -o inline:'1\ntext on 0\nFrom: erick@maggot\nTo: bruce@gnat\nx y\n' \
	    ${SPOOL} claim 1 -- sh handler x y
	stored '2.TXT 2.WRK'
	# The two hyphens are for options of the command.
	atf_check ${SPOOL} claim 2 true
	stored ''
	atf_check -s exit:100 -e match:'2: no such message' \
	    ${SPOOL} claim 2 -- true
}

# A starter that wants to know of no end of its own children.
atf_test_case claim__is_done_though_the_starter_ignores_ends
claim__is_done_though_the_starter_ignores_ends_body() {
	make_conf
	pair 1 hello
	atf_check env --ignore-signal=CHLD ${SPOOL} claim 1 -- true
	stored ''
}
atf_test_case claim__not_done
claim__not_done_body() {
	make_conf
	pair 1 hello
	atf_check -s exit:100 -e inline:'smtpserv-spool: sh: exit 100; the message stays\n' \
	    ${SPOOL} claim 1 -- sh -c 'exit 100'
	for code in 1 99 111 255; do
		atf_check -s exit:111 \
		    -e inline:"smtpserv-spool: sh: exit ${code}; the message stays\n" \
		    ${SPOOL} claim 1 -- sh -c "exit ${code}"
	done
	atf_check -s exit:111 -e match:'sh: killed by signal 9' \
	    ${SPOOL} claim 1 -- sh -c 'kill -9 $$'
	atf_check -s exit:100 -e match:'unable to run ./nowhere' \
	    ${SPOOL} claim 1 -- ./nowhere
	stored '1.TXT 1.WRK'
	rm spool/1.TXT
	atf_check -s exit:100 -e match:'unable to open 1.TXT' \
	    ${SPOOL} claim 1 -- true
	stored '1.WRK'
}

atf_test_case claim__two_at_once
claim__two_at_once_body() {
	make_conf
	pair 1 hello
	mkfifo go
	${SPOOL} claim 1 -- sh -c 'echo ran >>runs; read -r line <go' &
	first=$!
	await test -s runs
	atf_check -s exit:111 -e match:'somebody else is working on it' \
	    ${SPOOL} claim 1 -- sh -c 'echo ran >>runs'
	echo go >go
	wait "${first}" || atf_fail 'the first claim failed'
	atf_check -o inline:'ran\n' cat runs
	stored ''
	atf_check -s exit:100 -e match:'no such message' \
	    ${SPOOL} claim 1 -- sh -c 'echo ran >>runs'
	atf_check -o inline:'ran\n' cat runs
}

# The command holds the claim, even without us.
atf_test_case claim__outlives_its_process
claim__outlives_its_process_body() {
	make_conf
	pair 1 hello
	mkfifo go
	${SPOOL} claim 1 -- sh -c 'echo $$ >pid; read -r line <go' 2>log &
	claimer=$!
	await test -s pid
	kill -9 "${claimer}"
	wait "${claimer}" || true
	atf_check -s exit:111 -e match:'somebody else is working on it' \
	    ${SPOOL} remove 1
	echo go >go
	await sh -c "${SPOOL} list | grep -q waiting"
}

atf_test_case repair__goes_above_all_that_is_seen
repair__goes_above_all_that_is_seen_body() {
	make_conf
	# Missing, in an empty spool.
	atf_check -o inline:'next 1024\n' ${SPOOL} repair
	# Garbage: above all that is seen.
	pair 5000 hello
	echo garbage >spool/sequence.seq
	atf_check -o inline:'next 6024\n' ${SPOOL} repair
	# Good: above it.
	atf_check -o inline:'next 7048\n' ${SPOOL} repair
	# Lagging.
	echo 3 >spool/sequence.seq
	atf_check -o inline:'next 6024\n' ${SPOOL} repair
	nothing_wrong
	deliver hello
	stored '5000.TXT 5000.WRK 6024.TXT 6024.WRK'
	# A left-over's number counts, too; after the last number comes 1.
	rm spool/[1-9]*
	echo x >spool/4294967295.TMP
	rm spool/sequence.seq
	atf_check -o inline:'next 1024\n' ${SPOOL} repair
	# What is no file is left alone.
	rm spool/sequence.seq
	ln -s ../target spool/sequence.seq
	atf_check -s exit:100 -e match:'unable to open sequence.seq' \
	    ${SPOOL} repair
	atf_check -s exit:1 test -e target
	rm spool/sequence.seq
	mkdir spool/sequence.seq
	atf_check -s exit:100 -e match:'unable to open sequence.seq' \
	    ${SPOOL} repair
}

# Numbers that begin anew are later than the last ones.
atf_test_case wraparound__is_no_way_back
wraparound__is_no_way_back_body() {
	make_conf
	pair 4294967289 hello
	pair 7 hello
	echo 9331 >spool/sequence.seq
	nothing_wrong
	atf_check -o inline:'next 10355\n' ${SPOOL} repair
	atf_check -o inline:'4294967289\n7\n' sh -c "${SPOOL} list | cut -f1"
	atf_check -o inline:'4294967289\n' ${SPOOL} wait
	atf_check -o inline:'7\n' ${SPOOL} wait --after 4294967289
	# One that lags, on this side and on the other.
	for next in 4294967290 5; do
		echo "${next}" >spool/sequence.seq
		atf_check -s exit:1 -o match:"is at ${next}, but .* number 7:" \
		    ${SPOOL} check
		atf_check -o inline:'next 1031\n' ${SPOOL} repair
	done
}

# What root has done in a user's spool, the user can go on with.
atf_test_case root__leaves_the_spool_to_its_user
root__leaves_the_spool_to_its_user_head() {
	atf_set require.user root
	atf_set require.progs setpriv
}
root__leaves_the_spool_to_its_user_body() {
	make_conf
	chmod 755 .
	chown 1234:2345 spool
	chmod 750 spool
	setpriv --reuid 1234 --clear-groups test -w spool ||
	    atf_skip 'that user cannot see the directory of this test'
	umask 077
	chmod 644 wattcp.cfg
	lines 'HELO maggot' 'MAIL FROM:<erick@maggot>' 'RCPT TO:<bruce@gnat>' \
	    'DATA' 'Subject: three' '.' 'QUIT' >in
	# On a fresh spool, on a counter of NOS, and by repair.
	deliver one
	printf '2\n' >spool/sequence.seq
	deliver two
	atf_check -o ignore ${SPOOL} repair
	atf_check -o inline:'1234 2345 640\n' sh -c \
	    "stat -c '%u %g %a' spool/* | sort -u"
	nothing_wrong
	atf_check -o match:'^250 2.0.0 A' -e ignore -x \
	    "setpriv --reuid 1234 --regid 2345 --clear-groups ${SESSION} <in"
}

# The user's programs would find out only one by one.
atf_test_case check__names_what_its_user_cannot_use
check__names_what_its_user_cannot_use_head() {
	atf_set require.user root
}
check__names_what_its_user_cannot_use_body() {
	make_conf
	deliver one
	pair 3 hello
	pair 4 hello
	pair 5 hello
	pair 6 hello
	chown -R 1234:2345 spool
	atf_check -o ignore ${SPOOL} repair
	nothing_wrong
	chown 0:0 spool/3.WRK
	chmod 640 spool/3.WRK
	# By its group, or by anybody, is good enough; a text is only read.
	chown 0:2345 spool/4.WRK
	chmod 660 spool/4.WRK
	chown 0:2345 spool/5.TXT
	chmod 640 spool/5.TXT
	chown 0:0 spool/6.TXT
	chmod 600 spool/6.TXT
	chown 0:0 spool/sequence.seq
	atf_check -s exit:1 -o save:found ${SPOOL} check
	atf_check -o inline:"3.WRK: user 1234, whose the spool is, cannot read and write it
6.TXT: user 1234, whose the spool is, cannot read it
sequence.seq: user 1234, whose the spool is, cannot read and write it
" sh -c "grep -v '^note: ' found | sort"
}

# Who keeps all sessions waiting is to be found.
atf_test_case check__names_who_keeps_the_counter
check__names_who_keeps_the_counter_head() {
	atf_set require.progs python3
}
check__names_who_keeps_the_counter_body() {
	make_conf
	deliver one
	python3 -c 'import fcntl, signal
with open("spool/sequence.seq", "r+") as f:
    fcntl.lockf(f, fcntl.LOCK_EX)
    open("locked", "w").close()
    signal.pause()' &
	holder=$!
	await test -e locked
	atf_check -s exit:1 -o save:found ${SPOOL} check
	atf_check \
	    -o inline:"sequence.seq: locked, for more than a moment, by process ${holder}\n" \
	    grep -v '^note: ' found
	kill "${holder}"
	wait "${holder}" || true
	nothing_wrong
}

atf_test_case repair__line
repair__line_body() {
	make_conf
	echo 41 >spool/sequence.seq
	atf_check -o inline:'next 1065\n' ${SPOOL} repair
	atf_check -o inline:'0000001065 0000001065 0000001065 0001                                     \n' \
	    cat spool/sequence.seq
	deliver hello
	atf_check -o inline:"0000001066 0000001066 0000001066 0001 $(cat \
	    /proc/sys/kernel/random/boot_id)\n" cat spool/sequence.seq
}

atf_test_case probe__kept
probe__kept_body() {
	make_conf
	pair 1 hello
	atf_check -o save:out ${SPOOL} probe
	atf_check -o inline:'7\n' grep -c '^kept: ' out
	atf_check -s exit:1 grep -v -e '^kept: ' -e '^note: ' out
	atf_check -o ignore \
	    grep '^note: messages are committed in [a-z]* stages\{0,1\}: ' out
	atf_check -o ignore grep \
	    '^note: a sync takes [0-9.]* ms here, and a message of 4096 ' out
	atf_check -o inline:'1.TXT\n1.WRK\n' ls spool
}

atf_test_case probe__read_only
probe__read_only_body() {
	# Nobody makes a directory there.
	atf_check -s exit:111 -e match:'^smtpserv-spool: unable to make /proc/probe' \
	    "${BUILD}/bin/smtpserv-spool" -d /proc probe
}

atf_test_case usage__mistakes_are_100
usage__mistakes_are_100_body() {
	tool="${BUILD}/bin/smtpserv-spool"
	make_conf
	for arguments in '' show 'show 1 2' remove 'clean x' \
	    'stat x y' 'check x' 'wait 1 2 3' claim 'claim 1' 'repair 1 2 3' \
	    'probe x' '-x list' '-f wattcp.cfg list'; do
		atf_check -s exit:100 -e match:'usage: smtpserv-spool ' \
		    ${tool} -d spool ${arguments}
	done
	# The word, and not all of the usage.
	atf_check -s exit:100 -e inline:'smtpserv-spool: nonsense: no such command; --help lists them\n' \
	    ${tool} -d spool nonsense
	atf_check -s exit:100 -e match:'2: not a filter: .*`show. prints' \
	    ${tool} -d spool list 2
	atf_check -s exit:100 -e match:'--wrong: not a filter: want --to' \
	    -e not-match:show ${tool} -d spool list --wrong
	atf_check -s exit:100 -e inline:'smtpserv-spool: 99: no such message\n' \
	    ${tool} -d spool show 99
	atf_check -s exit:100 -e match:'^usage: ' ${tool}
	atf_check -s exit:100 -e match:'^usage: ' ${tool} -d
	atf_check -s exit:100 -e match:'usage: smtpserv-spool claim' \
	    ${tool} -d spool claim 1 --
	for number in 0 -1 1x 4294967296 '' ' 1'; do
		atf_check -s exit:100 -e match:'not a message number' \
		    ${tool} -d spool remove "${number}"
	done
	atf_check -o match:'^usage: smtpserv-spool ' -o match:'^a filter is --to' \
	    ${tool} --help
	atf_check -o match:'^smtpserv-spool [0-9]' ${tool} --version
	atf_check -o empty ${tool} -d spool list
	atf_check -s exit:100 -e match:'unable to open nowhere: No such' \
	    ${tool} -d nowhere list
}

atf_test_case configuration__mistakes_name_their_line
configuration__mistakes_name_their_line_body() {
	make_conf 'smtp.nonsense = 1' 'smtp.sync = perhaps'
	atf_check -s exit:100 -e match:'wattcp.cfg:4: smtp.nonsense: no such key' \
	    -e match:'wattcp.cfg:5: smtp.sync: not one of' ${SPOOL} list
	# Found by the environment's directory, too.
	make_conf
	pair 1 hello
	atf_check -o inline:'1\n' env "WATTCP.CFG=${PWD}" \
	    "${BUILD}/bin/smtpserv-spool" wait
	atf_check -o inline:'1\n' env "WATTCP_CFG=${PWD}" \
	    "${BUILD}/bin/smtpserv-spool" wait
	atf_check -s exit:100 -e match:'nowhere.cfg' \
	    "${BUILD}/bin/smtpserv-spool" -f nowhere.cfg list
}

atf_test_case full_disk__is_an_error
full_disk__is_an_error_body() {
	make_conf
	pair 1 hello
	atf_check -s exit:111 -e match:'unable to write' \
	    sh -c "${SPOOL} list >/dev/full"
}

# The manual's lines, word by word; in between a message is consumed, and one
# comes, whose number must not come again.
atf_test_case backup__is_restored_by_the_manuals_lines
backup__is_restored_by_the_manuals_lines_head() {
	atf_set require.progs mandoc
}
backup__is_restored_by_the_manuals_lines_body() {
	PATH=${BUILD}/bin:${PATH}
	make_conf
	{ lines 'EHLO x'; message one; message two; message held; lines QUIT; } |
	    ${SESSION} >out 2>log || atf_fail session
	atf_check -o ignore ${SPOOL} hold 3
	: >spool/4.BAD
	echo bad >spool/4.TXT
	: >spool/9.TMP
	mandoc -T ascii "${BUILD}/share/man/man5/smtpserv-spool.5" |
	    sed 's/.\x08//g' | sed -n '/^   Backup and restore/,/^   [a-z]/p' >page
	sed -n '/^ *mkdir/,/^ *cp.*backup$/p' page >backup.sh
	sed -n '/^ *cp.*spool$/,/check/p' page >restore.sh
	atf_check_equal '6 4' "$(wc -l <backup.sh) $(wc -l <restore.sh)"
	atf_check sh -e backup.sh
	atf_check -o inline:'1.TXT 1.WRK 2.TXT 2.WRK 3.HLD 3.TXT 4.BAD 4.TXT sequence.seq\n' \
	    echo $(ls backup)
	atf_check ${SPOOL} remove 1
	{ lines 'EHLO x'; message three; lines QUIT; } |
	    ${SESSION} >out 2>log || atf_fail session
	last=$(sed -n 's/.*event=accepted number=\([0-9]*\).*/\1/p' log)
	cp -R spool lost
	rm spool/*
	sed -i "s/5321/${last}/" restore.sh
	atf_check -s exit:1 -o match:'^next [0-9]*$' -o match:'^4.BAD: it was set aside' \
	    sh -e restore.sh
	{ lines 'EHLO x'; message four; lines QUIT; } |
	    ${SESSION} >out 2>log || atf_fail session
	next=$(sed -n 's/.*event=accepted number=\([0-9]*\).*/\1/p' log)
	[ "${next}" -gt "${last}" ] || atf_fail "${next} is not above ${last}"
	[ "$(${SPOOL} list | wc -l)" -eq 5 ] || atf_fail "$(${SPOOL} list)"
}

atf_test_case repair__above_a_number_that_somebody_knows
repair__above_a_number_that_somebody_knows_body() {
	make_conf
	atf_check -o inline:'next 6345\n' ${SPOOL} repair --above 5321
	# It never goes back.
	atf_check -o match:'^next 7369$' ${SPOOL} repair --above 5
	for wrong in '--above' '--above x' '--above 0' '--below 7' x; do
		atf_check -s exit:100 -e not-empty ${SPOOL} repair ${wrong}
	done
}

# The newest record of the ring, without leading zeros.
newest() {
	tr -d '\0' <spool/samples.txt | sed 's/\<0*\([0-9]\)/\1/g' | sort -n |
	    tail -n 1
}

atf_test_case sample__writes_this_minutes_record
sample__writes_this_minutes_record_body() {
	make_conf
	pair 7 hello
	pair 9 goodbye
	touch -d '1 hour ago' spool/7.TXT
	echo 10 >spool/sequence.seq
	before=$(date +%s)
	atf_check -o empty -e empty ${SPOOL} sample
	set -- $(newest)
	[ "$1" -ge "${before}" ] || atf_fail "at $1, before ${before}"
	atf_check_equal 2 "$2"
	atf_check_equal 14 "$3"
	[ "$4" -ge 3600 ] || atf_fail "oldest $4"
	atf_check_equal 10 "$5"
	atf_check -o inline:'640\n' stat -c %a spool/samples.txt
	# It is not a message, a left-over, or a fault.
	atf_check -o ignore ${SPOOL} clean
	atf_check -o inline:'2\n' sh -c "${SPOOL} list | wc -l"
	atf_check -o not-match:samples -e ignore ${SPOOL} check
	atf_check -s exit:100 -e match:'want --forever' ${SPOOL} sample now
}

atf_test_case sample__goes_on_forever_until_it_is_stopped
sample__goes_on_forever_until_it_is_stopped_body() {
	make_conf
	${SPOOL} sample --forever &
	pid=$!
	await test -s spool/samples.txt
	kill -0 "${pid}" || atf_fail 'it is over'
	kill "${pid}"
	wait "${pid}" && atf_fail 'it did not mind'
	atf_check_equal 0 "$(newest | cut -d ' ' -f 2)"
}

atf_test_case check__tells_of_samples_that_the_user_cannot_write
check__tells_of_samples_that_the_user_cannot_write_head() {
	atf_set require.user root
}
check__tells_of_samples_that_the_user_cannot_write_body() {
	make_conf
	chown 12345:12345 spool
	atf_check ${SPOOL} sample
	atf_check -o inline:'12345:12345\n' stat -c %u:%g spool/samples.txt
	atf_check -o not-match:samples -e ignore ${SPOOL} check
	chown root:root spool/samples.txt
	atf_check -s exit:1 -o match:'samples.txt: user 12345' -e ignore \
	    ${SPOOL} check
}

atf_init_test_cases() {
	atf_add_test_case sample__writes_this_minutes_record
	atf_add_test_case sample__goes_on_forever_until_it_is_stopped
	atf_add_test_case check__tells_of_samples_that_the_user_cannot_write
	atf_add_test_case list__has_nine_fields
	atf_add_test_case list__filters
	atf_add_test_case list__json_of_any_bytes
	atf_add_test_case list__on_a_terminal
	atf_add_test_case list__and_wait_without_the_right_to_read
	atf_add_test_case list__of_many_is_in_order
	atf_add_test_case list__state
	atf_add_test_case show__prints_both_files
	atf_add_test_case show__escapes_on_a_terminal
	atf_add_test_case remove__takes_the_pair
	atf_add_test_case remove__busy
	atf_add_test_case remove__respects_a_posix_lock
	atf_add_test_case clean__leaves_the_living
	atf_add_test_case clean__killed_session
	atf_add_test_case clean__every_state
	atf_add_test_case clean__cmd_and_wrk_are_one_file
	atf_add_test_case stat__counts_messages_and_left_overs
	atf_add_test_case aside__is_kept_and_shown_and_removed
	atf_add_test_case stat__prometheus
	atf_add_test_case mark__whoever_comes_first_completes
	atf_add_test_case mark__is_said_and_counted
	atf_add_test_case check__good
	atf_add_test_case check__envelope
	atf_add_test_case check__text
	atf_add_test_case check__counter
	atf_add_test_case wait__is_there_already
	atf_add_test_case wait__is_woken_by_a_commit
	atf_add_test_case wait__is_woken_by_the_end_of_a_claim
	atf_add_test_case wait__passes_over_a_lone_envelope
	atf_add_test_case loop__of_the_manual_lets_none_wait_for_another
	atf_add_test_case wait__costs_nothing
	atf_add_test_case claim__done
	atf_add_test_case claim__is_done_though_the_starter_ignores_ends
	atf_add_test_case claim__not_done
	atf_add_test_case claim__two_at_once
	atf_add_test_case claim__outlives_its_process
	atf_add_test_case repair__goes_above_all_that_is_seen
	atf_add_test_case check__names_who_keeps_the_counter
	atf_add_test_case repair__line
	atf_add_test_case wraparound__is_no_way_back
	atf_add_test_case root__leaves_the_spool_to_its_user
	atf_add_test_case check__names_what_its_user_cannot_use
	atf_add_test_case probe__kept
	atf_add_test_case probe__read_only
	atf_add_test_case usage__mistakes_are_100
	atf_add_test_case configuration__mistakes_name_their_line
	atf_add_test_case full_disk__is_an_error
	atf_add_test_case backup__is_restored_by_the_manuals_lines
	atf_add_test_case repair__above_a_number_that_somebody_knows
}
