# Black-box tests of smtpserv-status(8): requests in, pages out, and what a
# stranger's mail and a stranger's request can do to them.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"

STATUS="${BUILD}/libexec/smtpserv-status -f ${PWD}/wattcp.cfg"
PAGES="python3 ${BUILD}/tests/support/pages.py"

# The answer to a request for this path, with more lines of the head, is in
# `answer`, and the log in `log`.
get() {
	path=$1
	shift
	lines "GET ${path} HTTP/1.1" 'Host: localhost:8025' "$@" '' >request
	${STATUS} <request >answer 2>>log || atf_fail "no answer to ${path}"
}

# It is a sound page, and has this code.
check_page() {
	atf_check -o inline:"HTTP/1.1 $1\n" ${PAGES} page answer
}

pair() {
	printf 'From: erick@maggot\nTo: bruce@%s\n' "${3:-gnat}" \
	    >"spool/$1.WRK"
	printf 'Subject: %s\n\nSix?\n' "$2" >"spool/$1.TXT"
}

atf_test_case overview__of_nothing_says_so
overview__of_nothing_says_so_body() {
	make_conf
	get /
	check_page '200 OK'
	atf_check -o ignore grep 'No message waits' answer
	atf_check -o ignore grep 'smtpserv-spool sample' answer
	atf_check -s exit:1 grep '<svg' answer
}

atf_test_case overview__shows_what_waits_where_and_why
overview__shows_what_waits_where_and_why_body() {
	make_conf
	pair 7 Beers gnat.example
	pair 8 Beers Gnat.Example
	printf 'Status: 4.4.1\nDiagnostic: refused <b>\nTries: 3\n%s\n' \
	    'Tried: 2026-11-30T10:00:00Z' >>spool/8.WRK
	pair 9 Beers wasp.example
	mv spool/9.WRK spool/9.HLD
	echo '10' >spool/sequence.seq
	atf_check ${SPOOL} sample
	get /
	check_page '200 OK'
	tr -d '\n' <answer >line
	atf_check -o ignore grep '<dt>Waiting</dt><dd>2</dd>' line
	atf_check -o ignore grep '<dt>Held back</dt><dd>1</dd>' line
	atf_check -o ignore grep -E \
	    '<bdi>gnat.example</bdi></th>.{40,60}>2</td>' line
	atf_check -o ignore grep '4.4.1 refused &lt;b&gt;' line
	atf_check_equal 3 "$(grep -c '<svg' answer)"
	atf_check_equal 3 "$(grep -c 'role="img" aria-labelledby=' answer)"
}

atf_test_case list__has_a_hundred_on_a_page
list__has_a_hundred_on_a_page_body() {
	make_conf
	n=1
	while [ "${n}" -le 250 ]; do
		echo x >"spool/${n}.TXT"
		printf 'From: a@b\nTo: c@d%s.example\n' "${n}" >"spool/${n}.WRK"
		n=$((n + 1))
	done
	get /messages/2
	check_page '200 OK'
	grep -o '/message/[0-9]*"' answer >links
	atf_check_equal 100 "$(wc -l <links)"
	atf_check -o inline:'/message/101"\n' head -n 1 links
	atf_check -o ignore grep 'Page 2 of 3' answer
	get /messages/3
	atf_check_equal 50 "$(grep -c '/message/[0-9]*"' answer)"
	atf_check -s exit:1 grep '>Next<' answer
	get /messages/4
	atf_check -o ignore grep 'no such page' answer
	get /
	atf_check -o ignore grep 'All 250 messages' answer
	atf_check -o ignore grep 'and 225 more domains' answer
}

atf_test_case message__shows_header_text_and_downloads
message__shows_header_text_and_downloads_body() {
	make_conf
	printf 'From: erick@maggot\nTo: bruce@gnat\n' >spool/5.WRK
	printf '%s\n' 'Received: from a by b' 'Subject: =?iso-8859-1?q?gr=FC?=' \
	    'Content-Type: multipart/mixed; boundary=x' '' '--x' \
	    'Content-Type: text/plain; charset=iso-8859-1' \
	    'Content-Transfer-Encoding: quoted-printable' '' 'gr=FC=DF' '--x' \
	    'Content-Type: application/pdf; name="a b.pdf"' \
	    'Content-Transfer-Encoding: base64' '' 'AAECAwQ=' '--x--' \
	    >spool/5.TXT
	get /message/5
	check_page '200 OK'
	atf_check -o ignore grep '<bdi>grü</bdi>' answer
	atf_check -o ignore grep 'grüß' answer
	atf_check -o ignore grep 'href="/message/5/part/2"' answer
	get /message/5/part/2
	printf '\0\1\2\3\4' >want
	sed '1,/^\r$/d' answer >got
	atf_check cmp want got
	atf_check -o ignore grep -a '^Content-Length: 5' answer
	atf_check -o ignore grep -a \
	    '^Content-Type: application/octet-stream' answer
	atf_check -o ignore grep -a \
	    '^Content-Disposition: attachment; filename="a b.pdf"' answer
	get /message/5/text
	sed '1,/^\r$/d' answer >got
	atf_check cmp spool/5.TXT got
	get /message/5/part/3
	atf_check -o match:' 404 ' head -n 1 answer
	get /message/6
	atf_check -o match:' 404 ' head -n 1 answer
	# Nothing else in the directory is a message.
	echo secret >spool/6.TXT
	get /message/6
	check_page '404 Not Found'
}

atf_test_case message__of_a_stranger_stays_text
message__of_a_stranger_stays_text_body() {
	make_conf
	${PAGES} spool spool
	atf_check -o inline:'22 good pages\n' -e ignore \
	    ${PAGES} all spool ${STATUS}
	# What is downloaded is a file, whatever it says it is.
	for path in /message/3/part/1 /message/3/part/2 /message/3/part/3; do
		get "${path}"
		atf_check -o ignore grep \
		    '^Content-Type: application/octet-stream' answer
		atf_check -o ignore grep -E '^Content-Disposition: attachment; filename="[A-Za-z0-9 ._-]+".$' answer
		atf_check -o ignore grep "default-src 'none'; sandbox" answer
	done
}

# One that takes too much ends the process, and the client hears of it.
atf_test_case message__that_takes_too_much_is_answered
message__that_takes_too_much_is_answered_body() {
	sanitizers_cannot 'be bounded in memory'
	make_conf
	printf 'From: erick@maggot\nTo: bruce@gnat\n' >spool/1.WRK
	python3 -c 'print("Subject: " + "x" * 60000000)' >spool/1.TXT
	lines 'GET /message/1 HTTP/1.1' 'Host: localhost' '' >request
	atf_check -s exit:111 -o match:'^HTTP/1.1 503' -e ignore sh -c \
	    "ulimit -v 120000; ${STATUS} <request"
}

atf_test_case head__is_the_head_of_get
head__is_the_head_of_get_body() {
	make_conf
	pair 7 Beers
	for path in /style.css /message/7/text /message/7/part/1; do
		get "${path}"
		sed '/^\r$/q' answer >want
		sed 's/^GET/HEAD/' request >head
		atf_check -o file:want -e ignore ${STATUS} <head
	done
}

# The code of the answer to these octets.
code_of() {
	printf "$1" | ${STATUS} 2>>log | head -n 1 | cut -d ' ' -f 2
}

atf_test_case request__that_is_hostile_gets_its_code
request__that_is_hostile_gets_its_code_body() {
	make_conf
	H='Host: localhost\r\n\r\n'
	atf_check_equal 200 "$(code_of "GET / HTTP/1.1\r\n${H}")"
	atf_check_equal 200 "$(code_of "GET / HTTP/1.0\r\n${H}")"
	atf_check_equal 400 "$(code_of 'GET / HTTP/1.1\nHost: localhost\n\n')"
	atf_check_equal 400 "$(code_of "GET / HTTP/1.1\r\n\r\n")"
	atf_check_equal 400 "$(code_of "\0\0\0\0")"
	atf_check_equal 400 "$(code_of '\026\003\001\002\0\n')"
	atf_check_equal 405 "$(code_of "POST / HTTP/1.1\r\n${H}")"
	for path in /../../etc/passwd /%2e%2e/ /message/0 /message/01 \
	    /message/4294967296 /message/1/part/0 /message/-1 /messages/ \
	    /message/1/ /?x=1 //style.css /style.css/ /sequence.seq; do
		get "${path}"
		atf_check -o inline:'HTTP/1.1 404 Not Found\r\n' \
		    head -n 1 answer
	done
	check_page '404 Not Found'
	for host in evil.example localhost.evil.example 192.0.2.1:8025; do
		printf 'GET / HTTP/1.1\r\nHost: %s\r\n\r\n' "${host}" |
		    ${STATUS} >answer 2>>log
		check_page '421 Misdirected Request'
		atf_check -o ignore grep "code=421 .*host=${host}" log
	done
	get "/$(head -c 3000 /dev/zero | tr '\0' a)"
	check_page '414 URI Too Long'
	get / "Cookie: $(head -c 40000 /dev/zero | tr '\0' a)"
	check_page '431 Request Header Fields Too Large'
	# Nobody said a word, or went away in the midst of one.
	atf_check -o empty -e empty ${STATUS} </dev/null
	printf 'GET / HTTP' >torn
	atf_check -o empty ${STATUS} <torn
}

atf_test_case configuration__that_is_bad_is_told
configuration__that_is_bad_is_told_body() {
	make_conf
	echo 'smtp.nonsense = 1' >>wattcp.cfg
	lines 'GET / HTTP/1.1' 'Host: localhost' '' >request
	atf_check -s exit:100 -o save:answer -e match:'event=configuration' \
	    ${STATUS} <request
	check_page '503 Service Unavailable'
	make_conf
	rmdir spool
	atf_check -s exit:100 -o save:answer -e match:'event=fault' \
	    ${STATUS} <request
	check_page '503 Service Unavailable'
	atf_check -s exit:100 -e match:'event=usage' ${STATUS} -x </dev/null
}

# All pages, and the spool is what it was.
atf_test_case status__changes_nothing
status__changes_nothing_body() {
	make_conf
	pair 7 Beers
	echo 8 >spool/sequence.seq
	atf_check ${SPOOL} sample
	(cd spool && ls -ln --time-style=full-iso && cat ./*) >before
	for path in / /messages/1 /message/7 /message/7/text; do
		get "${path}"
		atf_check -o match:'^HTTP/1.1 200 OK' head -n 1 answer
	done
	(cd spool && ls -ln --time-style=full-iso && cat ./*) >after
	atf_check cmp before after
}

atf_test_case style__has_contrast_in_both_schemes
style__has_contrast_in_both_schemes_body() {
	make_conf
	get /style.css
	atf_check -o ignore grep '^Content-Type: text/css' answer
	sed '1,/^\r$/d' answer >style
	atf_check -o inline:'32 pairs\n' ${PAGES} contrast style
	# Nothing of it is loaded from elsewhere.
	atf_check -s exit:1 grep -i -e 'url(' -e '@import' style
}

# The entry is for this machine alone.
atf_test_case service__serves_on_loopback
service__serves_on_loopback_head() {
	atf_set require.progs 'curl tcpserver'
}
service__serves_on_loopback_body() {
	make_conf
	pair 7 Beers
	${CONF} service -r status tcpserver >run
	atf_check -o inline:'host=127.0.0.1\nport=8025\n' \
	    grep -E '^(host|port)=' run
	port=$(python3 -c 'import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1])')
	sed -i "s/^port=.*/port=${port}/;s/^user=.*/user=$(id -un)/" run
	sh run >log 2>&1 &
	server=$!
	trap 'kill "${server}"' EXIT
	tries=0
	until curl -sS -o got "http://localhost:${port}/message/7"; do
		tries=$((tries + 1))
		[ "${tries}" -lt 200 ] || atf_fail "$(cat log)"
		sleep 0.05
	done
	atf_check -o ignore grep '<h1>Message 7</h1>' got
	atf_check -o inline:421 curl -s -o got -w '%{http_code}' \
	    -H 'Host: evil.example' "http://127.0.0.1:${port}/"
	# What it sends behind the head does not cost it the answer.
	head -c 300000 /dev/zero >zeros
	atf_check -o inline:405 curl -s -o got -w '%{http_code}' \
	    -H 'Expect:' --data-binary @zeros "http://127.0.0.1:${port}/"
	kill "${server}"
	trap - EXIT
}

atf_init_test_cases() {
	atf_add_test_case overview__of_nothing_says_so
	atf_add_test_case overview__shows_what_waits_where_and_why
	atf_add_test_case list__has_a_hundred_on_a_page
	atf_add_test_case message__shows_header_text_and_downloads
	atf_add_test_case message__of_a_stranger_stays_text
	atf_add_test_case message__that_takes_too_much_is_answered
	atf_add_test_case head__is_the_head_of_get
	atf_add_test_case request__that_is_hostile_gets_its_code
	atf_add_test_case configuration__that_is_bad_is_told
	atf_add_test_case status__changes_nothing
	atf_add_test_case style__has_contrast_in_both_schemes
	atf_add_test_case service__serves_on_loopback
}
