# From a client through a super-server, the session and the spool to the
# worker, by one table of recipients: what README.md promises.

. "$(atf_get_srcdir)/../support/smtpserv.subr"

PIDS=

# In the background; it ends with the test, however that ends.
start() {
	trap 'kill ${PIDS} 2>/dev/null || true' EXIT
	"$@" &
	PIDS="${PIDS} $!"
}

# The lines on descriptor 0 become the table; HERE in them is the directory.
make_table() {
	sed "s,HERE,${PWD}," >deliver.txt
	echo 'root@gnat.example.test |exit 0' >>deliver.txt
	atf_check cdb -c -m deliver.cdb deliver.txt
	# A table without the key `@' gets a note of what its reports will do.
	atf_check -o ignore ${CONF} check
}

# tcpserver on a free port of 127.0.0.1, which is then ${PORT}, and a worker.
serve() {
	start tcpserver -1 -H -R -l 0 127.0.0.1 0 ${SESSION} >port 2>log
	start "${BUILD}/bin/smtpserv-work" -f "${PWD}/wattcp.cfg" 2>worklog
	await test -s port
	PORT=$(cat port)
}

# send TEXT RECIPIENT...: what the server says to each recipient is in `said`.
send() {
	text=$1
	shift
	for to; do
		echo "Subject: ${text}" >sent
		curl -sS -T sent --mail-from erick@maggot.example \
		    --mail-rcpt "${to}" "smtp://127.0.0.1:${PORT}" 2>why &&
		    echo "${to} accepted" || echo "${to} $(grep -o '5[0-9][0-9]' why)"
	done >said
}

# in_maildir DIRECTORY TEXT: is a message with that subject in it?
in_maildir() {
	grep -qsx "Subject: $2" "$1"/new/*
}

empty_spool() {
	[ -z "$(spool_files)" ]
}

atf_test_case deliver__by_a_table_from_a_client_to_its_place
deliver__by_a_table_from_a_client_to_its_place_head() {
	atf_set descr 'mail for tickets runs a script, everybody else gets a
	    Maildir, nobody else is accepted; then the table is another'
	atf_set require.progs 'tcpserver curl cdb'
}
deliver__by_a_table_from_a_client_to_its_place_body() {
	make_conf "smtp.deliver = ${PWD}/deliver.cdb" \
	    'smtp.postmaster = ann@gnat.example.test'
	cat >ticket <<-'EOF'
		#!/bin/sh
		{
			echo "ticket $EXT of $SENDER:"
			grep '^Subject: '
		} >ticket.new && mv ticket.new "ticket.$EXT"
	EOF
	chmod +x ticket
	make_table <<-'TABLE'
		tickets@gnat.example.test  |HERE/ticket
		ann@gnat.example.test      HERE/ann/
		sales@gnat.example.test    &ann@gnat.example.test
		sales@gnat.example.test    &bob@gnat.example.test
		@gnat.example.test         HERE/everybody/
	TABLE
	serve
	send one tickets+4711@gnat.example.test
	send two ann@gnat.example.test
	send three bob@gnat.example.test
	send four sales@gnat.example.test
	send five postmaster
	send six ann@elsewhere.example postmaster@elsewhere.example
	atf_check -o inline:'ann@elsewhere.example 550
postmaster@elsewhere.example 550
' cat said
	await test -e ticket.4711
	atf_check -o inline:'ticket 4711 of erick@maggot.example:
Subject: one
' cat ticket.4711
	await in_maildir ann two
	await in_maildir everybody three
	await in_maildir ann four
	await in_maildir everybody four
	await in_maildir ann five
	await empty_spool
	# Another table holds for both from now on; none is started anew.
	make_table <<-'TABLE'
		ann@gnat.example.test      HERE/other/
	TABLE
	send seven ann@gnat.example.test bob@gnat.example.test
	atf_check -o inline:'ann@gnat.example.test accepted
bob@gnat.example.test 550
' cat said
	await in_maildir other seven
	await empty_spool
	atf_check -s exit:1 grep -E 'result=(failed|later)' worklog
	# One of each, but for what was forwarded to two.
	atf_check -o inline:'3\n' -x 'cat ann/new/* | grep -c ^Subject:'
	atf_check -o inline:'2\n' -x 'cat everybody/new/* | grep -c ^Subject:'
	atf_check -o inline:'1\n' -x 'cat other/new/* | grep -c ^Subject:'
}

atf_test_case relay__by_the_route_for_those_who_may
relay__by_the_route_for_those_who_may_head() {
	atf_set descr 'with RELAYCLIENT from the super-server, mail for others
	    goes by the key @'
	atf_set require.progs 'tcpserver curl cdb'
}
relay__by_the_route_for_those_who_may_body() {
	make_conf "smtp.deliver = ${PWD}/deliver.cdb" \
	    'smtp.postmaster = ann@gnat.example.test'
	make_table <<-'TABLE'
		ann@gnat.example.test  HERE/ann/
		@                      |cat >relayed.new; mv relayed.new "relayed.$RECIPIENT"
	TABLE
	serve
	send one friend@elsewhere.example
	atf_check -o inline:'friend@elsewhere.example 550\n' cat said
	kill ${PIDS}
	wait
	PIDS=
	rm port
	export RELAYCLIENT=
	serve
	send two friend@elsewhere.example ann@gnat.example.test
	atf_check -o inline:'friend@elsewhere.example accepted
ann@gnat.example.test accepted
' cat said
	await test -e relayed.friend@elsewhere.example
	atf_check -o inline:'Subject: two\n' \
	    grep '^Subject:' relayed.friend@elsewhere.example
	await in_maildir ann two
	await empty_spool
}

atf_init_test_cases() {
	atf_add_test_case deliver__by_a_table_from_a_client_to_its_place
	atf_add_test_case relay__by_the_route_for_those_who_may
}
