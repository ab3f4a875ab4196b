# The nodes themselves: what etc/rabbitmq makes of them.

. "$(atf_get_srcdir)/../support/smtpserv.subr"
. "$(atf_get_srcdir)/../support/quorum.subr"

atf_test_case declare__gives_the_queue_its_arguments
declare__gives_the_queue_its_arguments_body() {
	want_nodes
	# Twice is harmless.
	atf_check -e match:'queue smtpserv takes 400000000 bytes' \
	    ${NODE} rabbit_declare 400000000
	rabbit_ctl 1 list_queues -p mail --no-table-headers name arguments \
	    >queues
	atf_check -o match:'"x-queue-type","quorum"' \
	    -o match:'"x-quorum-initial-group-size",3' \
	    -o match:'"x-overflow","reject-publish"' \
	    -o match:'"x-max-length-bytes",500000000' \
	    -o match:'"x-delivery-limit",1000000' \
	    -o match:'"x-dead-letter-strategy","at-least-once"' \
	    -o match:'"x-dead-letter-routing-key","smtpserv.dead"' \
	    grep '^smtpserv	' queues
	atf_check -o inline:'smtpserv-publish	^$	^smtpserv$	^$
smtpserv-pull	^$	^$	^smtpserv$
' ${NODE} rabbit_ctl 1 list_permissions -p mail --no-table-headers
}

atf_test_case declare__waits_for_three_nodes
declare__waits_for_three_nodes_body() {
	want_nodes
	rabbit_kill 3
	atf_check -s exit:111 -e match:'fewer than three' ${NODE} rabbit_declare
	rabbit_restart 3
}

atf_test_case declare__keeps_the_password_of_a_user
declare__keeps_the_password_of_a_user_body() {
	want_nodes
	rabbit_ctl 1 change_password smtpserv-pull secret
	atf_check -e ignore ${NODE} rabbit_declare
	atf_check -o ignore \
	    ${NODE} rabbit_ctl 1 authenticate_user smtpserv-pull secret
	rabbit_ctl 1 clear_password smtpserv-pull
}

atf_init_test_cases() {
	atf_add_test_case declare__gives_the_queue_its_arguments
	atf_add_test_case declare__waits_for_three_nodes
	atf_add_test_case declare__keeps_the_password_of_a_user
}
