# Black-box tests of smtpserv-count(8), and of etc/prometheus.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

COUNT="${BUILD}/bin/smtpserv-count"

SOURCE=${BUILD}
while [ "${SOURCE}" != / ] && [ ! -f "${SOURCE}/etc/wattcp.cfg" ]; do
	SOURCE=$(dirname "${SOURCE}")
done

# metric NAME VALUE: the file has it so.
metric() {
	grep -v '^#' counters >values
	atf_check -o inline:"smtpserv_$1 $2\n" grep -F "smtpserv_$1 " values
}

atf_test_case usage__help_version_and_mistakes
usage__help_version_and_mistakes_body() {
	atf_check -o match:'^usage: smtpserv-count ' ${COUNT} --help
	atf_check -o match:'^smtpserv-count [0-9.]*$' ${COUNT} --version
	for mistake in '' '-x file' 'a b' '-q'; do
		atf_check -s exit:100 -e match:'usage: ' ${COUNT} ${mistake}
	done
}

a_log() {
	cat <<-'LOG'
		ip=192.0.2.7 pid=8 event=tls protocol=TLSv1.3 cipher=AES
		ip=192.0.2.7 pid=8 event=accepted number=1 from=a@b rcpts=2 size=12 helo=x proto=ESMTPS
		Nov 30 15:01:04 gnat smtpserv[8]: ip=192.0.2.7 pid=8 event=accepted number=2 from="" rcpts=1 size=30 helo=x proto=ESMTP
		@40000000 ip=192.0.2.7 pid=8 event=refused code=550 status=5.1.1 why="nobody here" command="RCPT TO:<x@y>"
		ip=192.0.2.7 pid=8 event=refused code=550 status=5.1.1 why="event=accepted proto=ESMTP"
		ip=192.0.2.7 pid=8 event=refused code=451 status=4.3.0 why=x
		ip=192.0.2.7 pid=8 event=notls
		ip=192.0.2.7 pid=8 event=login user=erick exit=0
		ip=192.0.2.7 pid=8 event=login user=erick exit=1
		ip=192.0.2.7 pid=8 event=end why=quit accepted=2 refused=3
		ip=local pid=9 event=delivery number=1 to=ann@Gnat.Example result=delivered status=2.0.0 text=maildir delay=7
		ip=local pid=9 event=delivery number=1 to=bob@gnat.example result=later status=4.0.0 text=x
		ip=local pid=9 event=delivery number=2 to=postmaster result=failed status=5.0.0 text=x
		ip=local pid=9 event=delivery number=3 to="\"x y\"@q.example" result=delivered status=2.0.0 text=x delay=100000
		ip=local pid=9 event=report number=2 result=delivered status=2.0.0 text=x
		FAIL: smtpserv service_limit from=192.0.2.9
		s6-tcpserverd: info: deny 192.0.2.9
		somebody else's line
	LOG
}

atf_test_case counts__what_the_lines_say
counts__what_the_lines_say_body() {
	a_log >log
	atf_check -o file:log sh -c "${COUNT} counters <log"
	metric 'accepted_total{protocol="ESMTPS"}' 1
	metric 'accepted_total{protocol="ESMTP"}' 1
	metric accepted_bytes_total 42
	metric accepted_recipients_total 3
	metric 'refused_total{code="550",status="5.1.1"}' 2
	metric 'refused_total{code="451",status="4.3.0"}' 1
	metric 'delivered_total{destination="gnat.example"}' 1
	metric 'delivered_total{destination="q.example"}' 1
	metric 'deferred_total{destination="gnat.example"}' 1
	metric 'failed_total{destination="local"}' 1
	metric 'reports_total{result="delivered"}' 1
	metric 'tls_total{protocol="TLSv1.3"}' 1
	metric tls_failed_total 1
	metric 'logins_total{result="right"}' 1
	metric 'logins_total{result="wrong"}' 1
	metric sessions_total 1
	metric 'turned_away_total{by="xinetd"}' 1
	metric 'turned_away_total{by="s6"}' 1
	metric 'delivery_delay_seconds_bucket{le="5"}' 0
	metric 'delivery_delay_seconds_bucket{le="15"}' 1
	metric 'delivery_delay_seconds_bucket{le="86400"}' 1
	metric 'delivery_delay_seconds_bucket{le="+Inf"}' 2
	metric delivery_delay_seconds_sum 100007
	metric delivery_delay_seconds_count 2
	atf_check sh -c "${COUNT} -q counters <log"
}

# What the programs really write.
atf_test_case counts__a_session
counts__a_session_body() {
	make_conf
	{
		lines 'EHLO maggot' NONSENSE
		message x
		lines QUIT
	} | ${SESSION} 2>log >out || atf_fail session
	atf_check -o file:log sh -c "${COUNT} counters <log"
	metric 'accepted_total{protocol="ESMTP"}' 1
	metric accepted_recipients_total 1
	metric 'refused_total{code="500",status="5.5.2"}' 1
	metric sessions_total 1
}

# Neither do clients get a label of their making, nor all the memory.
atf_test_case labels__are_bounded
labels__are_bounded_body() {
	{
		seq 1 1000 | sed 's/.*/ip=x pid=1 event=delivery to=a@d&.example result=delivered/'
		printf 'ip=x pid=1 event=delivery to="a@x\\"} 1" result=failed\n'
		printf 'ip=x pid=1 event=delivery to="a@x\\x0a" result=failed\n'
		echo "ip=x pid=1 event=delivery to=a@$(printf '%0100d' 1) result=failed"
	} >log
	atf_check sh -c "${COUNT} -q counters <log"
	metric 'delivered_total{destination="other"}' 800
	metric 'delivered_total{destination="d1.example"}' 1
	metric 'failed_total{destination="other"}' 3
	atf_check_equal 201 "$(grep -c '^smtpserv_delivered_total{' counters)"
}

atf_test_case file__that_cannot_be_written_holds_no_log_up
file__that_cannot_be_written_holds_no_log_up_body() {
	a_log >log
	atf_check -s exit:111 -o file:log \
	    -e inline:"smtpserv-count: unable to write none/counters: No such file or directory\n" \
	    sh -c "${COUNT} none/counters <log"
	# A whole file or none: no other names are left.
	mkdir dir
	atf_check sh -c "${COUNT} -q dir/counters <log"
	atf_check -o inline:'counters\n' ls dir
	atf_check -s exit:111 -e match:'unable to write: ' \
	    sh -c "${COUNT} counters <log >/dev/full"
}

# The file comes while the log goes on: at the latest after ten seconds.
atf_test_case file__comes_before_the_log_ends
file__comes_before_the_log_ends_body() {
	mkfifo pipe
	${COUNT} -q counters <pipe &
	exec 3>pipe
	a_log >&3
	tries=0
	until grep -q '^smtpserv_sessions_total 1' counters 2>/dev/null; do
		tries=$((tries + 1))
		[ "${tries}" -lt 1200 ] || atf_fail 'no file'
		sleep 0.1
	done
	exec 3>&-
	wait
}

atf_test_case prometheus__takes_file_and_rules
prometheus__takes_file_and_rules_body() {
	# What is not installed may be unpacked.
	PATH=${PATH}:${BUILD}/deps/prometheus/usr/bin
	command -v promtool >/dev/null || atf_skip 'no promtool'
	a_log >log
	atf_check sh -c "${COUNT} -q counters <log"
	atf_check -o ignore -e ignore sh -c 'promtool check metrics <counters'
	cp "${SOURCE}/etc/prometheus/alerts.yml" .
	atf_check -o match:SUCCESS -e ignore promtool check rules alerts.yml
	cp "$(atf_get_srcdir)/../../support/alerts_test.yml" .
	atf_check -o match:SUCCESS -e ignore promtool test rules alerts_test.yml
}

# Each metric that the rules and the dashboard ask for is one of ours.
atf_test_case prometheus__asks_for_what_there_is
prometheus__asks_for_what_there_is_head() {
	atf_set require.progs python3
}
prometheus__asks_for_what_there_is_body() {
	make_conf
	a_log >log
	atf_check sh -c "${COUNT} -q counters <log"
	{
		sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' counters
		${SPOOL} stat --prometheus | sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p'
		for part in bucket sum count; do
			echo "smtpserv_delivery_delay_seconds_${part}"
		done
	} | sort >there
	python3 -m json.tool "${SOURCE}/etc/prometheus/dashboard.json" \
	    >dashboard || atf_fail 'no JSON'
	for file in dashboard "${SOURCE}/etc/prometheus/alerts.yml"; do
		grep -o 'smtpserv_[a-z_]*' "${file}" | sort -u >asked
		[ -s asked ] || atf_fail "${file} asks for nothing"
		atf_check comm -23 asked there
	done
}

atf_init_test_cases() {
	atf_add_test_case usage__help_version_and_mistakes
	atf_add_test_case counts__what_the_lines_say
	atf_add_test_case counts__a_session
	atf_add_test_case labels__are_bounded
	atf_add_test_case file__that_cannot_be_written_holds_no_log_up
	atf_add_test_case file__comes_before_the_log_ends
	atf_add_test_case prometheus__takes_file_and_rules
	atf_add_test_case prometheus__asks_for_what_there_is
}
