# The walk of smtpserv-quorum(7), word by word, but for its port and for what
# starts and ends the nodes.

. "$(atf_get_srcdir)/../support/smtpserv.subr"
. "$(atf_get_srcdir)/../support/quorum.subr"

PAGE=bin/smtpserv-publish/smtpserv-quorum.7

# A sleep gives the mail time; a test waits for it.
sleep() {
	case $1 in
	1) rabbit_await 30 has_come ;;
	*) command sleep "$@" ;;
	esac
}

# A message more than before.
has_come() {
	[ "$(find var/pulled -name '*.WRK' | wc -l)" -gt "${seen:-0}" ] &&
	    seen=$(find var/pulled -name '*.WRK' | wc -l)
}

atf_test_case walk__leads_from_three_nodes_to_a_killed_leader
walk__leads_from_three_nodes_to_a_killed_leader_head() {
	atf_set require.progs "curl mandoc tcpserver s6-ipcserver-socketbinder"
}
walk__leads_from_three_nodes_to_a_killed_leader_body() {
	make_quorum
	export NODES
	ln -s "${BUILD}" build
	ln -s "${TREE}/tests" tests
	mkdir -p var/rqueue var/nodes
	for user in publish pull; do
		rabbit_keys "${user}" >"var/nodes/${user}.cfg"
	done
	port=$(rabbit_free_ports 1)
	# As `make run' does.
	printf 'smtp.listen = 127.0.0.1:%s\nsmtp.subdir = "%s"\n' "${port}" \
	    "${PWD}/var/rqueue" >var/wattcp.cfg
	mandoc -T ascii -O width=500 "${TREE}/${PAGE}" |
	    sed 's/.\x08//g; s/^ *//' |
	    sed -n '/^nodes() /,/^kill /p' |
	    sed "s/:2525/:${port}/" >page
	lines_of page >walk
	atf_check -o match:'^kill ' tail -n 1 walk
	. ./walk >out 2>err
	wait
	cat out err
	# From, To and Queue-Id, and what was told in between.
	for to in ann bruce dave; do
		atf_check -o ignore grep "^To: ${to}@gnat.example" out
	done
	atf_check -s exit:1 grep '^To: carol' out
	atf_check -o inline:'1\n' grep -c '^warning: 2 of 3 nodes run$' out
	atf_check -o inline:'1\n' grep -c '^ok: smtpserv: leader' out
	atf_check -o match:'^curl: .8. ' cat err
}

# Without the sentences in between, which end in a full stop or a colon.
lines_of() {
	awk '
	/^$/ { block = ""; next_is_text = 1; next }
	next_is_text && /^[A-Z]/ { text = 1 }
	next_is_text && !/^[A-Z]/ { text = 0 }
	{ next_is_text = 0 }
	!text' "$1"
}

atf_init_test_cases() {
	atf_add_test_case walk__leads_from_three_nodes_to_a_killed_leader
}
