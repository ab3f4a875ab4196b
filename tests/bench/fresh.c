/* SPDX-License-Identifier: ISC */
/*
 * fresh: what a program behind smtp.queue would be that connects to the broker
 * itself, for each message anew; to measure the keeper beside it.
 *
 *	fresh HOST PORT CA CERT KEY
 *
 * Takes a message by qmail-queue's protocol, publishes it as smtpserv-publish
 * does and waits for the broker's word.  Does no more than that.
 */
#include <amqp.h>
#include <amqp_ssl_socket.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	SIZE_MAX_OF_ALL = 64 * 1048576,
	FRAME = 131072,
	UNREACHED = 73,
	NO_WORD = 72
};

static char body[SIZE_MAX_OF_ALL];

/* Append a descriptor's bytes to the body; NULs become line ends. */
static size_t
take(int fd, size_t n)
{
	ssize_t got;

	while ((got = read(fd, body + n, sizeof(body) - n)) > 0)
		n += (size_t)got;
	return (n);
}

static bool
reach(amqp_connection_state_t c, char **argv)
{
	amqp_socket_t *s = amqp_ssl_socket_new(c);
	amqp_rpc_reply_t r;

	if (s == NULL || amqp_ssl_socket_set_cacert(s, argv[3]) != 0 ||
	    amqp_ssl_socket_set_key(s, argv[4], argv[5]) != 0 ||
	    amqp_socket_open(s, argv[1], atoi(argv[2])) != 0)
		return (false);
	r = amqp_login(c, "mail", 0, FRAME, 0, AMQP_SASL_METHOD_EXTERNAL,
	    "smtpserv-publish");
	return (r.reply_type == AMQP_RESPONSE_NORMAL &&
	    amqp_channel_open(c, 1) != NULL && amqp_confirm_select(c, 1) != NULL);
}

static int
publish(amqp_connection_state_t c, size_t n)
{
	amqp_basic_properties_t p = { 0 };
	amqp_bytes_t text = { n, body };
	amqp_frame_t frame;

	p._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
	p.delivery_mode = 2;
	if (amqp_basic_publish(c, 1, amqp_cstring_bytes("smtpserv"),
		amqp_cstring_bytes("smtpserv"), 1, 0, &p, text) != 0)
		return (NO_WORD);
	do {
		if (amqp_simple_wait_frame(c, &frame) != 0)
			return (NO_WORD);
	} while (frame.frame_type != AMQP_FRAME_METHOD);
	return (frame.payload.method.id == AMQP_BASIC_ACK_METHOD ? 0 : NO_WORD);
}

int
main(int argc, char **argv)
{
	amqp_connection_state_t c = amqp_new_connection();
	size_t n;
	size_t i;
	int code = UNREACHED;

	if (argc != 6 || c == NULL)
		return (100);
	/* The envelope comes first on the queue, and second from the client. */
	n = take(STDOUT_FILENO, 0);
	for (i = 0; i < n; i++)
		if (body[i] == '\0')
			body[i] = '\n';
	n = take(STDIN_FILENO, n);
	if (reach(c, argv))
		code = publish(c, n);
	(void)amqp_connection_close(c, AMQP_REPLY_SUCCESS);
	(void)amqp_destroy_connection(c);
	return (code);
}
