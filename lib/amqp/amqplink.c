/* SPDX-License-Identifier: ISC */
#include "amqp/amqplink.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#if __has_include(<rabbitmq-c/ssl_socket.h>)
#include <rabbitmq-c/ssl_socket.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#endif

#include "amqp/amqplogin.h"
#include "bytes/buf.h"
#include "sys/sysclock.h"

enum {
	CONNECT_MS = 2000,
	HANDSHAKE_MS = 3000,
	CLOSE_MS = 100,
	/* A peer that is gone without a word is given up after as long. */
	GONE_MS = 10000,
	IDLE_SECONDS = 10,
	PROBE_SECONDS = 5,
	PROBES = 2,
	/*
	 * What the kernel takes of us and cannot send yet: no more than a
	 * frame, so that the look between two frames is not too late.
	 */
	UNSENT = 131072,
	FRAME_MAX = AMQP_DEFAULT_FRAME_SIZE,
	FRAME_OWN = 8, /* what is not the payload of a frame */
	OK_CODE = 200,
	/* OpenSSL's reason for an alert of the peer is this and its number. */
	ALERT_REASON = 1000,
	MS = 1000
};

void
amqplink_init(struct amqplink *l)
{
	*l = (struct amqplink){ .code = 0 };
}

bool
amqplink_is_open(const struct amqplink *l)
{
	return (l->state != NULL);
}

amqp_bytes_t
amqplink_bytes(const char *text)
{
	return (amqp_cstring_bytes(text));
}

amqp_bytes_t
amqplink_view(struct bytes text)
{
	amqp_bytes_t b = { .len = text.n };

	/* The library reads it only, but its type cannot say so. */
	memcpy(&b.bytes, &text.p, sizeof(b.bytes));
	return (b);
}

static void
say(struct amqplink *l, struct bytes text)
{
	struct buf b;

	buf_init(&b, l->why, sizeof(l->why) - 1);
	(void)buf_put_text(&b, text);
	l->why[buf_view(&b).n] = '\0';
}

/* A connection of which nothing more is wanted. */
static enum amqplink_word
broken(struct amqplink *l, enum amqplink_word word, const char *why)
{
	l->is_broken = true;
	if (why != NULL)
		say(l, bytes_of(why));
	return (word);
}

static int64_t
sooner(int64_t until_ms, int64_t ms)
{
	int64_t at = sysclock_ms() + ms;

	return (at < until_ms ? at : until_ms);
}

/* From now to then, as the library wants it; never less than nothing. */
static struct timeval
time_until(int64_t until_ms)
{
	int64_t left = until_ms - sysclock_ms();

	if (left < 0)
		left = 0;
	if (left > INT32_MAX)
		left = INT32_MAX;
	return ((struct timeval){
	    .tv_sec = left / MS, .tv_usec = (left % MS) * MS });
}

/* The server's own words for why it ends the channel or the connection. */
static bool
take_close(struct amqplink *l, const amqp_method_t *m)
{
	const amqp_connection_close_t *connection = m->decoded;
	const amqp_channel_close_t *channel = m->decoded;
	amqp_bytes_t text;

	if (m->id == AMQP_CONNECTION_CLOSE_METHOD) {
		l->code = connection->reply_code;
		text = connection->reply_text;
	} else if (m->id == AMQP_CHANNEL_CLOSE_METHOD) {
		l->code = channel->reply_code;
		text = channel->reply_text;
	} else {
		return (false);
	}
	say(l, (struct bytes){ text.bytes, text.len });
	return (true);
}

/* The words of TLS for an error that the library knows by a number only. */
static enum amqplink_word
tls_trouble(struct amqplink *l, int status)
{
	unsigned long e = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(e);

	if (reason == NULL)
		return (
		    broken(l, AMQPLINK_UNREACHED, amqp_error_string2(status)));
	/* An alert: it has seen what we are, and does not like it. */
	return (broken(l,
	    ERR_GET_REASON(e) >= ALERT_REASON ? AMQPLINK_REFUSED
					      : AMQPLINK_UNREACHED,
	    reason));
}

/* What a failure of the library means while a connection is made. */
static enum amqplink_word
trouble(struct amqplink *l, int status)
{
	switch (status) {
	case AMQP_STATUS_SSL_PEER_VERIFY_FAILED:
	case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED:
	case AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD:
		return (
		    broken(l, AMQPLINK_REFUSED, amqp_error_string2(status)));
	case AMQP_STATUS_SSL_ERROR:
	case AMQP_STATUS_SSL_CONNECTION_FAILED:
		return (tls_trouble(l, status));
	default:
		return (
		    broken(l, AMQPLINK_UNREACHED, amqp_error_string2(status)));
	}
}

/* Of an exchange of methods while a connection is made, or of any other. */
static enum amqplink_word
word_of(struct amqplink *l, const amqp_rpc_reply_t *r)
{
	if (r->reply_type == AMQP_RESPONSE_NORMAL)
		return (AMQPLINK_OK);
	if (r->reply_type == AMQP_RESPONSE_SERVER_EXCEPTION &&
	    take_close(l, &r->reply))
		return (broken(l, AMQPLINK_CLOSED, NULL));
	if (r->reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION)
		return (trouble(l, r->library_error));
	return (broken(l, AMQPLINK_UNREACHED, "no answer"));
}

/* From here on a call of the library that sends ends at that moment. */
static void
arm(struct amqplink *l, int64_t until_ms)
{
	struct timeval tv = time_until(until_ms);
	struct itimerspec at = { .it_value = { tv.tv_sec, tv.tv_usec * MS } };

	/* All zeros would be no timer at all. */
	if (at.it_value.tv_sec == 0 && at.it_value.tv_nsec == 0)
		at.it_value.tv_nsec = 1;
	if (l->has_timer && timer_settime(l->timer, 0, &at, NULL) != 0)
		l->is_broken = true;
}

static void
disarm(struct amqplink *l)
{
	static const struct itimerspec never;

	if (l->has_timer && timer_settime(l->timer, 0, &never, NULL) != 0)
		l->is_broken = true;
}

static bool
make_timer(struct amqplink *l, int fd)
{
	struct sigevent e = { .sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGALRM,
		.sigev_value = { .sival_int = fd } };

	l->has_timer = timer_create(CLOCK_MONOTONIC, &e, &l->timer) == 0;
	return (l->has_timer);
}

/* No heartbeats: the library sends them only inside its calls. */
static bool
watch_peer(int fd)
{
	static const struct {
		int level;
		int name;
		int value;
	} rows[] = { { IPPROTO_TCP, TCP_USER_TIMEOUT, GONE_MS },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, IDLE_SECONDS },
		{ IPPROTO_TCP, TCP_KEEPINTVL, PROBE_SECONDS },
		{ IPPROTO_TCP, TCP_KEEPCNT, PROBES },
		{ IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT },
		{ IPPROTO_TCP, TCP_NODELAY, 1 } };
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		if (setsockopt(fd, rows[i].level, rows[i].name, &rows[i].value,
			sizeof(rows[i].value)) != 0)
			return (false);
	return (true);
}

static const char *
use_files(amqp_socket_t *socket, const struct amqpsite *site)
{
	amqp_ssl_socket_set_verify_peer(socket, 1);
	amqp_ssl_socket_set_verify_hostname(socket, 1);
	if (amqp_ssl_socket_set_ssl_versions(
		socket, AMQP_TLSv1_2, AMQP_TLSvLATEST) != AMQP_STATUS_OK)
		return ("smtp.amqp.ca needs TLS 1.2");
	if (amqp_ssl_socket_set_cacert(socket, site->ca) != AMQP_STATUS_OK)
		return ("smtp.amqp.ca cannot be used");
	if (site->cert[0] != '\0' &&
	    amqp_ssl_socket_set_key(socket, site->cert, site->key) !=
		AMQP_STATUS_OK)
		return ("smtp.amqp.cert or its key cannot be used");
	return (NULL);
}

const char *
amqplink_prepare(const struct amqpsite *site)
{
	amqp_connection_state_t state;
	amqp_socket_t *socket;
	const char *wrong;

	if (site->ca[0] == '\0')
		return (NULL);
	state = amqp_new_connection();
	socket = state == NULL ? NULL : amqp_ssl_socket_new(state);
	wrong = socket == NULL ? "smtp.amqp.ca needs a TLS library"
			       : use_files(socket, site);
	ERR_clear_error();
	if (state != NULL)
		(void)amqp_destroy_connection(state); /* it is not connected */
	return (wrong);
}

static enum amqplink_word
connect_to(struct amqplink *l, const struct amqpsite *site, size_t node,
    int64_t until_ms)
{
	const struct amqpsite_node *to = &site->nodes[node];
	struct timeval tv;
	amqp_socket_t *socket = site->ca[0] != '\0'
	    ? amqp_ssl_socket_new(l->state)
	    : amqp_tcp_socket_new(l->state);
	const char *wrong = NULL;
	int status;

	if (socket == NULL)
		return (broken(l, AMQPLINK_UNREACHED, "out of memory"));
	ERR_clear_error();
	if (site->ca[0] != '\0')
		wrong = use_files(socket, site);
	if (wrong != NULL)
		return (broken(l, AMQPLINK_REFUSED, wrong));
	tv = time_until(sooner(until_ms, CONNECT_MS));
	status = amqp_socket_open_noblock(socket, to->host, to->port, &tv);
	if (status != AMQP_STATUS_OK)
		return (trouble(l, status));
	if (!watch_peer(amqp_get_sockfd(l->state)) ||
	    !make_timer(l, amqp_get_sockfd(l->state)))
		return (broken(l, AMQPLINK_UNREACHED, "no timer"));
	return (AMQPLINK_OK);
}

static amqp_table_entry_t
is_capable(const char *name)
{
	amqp_table_entry_t e = { .key = amqp_cstring_bytes(name) };

	e.value.kind = AMQP_FIELD_KIND_BOOLEAN;
	e.value.value.boolean = 1;
	return (e);
}

static amqp_rpc_reply_t
greet(struct amqplink *l, const struct amqpsite *site,
    const struct amqplogin *login)
{
	amqp_table_entry_t can[] = { is_capable("connection.blocked"),
		is_capable("authentication_failure_close"),
		is_capable("consumer_cancel_notify") };
	amqp_table_entry_t properties[] = { { .key = amqp_cstring_bytes(
						  "capabilities") } };
	amqp_table_t all = { ARRAY_LEN(properties), properties };

	properties[0].value.kind = AMQP_FIELD_KIND_TABLE;
	properties[0].value.value.table = (amqp_table_t){ ARRAY_LEN(can), can };
	/* The library has no memory for an identity that is empty. */
	if (site->login[0] == '\0')
		return (amqp_login_with_properties(l->state, site->vhost,
		    AMQPLINK_CHANNEL, FRAME_MAX, 0, &all,
		    AMQP_SASL_METHOD_EXTERNAL, "-"));
	return (amqp_login_with_properties(l->state, site->vhost,
	    AMQPLINK_CHANNEL, FRAME_MAX, 0, &all, AMQP_SASL_METHOD_PLAIN,
	    login->user, login->password));
}

static enum amqplink_word
log_in(struct amqplink *l, const struct amqpsite *site, int64_t until_ms)
{
	struct timeval tv;
	struct amqplogin login;
	struct fault why;
	amqp_rpc_reply_t reply;

	amqplogin_forget(&login);
	if (site->login[0] != '\0' &&
	    amqplogin_read(&login, site->login, &why) != RES_OK)
		return (broken(
		    l, AMQPLINK_REFUSED, "smtp.amqp.login cannot be used"));
	until_ms = sooner(until_ms, HANDSHAKE_MS);
	tv = time_until(until_ms);
	if (amqp_set_handshake_timeout(l->state, &tv) != AMQP_STATUS_OK ||
	    amqp_set_rpc_timeout(l->state, &tv) != AMQP_STATUS_OK)
		return (broken(l, AMQPLINK_UNREACHED, "out of memory"));
	arm(l, until_ms);
	ERR_clear_error();
	reply = greet(l, site, &login);
	disarm(l);
	amqplogin_forget(&login);
	return (word_of(l, &reply));
}

enum amqplink_word
amqplink_ask(struct amqplink *l, amqp_method_number_t request,
    amqp_method_number_t answer, void *method, int64_t until_ms)
{
	struct timeval tv = time_until(until_ms);
	amqp_method_number_t answers[] = { answer, 0 };
	amqp_rpc_reply_t reply;

	if (amqp_set_rpc_timeout(l->state, &tv) != AMQP_STATUS_OK)
		return (broken(l, AMQPLINK_LOST, "out of memory"));
	arm(l, until_ms);
	reply = amqp_simple_rpc(
	    l->state, AMQPLINK_CHANNEL, request, answers, method);
	disarm(l);
	return (word_of(l, &reply));
}

/* A server that closes while we come has refused us, or is going down. */
static enum amqplink_word
while_dialing(struct amqplink *l, enum amqplink_word word)
{
	if (word != AMQPLINK_CLOSED)
		return (word);
	return (
	    l->code == AMQP_CONNECTION_FORCED || l->code == AMQP_INTERNAL_ERROR
		? AMQPLINK_UNREACHED
		: AMQPLINK_REFUSED);
}

enum amqplink_word
amqplink_dial(struct amqplink *l, const struct amqpsite *site, size_t node,
    int64_t until_ms)
{
	amqp_channel_open_t open = { .out_of_band = amqp_empty_bytes };
	enum amqplink_word word;

	amqplink_init(l);
	l->state = amqp_new_connection();
	if (l->state == NULL)
		return (broken(l, AMQPLINK_UNREACHED, "out of memory"));
	word = connect_to(l, site, node, until_ms);
	if (word == AMQPLINK_OK)
		word = log_in(l, site, until_ms);
	if (word == AMQPLINK_OK)
		word = amqplink_ask(l, AMQP_CHANNEL_OPEN_METHOD,
		    AMQP_CHANNEL_OPEN_OK_METHOD, &open,
		    sooner(until_ms, HANDSHAKE_MS));
	word = while_dialing(l, word);
	if (word != AMQPLINK_OK)
		amqplink_close(l);
	return (word);
}

/* A method that is for the whole connection, or ends the channel. */
static enum amqplink_word
take_method(struct amqplink *l, const amqp_method_t *m)
{
	if (take_close(l, m))
		return (broken(l, AMQPLINK_CLOSED, NULL));
	if (m->id == AMQP_CONNECTION_BLOCKED_METHOD) {
		const amqp_connection_blocked_t *blocked = m->decoded;

		l->is_blocked = true;
		say(l,
		    (struct bytes){
			blocked->reason.bytes, blocked->reason.len });
	}
	if (m->id == AMQP_CONNECTION_UNBLOCKED_METHOD)
		l->is_blocked = false;
	return (AMQPLINK_OK);
}

static enum amqplink_word
take_frame(struct amqplink *l, const amqp_frame_t *frame)
{
	if (frame->channel > AMQPLINK_CHANNEL ||
	    (frame->channel == 0 && frame->frame_type != AMQP_FRAME_METHOD))
		return (broken(l, AMQPLINK_LOST, "a frame of no channel"));
	if (frame->frame_type == AMQP_FRAME_METHOD)
		return (take_method(l, &frame->payload.method));
	return (AMQPLINK_OK);
}

enum amqplink_word
amqplink_read(struct amqplink *l, amqp_frame_t *frame, int64_t until_ms)
{
	struct timeval tv;
	int status;

	do {
		amqp_maybe_release_buffers(l->state);
		tv = time_until(until_ms);
		status = amqp_simple_wait_frame_noblock(l->state, frame, &tv);
	} while (status == AMQP_STATUS_OK &&
	    frame->frame_type == AMQP_FRAME_HEARTBEAT);
	if (status == AMQP_STATUS_TIMEOUT)
		return (AMQPLINK_TIMEOUT);
	if (status != AMQP_STATUS_OK)
		return (broken(l, AMQPLINK_LOST, amqp_error_string2(status)));
	return (take_frame(l, frame));
}

static enum amqplink_word
send_frame(struct amqplink *l, const amqp_frame_t *frame, int64_t until_ms)
{
	int status;

	arm(l, until_ms);
	status = amqp_send_frame(l->state, frame);
	disarm(l);
	if (status == AMQP_STATUS_OK && !l->is_broken)
		return (AMQPLINK_OK);
	if (sysclock_ms() >= until_ms)
		return (broken(l, AMQPLINK_TIMEOUT, "it takes nothing"));
	return (broken(l, AMQPLINK_LOST, amqp_error_string2(status)));
}

enum amqplink_word
amqplink_method(
    struct amqplink *l, amqp_method_number_t id, void *method, int64_t until_ms)
{
	amqp_frame_t frame = { .frame_type = AMQP_FRAME_METHOD,
		.channel = AMQPLINK_CHANNEL };

	frame.payload.method.id = id;
	frame.payload.method.decoded = method;
	return (send_frame(l, &frame, until_ms));
}

enum amqplink_word
amqplink_header(struct amqplink *l, uint64_t size,
    amqp_basic_properties_t *properties, int64_t until_ms)
{
	amqp_frame_t frame = { .frame_type = AMQP_FRAME_HEADER,
		.channel = AMQPLINK_CHANNEL };

	frame.payload.properties.class_id = AMQP_BASIC_CLASS;
	frame.payload.properties.body_size = size;
	frame.payload.properties.decoded = properties;
	return (send_frame(l, &frame, until_ms));
}

enum amqplink_word
amqplink_body(struct amqplink *l, struct bytes piece, int64_t until_ms)
{
	amqp_frame_t frame = { .frame_type = AMQP_FRAME_BODY,
		.channel = AMQPLINK_CHANNEL };

	frame.payload.body_fragment = amqplink_view(piece);
	return (send_frame(l, &frame, until_ms));
}

int
amqplink_socket(const struct amqplink *l)
{
	return (l->state == NULL ? -1 : amqp_get_sockfd(l->state));
}

size_t
amqplink_piece_max(const struct amqplink *l)
{
	int most = amqp_get_frame_max(l->state);

	/* 0: any size. */
	if (most <= FRAME_OWN || most > FRAME_MAX)
		most = FRAME_MAX;
	return ((size_t)most - FRAME_OWN);
}

/* So that it does not complain of one who went without a word. */
static void
say_goodbye(struct amqplink *l)
{
	amqp_connection_close_t bye = { .reply_code = OK_CODE };
	amqp_frame_t frame = { .frame_type = AMQP_FRAME_METHOD };

	frame.payload.method.id = AMQP_CONNECTION_CLOSE_METHOD;
	frame.payload.method.decoded = &bye;
	(void)send_frame(l, &frame, sysclock_ms() + CLOSE_MS); /* or not */
}

void
amqplink_close(struct amqplink *l)
{
	int fd;

	if (l->state == NULL)
		return;
	fd = amqp_get_sockfd(l->state);
	if (l->has_timer && !l->is_broken)
		say_goodbye(l);
	/* Without it the number of the socket could be another's by then. */
	if (l->has_timer)
		(void)timer_delete(l->timer); /* cannot fail: it is ours */
	l->has_timer = false;
	/* Nothing that the library says on its way out is waited for. */
	if (fd >= 0 && l->is_broken)
		(void)shutdown(fd, SHUT_RDWR);   /* it is over in any case */
	(void)amqp_destroy_connection(l->state); /* likewise */
	l->state = NULL;
	l->is_blocked = false;
}
