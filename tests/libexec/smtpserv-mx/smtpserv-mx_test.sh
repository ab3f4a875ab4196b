# smtpserv-mx(8) before a DNS server that says what it is told to (dnsd.py).

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/dns.subr"

MX="${BUILD}/libexec/smtpserv-mx -f ${PWD}/wattcp.cfg"

# Answers by the file `rules`; each argument is one more line of the
# configuration.
serve() {
	if [ -z "${DNS_PORT}" ]; then
		dns_world_or_skip
		dns_enter
		dns_lie
		MX="${WORLD} ${MX}"
	fi
	make_conf "smtp.remote.resolver = 127.0.0.1:${DNS_PORT}" \
	    'smtp.listen = 192.0.2.77:25' "$@"
}

# The same by the lines of standard input.
answer() {
	cat >rules
	serve "$@"
}

# route CODE ARGUMENT...: the route is standard input; what it had to ask then
# is in `asked`.
route() {
	code=$1
	shift
	cat >want
	: >asked
	atf_check -s exit:"${code}" -o file:want ${MX} "$@"
}

asked() {
	printf '%s\n' "$@" >want
	atf_check -o file:want cat asked
}

atf_test_case command_line__that_is_wrong_is_told
command_line__that_is_wrong_is_told_body() {
	make_conf
	for wrong in '' 'a.test b.test' '-x a.test' '-n a.test' '-t 0 a.test' \
	    '-t 30 a.test' '[a.test' '[]:25' '[a.test]:0' '[a.test]:65536' \
	    '[a.test]25' '[a.test]:'; do
		# shellcheck disable=SC2086 # several words
		atf_check -s exit:100 -e match:'^usage: smtpserv-mx' ${MX} ${wrong}
	done
	make_conf 'smtp.remote.family = 5'
	atf_check -s exit:100 -e match:'smtp.remote.family' ${MX} a.test
}

# OB-13, OB-203
atf_test_case mx__is_asked_first_and_addresses_of_the_domain_only_without_one
mx__is_asked_first_and_addresses_of_the_domain_only_without_one_body() {
	answer <<-'RULES'
		a.test MX = 20:mx2.a.test 10:mx1.a.test
		a.test A = 198.51.100.99
		mx1.a.test A = 198.51.100.1
		mx1.a.test AAAA = 2001:db8::1
		mx2.a.test A = 198.51.100.2 198.51.100.3
		b.test A = 198.51.100.4
	RULES
	route 0 a.test <<-'ROUTE'
		= ok insecure a.test
		10 mx1.a.test 2001:db8::1 25 insecure
		10 mx1.a.test 198.51.100.1 25 insecure
		20 mx2.a.test 198.51.100.2 25 insecure
		20 mx2.a.test 198.51.100.3 25 insecure
	ROUTE
	asked 'a.test MX' 'mx1.a.test AAAA' 'mx1.a.test A' 'mx2.a.test AAAA' \
	    'mx2.a.test A'
	route 0 B.Test. <<-'ROUTE'
		= ok insecure b.test
		0 b.test 198.51.100.4 25 insecure
	ROUTE
	asked 'b.test MX' 'b.test AAAA' 'b.test A'
}

# OB-14, OB-28: whatever is wrong with the answer, the domain's addresses are not
# used in its place.
atf_test_case mx__that_is_not_known_is_tried_again
mx__that_is_not_known_is_tried_again_body() {
	answer <<-'RULES'
		servfail.test MX servfail = 10:mx.a.test
		servfail.test A = 198.51.100.1
		refused.test MX refused
		formerr.test MX formerr
		referral.test MX referral
		gone.test MX referral nx
		short.test MX short = 10:mx.a.test
		junk.test MX junk = 10:mx.a.test
		loop.test MX loop = 10:mx.a.test
		counts.test MX counts = 10:mx.a.test
	RULES
	while read -r name why; do
		route 111 "${name}.test" <<-ROUTE
			= again 4.4.3 MX records of ${name}.test: ${why}
		ROUTE
		atf_check -o inline:"${name}.test MX\n" uniq asked
	done <<-'TABLE'
		servfail SERVFAIL
		refused REFUSED
		formerr FORMERR
		referral no answer
		gone the server does not look it up
		short malformed answer
		junk malformed answer
		loop malformed answer
		counts malformed answer
	TABLE
	route 100 nope.test <<-'ROUTE'
		= nohost 5.1.2 there is no domain nope.test
	ROUTE
	asked 'nope.test MX'
}

# OB-27, OB-29: a silent server is asked twice, and what others say is no answer.
atf_test_case answer__of_another_is_not_taken
answer__of_another_is_not_taken_body() {
	answer <<-'RULES'
		silent.test MX silent = 10:mx.a.test
		id.test MX id = 10:mx.a.test
		question.test MX question = 10:mx.a.test
		server.test MX server = 10:mx.a.test
		both.test MX both = 10:mx.a.test
		mx.a.test A = 198.51.100.1
	RULES
	export RES_OPTIONS='timeout:1 attempts:5'
	for name in silent id question server; do
		${MX} ${name}.test >"${name}" &
		pids="${pids} $!"
	done
	# shellcheck disable=SC2154 # it may be empty at first
	for pid in ${pids}; do
		wait "${pid}" || true
	done
	for name in silent id question server; do
		atf_check -o inline:"= again 4.4.3 MX records of ${name}.test: no answer\n" \
		    cat ${name}
		atf_check_equal 2 "$(grep -c "^${name}.test MX" asked)"
	done
	route 0 both.test <<-'ROUTE'
		= ok insecure both.test
		10 mx.a.test 198.51.100.1 25 insecure
	ROUTE
}

# OB-27
atf_test_case answer__that_is_truncated_is_asked_for_by_tcp
answer__that_is_truncated_is_asked_for_by_tcp_body() {
	answer <<-'RULES'
		a.test MX tc = 10:mx.a.test
		big.test MX big = 10:mx.a.test
		mx.a.test A = 198.51.100.1
		old.test MX edns = 10:mx.a.test
	RULES
	route 0 a.test <<-'ROUTE'
		= ok insecure a.test
		10 mx.a.test 198.51.100.1 25 insecure
	ROUTE
	asked 'a.test MX' 'a.test MX tcp' 'mx.a.test AAAA' 'mx.a.test A'
	route 0 big.test <<-'ROUTE'
		= ok insecure big.test
		10 mx.a.test 198.51.100.1 25 insecure
	ROUTE
	# A server that does not know EDNS is asked without it.
	route 0 old.test <<-'ROUTE'
		= ok insecure old.test
		10 mx.a.test 198.51.100.1 25 insecure
	ROUTE
	asked 'old.test MX' 'old.test MX' 'mx.a.test AAAA' 'mx.a.test A'
}

# OB-27, OB-184: the time ends also where the library waits without end, and what
# is known by then is printed.
atf_test_case time__ends_and_leaves_what_is_known
time__ends_and_leaves_what_is_known_body() {
	answer <<-'RULES'
		a.test MX = 10:mx1.a.test 20:mx2.a.test 30:mx3.a.test
		mx1.a.test A = 198.51.100.1
		mx2.a.test AAAA = 2001:db8::2
		mx2.a.test A mute = 198.51.100.2
		tlsa.test MX ad = 10:mx.tlsa.test
		mx.tlsa.test A ad = 198.51.100.1
		mx.tlsa.test AAAA ad
		_25._tcp.mx.tlsa.test TLSA mute ad = 3.1.1.AB
		b.test MX mute = 10:mx.a.test
	RULES
	${MX} -t 1 b.test >b &
	b=$!
	${MX} -t 1 tlsa.test >tlsa &
	tlsa=$!
	route 0 -t 1 a.test <<-'ROUTE'
		= ok insecure a.test
		10 mx1.a.test 198.51.100.1 25 insecure
		20 mx2.a.test - - error out of time
	ROUTE
	# An address whose TLSA records are not known is not to be tried.
	for job in ${b} ${tlsa}; do
		wait "${job}" && atf_fail 'a route is found'
		atf_check_equal 111 "$?"
	done
	atf_check -o inline:'= again 4.4.3 out of time\n' cat tlsa
	atf_check -o inline:'= again 4.4.3 out of time\n' cat b
}

# OB-184: while it waits for strangers' words it can do nothing else.
atf_test_case sandbox__holds_before_the_first_question
sandbox__holds_before_the_first_question_body() {
	sanitizers_cannot 'be confined'
	answer <<-'RULES'
		a.test MX mute = 10:mx.a.test
	RULES
	: >asked
	echo secret >message
	${MX} -t 2 a.test <message >out 7<message &
	pid=$!
	dns_wait grep -q 'a.test MX tcp' asked
	for line in 'NoNewPrivs:.1' 'Seccomp:.2'; do
		atf_check -o match:"^${line}\$" cat "/proc/${pid}/status"
	done
	atf_check -o match:'Max core file size  *0  *0 ' cat "/proc/${pid}/limits"
	# No mail, but the socket to the resolver.
	atf_check -o inline:'/dev/null\n' readlink "/proc/${pid}/fd/0"
	ls "/proc/${pid}/fd" | grep -vx -e 0 -e 1 -e 2 >fds
	atf_check_equal 1 "$(wc -l <fds)"
	atf_check -o match:'^socket:' readlink "/proc/${pid}/fd/$(cat fds)"
	kill "${pid}"
	wait "${pid}" || true
}

# OB-15, OB-16
atf_test_case null_mx__is_final_unless_there_are_others
null_mx__is_final_unless_there_are_others_body() {
	answer <<-'RULES'
		null.test MX = 0:.
		null.test A = 198.51.100.1
		nulls.test MX = 0:. 10:.
		beside.test MX = 0:. 10:mx.a.test
		mx.a.test A = 198.51.100.1
	RULES
	route 100 null.test <<-'ROUTE'
		= nullmx 5.1.10 null.test takes no mail (null MX)
	ROUTE
	asked 'null.test MX'
	route 100 nulls.test <<-'ROUTE'
		= nullmx 5.1.10 nulls.test takes no mail (null MX)
	ROUTE
	route 0 beside.test <<-'ROUTE'
		= ok insecure beside.test
		10 mx.a.test 198.51.100.1 25 insecure
	ROUTE
	asked 'beside.test MX' 'mx.a.test AAAA' 'mx.a.test A'
}

# OB-17, OB-18
atf_test_case hosts_without_addresses__are_final_if_that_is_certain
hosts_without_addresses__are_final_if_that_is_certain_body() {
	answer <<-'RULES'
		none.test MX = 10:mx1.none.test 20:mx2.none.test
		none.test A = 198.51.100.9
		mx1.none.test TLSA
		some.test MX = 10:mx1.none.test 20:mx1.a.test
		mx1.a.test A = 198.51.100.1
		unknown.test MX = 10:mx2.none.test 20:mx.unknown.test
		mx.unknown.test A servfail
		odd.test MX = 10:a/b.test 20:192.0.2.1
		mapped.test MX = 10:mx.mapped.test
		mx.mapped.test AAAA = ::ffff:192.0.2.1
		one.test MX = 10:mx.one.test
		mx.one.test A servfail
		mx.one.test AAAA = 2001:db8::1
		error.test MX = 10:mx.unknown.test 20:mx1.a.test
	RULES
	for name in none odd mapped; do
		route 100 "${name}.test" <<-ROUTE
			= nomx 5.4.4 no host of ${name}.test has an address
		ROUTE
	done
	route 0 some.test <<-'ROUTE'
		= ok insecure some.test
		20 mx1.a.test 198.51.100.1 25 insecure
	ROUTE
	route 111 unknown.test <<-'ROUTE'
		= again 4.4.3 addresses of mx.unknown.test: SERVFAIL
	ROUTE
	# One family that is not known is no harm.
	route 0 one.test <<-'ROUTE'
		= ok insecure one.test
		10 mx.one.test 2001:db8::1 25 insecure
	ROUTE
	route 0 error.test <<-'ROUTE'
		= ok insecure error.test
		10 mx.unknown.test - - error addresses of mx.unknown.test: SERVFAIL
		20 mx1.a.test 198.51.100.1 25 insecure
	ROUTE
}

# OB-19, OB-20
atf_test_case cname__is_followed_and_its_name_asked_if_it_has_no_answer
cname__is_followed_and_its_name_asked_if_it_has_no_answer_body() {
	answer <<-'RULES'
		a.test MX cname=b.test cname=c.test = 10:mx.a.test
		mx.a.test A cname=host.a.test = 198.51.100.1
		mx.a.test AAAA cname=host.a.test
		host.a.test TLSA
		half.test MX cname=half2.test
		half2.test MX cname=half3.test
		half3.test MX = 10:mx.a.test
		circle.test MX cname=circle2.test
		circle2.test MX cname=circle.test
		self.test MX cname=self.test
		nowhere.test MX cname=gone.test nx
		alone.test MX cname=host.test
		alone.test A cname=host.test = 198.51.100.2
		host.test A = 198.51.100.2
	RULES
	route 0 a.test <<-'ROUTE'
		= ok insecure c.test
		10 mx.a.test 198.51.100.1 25 insecure
	ROUTE
	asked 'a.test MX' 'mx.a.test AAAA' 'host.a.test AAAA' 'mx.a.test A'
	route 0 half.test <<-'ROUTE'
		= ok insecure half3.test
		10 mx.a.test 198.51.100.1 25 insecure
	ROUTE
	route 111 circle.test <<-'ROUTE'
		= again 4.4.3 MX records of circle.test: too many CNAMEs
	ROUTE
	atf_check_equal 11 "$(wc -l <asked)"
	route 111 self.test <<-'ROUTE'
		= again 4.4.3 MX records of self.test: CNAMEs that lead nowhere
	ROUTE
	route 100 nowhere.test <<-'ROUTE'
		= nohost 5.1.2 there is no domain nowhere.test
	ROUTE
	route 0 alone.test <<-'ROUTE'
		= ok insecure host.test
		0 alone.test 198.51.100.2 25 insecure
	ROUTE
}

# OB-21, OB-22
atf_test_case equal_hosts__take_turns_and_so_do_families
equal_hosts__take_turns_and_so_do_families_body() {
	answer <<-'RULES'
		a.test MX = 10:mx1.a.test 10:mx2.a.test 20:mx3.a.test
		mx1.a.test A = 198.51.100.1 198.51.100.2
		mx2.a.test A = 198.51.100.3
		mx2.a.test AAAA = 2001:db8::3
		mx3.a.test A = 198.51.100.4
	RULES
	n=0
	while [ "${n}" -lt 40 ]; do
		n=$((n + 1))
		${MX} a.test >route || atf_fail "$(cat route)"
		sed 1d route | cut -d ' ' -f 3 | tr '\n' ' ' >>seen
		echo >>seen
	done
	atf_check -o inline:'198.51.100.1 2001:db8::3 198.51.100.2 198.51.100.3 198.51.100.4 \n2001:db8::3 198.51.100.3 198.51.100.1 198.51.100.2 198.51.100.4 \n' \
	    sort -u seen
}

# OB-23
atf_test_case addresses__are_cut_and_both_families_stay
addresses__are_cut_and_both_families_stay_body() {
	{
		echo 'a.test MX = 10:mx1.a.test 20:mx2.a.test'
		echo 'mx1.a.test A = 198.51.100.1 198.51.100.2 198.51.100.3'
		echo 'mx2.a.test A = 198.51.100.4 198.51.100.5 198.51.100.6'
		echo 'mx2.a.test AAAA = 2001:db8::1 2001:db8::2'
	} >rules
	serve
	route 0 a.test <<-'ROUTE'
		= ok insecure a.test
		10 mx1.a.test 198.51.100.1 25 insecure
		10 mx1.a.test 198.51.100.2 25 insecure
		10 mx1.a.test 198.51.100.3 25 insecure
		20 mx2.a.test 2001:db8::1 25 insecure
		20 mx2.a.test 198.51.100.4 25 insecure
	ROUTE
	serve 'smtp.remote.addresses = 4'
	route 0 a.test <<-'ROUTE'
		= ok insecure a.test
		10 mx1.a.test 198.51.100.1 25 insecure
		10 mx1.a.test 198.51.100.2 25 insecure
		10 mx1.a.test 198.51.100.3 25 insecure
		20 mx2.a.test 2001:db8::1 25 insecure
	ROUTE
	# Enough of the best, so the others are not looked up.
	serve 'smtp.remote.addresses = 2'
	route 0 a.test <<-'ROUTE'
		= ok insecure a.test
		10 mx1.a.test 198.51.100.1 25 insecure
		10 mx1.a.test 198.51.100.2 25 insecure
	ROUTE
	asked 'a.test MX' 'mx1.a.test AAAA' 'mx1.a.test A'
}

# OB-24, OB-30
atf_test_case resolver__that_is_set_is_asked_for_nothing_but_the_name
resolver__that_is_set_is_asked_for_nothing_but_the_name_head() {
	atf_set require.progs strace
}
resolver__that_is_set_is_asked_for_nothing_but_the_name_body() {
	answer <<-'RULES'
		gnat.our.test MX = 10:mx.a.test
		mx.a.test A = 198.51.100.1
	RULES
	export LOCALDOMAIN=our.test RES_OPTIONS=ndots:3
	route 100 gnat <<-'ROUTE'
		= nohost 5.1.2 there is no domain gnat
	ROUTE
	asked 'gnat MX'
	# A leak cannot be looked for under strace.
	atf_check -s exit:0 -o ignore -e ignore ${WORLD} \
	    env ASAN_OPTIONS=detect_leaks=0 strace -o trace -e trace=connect \
	    ${MX#"${WORLD}"} gnat.our.test
	atf_check -o match:"sin_port=htons\(${DNS_PORT}\)" cat trace
	# Others are only looked at whether there is a route to them.
	grep -v -e "sin_port=htons(${DNS_PORT}), sin_addr=inet_addr(\"127.0.0.1\")" \
	    -e 'sin_port=htons(25), sin_addr=inet_addr("198.51.100.1")' trace >others
	atf_check -s exit:1 grep connect others
}

# OB-39
atf_test_case family__that_is_not_wanted_is_not_asked_for
family__that_is_not_wanted_is_not_asked_for_head() {
	atf_set require.progs strace
}
family__that_is_not_wanted_is_not_asked_for_body() {
	answer 'smtp.remote.family = 4' <<-'RULES'
		a.test MX = 10:mx.a.test
		mx.a.test A = 198.51.100.1
		mx.a.test AAAA = 2001:db8::1
	RULES
	route 0 a.test <<-'ROUTE'
		= ok insecure a.test
		10 mx.a.test 198.51.100.1 25 insecure
	ROUTE
	asked 'a.test MX' 'mx.a.test A'
	# A leak cannot be looked for under strace.
	atf_check -s exit:0 -o ignore -e ignore ${WORLD} \
	    env ASAN_OPTIONS=detect_leaks=0 strace -o trace -e trace=socket \
	    ${MX#"${WORLD}"} a.test
	atf_check -s exit:1 grep AF_INET6 trace
	serve 'smtp.remote.family = 6'
	route 0 a.test <<-'ROUTE'
		= ok insecure a.test
		10 mx.a.test 2001:db8::1 25 insecure
	ROUTE
	asked 'a.test MX' 'mx.a.test AAAA'
	route 111 '[192.0.2.1]:25' <<-'ROUTE'
		= again 4.4.4 192.0.2.1 is of a family that is not used
	ROUTE
}

# OB-25
atf_test_case self__cuts_the_list_where_we_are
self__cuts_the_list_where_we_are_body() {
	cat >table <<-'RULES'
		a.test MX = 10:mx1.a.test 20:mx2.a.test 20:mx3.a.test 30:mx4.a.test
		mx1.a.test A = 198.51.100.1
		mx2.a.test A = 198.51.100.2
		mx3.a.test A = 198.51.100.3
		mx4.a.test A = 198.51.100.4
		unknown.test MX = 10:mx.unknown.test 20:mx2.a.test
		mx.unknown.test A servfail
		loop.test MX = 10:mx.loop.test
		mx.loop.test A = 127.0.0.5
		any.test MX = 10:mx.any.test
		mx.any.test A = 0.0.0.0
	RULES
	# By what is written down.
	answer 'smtp.remote.self = 198.51.100.2, 203.0.113.0/24' <table
	route 0 a.test <<-'ROUTE'
		= ok insecure a.test
		10 mx1.a.test 198.51.100.1 25 insecure
	ROUTE
	route 111 unknown.test <<-'ROUTE'
		= again 4.4.4 addresses of mx.unknown.test: SERVFAIL
	ROUTE
	answer 'smtp.remote.self = 198.51.100.1' <table
	route 100 a.test <<-'ROUTE'
		= self 5.4.6 a.test leads back to this host
	ROUTE
	# A relay that is ourselves is what the administrator asked for.
	route 0 '[mx1.a.test]:25' <<-'ROUTE'
		= ok insecure mx1.a.test
		0 mx1.a.test 198.51.100.1 25 insecure
	ROUTE
	# By where we listen: nowhere near, there, and everywhere.
	answer <table
	route 0 loop.test <<-'ROUTE'
		= ok insecure loop.test
		10 mx.loop.test 127.0.0.5 25 insecure
	ROUTE
	for listen in 127.0.0.5:25 0.0.0.0:25 '[::]:25'; do
		sed -i '/smtp.listen/d' wattcp.cfg
		echo "smtp.listen = ${listen}" >>wattcp.cfg
		route 100 loop.test <<-'ROUTE'
			= self 5.4.6 loop.test leads back to this host
		ROUTE
	done
	route 100 any.test <<-'ROUTE'
		= self 5.4.6 any.test leads back to this host
	ROUTE
	# But not by another port.
	echo 'smtp.remote.port = 2525' >>wattcp.cfg
	route 0 loop.test <<-'ROUTE'
		= ok insecure loop.test
		10 mx.loop.test 127.0.0.5 2525 insecure
	ROUTE
}

# OB-26
atf_test_case utf8__is_asked_for_in_ascii
utf8__is_asked_for_in_ascii_body() {
	answer <<-'RULES'
		xn--caf-dma.test A = 198.51.100.1
	RULES
	for name in café.test CAFé.test xn--caf-dma.test; do
		route 0 "${name}" <<-'ROUTE'
			= ok insecure xn--caf-dma.test
			0 xn--caf-dma.test 198.51.100.1 25 insecure
		ROUTE
	done
	label=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
	for name in "$(printf 'a\377.test')" 'a..test' '.test' '.' 'a b.test' \
	    "é${label}.test" "${label}.test" 'a;b.test' '-l_/.test'; do
		: >asked
		atf_check -s exit:100 -o match:'^= nohost 5\.1\.2 ' \
		    ${MX} -- "${name}"
		atf_check -o empty cat asked
	done
}

# OB-7, OB-32
atf_test_case relay__is_looked_up_by_its_addresses_and_never_fails_for_good
relay__is_looked_up_by_its_addresses_and_never_fails_for_good_body() {
	answer <<-'RULES'
		relay.test MX = 10:mx.a.test
		relay.test A = 198.51.100.1
		relay.test AAAA = 2001:db8::1
		null.test MX = 0:.
		dead.test A servfail
	RULES
	route 0 '[relay.test]:587' <<-'ROUTE'
		= ok insecure relay.test
		0 relay.test 2001:db8::1 587 insecure
		0 relay.test 198.51.100.1 587 insecure
	ROUTE
	asked 'relay.test AAAA' 'relay.test A'
	route 111 '[null.test]:587' <<-'ROUTE'
		= again 4.4.4 the relay null.test has no address
	ROUTE
	route 111 '[nope.test]' <<-'ROUTE'
		= again 4.4.4 the relay nope.test has no address
	ROUTE
	route 111 '[dead.test]:25' <<-'ROUTE'
		= again 4.4.3 addresses of dead.test: SERVFAIL
	ROUTE
	route 111 '[no..name]:25' <<-'ROUTE'
		= again 4.4.4 not the name of a relay
	ROUTE
	route 0 '[192.0.2.1]' <<-'ROUTE'
		= ok insecure [192.0.2.1]
		0 [192.0.2.1] 192.0.2.1 25 insecure
	ROUTE
	for literal in '[IPv6:2001:db8::1]:2525' '[2001:db8::1]:2525'; do
		route 0 "${literal}" <<-'ROUTE'
			= ok insecure [2001:db8::1]
			0 [2001:db8::1] 2001:db8::1 2525 insecure
		ROUTE
	done
	atf_check -o empty cat asked
}

# OB-117, OB-118: what is not secure is not asked for TLSA records.
atf_test_case tlsa__are_asked_for_where_all_before_is_secure
tlsa__are_asked_for_where_all_before_is_secure_body() {
	cat >tail <<-'RULES'
		mx.a.test A ad = 198.51.100.1
		mx.a.test AAAA ad
		_25._tcp.mx.a.test TLSA ad = 3.1.1.AB 2.0.1.CD
	RULES
	{ echo 'a.test MX ad = 10:mx.a.test'; cat tail; } >rules
	serve
	route 0 a.test <<-'ROUTE'
		= ok secure a.test
		10 mx.a.test 198.51.100.1 25 secure tlsa=mx.a.test 3.1.1.AB 2.0.1.CD
	ROUTE
	asked 'a.test MX' 'mx.a.test AAAA' 'mx.a.test A' '_25._tcp.mx.a.test TLSA'
	# The MX, or one family's addresses, be they there or not.
	{ echo 'a.test MX = 10:mx.a.test'; cat tail; } >rules
	serve
	route 0 a.test <<-'ROUTE'
		= ok insecure a.test
		10 mx.a.test 198.51.100.1 25 insecure
	ROUTE
	asked 'a.test MX' 'mx.a.test AAAA' 'mx.a.test A'
	for family in A AAAA; do
		{
			echo 'a.test MX ad = 10:mx.a.test'
			sed "s/mx.a.test ${family} ad/mx.a.test ${family}/" tail
		} >rules
		serve
		route 0 a.test <<-'ROUTE'
			= ok secure a.test
			10 mx.a.test 198.51.100.1 25 insecure
		ROUTE
		asked 'a.test MX' 'mx.a.test AAAA' 'mx.a.test A'
	done
}

# OB-119, OB-125
atf_test_case tlsa__that_are_not_known_make_the_host_unreachable
tlsa__that_are_not_known_make_the_host_unreachable_body() {
	cat >head <<-'RULES'
		a.test MX ad = 10:mx1.a.test 20:mx2.a.test
		mx1.a.test A ad = 198.51.100.1
		mx1.a.test AAAA ad
		mx2.a.test A = 198.51.100.2
	RULES
	while read -r moods why; do
		{
			cat head
			echo "_25._tcp.mx1.a.test TLSA ${moods}" | sed "s/_=_/ = /"
		} >rules
		serve
		route 0 a.test <<-ROUTE
			= ok secure a.test
			10 mx1.a.test - - error TLSA records of _25._tcp.mx1.a.test: ${why}
			20 mx2.a.test 198.51.100.2 25 insecure
		ROUTE
	done <<-'TABLE'
		servfail SERVFAIL
		refused REFUSED
		junk_=_3.1.1.AB malformed answer
		referral no answer
		cname=_25._tcp.mx1.a.test CNAMEs that lead nowhere
	TABLE
	# It is the only host: then there is no clear text, either.
	{
		sed 's/ 20:mx2.a.test//' head
		echo '_25._tcp.mx1.a.test TLSA servfail'
	} >rules
	serve
	route 111 a.test <<-'ROUTE'
		= again 4.4.3 TLSA records of _25._tcp.mx1.a.test: SERVFAIL
	ROUTE
	# Insecure ones are not there, and secure is that there are none.
	for moods in '= 3.1.1.AB' 'ad' 'nx ad' 'nx'; do
		{
			cat head
			echo "_25._tcp.mx1.a.test TLSA ${moods}"
		} >rules
		serve
		route 0 a.test <<-'ROUTE'
			= ok secure a.test
			10 mx1.a.test 198.51.100.1 25 secure
			20 mx2.a.test 198.51.100.2 25 insecure
		ROUTE
	done
	# More than there is room for.
	{
		cat head
		printf '_25._tcp.mx1.a.test TLSA ad tc ='
		n=0
		while [ "${n}" -lt 130 ]; do
			n=$((n + 1))
			printf ' 3.1.2.%0128d' "${n}"
		done
		echo
	} >rules
	serve
	route 0 a.test <<-'ROUTE'
		= ok secure a.test
		10 mx1.a.test - - error TLSA records of _25._tcp.mx1.a.test: too many
		20 mx2.a.test 198.51.100.2 25 insecure
	ROUTE
}

# OB-117, OB-126, OB-127, OB-128
atf_test_case tlsa__are_found_by_both_names_and_change_no_order
tlsa__are_found_by_both_names_and_change_no_order_body() {
	cat >head <<-'RULES'
		a.test MX ad = 10:mx1.a.test 20:mx2.a.test
		mx1.a.test A ad cname=host.b.test = 198.51.100.1
		mx1.a.test AAAA ad cname=host.b.test = 2001:db8::1
		mx2.a.test A ad = 198.51.100.2
		mx2.a.test AAAA ad
		_25._tcp.mx2.a.test TLSA ad cname=_dane.b.test = 3.1.1.22
	RULES
	{ cat head; echo '_25._tcp.host.b.test TLSA ad = 3.1.1.AB'; } >rules
	serve
	route 0 a.test <<-'ROUTE'
		= ok secure a.test
		10 mx1.a.test 2001:db8::1 25 secure tlsa=host.b.test 3.1.1.AB
		10 mx1.a.test 198.51.100.1 25 secure tlsa=host.b.test 3.1.1.AB
		20 mx2.a.test 198.51.100.2 25 secure tlsa=mx2.a.test 3.1.1.22
	ROUTE
	{ cat head; echo '_25._tcp.mx1.a.test TLSA ad = 3.1.1.CD'; } >rules
	serve
	route 0 a.test <<-'ROUTE'
		= ok secure a.test
		10 mx1.a.test 2001:db8::1 25 secure tlsa=mx1.a.test 3.1.1.CD
		10 mx1.a.test 198.51.100.1 25 secure tlsa=mx1.a.test 3.1.1.CD
		20 mx2.a.test 198.51.100.2 25 secure tlsa=mx2.a.test 3.1.1.22
	ROUTE
	# The first of the two is not known: the second is not asked.
	{
		cat head
		echo '_25._tcp.host.b.test TLSA servfail'
		echo '_25._tcp.mx1.a.test TLSA ad = 3.1.1.CD'
	} >rules
	serve
	route 0 a.test <<-'ROUTE'
		= ok secure a.test
		10 mx1.a.test - - error TLSA records of _25._tcp.host.b.test: SERVFAIL
		20 mx2.a.test 198.51.100.2 25 secure tlsa=mx2.a.test 3.1.1.22
	ROUTE
	# A worse host does not come first because it is more secure.
	{
		sed 's/ ad cname=host.b.test/ cname=host.b.test/' head
		echo 'mx1.a.test CNAME = host.b.test'
	} >rules
	serve
	route 0 a.test <<-'ROUTE'
		= ok secure a.test
		10 mx1.a.test 2001:db8::1 25 insecure
		10 mx1.a.test 198.51.100.1 25 insecure
		20 mx2.a.test 198.51.100.2 25 secure tlsa=mx2.a.test 3.1.1.22
	ROUTE
	# The alias alone is signed: what its own name has counts.
	{
		sed 's/ ad cname=host.b.test/ cname=host.b.test/' head
		echo 'mx1.a.test CNAME ad = host.b.test'
		echo '_25._tcp.mx1.a.test TLSA ad = 3.1.1.CD'
	} >rules
	serve
	route 0 a.test <<-'ROUTE'
		= ok secure a.test
		10 mx1.a.test 2001:db8::1 25 secure tlsa=mx1.a.test 3.1.1.CD
		10 mx1.a.test 198.51.100.1 25 secure tlsa=mx1.a.test 3.1.1.CD
		20 mx2.a.test 198.51.100.2 25 secure tlsa=mx2.a.test 3.1.1.22
	ROUTE
	{
		echo 'relay.test A ad = 198.51.100.1'
		echo 'relay.test AAAA ad'
		echo '_25._tcp.relay.test TLSA ad = 3.1.1.AB'
		echo '_587._tcp.relay.test TLSA ad = 3.1.1.CD'
	} >rules
	serve
	route 0 '[relay.test]:587' <<-'ROUTE'
		= ok secure relay.test
		0 relay.test 198.51.100.1 587 secure tlsa=relay.test 3.1.1.CD
	ROUTE
}

atf_init_test_cases() {
	atf_add_test_case command_line__that_is_wrong_is_told
	atf_add_test_case mx__is_asked_first_and_addresses_of_the_domain_only_without_one
	atf_add_test_case mx__that_is_not_known_is_tried_again
	atf_add_test_case answer__of_another_is_not_taken
	atf_add_test_case answer__that_is_truncated_is_asked_for_by_tcp
	atf_add_test_case time__ends_and_leaves_what_is_known
	atf_add_test_case sandbox__holds_before_the_first_question
	atf_add_test_case null_mx__is_final_unless_there_are_others
	atf_add_test_case hosts_without_addresses__are_final_if_that_is_certain
	atf_add_test_case cname__is_followed_and_its_name_asked_if_it_has_no_answer
	atf_add_test_case equal_hosts__take_turns_and_so_do_families
	atf_add_test_case addresses__are_cut_and_both_families_stay
	atf_add_test_case resolver__that_is_set_is_asked_for_nothing_but_the_name
	atf_add_test_case family__that_is_not_wanted_is_not_asked_for
	atf_add_test_case self__cuts_the_list_where_we_are
	atf_add_test_case utf8__is_asked_for_in_ascii
	atf_add_test_case relay__is_looked_up_by_its_addresses_and_never_fails_for_good
	atf_add_test_case tlsa__are_asked_for_where_all_before_is_secure
	atf_add_test_case tlsa__that_are_not_known_make_the_host_unreachable
	atf_add_test_case tlsa__are_found_by_both_names_and_change_no_order
}
