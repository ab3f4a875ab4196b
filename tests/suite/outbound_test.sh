# Mail that leaves, by the real parts: worker, smtpserv-remote, and as the other
# host a session of ours.  OB-n are the numbers of what is shown.

. "$(atf_get_srcdir)/../support/smtpserv.subr"
. "$(atf_get_srcdir)/../support/work.subr"
. "$(atf_get_srcdir)/../support/remote.subr"

need() {
	atf_set require.progs "python3 cdb tcpserver"
	atf_set timeout 120
}

# The other host, whose spool is there/spool; its configuration's lines.
make_there() {
	mkdir -p there
	(cd there && make_conf 'smtp.maxsize = 0' "$@")
	serve "${BUILD}/libexec/smtpserv-session" -f there/wattcp.cfg
}

# The one here, with a route to it.
make_here() {
	echo "@ smtp:[127.0.0.1]:${PORT}" |
	    make_site 'smtp.remote.tls = none' "$@"
}

# The messages there, as `number of ours, times`: their Subject says it.
came() {
	cat there/spool/*.TXT 2>/dev/null |
	    sed -n 's/^Subject: number \([0-9]*\)$/\1/p' | sort -n | uniq -c |
	    awk '{ print $2, $1 }'
}

# Messages $1 to $2 here, at once.
fill() {
	for n in $(seq "$1" "$2"); do
		printf 'Received: x\nSubject: number %d\n\nhello\n' "${n}" \
		    >"spool/${n}.TXT"
		printf 'From: erick@maggot\nTo: a%d@elsewhere.example\n' \
		    "${n}" >"spool/${n}.WRK"
	done
}

atf_test_case sent__every_byte_once_over_few_connections
sent__every_byte_once_over_few_connections_head() {
	atf_set descr 'OB-104: texts of all sizes, with recipients and
	    refusals, are there as they were, each once'
	need
}
sent__every_byte_once_over_few_connections_body() {
	make_there 'smtp.maxrcpts = 3'
	make_here 'smtp.remote.perhost = 3'
	python3 - <<-'PYTHON'
		import random
		random.seed(7)
		for n in range(1, 151):
		    size = random.choice((0, 1, 70, 5000, 70000, 300000))
		    lines = [b'Subject: number %d' % n, b'']
		    while sum(map(len, lines)) < size:
		        lines.append(random.choice((b'', b'.', b'..', b'x' * 998,
		                                    b'. ', b'From me', b'.x')))
		    with open(f'spool/{n}.TXT', 'wb') as f:
		        f.write(b'\n'.join(lines) + b'\n')
		    # More than the host takes in one transaction (OB-60).
		    rcpts = range(random.choice((1, 1, 2, 5)))
		    with open(f'spool/{n}.WRK', 'w') as f:
		        f.write('From: erick@maggot\n')
		        f.writelines(f'To: r{i}.{n}@elsewhere.example\n'
		                     for i in rcpts)
	PYTHON
	mkdir copy
	cp spool/*.TXT spool/*.WRK copy/
	work 0
	stored ''
	python3 - <<-'PYTHON' || atf_fail 'not the same'
		import glob, re, sys
		def rcpts(path):
		    return re.findall(r'^To: (.*)$', open(path).read(), re.M)
		want = {}
		for path in glob.glob('copy/*.TXT'):
		    text = open(path, 'rb').read()
		    want[text] = sorted(rcpts(path[:-3] + 'WRK'))
		got = {}
		for path in glob.glob('there/spool/*.TXT'):
		    # Without the trace header.
		    text = open(path, 'rb').read().split(b'\n', 2)[2]
		    got.setdefault(text, []).extend(rcpts(path[:-3] + 'WRK'))
		for text in got:
		    if sorted(got[text]) != want.get(text):
		        print(text[:100], got[text], want.get(text))
		sys.exit(len(want) != 150 or
		         any(sorted(got.get(t, ())) != want[t] for t in want))
	PYTHON
	# OB-156, and no connection was wasted.
	[ "$(grep -c 'event=connection hop=relay' log)" -le 3 ] ||
	    atf_fail "$(grep event=connection log)"
}

atf_test_case killed__nothing_is_lost_and_little_comes_twice
killed__nothing_is_lost_and_little_comes_twice_head() {
	atf_set descr 'OB-173: the worker is killed again and again; what comes
	    twice was past its end, and was on its way'
	need
}
killed__nothing_is_lost_and_little_comes_twice_body() {
	make_there 'smtp.sync = no'
	make_here 'smtp.sync = no' 'smtp.remote.inflight = 6'
	# A worker that was done before the kill came does not count.
	kills=0 last=0
	while [ ${kills} -lt 5 ]; do
		[ ${last} -lt 6000 ] || atf_fail "only ${kills} kills"
		fill $((last + 1)) $((last + 60))
		last=$((last + 60))
		before=$(ls spool | grep -c WRK)
		${WORK} --once --now 2>>log &
		worker=$!
		# When it is in the middle of it.
		tries=0
		while [ "$(ls spool | grep -c WRK)" -eq "${before}" ] &&
		    kill -0 ${worker} 2>/dev/null; do
			tries=$((tries + 1))
			[ ${tries} -lt 3000 ] || atf_fail 'nothing happens'
			sleep 0.01
		done
		kill -KILL ${worker} 2>/dev/null || true
		code=0
		wait ${worker} || code=$?
		[ ${code} -ne 137 ] || kills=$((kills + 1))
	done
	work 0
	stored ''
	came >got
	atf_check -o inline:"${last}\n" sh -c 'wc -l <got'
	twice=$(awk '{ n += $2 - 1 } END { print n }' got)
	[ "${twice}" -le $((6 * kills)) ] ||
	    atf_fail "${twice} came twice after ${kills} kills"
}

atf_init_test_cases() {
	atf_add_test_case sent__every_byte_once_over_few_connections
	atf_add_test_case killed__nothing_is_lost_and_little_comes_twice
}
