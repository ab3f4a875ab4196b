# What smtpserv-conf(1) says of the keys of a message broker.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/certs.subr"

# make_keys KEY=VALUE...
make_keys() {
	make_conf
	for line; do
		echo "smtp.amqp.${line%%=*} = \"${line#*=}\"" >>wattcp.cfg
	done
}

found() {
	${CONF} check >all
	{
		echo "exit $?"
		sed "s,${PWD}/,,g" all
	} >got
	atf_check "$@" cat got
}

atf_test_case check__of_a_broker_names_the_key_that_is_wrong
check__of_a_broker_names_the_key_that_is_wrong_body() {
	printf 'ann\nsecret\n' >login
	chmod 600 login
	make_keys "login=${PWD}/none"
	found -o inline:'exit 0\n'
	make_keys 'nodes=127.0.0.1:5672' "login=${PWD}/login"
	found -o inline:'exit 0\n'
	make_keys 'nodes=127.0.0.1:5672' "login=${PWD}/login" 'time=295'
	found -o match:'exit 1' -o match:'smtp.amqp.time: not less than'
	make_keys 'nodes=127.0.0.1:5672' "login=${PWD}/login" 'time=294'
	found -o inline:'exit 0\n'
	make_keys 'nodes=192.0.2.1:5672' "login=${PWD}/login"
	found -o match:'exit 1' -o match:'smtp.amqp.ca: missing'
	chmod 644 login
	make_keys 'nodes=127.0.0.1:5672' "login=${PWD}/login"
	found -o match:'exit 1' -o match:'smtp.amqp.login: .*from others'
	authority ca
	certificate old ca /CN=mailpub '' -1
	make_keys 'nodes=b.example:5671' "ca=${PWD}/ca" "cert=${PWD}/old" \
	    "key=${PWD}/old.key"
	found -o match:'exit 1' -o match:'smtp.amqp.cert: expired: mail will'
	make_keys 'nodes=b.example:5671' "ca=${PWD}/ca" "cert=${PWD}/ca" \
	    "key=${PWD}/ca.key"
	found -o inline:'exit 0\n'
	make_keys 'nodes=b.example'
	found -o match:'exit 1' -o match:'smtp.amqp.nodes: want HOST:PORT'
}

atf_init_test_cases() {
	atf_add_test_case check__of_a_broker_names_the_key_that_is_wrong
}
