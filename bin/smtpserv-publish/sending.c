/* SPDX-License-Identifier: ISC */
#include "sending.h"

#include <string.h>
#include <time.h>

#include "published/published.h"
#include "sys/sysclock.h"

enum {
	/* A link that was not used for so long is asked before it is used. */
	IDLE_MS = 1000,
	/* What may lie there already when a wait is over. */
	LATE_MAX = 1000,
	NO_RIGHTS = 403,
	NOT_FOUND = 404,
	PRECONDITION = 406
};

/* What the server says of what was published last. */
enum word {
	WORD_NONE, /* nothing; or it is of something else */
	WORD_ACK,
	WORD_NACK,
	WORD_RETURN
};

void
sending_close(struct sending *s)
{
	amqplink_close(&s->link);
}

/* The link is of no use any more. */
static enum sending_end
give_up(struct sending *s, enum sending_end end)
{
	sending_close(s);
	return (end);
}

static int64_t
soon(const struct sending *s, int64_t until_ms)
{
	int64_t at = sysclock_ms() + s->patience_ms;

	return (at < until_ms ? at : until_ms);
}

/* The server has closed; `otherwise` if that says nothing of the message. */
static enum sending_end
closed(struct sending *s, enum sending_end otherwise)
{
	switch (s->link.code) {
	case NO_RIGHTS:
	case NOT_FOUND:
		return (give_up(s, SENDING_REFUSED));
	case PRECONDITION:
		return (give_up(s,
		    otherwise == SENDING_REFUSED ? otherwise
						 : SENDING_TOO_LARGE));
	default:
		return (give_up(s,
		    otherwise == SENDING_REFUSED ? SENDING_UNREACHED
						 : otherwise));
	}
}

/*
 * What comes next.  A server that goes on and on gets no more time by that: it
 * is LOST.
 */
static enum amqplink_word
hear(struct sending *s, amqp_frame_t *frame, int64_t until_ms)
{
	enum amqplink_word word = amqplink_read(&s->link, frame, until_ms);

	if (word != AMQPLINK_OK || sysclock_ms() < until_ms)
		return (word);
	return (s->late++ < LATE_MAX ? AMQPLINK_OK : AMQPLINK_LOST);
}

/* What has come already; it says nothing of a message. */
static enum amqplink_word
look(struct sending *s)
{
	enum amqplink_word word;
	amqp_frame_t frame;

	s->late = 0;
	do
		word = hear(s, &frame, 0);
	while (word == AMQPLINK_OK);
	return (word);
}

/*
 * A frame could not be sent.  If the server has closed, it may have said why,
 * and that is still to be read.
 */
static enum sending_end
unsent(struct sending *s, enum amqplink_word word, enum sending_end otherwise)
{
	enum amqplink_word last;

	if (word == AMQPLINK_TIMEOUT)
		return (give_up(s,
		    otherwise == SENDING_UNREACHED ? SENDING_STALLED
						   : otherwise));
	last = look(s);
	if (last == AMQPLINK_CLOSED)
		return (closed(s, otherwise));
	return (give_up(s, otherwise));
}

static enum word
word_of(const struct sending *s, const amqp_frame_t *frame)
{
	const amqp_method_t *m = &frame->payload.method;
	const amqp_basic_ack_t *ack = m->decoded;
	const amqp_basic_nack_t *nack = m->decoded;

	if (frame->frame_type != AMQP_FRAME_METHOD ||
	    frame->channel != AMQPLINK_CHANNEL)
		return (WORD_NONE);
	if (m->id == AMQP_BASIC_RETURN_METHOD)
		return (WORD_RETURN);
	if (m->id == AMQP_BASIC_ACK_METHOD && ack->delivery_tag == s->tag)
		return (WORD_ACK);
	if (m->id == AMQP_BASIC_NACK_METHOD && nack->delivery_tag == s->tag)
		return (WORD_NACK);
	return (WORD_NONE);
}

static enum amqplink_word
publish(struct sending *s, const char *key, uint64_t size,
    amqp_basic_properties_t *properties, int64_t until_ms)
{
	amqp_basic_publish_t method = { .exchange = amqplink_bytes(s->exchange),
		.routing_key = amqplink_bytes(key),
		.mandatory = 1 };
	enum amqplink_word word = amqplink_method(
	    &s->link, AMQP_BASIC_PUBLISH_METHOD, &method, until_ms);

	s->tag++;
	if (word != AMQPLINK_OK)
		return (word);
	return (amqplink_header(&s->link, size, properties, until_ms));
}

/* Its answer is a return, and then an ack; SENDING_CONFIRMED: go on. */
static enum sending_end
hear_probe(struct sending *s, int64_t until_ms)
{
	bool is_returned = false;
	amqp_frame_t frame;

	s->late = 0;
	for (;;) {
		enum amqplink_word word = hear(s, &frame, until_ms);

		if (word == AMQPLINK_TIMEOUT)
			return (give_up(s, SENDING_STALLED));
		if (word == AMQPLINK_CLOSED)
			return (closed(s, SENDING_REFUSED));
		if (word != AMQPLINK_OK)
			return (give_up(s, SENDING_UNREACHED));
		if (s->link.is_blocked)
			return (give_up(s, SENDING_BLOCKED));
		switch (word_of(s, &frame)) {
		case WORD_RETURN:
			is_returned = true;
			break;
		case WORD_NACK:
			return (give_up(s, SENDING_NACKED));
		case WORD_ACK:
			/* Else somebody gets our empty messages. */
			return (is_returned ? SENDING_CONFIRMED
					    : give_up(s, SENDING_REFUSED));
		case WORD_NONE:
			break;
		}
	}
}

static enum sending_end
probe(struct sending *s, int64_t until_ms)
{
	amqp_basic_properties_t none = { ._flags = 0 };
	enum amqplink_word word;

	until_ms = soon(s, until_ms);
	word = publish(s, PUBLISHED_PROBE, 0, &none, until_ms);
	if (word != AMQPLINK_OK)
		return (unsent(s, word, SENDING_UNREACHED));
	return (hear_probe(s, until_ms));
}

/* Is the link that we have as good as a new one? */
static bool
is_kept(struct sending *s, size_t node)
{
	if (!amqplink_is_open(&s->link))
		return (false);
	if (s->node == node && look(s) == AMQPLINK_TIMEOUT)
		return (true);
	sending_close(s);
	return (false);
}

static enum sending_end
make_link(struct sending *s, size_t node, int64_t until_ms)
{
	amqp_confirm_select_t select = { .nowait = 0 };
	enum amqplink_word word =
	    amqplink_dial(&s->link, s->site, node, until_ms);

	if (word == AMQPLINK_REFUSED)
		return (SENDING_REFUSED);
	if (word != AMQPLINK_OK)
		return (SENDING_UNREACHED);
	s->node = node;
	s->tag = 0;
	s->links++;
	word = amqplink_ask(&s->link, AMQP_CONFIRM_SELECT_METHOD,
	    AMQP_CONFIRM_SELECT_OK_METHOD, &select, soon(s, until_ms));
	if (word == AMQPLINK_CLOSED)
		return (closed(s, SENDING_REFUSED));
	if (word != AMQPLINK_OK || look(s) != AMQPLINK_TIMEOUT)
		return (give_up(s, SENDING_UNREACHED));
	return (SENDING_CONFIRMED);
}

/* SENDING_CONFIRMED: there is a link, and it takes messages. */
static enum sending_end
get_ready(struct sending *s, size_t node, int64_t until_ms)
{
	enum sending_end end;

	if (is_kept(s, node)) {
		if (s->link.is_blocked)
			return (give_up(s, SENDING_BLOCKED));
		if (sysclock_ms() - s->used_ms < IDLE_MS)
			return (SENDING_CONFIRMED);
		end = probe(s, until_ms);
		/* It may have been dead for a while. */
		if (end != SENDING_UNREACHED)
			return (end);
	}
	end = make_link(s, node, until_ms);
	if (end != SENDING_CONFIRMED)
		return (end);
	if (s->link.is_blocked)
		return (give_up(s, SENDING_BLOCKED));
	return (probe(s, until_ms));
}

/* Between two frames: an alarm, or an end, makes the rest a waste. */
static enum sending_end
look_between(struct sending *s)
{
	enum amqplink_word word = look(s);

	if (word == AMQPLINK_CLOSED)
		return (closed(s, SENDING_UNREACHED));
	if (word != AMQPLINK_TIMEOUT)
		return (give_up(s, SENDING_UNREACHED));
	if (s->link.is_blocked)
		return (give_up(s, SENDING_BLOCKED));
	return (SENDING_CONFIRMED);
}

/*
 * A frame that was not sent whole makes a message that is not stored; of the
 * last one we do not rely on that.
 */
static enum sending_end
send_body(struct sending *s, const struct request *r, int64_t until_ms)
{
	uint64_t size = request_size(r);
	size_t most = amqplink_piece_max(&s->link);
	uint64_t at = 0;
	size_t n;

	if (most > sizeof(s->piece))
		most = sizeof(s->piece);
	while (at < size) {
		enum sending_end end =
		    at == 0 ? SENDING_CONFIRMED : look_between(s);
		enum amqplink_word word;

		if (end != SENDING_CONFIRMED)
			return (end);
		if (!request_piece(r, at, s->piece, most, &n))
			return (give_up(s, SENDING_UNREADABLE));
		at += n;
		word = amqplink_body(
		    &s->link, (struct bytes){ s->piece, n }, soon(s, until_ms));
		if (word != AMQPLINK_OK)
			return (unsent(s, word,
			    at < size ? SENDING_UNREACHED : SENDING_LOST));
	}
	return (SENDING_CONFIRMED);
}

static enum sending_end
send_message(struct sending *s, const struct request *r, int64_t until_ms)
{
	amqp_table_entry_t header = { .key = amqplink_bytes(
					  PUBLISHED_ENVELOPE_BYTES) };
	amqp_basic_properties_t p = { ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG |
		    AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG |
		    AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TIMESTAMP_FLAG |
		    AMQP_BASIC_TYPE_FLAG | AMQP_BASIC_APP_ID_FLAG,
		.content_type = amqplink_bytes(PUBLISHED_CONTENT_TYPE),
		.headers = { 1, &header },
		.delivery_mode = PUBLISHED_DELIVERY_MODE,
		.timestamp = (uint64_t)time(NULL),
		.type = amqplink_bytes(PUBLISHED_TYPE),
		.app_id = amqplink_bytes(PUBLISHED_APP_ID) };
	enum amqplink_word word;

	header.value.kind = AMQP_FIELD_KIND_I64;
	header.value.value.i64 = (int64_t)r->envelope;
	p.message_id = amqplink_view(r->id);
	word =
	    publish(s, PUBLISHED_KEY, request_size(r), &p, soon(s, until_ms));
	if (word != AMQPLINK_OK)
		return (unsent(s, word, SENDING_UNREACHED));
	return (send_body(s, r, until_ms));
}

/* All of it was sent. */
static enum sending_end
hear_word(struct sending *s, int64_t until_ms)
{
	int64_t patience_ms = soon(s, until_ms);
	bool is_returned = false;
	amqp_frame_t frame;

	s->late = 0;
	for (;;) {
		/* The alarm may end: the message lies there already. */
		bool is_held = s->link.is_blocked;
		enum amqplink_word word =
		    hear(s, &frame, is_held ? until_ms : patience_ms);

		if (word == AMQPLINK_TIMEOUT)
			return (give_up(
			    s, is_held ? SENDING_HELD : SENDING_SILENT));
		if (word == AMQPLINK_CLOSED)
			return (closed(s, SENDING_LOST));
		if (word != AMQPLINK_OK)
			return (give_up(s, SENDING_LOST));
		/* Only from now on is it the server that takes its time. */
		if (is_held && !s->link.is_blocked)
			patience_ms = soon(s, until_ms);
		switch (word_of(s, &frame)) {
		case WORD_RETURN:
			is_returned = true;
			break;
		case WORD_NACK:
			return (give_up(s, SENDING_NACKED));
		case WORD_ACK:
			return (
			    is_returned ? SENDING_RETURNED : SENDING_CONFIRMED);
		case WORD_NONE:
			break;
		}
	}
}

enum sending_end
sending_try(
    struct sending *s, size_t node, const struct request *r, int64_t until_ms)
{
	enum sending_end end;

	s->link.code = 0;
	if (!s->link.is_blocked)
		s->link.why[0] = '\0';
	end = get_ready(s, node, until_ms);
	if (end == SENDING_CONFIRMED)
		end = send_message(s, r, until_ms);
	if (end == SENDING_CONFIRMED)
		end = hear_word(s, until_ms);
	s->used_ms = sysclock_ms();
	return (end);
}
