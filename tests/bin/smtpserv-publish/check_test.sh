# smtpserv-publish check, with a rabbitmqctl that says what real ones said.

. "$(atf_get_srcdir)/../../support/smtpserv.subr"
. "$(atf_get_srcdir)/../../support/certs.subr"

PUBLISH="${BUILD}/bin/smtpserv-publish -f ${PWD}/wattcp.cfg"
TAB=$(printf '\t')

# rabbitmqctl, whose answers are in files that are named after its commands.
make_broker() {
	mkdir bin
	cat >bin/rabbitmqctl <<'END'
#!/bin/sh
echo "$*" >>asked
while case $1 in -n) shift ;; -*) : ;; *) false ;; esac; do shift; done
cat "said/$1"
END
	chmod +x bin/rabbitmqctl
	PATH="${PWD}/bin:${PATH}"
	mkdir said
	: >said/list_operator_policies
	printf '%s\n' 'Running Nodes' '' r@a r@b r@c '' Alarms '' '(none)' '' \
	    'Network Partitions' '' '(none)' >said/cluster_status
	echo '[{r@a,{ok,50331648},{ok,128},{ok,64000000},{ok,pause_minority},4000000000,9000000000}]' \
	    >said/eval
	printf '\tsmtpserv\tqueue\tsmtpserv\nsmtpserv\tsmtpserv\tqueue\tsmtpserv\n' \
	    >said/list_bindings
	common='{"x-delivery-limit",1000000},{"x-max-length-bytes",500000000},{"x-overflow","reject-publish"},{"x-queue-type","quorum"}]'
	copies="${TAB}${TAB}[r@a, r@b, r@c]${TAB}[r@a, r@b, r@c]${TAB}r@b${TAB}"
	{
		echo "smtpserv${TAB}quorum${TAB}"'[{"x-dead-letter-exchange",[]},{"x-dead-letter-routing-key","dead"},{"x-dead-letter-strategy","at-least-once"},'"${common}${copies}5"
		echo "dead${TAB}quorum${TAB}[${common}${copies}0"
	} >said/list_queues
}

atf_test_case check__says_in_its_exit_code_how_bad_it_is
check__says_in_its_exit_code_how_bad_it_is_body() {
	make_conf
	make_broker
	atf_check -o inline:'ok: smtpserv: leader r@b, 5 messages wait\n' \
	    ${PUBLISH} check -n r@a
	atf_check -o match:'^-q -n r@a list_queues -p mail --no-table-headers name type arguments policy members online leader messages$' \
	    -o match:'^-q -n r@a cluster_status$' \
	    -o match:'^-q -n r@a list_bindings -p mail --no-table-headers source_name ' \
	    -o match:'^-q -n r@a list_operator_policies -p mail ' \
	    -o match:'^-q -n r@a eval ' cat asked
	sed -i '/^dead/s/0$/2/' said/list_queues
	atf_check -s exit:1 \
	    -o inline:'warning: dead: 2 messages were given up\n' \
	    ${PUBLISH} check
	sed -i 's/reject-publish/drop-head/' said/list_queues
	atf_check -s exit:2 -o match:'^critical: smtpserv: x-overflow' \
	    -o match:'^warning: dead: 2' ${PUBLISH} check
}

atf_test_case check__takes_the_names_of_the_configuration
check__takes_the_names_of_the_configuration_body() {
	make_conf 'smtp.amqp.vhost = post' 'smtp.amqp.queue = letters' \
	    'smtp.amqp.exchange = office'
	make_broker
	atf_check -s exit:2 -o match:'^critical: letters: no such queue$' \
	    -o match:'^critical: letters: not bound to office by smtpserv: ' \
	    ${PUBLISH} check
	atf_check -o ignore grep -e 'list_queues -p post' asked
}

atf_test_case check__fails_where_nobody_can_be_asked
check__fails_where_nobody_can_be_asked_body() {
	make_conf
	make_broker
	rm said/eval
	atf_check -s exit:111 \
	    -e match:'^smtpserv-publish: rabbitmqctl eval: its exit code is 1$' \
	    ${PUBLISH} check
	rm bin/rabbitmqctl
	if command -v rabbitmqctl >/dev/null; then return; fi
	atf_check -s exit:111 \
	    -e match:'^smtpserv-publish: rabbitmqctl list_queues: it cannot be run$' \
	    ${PUBLISH} check
}

atf_test_case check__looks_at_certificates cleanup
check__looks_at_certificates_head() {
	atf_set require.progs openssl
}
check__looks_at_certificates_body() {
	make_broker
	authority ca
	certificate node ca /CN=localhost DNS:localhost 3
	certificate other ca /CN=other DNS:other
	certificate client ca /CN=smtpserv-publish '' 3
	show node
	show other
	wait_for_ports node other
	make_conf 'smtp.amqp.nodes = localhost:'"$(cat node.port)"',localhost:'"$(cat other.port)"',localhost:1' \
	    "smtp.amqp.ca = ${PWD}/ca" "smtp.amqp.cert = ${PWD}/client" \
	    "smtp.amqp.key = ${PWD}/client.key"
	atf_check -s exit:1 -o save:said.all ${PUBLISH} check
	stop_servers
	cat >want <<END
warning: the certificate of ${PWD}/client ends within a week
warning: the certificate of localhost:$(cat node.port) ends within a week
warning: localhost:$(cat other.port): no TLS: hostname mismatch
warning: localhost:1: no connection
END
	atf_check -o file:want cat said.all
	certificate client ca /CN=smtpserv-publish '' -1
	rm ca
	atf_check -s exit:2 \
	    -o match:"^critical: the certificate of ${PWD}/client is past its end$" \
	    -o match:"^critical: ${PWD}/ca: no certificate can be read$" \
	    -o match:'^critical: smtp.amqp.ca, ' ${PUBLISH} check
}
check__looks_at_certificates_cleanup() {
	stop_servers
}

atf_init_test_cases() {
	atf_add_test_case check__says_in_its_exit_code_how_bad_it_is
	atf_add_test_case check__takes_the_names_of_the_configuration
	atf_add_test_case check__fails_where_nobody_can_be_asked
	atf_add_test_case check__looks_at_certificates
}
