# The README's walk-through, word by word, but for its port and for what
# fetches and builds the programs.

. "$(atf_get_srcdir)/../support/smtpserv.subr"

ROOT=$(atf_get_srcdir)/../../..
# `make asan` builds one directory further down.
[ -f "${ROOT}/Makefile" ] || ROOT=${ROOT}/..

# Until a command succeeds; a bound, not an expectation.
await() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ "${tries}" -lt 1200 ] || atf_fail "in vain: $*"
		sleep 0.05
	done
}

# A sleep gives the worker time; a test waits for what it is to do.
sleep() {
	case $1 in
	1) await spool_is_empty ;;
	*) command sleep "$@" ;;
	esac
}

spool_is_empty() {
	! ls var/rqueue | grep -q 'WRK$'
}

# The commands of a section, each on the port of this test.
section() {
	sed -n "/^## $1/,/$2/s/^    //p" "${ROOT}/README.md"
}

serve() {
	build/bin/smtpserv -f var/wattcp.cfg >server.log 2>&1 &
	server=$!
	await grep -q 'listening on' server.log
}

begin() {
	mkdir -p var/rqueue
	ln -s "${BUILD}" build
	port=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	# As `make run' does.
	printf 'smtp.listen = 127.0.0.1:%s\nsmtp.subdir = "%s"\n' "${port}" \
	    "${PWD}/var/rqueue" >var/wattcp.cfg
	serve
}

# Those behind a dollar, and the lines that go on with them.
try_it() {
	section 'Try it' '^You can look' | awk '
	    sub(/^\$ /, "") || goes_on { print; goes_on = /\\$/ }' |
	    sed "s/:2525/:${port}/" >tries
	. ./tries >out 2>err
	atf_check -o match:'^To: bruce@gnat.example$' -o match:'^Six.$' cat out
}

five_minutes() {
	section 'Five minutes' '^`table` tells' |
	    sed "1,/^make run/d; s/:2525/:${port}/" >steps
	# The last command is refused, and that is no failure.
	echo 'worker=$(jobs -p | tail -n 1)' >>steps
	. ./steps >out 2>err
	atf_check -o match:'^A ticket from erick@maggot about 4711:$' \
	    -o match:'^Delivered-To: bruce@gnat.example$' \
	    -o match:'^Since noon.$' cat out
	atf_check -o match:'RCPT failed: 550' cat err
	spool_is_empty || atf_fail 'something is left in the spool'
	# What came before there was a table has been delivered, too, and
	# nobody has got a report.
	atf_check -o ignore grep -r 'Six?' var/bruce/new
	[ -z "$(ls var/ann/new 2>/dev/null)" ] || atf_fail 'a report'
}

end() {
	kill "${worker}" "${server}"
	wait "${worker}" "${server}" || true
}

atf_test_case readme__is_as_it_says_from_top_to_bottom
readme__is_as_it_says_from_top_to_bottom_head() {
	atf_set require.progs "curl tcpserver python3"
	atf_set timeout 120
}
readme__is_as_it_says_from_top_to_bottom_body() {
	begin
	try_it
	five_minutes
	end
}

# The lines of smtpserv-tls(8), where README leads, in the same clone.
atf_test_case tls__goes_on_after_the_five_minutes
tls__goes_on_after_the_five_minutes_head() {
	atf_set require.progs "curl tcpserver python3 swaks openssl mandoc"
	atf_set timeout 120
}
tls__goes_on_after_the_five_minutes_body() {
	perl -MNet::SSLeay -e 1 2>/dev/null ||
	    atf_skip 'swaks needs libnet-ssleay-perl for TLS'
	begin
	try_it
	five_minutes
	kill "${server}"
	wait "${server}" || true
	mandoc -T ascii -O width=500 "${ROOT}/libexec/smtpserv-tls/smtpserv-tls.8" |
	    sed 's/.\x08//g; s/^ *//' >page
	sed -n '/^openssl req/,/^make run/p' page | sed '$d' >keys
	sed -n '/^swaks /,/^$/p' page | sed "s/:2525/:${port}/" >send
	[ -s keys ] && [ -s send ] || atf_fail 'the page has no such lines'
	. ./keys >out 2>err
	atf_check -o match:'note: .*no key' \
	    build/bin/smtpserv-conf -f var/wattcp.cfg check
	serve
	atf_check -o match:'250 2.0.0' sh ./send
	await spool_is_empty
	atf_check -o ignore grep -r 'with ESMTPSA' var/bruce/new
	end
}

atf_init_test_cases() {
	atf_add_test_case readme__is_as_it_says_from_top_to_bottom
	atf_add_test_case tls__goes_on_after_the_five_minutes
}
