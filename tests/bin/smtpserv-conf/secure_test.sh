# smtpserv-conf(1): what mail that leaves needs of TLS (OB-204).

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/certs.subr"

# A configuration by which mail leaves.
make_leave() {
	echo '@ smtp:' | cdb -c -m deliver.cdb
	make_conf "smtp.postmaster = ${PWD}/post/" "smtp.deliver = ${PWD}/deliver.cdb" \
	    'smtp.remote.resolver = 127.0.0.1:53' "$@"
}

# A problem of a key, in `check`: found STATUS KEY TEXT LINE...
found() {
	status=$1
	about=$2
	text=$3
	shift 3
	make_leave "$@"
	atf_check -s exit:"${status}" -o match:"wattcp.cfg: ${about}: ${text}" \
	    ${CONF} check
}

# Nothing is said of it: fine LINE...
fine() {
	make_leave "$@"
	atf_check ${CONF} check
}

atf_test_case ca__is_tried_where_it_is_needed
ca__is_tried_where_it_is_needed_head() {
	atf_set require.progs "openssl cdb"
}
ca__is_tried_where_it_is_needed_body() {
	authority ca
	ca='smtp.remote.ca ='
	wait='mail waits$'
	fine 'smtp.remote.tls = verify' "${ca} ${PWD}/ca"
	fine "${ca} ${PWD}/none"
	found 1 smtp.remote.ca "read ${PWD}/none: No such file.*${wait}" \
	    'smtp.remote.tls = verify' "${ca} ${PWD}/none"
	echo 'no certificate' >none
	found 1 smtp.remote.ca "read ${PWD}/none: no start line: ${wait}" \
	    'smtp.remote.tls = verify' "${ca} ${PWD}/none"
}

atf_test_case certificate__and_key_are_tried
certificate__and_key_are_tried_head() {
	atf_set require.progs "openssl cdb"
}
certificate__and_key_are_tried_body() {
	authority ca
	certificate own ca /CN=gnat ''
	certificate old ca /CN=gnat '' -1
	cert='smtp.remote.cert ='
	key='smtp.remote.key ='
	cat own own.key >both
	fine "${cert} ${PWD}/own" "${key} ${PWD}/own.key"
	fine "${cert} ${PWD}/both"
	found 1 smtp.remote.cert "use ${PWD}/own: " "${cert} ${PWD}/own"
	found 1 smtp.remote.key "use ${PWD}/ca.key: " "${cert} ${PWD}/own" \
	    "${key} ${PWD}/ca.key"
	found 1 smtp.remote.key "use ${PWD}/none: No such file" \
	    "${cert} ${PWD}/own" "${key} ${PWD}/none"
	found 1 smtp.remote.cert "read ${PWD}/none: No such file" \
	    "${cert} ${PWD}/none"
	make_leave "${key} ${PWD}/own.key"
	atf_check -o match:'note: smtp.remote.key: without' ${CONF} check
	found 1 smtp.remote.cert "use ${PWD}/old: it has expired" \
	    "${cert} ${PWD}/old" "${key} ${PWD}/old.key"
}

# OB-133
atf_test_case policy__each_row_is_read
policy__each_row_is_read_head() {
	atf_set require.progs "openssl cdb"
}
policy__each_row_is_read_body() {
	authority ca
	ca="smtp.remote.ca = ${PWD}/ca"
	policy='smtp.remote.policy ='
	printf '%s\n' 'example.org verify' '.example.org match=mx.example.org' \
	    '[relay.example]:587 encrypt' | cdb -c -m good.cdb
	fine "${ca}" "${policy} ${PWD}/good.cdb"
	printf '%s\n' 'example.org strict' 'Example.COM verify' |
	    cdb -c -m bad.cdb
	found 1 smtp.remote.policy 'example.org: a word .* mail for it waits' \
	    "${ca}" "${policy} ${PWD}/bad.cdb"
	found 1 smtp.remote.policy 'Example.COM: no domain .* it is example.com' \
	    "${ca}" "${policy} ${PWD}/bad.cdb"
	found 1 smtp.remote.policy "${PWD}/none.cdb: No such file .* waits" \
	    "${ca}" "${policy} ${PWD}/none.cdb"
	echo 'not a table' >none.cdb
	found 1 smtp.remote.policy "${PWD}/none.cdb: .* waits" "${ca}" \
	    "${policy} ${PWD}/none.cdb"
}

# OB-130
atf_test_case policy__a_socketmap_is_asked
policy__a_socketmap_is_asked_head() {
	atf_set require.progs "openssl python3 cdb"
}
policy__a_socketmap_is_asked_body() {
	authority ca
	ca="smtp.remote.ca = ${PWD}/ca"
	policy='smtp.remote.policy = socketmap:'
	python3 "${BUILD}/tests/support/socketmap.py" 'NOTFOUND ' &
	echo "$!" >servers
	trap stop_servers EXIT
	n=0
	until [ -s map.port ] || [ "$((n += 1))" -gt 200 ]; do sleep 0.05; done
	fine "${ca}" "${policy}inet:127.0.0.1:$(cat map.port):postfix"
	fine "${ca}" "${policy}inet:localhost:$(cat map.port):postfix"
	stop_servers
	make_leave "${ca}" "${policy}unix:${PWD}/map:postfix"
	atf_check -o match:'note: smtp.remote.policy: No such file .* answer' \
	    ${CONF} check
}

atf_init_test_cases() {
	atf_add_test_case ca__is_tried_where_it_is_needed
	atf_add_test_case certificate__and_key_are_tried
	atf_add_test_case policy__each_row_is_read
	atf_add_test_case policy__a_socketmap_is_asked
}
