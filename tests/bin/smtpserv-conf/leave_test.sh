# What smtpserv-conf(1) says of mail that is to leave.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/certs.subr"

# A table of the lines of standard input; each argument is one more line of the
# configuration.
make_table() {
	make_conf "smtp.postmaster = ${PWD}/post/" "smtp.deliver = ${PWD}/deliver.cdb" \
	    "$@"
	cat >deliver.txt
	atf_check ${CONF} table deliver.txt
}

# What `check` finds, without paths, behind its exit code, into `got`; that is
# to fit the arguments for atf_check.
found() {
	${CONF} check >all
	{
		echo "exit $?"
		sed "s,${PWD}/,,g" all
	} >got
	atf_check "$@" cat got
}

# OB-31: a resolver that cannot be believed.
atf_test_case resolver__that_cannot_be_believed_is_told
resolver__that_cannot_be_believed_is_told_body() {
	echo '@ smtp:' | make_table 'smtp.remote.resolver = 192.0.2.1:53'
	found -o inline:'exit 0\nwattcp.cfg: note: smtp.remote.resolver: 192.0.2.1:53 not trusted: it is not on this machine, and resolv.conf does not say trust-ad: DANE is not used\n'
	# Who does not want DANE does not need it.
	echo '@ smtp:' | make_table 'smtp.remote.resolver = 192.0.2.1:53' \
	    'smtp.remote.tls = encrypt'
	found -o inline:'exit 0\n'
	# It has nothing to be asked: the only host is an address.
	echo '@ smtp:[127.0.0.1]:25' | make_table 'smtp.remote.resolver = 192.0.2.1:53'
	found -o inline:'exit 0\n'
	echo '@ smtp:[a.example]:25' | make_table 'smtp.remote.resolver = 192.0.2.1:53'
	found -o match:'DANE is not used'
	# Nothing leaves.
	echo "@ ${PWD}/post/" | make_table 'smtp.remote.resolver = 192.0.2.1:53'
	found -o inline:'exit 0\n'
}

# OB-204
atf_test_case keys__that_cannot_be_used_are_told
keys__that_cannot_be_used_are_told_body() {
	make_key() {
		echo '@ smtp:' | make_table 'smtp.remote.resolver = 127.0.0.1:53' "$@"
	}
	make_key
	found -o inline:'exit 0\n'
	make_key 'smtp.remote.helo = gnat'
	found -o inline:'exit 0\nwattcp.cfg: note: smtp.remote.helo: gnat has no dot: many servers refuse such a name\n'
	make_key 'smtp.remote.helo = [192.0.2.1]'
	found -o inline:'exit 0\n'
	make_key 'smtp.remote.source = 192.0.2.77'
	found -o match:'^exit 1$' \
	    -o match:'^wattcp.cfg: smtp.remote.source: .*: mail waits$'
	make_key 'smtp.remote.source = 127.0.0.1'
	found -o inline:'exit 0\n'
	make_key "smtp.remote.filter = ${PWD}/none -x"
	found -o match:'^exit 1$' \
	    -o match:'smtp.remote.filter: no program that can be run by'
}

# OB-146, OB-204
atf_test_case account__that_is_missing_or_cannot_be_used_is_told
account__that_is_missing_or_cannot_be_used_is_told_head() {
	atf_set require.progs openssl
}
account__that_is_missing_or_cannot_be_used_is_told_body() {
	authority ca
	make_relay() {
		printf '%s\n' '@ smtp:[relay.example]:587' '@b smtp:[127.0.0.1]:25' |
		    make_table 'smtp.remote.resolver = 127.0.0.1:53' \
		    'smtp.remote.ca = "'"${PWD}"'/ca"' "$@"
	}
	note='deliver.cdb: note: @: smtp:[relay.example]:587: no account in smtp.remote.auth: such a relay wants one'
	make_relay
	found -o inline:"exit 0\n${note}\n"
	make_relay "smtp.remote.auth = ${PWD}/accounts"
	found -o match:'^exit 1$' \
	    -o match:'smtp.remote.auth: accounts: No such file or directory: mail waits'
	echo 'other.example:587 erick beers' >accounts
	found -o match:'^exit 1$' \
	    -o match:'smtp.remote.auth: accounts: others can read it: chmod 0600: mail waits'
	chmod 600 accounts
	found -o inline:"exit 0\n${note}\n"
	echo 'relay.example:587 erick beers' >>accounts
	found -o inline:'exit 0\n'
	echo 'relay.example 587' >>accounts
	found -o match:'^exit 1$' \
	    -o match:'smtp.remote.auth: accounts:3: not an account: want .*: mail waits'
	# No word of it.
	atf_check -s exit:1 grep -e erick -e beers all
}

# OB-204
atf_test_case whose__shows_where_mail_leaves_to_and_how
whose__shows_where_mail_leaves_to_and_how_body() {
	printf '%s\n' '@ smtp:' 'me@relay.example smtp:[relay.example]:587' |
	    make_table "smtp.remote.policy = ${PWD}/policy.cdb"
	printf '%s\n' 'example.org verify' '.example.org encrypt' \
	    '[relay.example]:587 secure match=relay.example' | cdb -c -m policy.cdb
	atf_check -o inline:'@ smtp:\nhop example.org\npolicy verify\n' -e ignore \
	    ${CONF} whose ann@Example.ORG
	atf_check -o inline:'@ smtp:\nhop mail.example.org\npolicy encrypt\n' \
	    -e ignore ${CONF} whose ann@mail.example.org
	atf_check -o inline:'@ smtp:\nhop elsewhere.example\npolicy dane\n' \
	    -e ignore ${CONF} whose ann@elsewhere.example
	atf_check -o inline:'me@relay.example smtp:[relay.example]:587\nhop [relay.example]:587\npolicy secure match=relay.example\n' \
	    -e ignore ${CONF} whose me@relay.example
	echo '@ smtp:' | make_table 'smtp.remote.tls = may' \
	    'smtp.remote.policy = socketmap:inet:127.0.0.1:8461:postfix'
	atf_check -o inline:'@ smtp:\nhop b.example\npolicy may, or as socketmap:inet:127.0.0.1:8461:postfix says\n' \
	    -e ignore ${CONF} whose a@b.example
}

atf_init_test_cases() {
	atf_add_test_case resolver__that_cannot_be_believed_is_told
	atf_add_test_case keys__that_cannot_be_used_are_told
	atf_add_test_case account__that_is_missing_or_cannot_be_used_is_told
	atf_add_test_case whose__shows_where_mail_leaves_to_and_how
}
