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

atf_test_case readme__five_minutes_are_as_it_says
readme__five_minutes_are_as_it_says_head() {
	atf_set require.progs "cdb curl tcpserver python3"
	atf_set timeout 120
}
readme__five_minutes_are_as_it_says_body() {
	mkdir -p var/rqueue
	ln -s "${BUILD}" build
	port=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	# As `make run' does.
	printf 'smtp.listen = 127.0.0.1:%s\nsmtp.subdir = "%s"\n' "${port}" \
	    "${PWD}/var/rqueue" >var/wattcp.cfg
	build/bin/smtpserv -f var/wattcp.cfg >server.log 2>&1 &
	server=$!
	sed -n '/^## Five minutes/,/^A table that/s/^    //p' \
	    "${ROOT}/README.md" | sed "1,/^make run/d; s/:2525/:${port}/" >steps
	# The last command is refused, and that is no failure.
	echo 'worker=$(jobs -p | tail -n 1)' >>steps
	await grep -q 'listening on' server.log
	. ./steps >out 2>err
	kill "${worker}" "${server}"
	wait "${worker}" "${server}" || true
	atf_check -o match:'^A ticket from erick@maggot about 4711:$' \
	    -o match:'^Delivered-To: bruce@gnat.example$' \
	    -o match:'^Since noon.$' cat out
	atf_check -o match:'RCPT failed: 550' cat err
	spool_is_empty || atf_fail 'something is left in the spool'
}

atf_init_test_cases() {
	atf_add_test_case readme__five_minutes_are_as_it_says
}
