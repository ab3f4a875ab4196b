# Mail that leaves: hops, their connections, and what a remote says.  It is
# played by tests/support/feedremote.py; OB-n are the numbers of what is shown.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/work.subr"

SUPPORT=$(atf_get_srcdir)/../../support
WORK="${PWD}/site/bin/smtpserv-work -f ${PWD}/wattcp.cfg"

need() {
	atf_set require.progs "python3 cdb"
}

# The worker beside a remote that plays; the table is on descriptor 0.
make_outbound() {
	mkdir -p site/bin site/libexec site/plan
	cp "${BUILD}/bin/smtpserv-work" site/bin/
	cp "${SUPPORT}/feedremote.py" site/libexec/smtpserv-remote
	chmod +x site/libexec/smtpserv-remote
	: >site/starts
	: >site/mail
	: >site/fed
	make_site 'smtp.sync = no' "$@"
}

# hop, words for each connection.
plan() {
	hop=$1
	shift
	printf '%s\n' "$@" >"site/plan/${hop}"
}

# number, recipients...: a message for them, from ${FROM}.
FROM=erick@maggot
message_for() {
	number=$1
	shift
	{
		echo "From: ${FROM}"
		for rcpt; do
			echo "To: ${rcpt}"
		done
	} >"spool/${number}.CMD"
	# As a session does it, for a worker may be looking.
	printf '%b' "${TEXT}" >"spool/${number}.TXT"
	mv "spool/${number}.CMD" "spool/${number}.WRK"
}

# That many lines in a file of the site.
has_lines() {
	[ "$(grep -c . "site/$1")" -eq "$2" ]
}

# A worker that goes on; it has cleaned up, so messages may come.
begin_work() {
	${WORK} 2>log &
	echo $! >worker.pid
	await grep -q event=start log
}

# `result status`, and whose.
fared() {
	[ "$(fate "$2")" = "$1" ] || atf_fail "$2: $(fate "$2"), not $1"
}

is_gone() {
	! kill -0 "$1" 2>/dev/null
}

atf_test_case sent__by_mx_and_by_relay
sent__by_mx_and_by_relay_head() { need; }
sent__by_mx_and_by_relay_body() {
	make_outbound <<-TABLE
		@ smtp:
		@inner.example smtp:[relay.example]:587
		@other.example smtp:[Relay.example]:587
		@six.example smtp:[2001:db8::1]:25
		ann@gnat.example.test ${PWD}/ann/
	TABLE
	for hop in elsewhere.example '[relay.example]:587' \
	    '[IPv6:2001:db8::1]:25'; do
		plan "${hop}" 'good'
	done
	message_for 1 a@Elsewhere.example b@elsewhere.example \
	    c@elsewhere.example ann@gnat.example.test
	message_for 2 a@inner.example b@other.example
	message_for 3 a@six.example
	# OB-139: and so has this one.
	TEXT="TLS-Required: No\n${TEXT}"
	message_for 5 e@elsewhere.example
	# OB-105, OB-140: such a message has connections of its own.
	{
		printf 'From: erick@maggot\nTo: d@elsewhere.example\n'
		echo 'Requiretls: yes'
	} | pair 4 "${TEXT}"
	work 0
	atf_check -o inline:"\
[IPv6:2001:db8::1]:25 erick@maggot a@six.example
[relay.example]:587 erick@maggot a@inner.example,b@other.example
elsewhere.example erick@maggot a@Elsewhere.example,b@elsewhere.example,c@elsewhere.example
elsewhere.example erick@maggot d@elsewhere.example
elsewhere.example erick@maggot e@elsewhere.example
" sh -c 'cut -d" " -f1-3 site/mail | sort'
	stored ''
	mail_of ann >mail
	atf_check -o match:'hello' cat mail
	atf_check -o inline:"\
-f ${PWD}/wattcp.cfg --requiretls elsewhere.example
-f ${PWD}/wattcp.cfg --tlsno elsewhere.example
-f ${PWD}/wattcp.cfg [IPv6:2001:db8::1]:25
-f ${PWD}/wattcp.cfg [relay.example]:587
-f ${PWD}/wattcp.cfg elsewhere.example
" sh -c 'sed "s/--feed //" site/starts | sort -u'
	# OB-189: a line a transaction, and one a connection.
	atf_check -o match:'number=1 hop=mx:elsewhere.example host=mx.elsewhere.example address=192.0.2.25 port=25 tls=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 verified=dane rcpts=3 ok=3 later=0 failed=0 code=250 delay=[0-9]* ms=[0-9]*$' \
	    grep event=sent log
	atf_check -o match:'hop=relay:relay.example:587 .* messages=1 octets=[0-9]* ms=[0-9]* end=closed' \
	    grep event=connection log
}

atf_test_case sent__a_hundred_recipients_at_once
sent__a_hundred_recipients_at_once_head() {
	atf_set descr 'OB-58: and the others in the next transaction, of the
	    same connection'
	need
}
sent__a_hundred_recipients_at_once_body() {
	echo '@ smtp:' | make_outbound 'smtp.remote.perhost = 1'
	plan elsewhere.example 'good'
	message_for 1 $(seq -f 'r%g@elsewhere.example' 150)
	work 0
	atf_check -o inline:'99 1\n49 1\n' \
	    awk '{ print gsub(",", ","), ++n[$5] - (n[$5] > 1) }' site/mail
	stored ''
}

atf_test_case answers__are_each_recipients_own
answers__are_each_recipients_own_head() {
	atf_set descr 'OB-59, OB-150: refused, put off, delivered; the report
	    names the host and its words'
	need
}
answers__are_each_recipients_own_body() {
	echo '@ smtp:' | make_outbound
	plan elsewhere.example 'mixed'
	plan maggot 'good'
	plan bad.example 'bounce'
	message_for 1 a@elsewhere.example b@elsewhere.example \
	    c@elsewhere.example
	message_for 2 x@bad.example
	work 111
	fared 'failed 5.1.1' a@elsewhere.example
	fared 'later 4.2.2' b@elsewhere.example
	fared 'delivered 2.0.0' c@elsewhere.example
	fared 'failed 5.7.1' x@bad.example
	atf_check -o match:'^To: b@elsewhere' -o not-match:'[ac]@' \
	    cat spool/1.WRK
	# The reports went to the sender, by a hop of theirs.
	atf_check -o inline:'2\n' grep -c '^maggot  erick@maggot ' site/mail
	# OB-161: no answer to a message is a failure of the hop.
	atf_check -s exit:1 grep event=down log
}

atf_test_case report__names_the_remote_host
report__names_the_remote_host_head() {
	atf_set descr 'OB-150: Remote-MTA, and Diagnostic-Code with the type
	    smtp; of a name that is not there, only our words'
	need
}
report__names_the_remote_host_body() {
	make_outbound <<-TABLE
		@ smtp:
		erick@maggot ${PWD}/erick/
	TABLE
	plan elsewhere.example 'mixed'
	plan gone.example 'gone'
	message_for 1 a@elsewhere.example
	message_for 2 a@gone.example
	work 0
	mail_of erick >mail
	atf_check -o match:'^Remote-MTA: dns; mx$' \
	    -o match:'^Diagnostic-Code: smtp; 550 5.1.1 no such user' \
	    -o match:'^Diagnostic-Code: x-smtpserv; there is no such domain' \
	    cat mail
	atf_check -o inline:'1\n' grep -c '^Remote-MTA' mail
}

atf_test_case sent__by_an_agent_beside_other_instructions
sent__by_an_agent_beside_other_instructions_head() { need; }
sent__by_an_agent_beside_other_instructions_body() {
	make_outbound <<-TABLE
		ann@gnat.example.test ${PWD}/ann/
		ann@gnat.example.test smtp:[backup.example]:2525
		bob@gnat.example.test ${PWD}/bob/
		bob@gnat.example.test smtp:
		cat@gnat.example.test smtp:[down.example]
		cat@gnat.example.test ${PWD}/cat/
		erick@maggot ${PWD}/erick/
	TABLE
	plan '[backup.example]:2525' 'good'
	plan gnat.example.test 'bounce'
	plan '[down.example]:25' 'down'
	message_for 1 ann@gnat.example.test bob@gnat.example.test \
	    cat@gnat.example.test
	work 111
	fared 'delivered 2.0.0' ann@gnat.example.test
	fared 'failed 5.1.1' bob@gnat.example.test
	fared 'later 4.4.1' cat@gnat.example.test
	atf_check -o match:'^\[backup.example\]:2525 erick@maggot ann@gnat.example.test 103 ' \
	    cat site/mail
	atf_check -s exit:1 grep -e --feed site/starts
	[ -d ann/new ] && [ -d bob/new ] && [ ! -e cat ] ||
	    atf_fail 'in another order'
}

atf_test_case hop__that_is_down_keeps_nobody_else_waiting
hop__that_is_down_keeps_nobody_else_waiting_head() {
	atf_set descr 'OB-157, OB-170: one connection is tried, of which all
	    that wait hear'
	need
}
hop__that_is_down_keeps_nobody_else_waiting_body() {
	make_outbound <<-TABLE
		@ smtp:
		ann@gnat.example.test ${PWD}/ann/
	TABLE
	plan dead.example 'down'
	plan live.example 'good'
	for n in $(seq 30); do
		message_for "${n}" "a${n}@dead.example"
	done
	message_for 31 a@live.example ann@gnat.example.test
	message_for 32 b@live.example b@dead.example
	work 111
	atf_check -o inline:'1\n' grep -c dead.example site/starts
	atf_check -o inline:'2\n' grep -c live.example site/mail
	atf_check -o match:'hop=mx:dead.example result=later status=4.4.1 text="nobody answers"' \
	    grep event=down log
	# It is the oldest that hears so, and can tell who looks; for the others
	# it was no try.
	atf_check -o inline:'1\n' grep -c 'to=.*dead.example' log
	fared 'later 4.4.1' a1@dead.example
	${SPOOL} list >list
	atf_check -o match:'^1	.*	1	[0-9]*	4.4.1 nobody answers$' \
	    -o match:'^2	.*	0	[0-9]*	-$' cat list
	atf_check -o inline:'From: erick@maggot\nTo: b@dead.example\n' \
	    cat spool/32.WRK
	atf_check -o inline:'31\n' sh -c 'ls spool/*.WRK | grep -c .'
}

atf_test_case reports__are_one_a_message_and_none_to_nobody
reports__are_one_a_message_and_none_to_nobody_head() {
	atf_set descr 'OB-151, OB-153, OB-154: also where the reports leave by a
	    hop that is down, and refuses later'
	need
}
reports__are_one_a_message_and_none_to_nobody_body() {
	make_outbound <<-TABLE
		@ smtp:
		postie@gnat.example.test ${PWD}/postie/
	TABLE
	plan bad.example 'bounce'
	plan maggot 'down' 'bounce'
	message_for 1 $(seq -f 'r%g@bad.example' 100)
	FROM=
	message_for 2 x@bad.example
	work 111
	# The report of the first waits for its hop, and postmaster has that of
	# the second.
	atf_check -o inline:'1\n' sh -c 'ls spool/*.WRK | grep -c .'
	atf_check -o inline:'1\n' sh -c 'ls postie/new | grep -c .'
	atf_check -o inline:'1\n' grep -c '^Final-Recipient' postie/new/*
	rm postie/new/*
	work 0
	stored ''
	atf_check -o inline:'1\n' sh -c 'ls postie/new | grep -c .'
	atf_check -o inline:'100\n' grep -c '^Final-Recipient.*bad.example' \
	    postie/new/*
}

atf_test_case hop__that_is_not_there_fails_what_waits
hop__that_is_not_there_fails_what_waits_head() { need; }
hop__that_is_not_there_fails_what_waits_body() {
	make_outbound <<-TABLE
		@ smtp:
		erick@maggot ${PWD}/erick/
	TABLE
	plan gone.example 'gone'
	for n in $(seq 5); do
		message_for "${n}" "a${n}@gone.example"
	done
	work 0
	atf_check -o inline:'1\n' grep -c . site/starts
	for n in $(seq 5); do
		fared 'failed 5.1.2' "a${n}@gone.example"
	done
	atf_check -o inline:'5\n' sh -c 'ls erick/new | grep -c .'
	stored ''
}

atf_test_case old__has_failed_with_the_hops_last_words
old__has_failed_with_the_hops_last_words_head() {
	atf_set descr 'OB-168: a message that is too old and was never tried
	    itself, for its hop is down'
	need
}
old__has_failed_with_the_hops_last_words_body() {
	make_outbound 'smtp.queuelife = 0' <<-TABLE
		@ smtp:
		erick@maggot ${PWD}/erick/
	TABLE
	plan dead.example 'down'
	message_for 1 a@dead.example
	message_for 2 b@dead.example
	work 0
	atf_check -o inline:'1\n' grep -c . site/starts
	mail_of erick >mail
	atf_check -o match:'nobody answers' cat mail
	stored ''
}

atf_test_case delayed__its_sender_hears_the_hops_last_words
delayed__its_sender_hears_the_hops_last_words_head() {
	atf_set descr 'OB-152: once, and though it was never tried itself'
	need
}
delayed__its_sender_hears_the_hops_last_words_body() {
	make_outbound <<-TABLE
		@ smtp:
		erick@maggot ${PWD}/erick/
	TABLE
	plan dead.example 'down'
	message_for 1 a@dead.example
	message_for 2 b@dead.example
	touch -d '5 hours ago' spool/1.TXT spool/2.TXT
	work 111
	atf_check -o inline:'1\n' grep -c . site/starts
	mail_of erick >mail
	atf_check -o inline:'2\n' grep -c '^Action: delayed' mail
	atf_check -o inline:'2\n' \
	    grep -c '^Diagnostic-Code: x-smtpserv; nobody answers' mail
	work 111
	atf_check -o inline:'2\n' sh -c 'ls erick/new | grep -c .'
}

atf_test_case hop__that_is_silent_keeps_nobody_else_waiting
hop__that_is_silent_keeps_nobody_else_waiting_head() {
	atf_set descr 'OB-157: 24 messages for a host that says nothing, and 5
	    for one that does'
	need
}
hop__that_is_silent_keeps_nobody_else_waiting_body() {
	echo '@ smtp:' | make_outbound
	plan dead.example 'mute'
	plan live.example 'good'
	for n in $(seq 24); do
		message_for "${n}" "a${n}@dead.example"
	done
	for n in 25 26 27 28 29; do
		message_for "${n}" "a${n}@live.example"
	done
	begin_work
	for n in 25 26 27 28 29; do
		await grep -q "event=done number=${n}" log
	done
	# One connection is being made to the other, and nothing claimed for it.
	await grep -q dead.example site/starts
	atf_check -o inline:'1\n' grep -c dead.example site/starts
	ls -l "/proc/$(cat worker.pid)/fd" >fds
	atf_check -s exit:1 grep '\.WRK$' fds
	kill "$(cat worker.pid)"
	wait "$(cat worker.pid)"
}

atf_test_case remote__that_dies_was_no_try_but_what_is_in_doubt
remote__that_dies_was_no_try_but_what_is_in_doubt_head() {
	atf_set descr 'OB-178: the hop is down once, not once a message'
	need
}
remote__that_dies_was_no_try_but_what_is_in_doubt_body() {
	echo '@ smtp:' | make_outbound
	plan die.example 'die'
	plan doubt.example 'doubt'
	plan untried.example 'untried'
	plan part.example 'part'
	for n in 1 2 3; do
		message_for "${n}" "a${n}@die.example"
		message_for "1${n}" "a${n}@doubt.example"
		message_for "2${n}" "a${n}@untried.example"
	done
	message_for 31 a@part.example b@part.example
	work 111
	# One of each hears that its hop is down.
	for hop in die untried; do
		atf_check -o inline:'1\n' grep -c "to=.*${hop}.example" log
	done
	fared 'later 4.4.2' a1@doubt.example
	atf_check -o match:'the next try may make a duplicate' \
	    grep 'to=a1@doubt.example' log
	atf_check -s exit:1 grep 'to=a[23]@doubt.example' log
	# Though the last recipient has an answer.
	atf_check -o match:'rcpts=2 .*code=452 .*doubt=yes' \
	    grep 'event=sent number=31' log
	for hop in die doubt untried; do
		atf_check -o inline:'1\n' grep -c "${hop}" site/starts
		atf_check -o inline:'1\n' \
		    grep -c "event=down hop=mx:${hop}.example" log
	done
	atf_check -o inline:'10\n' sh -c 'ls spool/*.WRK | grep -c .'
}

atf_test_case remote__that_has_ended_is_heard_out
remote__that_has_ended_is_heard_out_head() {
	atf_set descr 'OB-173: what it has said counts, though it has left
	    something unread, which makes the first read an error'
	need
}
remote__that_has_ended_is_heard_out_body() {
	echo '@ smtp:' | make_outbound
	plan elsewhere.example 'unread' 'good'
	message_for 1 a@elsewhere.example
	message_for 2 b@elsewhere.example
	work 0
	atf_check -o inline:'1\n' grep -c 'a@elsewhere' site/mail
	atf_check -o inline:'1\n' grep -c 'b@elsewhere' site/mail
	atf_check -s exit:1 grep doubt=yes log
}

atf_test_case remote__that_lies_is_not_believed
remote__that_lies_is_not_believed_head() {
	atf_set descr 'OB-179: nobody is marked done by a record that makes no
	    sense'
	need
}
remote__that_lies_is_not_believed_body() {
	echo '@ smtp:' | make_outbound
	lies='lie-done lie-tag lie-junk lie-index lie-worker lie-early'
	number=0
	for lie in ${lies}; do
		number=$((number + 1))
		plan "${lie}.example" "${lie}"
		message_for "${number}" "a@${lie}.example"
	done
	# Delivered, and then it lies: that stays, and the next is not fed.
	plan lie-two.example 'lie-two' 'down'
	message_for 11 a@lie-two.example
	message_for 12 b@lie-two.example
	work 111
	atf_check -o inline:'7\n' \
	    grep -c 'end="smtpserv-remote said what makes no sense"' log
	atf_check -o inline:'1\n' grep -c 'result=delivered' log
	for n in 1 2 3 4 5 6 12; do
		[ -f "spool/${n}.WRK" ] || atf_fail "${n} is gone"
	done
}

atf_test_case connections__are_started_one_by_one
connections__are_started_one_by_one_head() {
	atf_set descr 'OB-156, OB-162: five at most; where the host says that
	    these are too many, those there are go on'
	need
}
connections__are_started_one_by_one_body() {
	echo '@ smtp:' | make_outbound 'smtp.remote.perhost = 3'
	plan many.example 'good 1' 'many'
	plan free.example 'good 1'
	for n in $(seq 30); do
		message_for "${n}" "a${n}@many.example"
		message_for "1${n}" "a${n}@free.example"
	done
	work 0
	atf_check -o inline:'30\n' grep -c many.example site/mail
	atf_check -o inline:'1\n' \
	    sh -c 'grep many.example site/mail | cut -d" " -f5 | uniq | wc -l'
	atf_check -s exit:1 grep event=down log
	[ "$(grep -c free.example site/starts)" -le 3 ] || atf_fail 'too many'
	stored ''
}

atf_test_case connection__carries_so_many_and_is_not_kept
connection__carries_so_many_and_is_not_kept_head() {
	atf_set descr 'OB-102, OB-103: smtp.remote.messages, smtp.remote.idle,
	    and a host that closes: no try is charged'
	need
}
connection__carries_so_many_and_is_not_kept_body() {
	echo '@ smtp:' | make_outbound 'smtp.remote.messages = 2' \
	    'smtp.remote.perhost = 1' 'smtp.remote.idle = 0'
	plan few.example 'good'
	plan close.example 'close'
	for n in 1 2 3 4 5; do
		message_for "${n}" "a${n}@few.example"
	done
	message_for 6 a@close.example
	message_for 7 b@close.example
	work 0
	atf_check -o inline:'3\n' grep -c few.example site/starts
	atf_check -o inline:'2\n' grep -c close.example site/starts
	atf_check -o inline:'7\n' grep -c . site/mail
	atf_check -s exit:1 grep 'result=later' log
	# One that is idle is not kept longer than the key says.
	begin_work
	message_for 8 c@few.example
	await grep -q 'event=connection hop=mx:few.example' log
	kill "$(cat worker.pid)"
	wait "$(cat worker.pid)"
}

atf_test_case worker__that_is_killed_is_not_outlived
worker__that_is_killed_is_not_outlived_head() {
	atf_set descr 'OB-171, OB-180, OB-181: its remotes see the end of the
	    feed; another worker has the message at once'
	need
}
worker__that_is_killed_is_not_outlived_body() {
	echo '@ smtp:' | make_outbound
	plan elsewhere.example 'hold' 'good'
	message_for 1 a@elsewhere.example
	begin_work
	await has_lines fed 1
	# The remote has its socket, the log, and nothing of the spool's.
	remote=$(cat site/pid)
	atf_check -s exit:1 sh -c "ls -l /proc/${remote}/fd | grep WRK"
	kill -KILL "$(cat worker.pid)"
	wait "$(cat worker.pid)" || true
	await is_gone "${remote}"
	work 0
	atf_check -o inline:'1\n' grep -c . site/mail
	stored ''
}

atf_test_case term__ends_what_has_begun_and_gives_back_the_rest
term__ends_what_has_begun_and_gives_back_the_rest_head() {
	atf_set descr 'OB-171: and does not wait for a hop that is silent'
	need
}
term__ends_what_has_begun_and_gives_back_the_rest_body() {
	echo '@ smtp:' | make_outbound
	plan hold.example 'hold'
	plan mute.example 'mute'
	message_for 1 a@hold.example
	message_for 2 a@mute.example
	begin_work
	await has_lines fed 1
	await has_lines starts 2
	kill "$(cat worker.pid)"
	await is_gone "$(cat worker.pid)"
	# Given back, it was not a try.
	atf_check -s exit:1 grep event=delivery log
	atf_check -o inline:'2\n' sh -c 'ls spool/*.WRK | grep -c .'
}

atf_test_case hup__lets_hops_forget_that_they_are_down
hup__lets_hops_forget_that_they_are_down_head() {
	atf_set descr 'OB-163, OB-106'
	need
}
hup__lets_hops_forget_that_they_are_down_body() {
	echo '@ smtp:' | make_outbound
	plan elsewhere.example 'down' 'good'
	plan kept.example 'good'
	message_for 1 a@elsewhere.example
	message_for 2 a@kept.example
	begin_work
	await grep -q event=down log
	await grep -q 'event=done number=2' log
	kill -HUP "$(cat worker.pid)"
	await grep -q 'event=done number=1' log
	# The settings may be others: what is sent now is sent by them.
	message_for 3 b@kept.example
	await grep -q 'event=done number=3' log
	atf_check -o inline:'2\n' grep -c kept.example site/starts
	kill "$(cat worker.pid)"
	wait "$(cat worker.pid)"
}

atf_test_case table__that_is_another_holds_for_what_waits
table__that_is_another_holds_for_what_waits_head() {
	atf_set descr 'OB-166: also for a message whose hop is down'
	need
}
table__that_is_another_holds_for_what_waits_body() {
	echo '@ smtp:' | make_outbound
	plan elsewhere.example 'down'
	message_for 1 a@elsewhere.example
	message_for 3 c@elsewhere.example
	begin_work
	await grep -q event=down log
	echo "@ ${PWD}/all/" >deliver.txt
	cdb -c -m deliver.new deliver.txt
	mv deliver.new deliver.cdb
	# Something that is not about it makes the worker look.
	message_for 2 b@elsewhere.example
	await grep -q 'event=done number=3' log
	kill "$(cat worker.pid)"
	wait "$(cat worker.pid)"
}

atf_test_case inflight__bounds_what_is_on_its_way
inflight__bounds_what_is_on_its_way_head() {
	atf_set descr 'OB-172: over all connections; and neither keeps local
	    deliveries waiting, nor do these keep it'
	need
}
inflight__bounds_what_is_on_its_way_body() {
	mkfifo never
	make_outbound 'smtp.remote.inflight = 4' 'smtp.workers = 1' <<-TABLE
		@ smtp:
		@hang.gnat.example.test |read x <${PWD}/never
		@gnat.example.test ${PWD}/all/
	TABLE
	for hop in a b c; do
		plan "${hop}.example" 'hold 16'
	done
	plan live.example good
	for n in 1 2 3; do
		for hop in a b c; do
			message_for "${n}$(printf '%d' "'${hop}")" \
			    "x${n}@${hop}.example"
		done
	done
	message_for 500 ann@gnat.example.test
	begin_work
	await grep -q 'event=done number=500' log
	await has_lines fed 3
	# The last place is one for a hop that has none.
	message_for 501 ann@hang.gnat.example.test
	message_for 502 x@live.example
	message_for 503 y@live.example
	await grep -q 'event=done number=502' log
	await grep -q 'event=done number=503' log
	atf_check -o inline:'3\n' grep -c '@[abc].example' site/fed
	kill -KILL "$(cat worker.pid)"
	wait "$(cat worker.pid)" || true
}

atf_init_test_cases() {
	atf_add_test_case sent__by_mx_and_by_relay
	atf_add_test_case sent__a_hundred_recipients_at_once
	atf_add_test_case answers__are_each_recipients_own
	atf_add_test_case report__names_the_remote_host
	atf_add_test_case sent__by_an_agent_beside_other_instructions
	atf_add_test_case hop__that_is_down_keeps_nobody_else_waiting
	atf_add_test_case reports__are_one_a_message_and_none_to_nobody
	atf_add_test_case hop__that_is_not_there_fails_what_waits
	atf_add_test_case old__has_failed_with_the_hops_last_words
	atf_add_test_case delayed__its_sender_hears_the_hops_last_words
	atf_add_test_case hop__that_is_silent_keeps_nobody_else_waiting
	atf_add_test_case remote__that_dies_was_no_try_but_what_is_in_doubt
	atf_add_test_case remote__that_has_ended_is_heard_out
	atf_add_test_case remote__that_lies_is_not_believed
	atf_add_test_case connections__are_started_one_by_one
	atf_add_test_case connection__carries_so_many_and_is_not_kept
	atf_add_test_case worker__that_is_killed_is_not_outlived
	atf_add_test_case term__ends_what_has_begun_and_gives_back_the_rest
	atf_add_test_case hup__lets_hops_forget_that_they_are_down
	atf_add_test_case table__that_is_another_holds_for_what_waits
	atf_add_test_case inflight__bounds_what_is_on_its_way
}
