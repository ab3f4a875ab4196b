# T10: smtpserv-publish check tells what is wrong with a real broker.

. "$(atf_get_srcdir)/../support/smtpserv.subr"
. "$(atf_get_srcdir)/../support/quorum.subr"

# says CODE LINE...: what check prints, among other lines.
says() {
	rabbit_look "${NODES}/check.cfg" >said 2>&1
	code=$?
	cat said
	atf_check_equal "$1" "${code}"
	shift
	for line; do
		atf_check -o ignore grep -e "^${line}" said
	done
}

configure() {
	want_nodes
	{
		rabbit_keys publish | grep -e nodes -e ca
		for line; do
			echo "${line}"
		done
	} >"${NODES}/check.cfg"
}

atf_test_case check__has_nothing_to_say_of_what_was_declared
check__has_nothing_to_say_of_what_was_declared_body() {
	configure
	says 0 'ok: smtpserv: leader r[123]@localhost, [0-9]* messages wait$'
}

atf_test_case check__tells_copies_that_are_missing
check__tells_copies_that_are_missing_body() {
	configure
	rabbit_tool 1 rabbitmq-queues -q delete_member -p mail smtpserv \
	    r3@localhost >deleted
	says 2 'critical: smtpserv: 2 of 3 copies'
	rabbit_tool 1 rabbitmq-queues -q add_member -p mail smtpserv \
	    r3@localhost >added
	rabbit_kill 3
	says 1 'warning: 2 of 3 nodes run' 'warning: smtpserv: 2 of 3 copies'
	rabbit_restart 3
}

atf_test_case check__tells_alarms_and_policies
check__tells_alarms_and_policies_body() {
	configure
	rabbit_ctl 2 set_vm_memory_high_watermark 0.00001
	rabbit_ctl 1 set_policy -p mail short '.*' '{"max-length":5}'
	rabbit_ctl 1 set_operator_policy -p mail shorter '.*' '{"max-length":5}'
	says 2 'critical: Memory alarm on node r2@localhost: ' \
	    'critical: smtpserv: the policy short may ' \
	    'critical: the operator.s policy shorter may '
	rabbit_ctl 2 set_vm_memory_high_watermark absolute 3GB
	rabbit_ctl 1 clear_policy -p mail short
	rabbit_ctl 1 clear_operator_policy -p mail shorter
}

atf_test_case check__tells_what_was_declared_otherwise
check__tells_what_was_declared_otherwise_body() {
	configure 'smtp.amqp.queue = other' 'smtp.amqp.exchange = others' \
	    'smtp.maxsize = 60000000'
	cat >"${NODES}/other.json" <<'END'
{"exchanges": [{"name": "others", "vhost": "mail", "type": "fanout",
  "durable": true, "auto_delete": false, "internal": false, "arguments": {}}],
 "queues": [{"name": "other", "vhost": "mail", "durable": true,
  "auto_delete": false, "arguments": {"x-queue-type": "quorum",
  "x-quorum-initial-group-size": 1, "x-message-ttl": 1000000}}],
 "bindings": [{"source": "others", "vhost": "mail", "destination": "other",
  "destination_type": "queue", "routing_key": "any", "arguments": {}}]}
END
	rabbit_ctl 1 import_definitions "${NODES}/other.json"
	says 2 'critical: other: 1 of 3 copies' \
	    'critical: other: without x-overflow' \
	    'critical: other: without x-max-length-bytes' \
	    'critical: other: without x-delivery-limit' \
	    'critical: other: x-message-ttl may throw mail away' \
	    'critical: other: without x-dead-letter-strategy' \
	    'critical: other: bound to others by any, too' \
	    'critical: other: not bound to others by smtpserv' \
	    'critical: r[123]@localhost: max_message_size is '
	rabbit_ctl 1 delete_queue -p mail other
}

atf_init_test_cases() {
	atf_add_test_case check__has_nothing_to_say_of_what_was_declared
	atf_add_test_case check__tells_copies_that_are_missing
	atf_add_test_case check__tells_alarms_and_policies
	atf_add_test_case check__tells_what_was_declared_otherwise
}
