# Black-box tests of smtpserv-pull(8), against a server that does one thing wrong
# at a time.  C1 to C9 and M1 to M4 are the numbers of what is promised.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/work.subr"
. "$(atf_get_srcdir)/../../support/certs.subr"

PULL=${BUILD}/bin/smtpserv-pull
FEED=$(atf_get_srcdir)/../../support/amqpfeed.py

# feed [OPTION...] MESSAGES [FAULT...]: a server, until descriptor 9 is closed.
# Its port is in port, its log in feedlog.
feed() {
	rm -f port in feedlog
	mkfifo in
	python3 "${FEED}" -p port -l feedlog "$@" <in 2>feederr &
	exec 9>in
	await [ -s port ]
}

# What all configurations have.
make_site() {
	make_conf 'smtp.sync = no' 'smtp.amqp.time = 1' \
	    "smtp.amqp.login = \"${PWD}/login\"" "$@"
	printf 'ann\nsecret\n' >login
	chmod 600 login
}

# The node is at that port; more lines of configuration.
make_pull() {
	make_site "smtp.amqp.nodes = 127.0.0.1:$(cat port)" "$@"
}

# One in the background: its log is in log, or in $1.
start() {
	${PULL} -f wattcp.cfg 2>>"${1:-log}" 9>&- &
	pull=$!
}

stop() {
	kill -TERM "${pull}"
	code=0
	wait "${pull}" || code=$?
	atf_check_equal 0 "${code}"
}

# In the log of the server, or of the program.
fed() {
	grep -q "$1" feedlog
}

told() {
	grep -q "$1" log
}

# All messages are in the spool once, with their ids, and nothing is besides.
once_each() {
	python3 "${FEED}" compare "$1" spool >compared ||
	    atf_fail 'the spool cannot be read'
	[ -s compared ] || atf_fail 'nothing was compared'
	atf_check -s exit:1 -o empty grep -v ' 1$' compared
}

# Nothing was refused, and nothing acknowledged twice.
nothing_refused() {
	atf_check -s exit:1 -o empty grep '^refuse' feedlog
}

atf_test_case usage__help_version_and_mistakes
usage__help_version_and_mistakes_body() {
	atf_check -o match:'^usage: smtpserv-pull ' ${PULL} --help
	atf_check -o match:'^smtpserv-pull [0-9.]*$' ${PULL} --version
	for mistake in '-x' 'a' '-f' '-f a b'; do
		atf_check -s exit:100 -e match:'usage: ' ${PULL} ${mistake}
	done
	make_conf
	atf_check -s exit:100 -e match:'smtp.amqp.nodes: must be set' \
	    ${PULL} -f wattcp.cfg
	make_conf 'smtp.amqp.nodes = 127.0.0.1:1'
	atf_check -s exit:100 -e match:'smtp.amqp.login: ' ${PULL} -f wattcp.cfg
	make_site 'smtp.amqp.nodes = 127.0.0.1:1' 'smtp.pull.most = 0'
	atf_check -s exit:100 -e match:'smtp.pull.most' ${PULL} -f wattcp.cfg
	make_site 'smtp.amqp.nodes = 127.0.0.1:1'
	rm -r spool
	atf_check -s exit:100 -e match:'unable to open spool' \
	    ${PULL} -f wattcp.cfg
}

# C1, C2, C3, M3: what is committed is what was published, and its id.
atf_test_case message__is_committed_noted_and_then_acknowledged
message__is_committed_noted_and_then_acknowledged_body() {
	cat >messages <<-'END'
		{"id": "1795.4711.gnat-1"}
		{"octets": 400000}
		{"envelope": "From: \nTo: c@d.example\nNotify: NEVER\nTo: e@d.example\nEnvid: E1\nX-Unknown: line\n", "text": "\n\nS\u0000\u00ff\r\n\n"}
		{"text": "x", "properties": {"type": "smtpserv.1.9", "headers": null}}
		{"properties": {"headers": {"envelope-bytes": 34, "x": {"y": true}}}}
		{"count": 20}
	END
	feed messages ack
	make_pull "smtp.pull.stat = \"${PWD}/stat\""
	start
	await fed '^empty'
	stop
	once_each messages
	nothing_refused
	atf_check -o inline:'qos 1 10\nconsume 1 smtpserv 0\n' \
	    grep -E '^(qos|consume)' feedlog
	atf_check -o match:'event=pulled id=1795.4711.gnat-1 number=1 ms=[0-9]+ size=' \
	    cat log
	atf_check -o not-match:'wrong=' -o not-match:unconfined cat log
	atf_check -o inline:'16 1795.4711.gnat-1\n' head -n 1 spool/pulled.a
	atf_check -o match:'^smtpserv_pull_messages_total 25$' \
	    -o match:'^smtpserv_pull_unreadable_total 0$' cat stat
	# Its consumers see nothing but messages.
	atf_check -o match:'^messages  *25$' ${SPOOL} stat
	atf_check -o not-match:"^[0-9]" -o ignore ${SPOOL} check
}

# C1: what was not acknowledged yet is what was asked for, and no more.
atf_test_case prefetch__bounds_what_is_ahead
prefetch__bounds_what_is_ahead_body() {
	echo '{"count": 12}' >messages
	feed messages ack
	make_pull 'smtp.amqp.prefetch = 3'
	start
	await fed '^empty'
	stop
	once_each messages
	awk '$1 == "deliver" { if (++n > most) most = n }
	    $1 == "ack" { n-- } END { print most }' feedlog >most
	[ "$(cat most)" -le 3 ] || atf_fail "$(cat most) ahead"
}

# C2, C8: after each kind of end, at each point, each message is here once.  The
# groups go on side by side; the connection after the last fault is a good one.
# A pause follows each loss, and doubles as long as a node does not serve us; so
# in each group one fault at most comes before that.
lose() {
	mkdir "$1"
	(
		cd "$1" || exit 1
		SPOOL="${BUILD}/bin/smtpserv-spool -f ${PWD}/wattcp.cfg"
		shift
		printf '{"count": 8}\n{"octets": 200000}\n{"count": 4}\n' >messages
		feed messages "$@" ack
		make_pull
		start
		await fed '^empty'
		stop
		once_each messages
		nothing_refused
		# Each of them has happened.
		atf_check_equal $(($# + 1)) "$(grep -c '^connection' feedlog)"
		touch passed
	) >"$1.out" 2>&1 &
}

all_passed() {
	wait
	for group; do
		[ -e "${group}/passed" ] || {
			cat "${group}.out" "${group}/log" "${group}/feedlog"
			atf_fail "${group}"
		}
	done
}

atf_test_case loss__at_each_point_loses_and_repeats_nothing
loss__at_each_point_loses_and_repeats_nothing_body() {
	lose a eof@deliver rst@header eof@body rst@mid
	lose b rst@deliver eof@header rst@body eof@mid
	lose c eof@delivered rst@delivered eof@ack rst@ack
	lose d eof@acked rst@acked half@deliver half@mid
	lose e half@header half@delivered eof@mid+at=9 rst@mid+at=9
	lose f eof@ack+at=9 rst@delivered+at=9 eof@consume rst@body+at=9
	lose g eof@accept eof@mid+framemax=4096 rst@qos
	lose h half@open eof@acked+heartbeats rst@consume
	all_passed a b c d e f g h
}

# C7, C8: a server that talks nonsense, or does not talk, is left.
atf_test_case nonsense_and_silence__are_losses
nonsense_and_silence__are_losses_body() {
	lose a garbage@deliver garbage@header garbage@mid garbage@acked
	lose b long@body stray@deliver stray@acked twice@deliver
	lose c 320@acked 541@delivered 406@ack
	lose d silence@mid
	lose e silence@header
	lose f mute@consume
	lose g silence@qos
	lose h silence@start-ok
	all_passed a b c d e f g h
	atf_check -o match:'event=lost .*why="no word from it"' cat d/log e/log
	atf_check -o match:'event=lost .*code=320 ' cat c/log
	atf_check -o match:'why="a body that is longer than it says"' cat b/log
}

# C8: the next node, and the one behind that.
atf_test_case node__that_is_not_there_is_passed_over
node__that_is_not_there_is_passed_over_body() {
	echo '{"count": 3}' >messages
	feed messages ack
	make_site "smtp.amqp.nodes = 127.0.0.1:1, [::1]:1, 127.0.0.1:$(cat port)"
	start
	await fed '^empty'
	stop
	once_each messages
	atf_check -o match:'event=lost node=127.0.0.1 port=1 ' \
	    -o match:'event=lost node=::1 port=1 ' \
	    -o match:"event=connected node=127.0.0.1 port=$(cat port)" cat log
}

atf_test_case login__that_is_wrong_is_told
login__that_is_wrong_is_told_body() {
	echo '{}' >messages
	feed -n ann:other messages ack
	make_pull
	start
	await told 'event=lost .*code=403 .*why=.*ACCESS_REFUSED'
	stop
	atf_check_equal 'pulled.a pulled.lock' "$(echo $(spool_files))"
}

# C8: the consumer is cancelled, not the connection.
atf_test_case cancel__from_the_server_is_answered_by_a_new_consumer
cancel__from_the_server_is_answered_by_a_new_consumer_body() {
	echo '{"count": 25}' >messages
	feed messages cancel@delivered+at=7
	make_pull
	start
	await fed '^empty'
	stop
	once_each messages
	nothing_refused
	atf_check -o inline:'1\n' grep -c '^connection' feedlog
	atf_check -o inline:'2\n' grep -c '^consume' feedlog
	atf_check -o match:'event=cancelled' cat log
}

# C2, C4: an id that the journal knows is acknowledged, and that is all; also
# after a start, and when the message has long been worked on.
atf_test_case duplicate__is_known_by_the_journal
duplicate__is_known_by_the_journal_body() {
	{
		for i in 1 2 1 3 2; do
			printf '{"id": "1.%d.gnat", "text": "%d"}\n' $i $i
		done
	} >messages
	sort -u messages >distinct
	feed messages ack
	make_pull
	start
	await fed '^empty'
	stop
	once_each distinct
	atf_check -o inline:'2\n' grep -c 'event=duplicate id=1.[12].gnat' log
	rm spool/*.WRK spool/*.TXT
	exec 9>&-
	feed messages ack
	make_pull
	start
	await fed '^empty'
	stop
	atf_check_equal 'pulled.a pulled.lock' "$(echo $(spool_files))"
	atf_check -o inline:'7\n' grep -c 'event=duplicate' log
}

# C3, C4: killed between commit and note, it is known by the envelope, whatever
# its name has become; but another's words in an envelope are not its id.
atf_test_case duplicate__is_known_by_the_envelope
duplicate__is_known_by_the_envelope_body() {
	for i in 1 2 3 4; do
		printf '{"id": "1.%d.gnat", "text": "%d", "again": true}\n' $i $i
	done >messages
	feed messages ack
	make_pull
	for i in 1 2 3; do
		echo "$i" >"spool/$i.TXT"
	done
	printf 'From: \nTo: a@b\nQueue-Id: 1.1.gnat\n' >spool/1.WRK
	printf 'From: \nTo: a@b\nQueue-Id: 1.2.gnat\n' >spool/2.HLD
	printf 'not a line\nQueue-Id: 1.3.gnat\n' >spool/3.BAD
	echo 4 >spool/4.TXT
	printf 'From: \nQueue-Id: 1.4.gnat\nTo: a@b\nQueue-Id: 9\n' >spool/4.WRK
	start
	await fed '^empty'
	stop
	atf_check -o inline:'duplicate\nduplicate\nduplicate\npulled\n' \
	    sed -n 's/.* event=\([a-z]*\) id=.*/\1/p' log
	# And is noted now.
	atf_check -o inline:'8 1.1.gnat\n8 1.2.gnat\n8 1.3.gnat\n8 1.4.gnat\n1 9\n' \
	    sort -k 2 spool/pulled.a
}

# The same while others work: one that was delivered before may be in the hands
# of a process that was killed since this one has started.
atf_test_case duplicate__of_a_process_that_died_meanwhile
duplicate__of_a_process_that_died_meanwhile_body() {
	printf '%s\n' '{}' '{"id": "1.2.gnat", "again": true}' \
	    '{"id": "1.3.gnat"}' >messages
	feed messages wait@acked
	make_pull 'smtp.amqp.prefetch = 1'
	start
	await fed 'said 1 wait@acked'
	echo x >spool/77.TXT
	printf 'From: \nTo: a@b\nQueue-Id: 1.2.gnat\n' >spool/77.WRK
	printf '8 1.3.gnat\n' >>spool/pulled.a
	echo >&9
	await fed '^empty'
	stop
	atf_check -o inline:'pulled\nduplicate\nduplicate\n' \
	    sed -n 's/.* event=\([a-z]*\) id=.*/\1/p' log
}

# C4: several on one spool, which are killed, too.
atf_test_case several__take_each_message_once
several__take_each_message_once_body() {
	echo '{"count": 150}' >messages
	feed messages ack
	make_pull
	start
	first=${pull}
	start
	second=${pull}
	start
	third=${pull}
	for i in 1 2 3 4 5; do
		await sh -c "[ \$(grep -c ^ack feedlog) -ge $((i * 20)) ]"
		kill -KILL "${second}"
		start
		second=${pull}
	done
	await fed '^empty'
	kill -TERM "${first}" "${second}" "${third}"
	wait "${first}" "${second}" "${third}"
	nothing_refused
	${SPOOL} clean
	once_each messages
	# They were at it side by side.
	[ "$(grep '^ack' feedlog | cut -d ' ' -f 2 | sort -u | wc -l)" -gt 2 ] ||
	    atf_fail 'one has taken all'
}

# C6, M4: poison is committed and acknowledged, and becomes a BAD; the others go
# on, and nothing of it is lost.
atf_test_case poison__is_set_aside_and_the_rest_goes_on
poison__is_set_aside_and_the_rest_goes_on_body() {
	cat >messages <<-'END'
		{"body": "From: a@b\nTo: c@d.example\n"}
		{"body": "From: a@b\r\nTo: c@d.example\r\n\r\nHi\r\n"}
		{"body": "no envelope at all"}
		{"body": ""}
		{"body": "\n\nHi\n"}
		{"envelope": "From: a@b\nTo c@d.example\n"}
		{"envelope": "To: c@d.example\n"}
		{"envelope": "From: a@b\nTo: c@d.example\nX: \u0000\n"}
		{"envelope": "From: a@b\n"}
		{"properties": {"type": "smtpserv.2"}}
		{"properties": {"type": null}}
		{"properties": {"message_id": null}}
		{"properties": {"message_id": "a b"}}
		{"properties": {"message_id": "x\nTo: victim@d.example"}}
		{"properties": {"message_id": ""}}
		{"properties": {"headers": {"envelope-bytes": 7}}}
		{"properties": {"headers": {"envelope-bytes": -1}}, "envelope": "From: x@y\nTo: good@d.example\n"}
		{"envelope": "From: x@y\nTo: good@d.example\nQueue-Id: 1.9.gnat\n"}
		{"text": "", "envelope": "From: x@y\nTo: c@d.example\n"}
		{"envelope": "From: x@y\nTo: good@d.example\n"}
	END
	feed messages ack
	make_pull
	start
	await fed '^empty'
	stop
	nothing_refused
	atf_check -o inline:'20\n' sh -c 'ls spool/*.WRK | wc -l'
	atf_check -s exit:0 -e save:worklog ${WORK} --once --now -- true
	ls spool | grep -c '\.BAD$' >bad
	atf_check -o inline:'17\n' cat bad
	# The good ones are done.
	atf_check -s exit:1 -o empty sh -c 'ls spool | grep "WRK$"'
	atf_check -o inline:'no envelope at all\nsmtpserv-pull cannot read this message, as it has no empty line\nQueue-Id: 1795000000000000000.3\n' \
	    cat spool/3.BAD
	atf_check -o inline:'From: a@b.example\nTo: c@d.example\nsmtpserv-pull cannot read this message, as its type is not smtpserv.1\nQueue-Id: 1795000000000000000.10\n' \
	    cat spool/10.BAD
	atf_check -o match:'^Subject: 10$' cat spool/10.TXT
	# Nobody writes lines of his own by an id.
	atf_check -o inline:'From: a@b.example\nTo: c@d.example\nsmtpserv-pull cannot read this message, as it has no id, or a bad one\nQueue-Id: \n' \
	    cat spool/14.BAD
	atf_check -o match:'as its envelope is not as long as it says$' \
	    cat spool/16.BAD
	# Poison that comes again is known, too, if it has an id.
	atf_check -o match:'event=pulled id="" number=12 .*wrong="it has no id' \
	    cat log
}

# C7: trouble here closes the connection, so that the message is the queue's
# again, and then it is tried again.
atf_test_case trouble__gives_back_waits_and_tries_again
trouble__gives_back_waits_and_tries_again_head() {
	atf_set require.progs prlimit
}
trouble__gives_back_waits_and_tries_again_body() {
	printf '{}\n{"octets": 300000}\n{}\n' >messages
	feed messages ack
	make_pull
	(ulimit -S -f 200 && exec ${PULL} -f wattcp.cfg) 2>log 9>&- &
	pull=$!
	await fed '^requeue'
	atf_check -o inline:'1\n' grep -c '^ack' feedlog
	atf_check -o match:'event=fault op=write name=2.TMP' cat log
	atf_check -o match:'^cancel 1$' cat feedlog
	atf_check_equal '1.TXT 1.WRK pulled.a pulled.lock' "$(echo $(spool_files))"
	prlimit --pid "${pull}" --fsize=unlimited:unlimited
	await fed '^empty'
	stop
	once_each messages
	nothing_refused
}

# C7: what is over smtp.pull.most stays where it has more copies.
atf_test_case most__stops_and_goes_on
most__stops_and_goes_on_body() {
	echo '{"count": 10}' >messages
	feed messages ack
	make_pull 'smtp.pull.most = 4' 'smtp.amqp.prefetch = 1' \
	    "smtp.pull.stat = \"${PWD}/stat\""
	start
	await fed '^cancel'
	await told 'event=holding waiting=4'
	n=$(ls spool | grep -c 'WRK$')
	[ "${n}" -ge 4 ] && [ "${n}" -le 5 ] || atf_fail "${n} wait"
	mkdir away
	mv spool/[1-9]*.WRK spool/[1-9]*.TXT away
	await told 'event=going_on waiting=0'
	await [ "$(grep -c '^consume' feedlog)" -ge 2 ]
	await told 'event=pulled .* number=7'
	mv spool/[1-9]*.WRK spool/[1-9]*.TXT away
	await fed '^empty'
	stop
	mv away/* spool
	once_each messages
	nothing_refused
	atf_check -o inline:'1\n' grep -c '^connection' feedlog
	atf_check -o match:'^smtpserv_pull_holds_total [1-9]' cat stat
}

# C7, C8: after a commit that has taken longer than a node may, the node has its
# time to answer.  Here a lock is what a message without a body waits for.
atf_test_case most__after_a_slow_commit_leaves_the_node_its_time
most__after_a_slow_commit_leaves_the_node_its_time_body() {
	printf '{"body": ""}\n{}\n' >messages
	feed messages ack
	make_pull 'smtp.pull.most = 1' 'smtp.amqp.prefetch = 1'
	touch spool/pulled.lock
	mkfifo release
	python3 -c 'if True:
		import fcntl
		lock = open("spool/pulled.lock", "r+")
		fcntl.lockf(lock, fcntl.LOCK_EX)
		open("locked", "w").close()
		open("release").read()' 9>&- &
	await [ -e locked ]
	start
	await fed '^deliver'
	sleep 1.2
	: >release
	await told 'event=holding'
	rm spool/1.WRK spool/1.TXT
	await fed '^empty'
	stop
	atf_check -o inline:'1\n' grep -c '^connection' feedlog
}

# C8: a signal ends it after the message that is in hand, which is acknowledged.
atf_test_case sigterm__finishes_the_message
sigterm__finishes_the_message_body() {
	echo '{"octets": 200000}' >messages
	echo '{}' >>messages
	feed messages wait@mid
	make_pull 'smtp.amqp.time = 30'
	start
	await fed 'said 1 wait@mid'
	await [ -s spool/1.TMP ]
	kill -TERM "${pull}"
	echo >&9
	code=0
	wait "${pull}" || code=$?
	atf_check_equal 0 "${code}"
	await fed '^end 1'
	atf_check -o inline:'1\n' grep -c '^ack' feedlog
	atf_check_equal '1.TXT 1.WRK pulled.a pulled.lock' "$(echo $(spool_files))"
}

# C8: while it waits, too, at once; and a hangup makes it connect anew.
atf_test_case signals__are_heard_while_it_waits
signals__are_heard_while_it_waits_body() {
	echo '{}' >messages
	feed messages ack
	make_pull
	start
	await fed '^empty'
	kill -HUP "${pull}"
	await fed '^consume 2'
	stop
	exec 9>&-
	# No node is there.
	start
	await told 'event=lost'
	stop
}

# C9: constant memory, however long a message is, or its envelope.
atf_test_case memory__does_not_grow_with_a_message
memory__does_not_grow_with_a_message_body() {
	sanitizers_cannot 'be bounded in memory'
	printf '{"octets": 1000}\n' >messages
	feed messages ack
	make_pull
	start
	await fed '^empty'
	small=$(awk '/^VmHWM/ { print $2 }' "/proc/${pull}/status")
	stop
	exec 9>&-
	python3 -c 'print("""{"octets": 12000000}
	{"envelope": "From: \\nTo: %s\\n"}
	{"octets": 12000000}""" % ("a@b\\nTo: " * 400000 + "a@b"))' >messages
	feed messages ack
	make_pull
	start
	await fed '^empty'
	large=$(awk '/^VmHWM/ { print $2 }' "/proc/${pull}/status")
	stop
	[ "${large}" -lt $((small + 2048)) ] ||
	    atf_fail "${small} KiB for a short one, ${large} for long ones"
}

# mTLS: the certificate logs in; what is read then is read for each connection.
atf_test_case tls__logs_in_by_the_certificate
tls__logs_in_by_the_certificate_body() {
	authority ca.pem
	certificate node.pem ca.pem /CN=localhost DNS:localhost
	certificate pull.pem ca.pem /CN=pull ''
	echo '{"count": 3}' >messages
	feed -t "node.pem,node.pem.key,ca.pem" messages rst@delivered ack
	make_conf 'smtp.sync = no' "smtp.amqp.nodes = localhost:$(cat port)" \
	    "smtp.amqp.ca = \"${PWD}/ca.pem\"" \
	    "smtp.amqp.cert = \"${PWD}/pull.pem\"" \
	    "smtp.amqp.key = \"${PWD}/pull.pem.key\""
	start
	await fed '^empty'
	stop
	once_each messages
	atf_check -o inline:'login 1 EXTERNAL pull\nlogin 2 EXTERNAL pull\n' \
	    grep '^login' feedlog
}

# M2 to M4: the page's reader, in another language, reads what is published.
atf_test_case manual__its_reader_reads_a_message
manual__its_reader_reads_a_message_head() {
	atf_set require.progs mandoc
}
manual__its_reader_reads_a_message_body() {
	mandoc -T ascii -O width=200 \
	    "${BUILD}/share/man/man5/smtpserv-amqp.5" | sed 's/.\x08//g' |
	    sed -n '/def read/,/return properties/p' | sed 's/^           //' \
	    >reader.py
	cat >>reader.py <<-'END'
		import sys
		sys.path.insert(0, sys.argv[1])
		import amqpfeed
		good = {"envelope": "From: a@b\nTo: c@d\nNotify: NEVER\nTo: e@f\n",
		        "text": "\n\nS\0\xff\r\n", "id": "1.2.gnat"}
		letter = amqpfeed.Letter(good, 1)
		assert read(letter.body, letter.properties) == (
		    "1.2.gnat", b"a@b", [b"c@d", b"e@f"], letter.text)
		bad = [{"body": "From: a@b\nTo: c@d\n"},
		       {"properties": {"type": "smtpserv.2"}},
		       {"properties": {"headers": {"envelope-bytes": 1}}}]
		for fields in bad:
		    letter = amqpfeed.Letter(fields, 1)
		    try:
		        read(letter.body, letter.properties)
		    except ValueError:
		        continue
		    raise SystemExit("taken: %s" % fields)
		print("read")
	END
	atf_check -o inline:'read\n' \
	    python3 reader.py "$(dirname "${FEED}")"
}

# No right is left that is not needed.
atf_test_case process__is_confined
process__is_confined_body() {
	sanitizers_cannot 'be confined'
	echo '{}' >messages
	feed messages ack
	make_pull
	start
	await fed '^empty'
	atf_check -o match:'^NoNewPrivs:.1$' -o match:'^Seccomp:.2$' \
	    cat "/proc/${pull}/status"
	atf_check -o match:'^Max core file size *0 ' cat "/proc/${pull}/limits"
	stop
}

atf_init_test_cases() {
	atf_add_test_case usage__help_version_and_mistakes
	atf_add_test_case message__is_committed_noted_and_then_acknowledged
	atf_add_test_case prefetch__bounds_what_is_ahead
	atf_add_test_case loss__at_each_point_loses_and_repeats_nothing
	atf_add_test_case nonsense_and_silence__are_losses
	atf_add_test_case node__that_is_not_there_is_passed_over
	atf_add_test_case login__that_is_wrong_is_told
	atf_add_test_case \
	    cancel__from_the_server_is_answered_by_a_new_consumer
	atf_add_test_case duplicate__is_known_by_the_journal
	atf_add_test_case duplicate__is_known_by_the_envelope
	atf_add_test_case duplicate__of_a_process_that_died_meanwhile
	atf_add_test_case several__take_each_message_once
	atf_add_test_case poison__is_set_aside_and_the_rest_goes_on
	atf_add_test_case trouble__gives_back_waits_and_tries_again
	atf_add_test_case most__stops_and_goes_on
	atf_add_test_case most__after_a_slow_commit_leaves_the_node_its_time
	atf_add_test_case sigterm__finishes_the_message
	atf_add_test_case signals__are_heard_while_it_waits
	atf_add_test_case memory__does_not_grow_with_a_message
	atf_add_test_case tls__logs_in_by_the_certificate
	atf_add_test_case manual__its_reader_reads_a_message
	atf_add_test_case process__is_confined
}
