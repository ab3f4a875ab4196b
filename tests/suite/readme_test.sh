# The README's walk-through, word by word, but for its port and for what
# fetches and builds the programs.

. "$(atf_get_srcdir)/../support/smtpserv.subr"

ROOT=$(atf_get_srcdir)/../../..
# `make asan` builds one directory further down.
[ -f "${ROOT}/Makefile" ] || ROOT=${ROOT}/..

# A sleep gives the worker time; a test waits for what it is to do.
sleep() {
	case $1 in
	1) await spool_is_empty ;;
	2) await relay_listens ;;
	*) command sleep "$@" ;;
	esac
}

spool_is_empty() {
	! ls var/rqueue | grep -q 'WRK$'
}

relay_listens() {
	python3 -c 'import socket, sys
socket.create_connection(("127.0.0.1", sys.argv[1]))' "${other}" 2>/dev/null
}

# The commands of a section, on the ports of this test.
section() {
	awk -v name="$1" '
	    /^## / { is_it = index($0, "## " name) == 1 }
	    is_it && sub(/^    /, "")' "${ROOT}/README.md" |
	    sed "s/:2525/:${port}/; s/:2526/:${other}/"
}

serve() {
	build/bin/smtpserv -f var/wattcp.cfg >server.log 2>&1 &
	server=$!
	await grep -q 'listening on' server.log
}

begin() {
	mkdir -p var/rqueue
	ln -s "${BUILD}" build
	# shellcheck disable=SC2046
	set -- $(python3 -c 'import socket
s = [socket.socket() for i in range(2)]
for one in s:
    one.bind(("127.0.0.1", 0))
    print(one.getsockname()[1])')
	port=$1 other=$2
	# As `make run' does.
	printf 'smtp.listen = 127.0.0.1:%s\nsmtp.subdir = "%s"\n' "${port}" \
	    "${PWD}/var/rqueue" >var/wattcp.cfg
	serve
}

# Those behind a dollar, and the lines that go on with them.
try_it() {
	section 'Try it' | sed '/smtpserv-remote/,$d' | awk '
	    sub(/^\$ /, "") || goes_on { print; goes_on = /\\$/ }' >tries
	. ./tries >out 2>err
	atf_check -o match:'^To: bruce@gnat.example$' -o match:'^Six.$' cat out
}

five_minutes() {
	section 'Five minutes' | sed '1,/^make run/d' >steps
	# The last command is refused, and that is no failure.
	echo 'worker=$(jobs -p | tail -n 1)' >>steps
	. ./steps >out 2>err
	atf_check -o match:'^A ticket from erick@maggot about 4711:$' \
	    -o match:'^Delivered-To: bruce@gnat.example$' \
	    -o match:'^Since noon.$' cat out
	atf_check -o match:'RCPT failed: 550' -o not-match:'not found' cat err
	spool_is_empty || atf_fail 'something is left in the spool'
	# What came before there was a table has been delivered, too, and
	# nobody has got a report.
	atf_check -o ignore grep -r 'Six?' var/bruce/new
	[ -z "$(ls var/ann/new 2>/dev/null)" ] || atf_fail 'a report'
}

# The relay is a process more; what it serves is its spool.
mail_to_others() {
	section 'Mail to others' >others
	echo 'relay=$!' >>others
	. ./others >out 2>err
	atf_check -o match:'^offers CHUNKING$' -o match:'^@ smtp:\[127' \
	    -o match:'^From: ann@gnat.example$' \
	    -o match:'^To: erick@maggot.example$' -o match:'^Six.$' cat out
	atf_check -o match:'only from clients that may relay' \
	    -o not-match:'not found|No such' cat err
	kill "${relay}"
	wait "${relay}" || true
	# A stranger may not.
	atf_check -s exit:55 -e match:'RCPT failed: 550' curl -sS \
	    "smtp://127.0.0.1:${port}" --mail-from x@y.example \
	    --mail-rcpt erick@maggot.example --upload-file others
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
	mail_to_others
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
