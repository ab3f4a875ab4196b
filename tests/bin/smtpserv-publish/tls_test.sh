# The keeper and TLS: who is believed, and how it logs in.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/certs.subr"

SUPPORT="$(atf_get_srcdir)/../../support"
PUBLISH="${BUILD}/bin/smtpserv-publish"

make_certificates() {
	authority ca
	authority other
	certificate node ca /CN=node DNS:localhost,IP:127.0.0.1
	certificate client ca /CN=mailpub ''
}

atf_test_case tls__logs_in_by_certificate_to_a_verified_node_only
tls__logs_in_by_certificate_to_a_verified_node_only_body() {
	make_certificates
	certificate stranger other /CN=node DNS:localhost,IP:127.0.0.1
	certificate elsewhere ca /CN=node DNS:gnat.example,IP:192.0.2.1
	certificate old ca /CN=node DNS:localhost,IP:127.0.0.1 -1
	certificate alien other /CN=mailpub ''
	certificate late ca /CN=mailpub '' -1
	atf_check python3 "${SUPPORT}/keeper.py" "${PUBLISH}" TLS
}

# trial KEY=VALUE... -- WANTED...
trial() {
	make_conf
	while [ "$1" != -- ]; do
		echo "smtp.amqp.${1%%=*} = \"${1#*=}\"" >>wattcp.cfg
		shift
	done
	shift
	atf_check "$@" "${PUBLISH}" -n -f wattcp.cfg
}

atf_test_case trial__says_which_key_is_wrong_and_why
trial__says_which_key_is_wrong_and_why_body() {
	make_certificates
	certificate old ca /CN=mailpub '' -1
	printf 'ann\nsecret\n' >login
	chmod 600 login
	printf 'ann\nsecret\n' >open
	chmod 644 open
	here='nodes=127.0.0.1:5672'
	there='nodes=b.example:5671'
	key='client.key'
	trial "${here}" "login=${PWD}/login" -- -s exit:0
	trial "${there}" "ca=${PWD}/ca" "cert=${PWD}/client" \
	    "key=${PWD}/${key}" -- -s exit:0
	trial -- -s exit:100 -e match:'key=smtp.amqp.nodes why="missing'
	trial "${there}" "login=${PWD}/login" -- -s exit:100 \
	    -e match:'key=smtp.amqp.ca why="missing'
	trial "${here}" -- -s exit:100 -e match:'key=smtp.amqp.login why="missing'
	trial "${here}" "login=${PWD}/open" -- -s exit:100 \
	    -e match:'key=smtp.amqp.login why="unable to keep from others'
	trial "${here}" "login=${PWD}/none" -- -s exit:100 \
	    -e match:'key=smtp.amqp.login why="unable to open'
	trial "${there}" "ca=${PWD}/none" "login=${PWD}/login" -- -s exit:100 \
	    -e match:'key=smtp.amqp.ca why='
	trial "${there}" "ca=${PWD}/ca" "cert=${PWD}/client" \
	    "key=${PWD}/ca.key" -- -s exit:100 \
	    -e match:'key=smtp.amqp.cert why='
	trial "${there}" "ca=${PWD}/ca" "cert=${PWD}/old" \
	    "key=${PWD}/old.key" -- -s exit:100 \
	    -e match:'key=smtp.amqp.cert why=expired'
}

atf_test_case main__wants_a_listening_socket
main__wants_a_listening_socket_body() {
	printf 'ann\nsecret\n' >login
	chmod 600 login
	make_conf 'smtp.amqp.nodes = 127.0.0.1:5672' \
	    "smtp.amqp.login = \"${PWD}/login\""
	atf_check -s exit:100 -e match:'descriptor 0' "${PUBLISH}" \
	    -f wattcp.cfg </dev/null
}

atf_init_test_cases() {
	atf_add_test_case tls__logs_in_by_certificate_to_a_verified_node_only
	atf_add_test_case trial__says_which_key_is_wrong_and_why
	atf_add_test_case main__wants_a_listening_socket
}
