# smtpserv-queue(8): messages and envelopes by pipes, as qmail's programs do.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

PROGRAM="${BUILD}/libexec/smtpserv-queue"
QUEUE="${PROGRAM} -f ${PWD}/wattcp.cfg"
CALL="${BUILD}/tests/support/qqcall.py"
GOOD='Ferick@maggot|Tbruce@gnat||'

# call CODE HOW [ARGUMENT...]: the message in `m`; the log is in `log`.
call() {
	want=$1
	shift
	atf_check -o inline:"${want}\n" -e save:log \
	    python3 "${CALL}" "$@" -- ${QUEUE} <m
}

# The message N in the spool, without its trace header, is `m`.
check_text() {
	sed 1,2d "spool/$1.TXT" >text
	atf_check -o file:m cat text
}

nothing_is_left() {
	spool_files >left
	atf_check -o empty cat left
}

a_message() {
	printf 'Subject: a test\n\nsome text\n.\n..\n' >m
}

atf_test_case message__is_stored_whole
message__is_stored_whole_body() {
	make_conf
	a_message
	call 0 send "${GOOD}"
	atf_check -o match:'event=accepted number=1 from=erick@maggot rcpts=1 ' \
	    cat log
	atf_check -o inline:'From: erick@maggot\nTo: bruce@gnat\n' \
	    cat spool/1.WRK
	check_text 1
	date='[A-Z][a-z]{2}, [0-9]+ [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} \+0000'
	atf_check -o match:"^Received: by gnat.example.test \(smtpserv-queue, uid $(id -u)\)\$" \
	    sed -n 1p spool/1.TXT
	atf_check -o match:"^	id A1; ${date}\$" sed -n 2p spool/1.TXT
	atf_check -o inline:'640\n640\n' stat -c %a spool/1.TXT spool/1.WRK
	${SPOOL} check || atf_fail 'smtpserv-spool finds fault'
}

atf_test_case message__byte_by_byte_is_the_same
message__byte_by_byte_is_the_same_body() {
	make_conf
	a_message
	call 0 bytes 'F|Tbruce@gnat|Tann@gnat||'
	atf_check -o inline:'From: \nTo: bruce@gnat\nTo: ann@gnat\n' \
	    cat spool/1.WRK
	check_text 1
}

atf_test_case message__from_files_is_taken_too
message__from_files_is_taken_too_body() {
	make_conf
	a_message
	printf 'Ferick@maggot\0Tbruce@gnat\0\0' >e
	atf_check -e ignore -x "${QUEUE} <m 1<e"
	check_text 1
}

atf_test_case message__of_any_size_in_constant_memory
message__of_any_size_in_constant_memory_head() {
	atf_set require.progs prlimit
}
message__of_any_size_in_constant_memory_body() {
	sanitizers_cannot 'be bounded in memory'
	make_conf 'smtp.maxsize = 0' 'smtp.sync = no'
	{
		printf 'Subject: large\n\n'
		head -c 50000000 /dev/zero | tr '\0' x | fold -w 70
		echo
	} >m
	rcpts=$(seq 1 5000 | sed 's/.*/T&@gnat|/' | tr -d '\n')
	atf_check -o inline:'0\n' -e ignore python3 "${CALL}" send \
	    "Ferick@maggot|${rcpts}|" -- prlimit --as=4000000 ${QUEUE} <m
	check_text 1
	seq 1 5000 | sed 's/.*/To: &@gnat/' >want
	atf_check -o file:want sed 1d spool/1.WRK
}

atf_test_case message__empty_is_a_message
message__empty_is_a_message_body() {
	make_conf
	: >m
	call 0 send "${GOOD}"
	atf_check -o inline:'2\n' -x 'wc -l <spool/1.TXT'
}

atf_test_case message__lines_are_made_whole
message__lines_are_made_whole_body() {
	make_conf
	printf 'a:\r\nb\rc\n\0d\r\r\n\r' >m
	call 0 send "${GOOD}"
	printf 'a:\nb c\n d\n\n' >m
	check_text 1
	make_conf 'smtp.eol = crlf'
	printf 'a:\nb' >m
	call 0 send "${GOOD}"
	printf 'a:\r\nb\r\n' >m
	check_text 2
	make_conf 'smtp.bareeol = reject'
	printf 'a\rb\n' >m
	call 31 send "${GOOD}"
	printf 'a\0b\n' >m
	call 31 send "${GOOD}"
	atf_check -o match:'why="bare CR or NUL in message"' cat log
	printf 'a\r\nb\n' >m
	call 0 send "${GOOD}"
}

atf_test_case message__too_big_or_looping_is_31
message__too_big_or_looping_is_31_body() {
	make_conf 'smtp.maxsize = 40000'
	head -c 40001 /dev/zero | tr '\0' x >m
	call 31 send "${GOOD}"
	atf_check -o match:'why="message too big"' cat log
	for n in 99 100; do
		{
			for i in $(seq "${n}"); do
				echo "Received: from a by b; some day"
			done
			printf 'Subject: loop\n\ntext\n'
		} >m
		[ "${n}" = 100 ] || call 0 send "${GOOD}"
	done
	call 31 send "${GOOD}"
	atf_check -o match:'too many hops' cat log
	atf_check -o inline:'2.TXT 2.WRK\n' echo $(spool_files)
}

atf_test_case envelope__wrong_ones_have_their_codes
envelope__wrong_ones_have_their_codes_body() {
	make_conf
	a_message
	long=$(head -c 255 /dev/zero | tr '\0' a)
	call 91 send 'Tbruce@gnat||'
	call 91 send 'Ferick@maggot||'
	call 91 send 'Ferick@maggot|T||'
	call 91 send 'Ferick@maggot|Xbruce@gnat||'
	call 11 send "Ferick@maggot|T${long}||"
	call 11 send "F${long}|Tbruce@gnat||"
	call 31 send "Ferick@maggot|Tbru
To: ce@gnat||"
	atf_check -o match:'why="bad byte in a mailbox"' cat log
	call 31 send "Ferick@maggot|T$(printf 'bru\tce@gnat')||"
	call 31 send "Ferick@maggot|T$(printf 'bru\377ce@gnat')||"
	call 54 send "Ferick@maggot|Tbruce@gnat|"
	call 54 send ''
	nothing_is_left
	call 0 send "Ferick@maggot|T${long#a}||"
	call 0 send "Ferick@maggot|T$(printf 'br\303\274ce@gnat')||"
	# The number of each that had gone so far as to have one is gone too.
	atf_check -o match:'^Smtputf8: yes$' \
	    cat "spool/$(ls spool | sort -n | tail -n 1)"
}

# What its readers would not take is refused here.
atf_test_case envelope__too_large_is_31
envelope__too_large_is_31_body() {
	make_conf 'smtp.sync = no'
	a_message
	awk 'BEGIN {
		printf "Fa@b%c", 0
		for (i = 0; i < 400000; i++)
			printf "T%07d@a-rather-long-name-of-a-domain.example%c",
			    i, 0
		printf "%c", 0
	}' >envelope
	[ "$(wc -c <envelope)" -gt 16777216 ] || atf_fail 'it is too small'
	atf_check -s exit:31 -e match:'too many recipients' \
	    -x "${QUEUE} <m 1<envelope"
	nothing_is_left
}

atf_test_case envelope__full_has_its_facts
envelope__full_has_its_facts_body() {
	make_conf 'smtp.envelope = full'
	printf 'a\nb\n' >m
	call 0 send "${GOOD}"
	atf_check -o match:'^Received-At: [0-9T:-]*Z$' sed -n 3p spool/1.WRK
	atf_check -o inline:'Size: 6\n' sed -n 4p spool/1.WRK
}

# E2
atf_test_case envelope__whole_one_is_the_spools
envelope__whole_one_is_the_spools_body() {
	make_conf 'smtp.envelope = full'
	a_message
	printf 'Ferick@maggot\0Tbruce@gnat\0\0' >e
	printf '%s\n' 'From: erick@maggot' 'To: bruce@gnat' 'Notify: NEVER' \
	    'Requiretls: yes' 'Client: 192.0.2.7' 'Spam: no' >whole
	# Those of the environment do not count, nor are facts added.
	export SMTPSERV_ENVELOPE=5 SMTPSERV_NOTIFY=DELAY SMTPSERV_RET=FULL
	atf_check -e ignore -x "${QUEUE} <m 1<e 5<whole"
	atf_check -o file:whole cat spool/1.WRK
	check_text 1
	# Through a pipe, and from a file that somebody has read already.
	atf_check -e ignore -x "cat whole | ${QUEUE} 5<&0 <m 1<e"
	atf_check -o file:whole cat spool/2.WRK
	atf_check -e ignore -o ignore -x \
	    "{ cat <&5; ${QUEUE} <m 1<e; } 5<whole"
	atf_check -o file:whole cat spool/3.WRK
	rm -r spool/*.*
	for edit in s/bruce/Bruce/ s/erick/eric/ '$aTo: ann@gnat' 2d \
	    '$aQueue-Id: 1.2.gnat' '$aDone: 1' s/NEVER/x/ '$a\' '3i Body: x'; do
		sed "${edit}" whole >other
		[ "${edit}" != '$a\' ] || echo >>other
		atf_check -s exit:91 -e match:'whole envelope is bad' \
		    -x "${QUEUE} <m 1<e 5<other"
	done
	atf_check -s exit:54 -e match:'op=read name="the whole envelope"' \
	    -x "${QUEUE} <m 1<e 5<&-"
	atf_check -s exit:91 -e match:'key=SMTPSERV_ENVELOPE' -x \
	    "SMTPSERV_ENVELOPE=4 ${QUEUE} <m 1<e 5<whole"
	atf_check_equal '' "$(spool_files)"
}

atf_test_case caller__that_gives_up_anywhere_leaves_nothing
caller__that_gives_up_anywhere_leaves_nothing_head() {
	atf_set require.progs python3
}
caller__that_gives_up_anywhere_leaves_nothing_body() {
	make_conf 'smtp.sync = no'
	a_message
	atf_check -e ignore \
	    python3 "${CALL}" cut "${GOOD}" spool -- ${QUEUE} <m
	nothing_is_left
	call 0 send "${GOOD}"
}

atf_test_case signal__ends_it_and_leaves_nothing
signal__ends_it_and_leaves_nothing_body() {
	make_conf
	a_message
	call 71 kill "${GOOD}" spool
	nothing_is_left
}

# The terminal's signals to stop do not, while others may wait for its locks.
atf_test_case caller__cannot_stop_it
caller__cannot_stop_it_head() {
	atf_set require.progs python3
}
caller__cannot_stop_it_body() {
	make_conf
	printf 'Fs\0Tr\0\0' >envelope
	printf 'Subject: x\n\n' >in
	atf_check -e ignore -x "${QUEUE} <in 1<envelope"
	# As long as the counter is locked, it is not waiting for its caller.
	python3 -c 'import fcntl, signal
with open("spool/sequence.seq", "r+") as f:
    fcntl.lockf(f, fcntl.LOCK_EX)
    open("locked", "w").close()
    signal.pause()' &
	holder=$!
	tries=0
	until [ -e locked ]; do
		tries=$((tries + 1))
		[ "${tries}" -lt 1200 ] || atf_fail 'no lock'
		sleep 0.05
	done
	${QUEUE} <in 1<envelope 2>log &
	queue=$!
	# SIGTSTP, SIGTTIN, SIGTTOU are 20 to 22.
	blocked=0
	until [ $((0x${blocked} & 0x380000)) -eq $((0x380000)) ]; do
		blocked=$(sed -n 's/^SigBlk:[^0-9a-f]*//p' \
		    "/proc/${queue}/status") || atf_fail 'it did not block them'
		sleep 0.01
	done
	kill "${holder}"
	wait "${queue}" || atf_fail "exit $?"
}

# ./queue for strangers, and as_daemon, which starts it as one.
make_set_user_id() {
	sanitizers_cannot 'be set-user-ID'
	make_conf
	chmod 755 .
	# The machine's configuration, for us alone.
	cp -a /etc etc
	mkdir -p etc/smtpserv
	cp wattcp.cfg etc/smtpserv
	cat >as_daemon <<-'EOF'
	mount --bind etc /etc || exit 9
	exec setpriv --reuid daemon --regid games --clear-groups ./queue
	EOF
	cp "${BUILD}/libexec/smtpserv-queue" queue
	chown nobody:mail queue
	chmod 6755 queue
	setpriv --reuid daemon --clear-groups test -x "${PWD}/queue" ||
	    atf_skip 'daemon cannot see the directory of this test'
	findmnt -no OPTIONS -T . 2>/dev/null | grep -q nosuid &&
	    atf_skip 'no set-user-ID in the file system of this test'
	chown nobody:mail spool
}

# Files that it makes for strangers are of the spool's user and group.
atf_test_case set_user_id__gives_files_the_spools_group
set_user_id__gives_files_the_spools_group_head() {
	atf_set require.user root
	atf_set require.progs 'setpriv unshare'
}
set_user_id__gives_files_the_spools_group_body() {
	make_set_user_id
	printf 'Subject: x\n\n' >in
	printf 'Fs\0Tr\0\0' >envelope
	run='unshare -m sh as_daemon <in 1<envelope'
	code=0
	eval "${run}" 2>log || code=$?
	[ "${code}" -ne 9 ] && [ "${code}" -ne 1 ] ||
	    atf_skip 'no mount is possible here'
	atf_check_equal 0 "${code}"
	atf_check -o inline:'nobody mail 640\n' \
	    sh -c "stat -c '%U %G %a' spool/* | sort -u"
	# A line of the counter would be cut short.
	atf_check -s exit:31 -e match:"caller's limits" -x \
	    "prlimit --fsize=1024 ${run}"
	# With the caller's group it makes none.
	chmod 4755 queue
	atf_check -s exit:62 -e match:'error="Operation not permitted"' \
	    -x "${run}"
	atf_check_equal 3 "$(ls spool | wc -l)"
	chmod g+s spool
	atf_check -e ignore -x "${run}"
	atf_check -o inline:'nobody mail\n' \
	    sh -c "stat -c '%U %G' spool/* | sort -u"
	# E2: what a stranger says of a session is not believed.
	rm spool/*.WRK
	printf 'From: s\nTo: r\nNotify: NEVER\nAuth: root\n' >whole
	atf_check -e ignore -x "SMTPSERV_ENVELOPE=5 ${run} 5<whole"
	atf_check -o inline:'From: s\nTo: r\nNotify: NEVER\n' \
	    sh -c 'cat spool/*.WRK'
}

# The processes that run ./queue, with real and saved user.
queues() {
	for p in /proc/[0-9]*; do
		[ "$(readlink "${p}/exe")" = "${PWD}/queue" ] || continue
		echo "${p##*/} $(awk '/^Uid/ { print $2, $4 }' "${p}/status")"
	done 2>/dev/null
}

# A stranger may wait as long as they like, but not with more processes than
# they may have.
atf_test_case set_user_id__counts_as_its_callers
set_user_id__counts_as_its_callers_head() {
	atf_set require.user root
	atf_set require.progs 'setpriv unshare'
}
set_user_id__counts_as_its_callers_body() {
	make_set_user_id
	daemon=$(id -u daemon) nobody=$(id -u nobody)
	printf 'Fs\0Tr\0\0' >envelope
	mkfifo in
	for how in KILL TERM; do
		unshare -m sh as_daemon <in 1<envelope 2>log &
		started=$!
		exec 3>in
		printf 'Subject: ' >&3
		tries=0
		until ls spool | grep -q TMP; do
			tries=$((tries + 1))
			[ "${tries}" -lt 400 ] || {
				[ "${how}" = TERM ] || atf_skip 'no mount here'
				atf_fail 'it does not begin'
			}
			sleep 0.05
		done
		queues >are
		atf_check -o inline:"${daemon} ${nobody}\n${nobody} ${nobody}\n" \
		    sh -c "sort -k 2 are | cut -d ' ' -f 2- | sort"
		callers=$(sed -n "s/ ${daemon} .*//p" are)
		atf_check setpriv --reuid daemon --clear-groups \
		    kill "-${how}" "${callers}"
		code=0
		wait "${started}" || code=$?
		if [ "${how}" = KILL ]; then
			atf_check_equal 137 "${code}"
		else
			atf_check_equal 71 "${code}"
		fi
		tries=0
		until [ -z "$(queues)" ]; do
			tries=$((tries + 1))
			[ "${tries}" -lt 1200 ] || atf_fail 'it goes on'
			sleep 0.05
		done
		exec 3>&-
		atf_check -o inline:'sequence.seq\n' ls spool
	done
}

atf_test_case machine__that_is_in_trouble_has_its_codes
machine__that_is_in_trouble_has_its_codes_head() {
	atf_set require.progs prlimit
}
machine__that_is_in_trouble_has_its_codes_body() {
	make_conf
	a_message
	mv spool elsewhere
	call 62 send "${GOOD}"
	atf_check -o match:'event=fault op="open spool"' cat log
	mkdir spool
	echo garbage >spool/sequence.seq
	call 62 send "${GOOD}"
	rm spool/sequence.seq
	head -c 100000 /dev/zero | tr '\0' x >m
	atf_check -o inline:'53\n' -e match:'File too large' \
	    python3 "${CALL}" send "${GOOD}" -- prlimit --fsize=4096 ${QUEUE} \
	    <m
	nothing_is_left
	make_conf 'smtp.no.such = 1'
	call 55 send "${GOOD}"
	atf_check -o match:'event=configuration at=.*:4 ' cat log
	rm wattcp.cfg
	call 55 send "${GOOD}"
	make_conf
	atf_check -s exit:54 -x "${QUEUE} <&-"
	atf_check -s exit:54 -x "${QUEUE} </dev/null >&-"
	atf_check -s exit:54 -e match:'event=fault op=read' \
	    -x "${QUEUE} <spool 1</dev/null"
}

# What a sender wants to hear, which the envelope has no room for.
atf_test_case environment__is_what_the_sender_wants_to_hear
environment__is_what_the_sender_wants_to_hear_body() {
	make_conf
	a_message
	export SMTPSERV_NOTIFY=SUCCESS,failure SMTPSERV_RET=full \
	    SMTPSERV_ENVID=a+2Bb
	call 0 send 'Fe@maggot|Tb@gnat|Tc@gnat||'
	printf '%s\n' 'From: e@maggot' 'To: b@gnat' 'Notify: SUCCESS,failure' \
	    'To: c@gnat' 'Notify: SUCCESS,failure' 'Envid: a+2Bb' 'Ret: FULL' \
	    >want
	atf_check -o file:want cat spool/1.WRK
	export SMTPSERV_NOTIFY= SMTPSERV_RET= SMTPSERV_ENVID=
	call 0 send "${GOOD}"
	atf_check -o inline:'From: erick@maggot\nTo: bruce@gnat\n' \
	    cat spool/2.WRK
	rm spool/*.*
	# The caller may be anybody, so no line is forged.
	for bad in 'NOTIFY=x' 'NOTIFY=NEVER,DELAY' 'RET=some' 'ENVID=a b' \
	    'ENVID=a+0A' "ENVID=$(printf '%0101d' 0)" "ENVID=$(printf 'a\nTo: x@y')" \
	    "NOTIFY=$(printf 'NEVER\nTo: x@y')"; do
		atf_check -o inline:'91\n' -e match:'SMTPSERV_' \
		    env "SMTPSERV_${bad}" python3 "${CALL}" send "${GOOD}" -- \
		    ${QUEUE} <m
	done
	nothing_is_left
}

atf_test_case words__say_why
words__say_why_body() {
	make_conf 'smtp.maxsize = 100'
	printf '%0200d\n' 0 >m
	cat >why.sh <<-SH
		{ ${QUEUE} <m 1<envelope 2>/dev/null; } 6>&1 | cat >said
	SH
	printf 'Fs@x\0Tr@y\0\0' >envelope
	why() {
		sh why.sh
		atf_check -o inline:"$1" cat said
	}
	why 'D5.3.4 message too big'
	printf 'x\n' >m
	printf 'Fs@x\0T%0300d\0\0' 0 >envelope
	why 'D5.1.3 mailbox too long'
	printf 'Fs@x\0' >envelope
	why 'Z4.3.0 the envelope ended early: given up'
	printf 'Fs@x\0Tr@y\0\0' >envelope
	rm -r spool
	why "Z4.3.0 unable to open spool ${PWD}/spool: No such file or directory"
	mkdir spool
	why ''
	# What is no pipe is another's, and stays as it is.
	rm -r spool
	echo mine >six
	atf_check -s exit:62 -e ignore -x \
	    "${QUEUE} <m 1<envelope 6>>six"
	atf_check -o inline:'mine\n' cat six
}

atf_test_case list__is_of_the_callers_own
list__is_of_the_callers_own_body() {
	make_conf
	a_message
	call 0 send "${GOOD}"
	call 0 send 'F|Ta@b|Tc@d||'
	# By SMTP, with our trace for the sender's.
	{
		lines 'HELO a'
		message "Received: by gnat (smtpserv-queue, uid $(id -u))"
		lines QUIT
	} | atf_check -o ignore -e ignore ${SESSION}
	# And another user's.
	call 0 send "${GOOD}"
	sed -i '1s/uid [0-9]*/uid 4242/' spool/4.TXT
	touch -d '1 hour ago' spool/1.TXT
	touch -d "@$(date -d '10 minutes ago' +%s)" spool/1.WRK
	printf 'To: bruce@gnat\nStatus: 4.3.0\nDiagnostic: the disk\007 is full\nTries: 3\n' \
	    >spool/1.WHY
	mv spool/2.WRK spool/2.HLD
	atf_check -o save:list ${QUEUE%% -f*} -l -f wattcp.cfg
	size=$(stat -c %s spool/1.TXT)
	atf_check -o match:"^1	${size}	36[0-9][0-9]	1	waiting	erick@maggot	0	4[89][0-9]	-\$" \
	    -o match:"^2	${size}	[0-9]*	2	held	<>	0	-	-\$" cat list
	sed -i 's/\x07//' spool/1.WHY
	atf_check -o match:"^1	${size}	36[0-9][0-9]	1	waiting	erick@maggot	3	4[89][0-9]	4.3.0 the disk is full\$" \
	    ${QUEUE%% -f*} -l -f wattcp.cfg
	atf_check_equal 2 "$(wc -l <list)"
	rm -r spool
	atf_check -s exit:62 -e match:'op=open' \
	    ${QUEUE%% -f*} -l -f wattcp.cfg
}

atf_test_case usage__is_told
usage__is_told_body() {
	usage='usage: smtpserv-queue [-l] [-f file]\n'
	atf_check -o inline:"${usage}" ${PROGRAM} --help
	atf_check -o match:'^smtpserv-queue [0-9.]*$' ${PROGRAM} --version
	for wrong in '-x' '-f' 'a'; do
		atf_check -s exit:100 -e inline:"${usage}" \
		    ${PROGRAM} ${wrong} </dev/null
	done
}

# A caller that others wrote.
atf_test_case mailfront__delivers_into_the_spool
mailfront__delivers_into_the_spool_head() {
	atf_set require.progs "smtpfront-qmail qmqpfront-qmail"
}
mailfront__delivers_into_the_spool_body() {
	make_conf
	mkdir -p home/control
	printf '#!/bin/sh\nexec %s\n' "${QUEUE}" >queue
	chmod +x queue
	export QMAILHOME="${PWD}/home" QMAILQUEUE="${PWD}/queue" PROTO=TCP \
	    TCPREMOTEIP=127.0.0.1 TCPLOCALIP=127.0.0.1 RELAYCLIENT=
	{
		lines 'EHLO maggot'
		lines 'MAIL FROM:<erick@maggot.example>' \
		    'RCPT TO:<bruce@gnat.example>' DATA 'Subject: a test' '' \
		    'by mailfront' .
		lines 'QUIT'
	} >in
	atf_check -o save:out -e ignore smtpfront-qmail <in
	codes >got
	atf_check -o inline:'220\n250\n250\n250\n354\n250\n221\n' cat got
	atf_check -o inline:'From: erick@maggot.example\nTo: bruce@gnat.example\n' \
	    cat spool/1.WRK
	atf_check -o inline:'by mailfront\n' sed -n '$p' spool/1.TXT
	atf_check -o match:'^Received: from maggot' cat spool/1.TXT
	# Its word for a message that is refused is 5xx, for a fault 4xx.
	echo 'smtp.maxsize = 1' >>wattcp.cfg
	atf_check -o match:'^554 5' -e ignore smtpfront-qmail <in
	mv spool elsewhere
	make_conf
	rmdir spool
	atf_check -o match:'^451 4' -e ignore smtpfront-qmail <in
	rmdir spool 2>/dev/null
	mv elsewhere spool
	# QMQP: netstrings in netstrings.
	inner='9:qm
qp by
,20:erick@maggot.example,18:bruce@gnat.example,'
	printf '%d:%s,' "${#inner}" "${inner}" >in
	atf_check -o match:':K' -e ignore qmqpfront-qmail <in
	atf_check -o inline:'From: erick@maggot.example\nTo: bruce@gnat.example\n' \
	    cat "spool/$(ls spool | sort -n | sed -n '$p')"
}

atf_init_test_cases() {
	atf_add_test_case message__is_stored_whole
	atf_add_test_case message__byte_by_byte_is_the_same
	atf_add_test_case message__from_files_is_taken_too
	atf_add_test_case message__of_any_size_in_constant_memory
	atf_add_test_case message__empty_is_a_message
	atf_add_test_case message__lines_are_made_whole
	atf_add_test_case message__too_big_or_looping_is_31
	atf_add_test_case envelope__wrong_ones_have_their_codes
	atf_add_test_case envelope__too_large_is_31
	atf_add_test_case envelope__full_has_its_facts
	atf_add_test_case envelope__whole_one_is_the_spools
	atf_add_test_case caller__that_gives_up_anywhere_leaves_nothing
	atf_add_test_case signal__ends_it_and_leaves_nothing
	atf_add_test_case caller__cannot_stop_it
	atf_add_test_case set_user_id__gives_files_the_spools_group
	atf_add_test_case set_user_id__counts_as_its_callers
	atf_add_test_case machine__that_is_in_trouble_has_its_codes
	atf_add_test_case environment__is_what_the_sender_wants_to_hear
	atf_add_test_case words__say_why
	atf_add_test_case list__is_of_the_callers_own
	atf_add_test_case usage__is_told
	atf_add_test_case mailfront__delivers_into_the_spool
}
