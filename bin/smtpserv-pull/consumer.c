/* SPDX-License-Identifier: ISC */
#include "consumer.h"

#include <string.h>

/* The name of the consumer, for the broker's operator and for our stop. */
#define TAG "smtpserv-pull"

void
consumer_init(struct consumer *c)
{
	c->left = 0;
	c->wants_header = false;
}

enum amqplink_word
consumer_ask(struct consumer *c, uint32_t prefetch, int64_t until_ms)
{
	amqp_basic_qos_t qos = { .prefetch_count = (uint16_t)prefetch };

	return (
	    amqplink_method(&c->link, AMQP_BASIC_QOS_METHOD, &qos, until_ms));
}

enum amqplink_word
consumer_start(
    struct consumer *c, const char *queue, uint32_t prefetch, int64_t until_ms)
{
	/* Never no_ack: a message would be gone before it is here. */
	amqp_basic_consume_t consume = { .queue = amqplink_bytes(queue),
		.consumer_tag = amqplink_bytes(TAG) };
	enum amqplink_word word = consumer_ask(c, prefetch, until_ms);

	if (word != AMQPLINK_OK)
		return (word);
	return (amqplink_method(
	    &c->link, AMQP_BASIC_CONSUME_METHOD, &consume, until_ms));
}

enum amqplink_word
consumer_stop(struct consumer *c, int64_t until_ms)
{
	amqp_basic_cancel_t cancel = { .consumer_tag = amqplink_bytes(TAG) };

	return (amqplink_method(
	    &c->link, AMQP_BASIC_CANCEL_METHOD, &cancel, until_ms));
}

enum amqplink_word
consumer_ack(struct consumer *c, int64_t until_ms)
{
	amqp_basic_ack_t ack = { .delivery_tag = c->tag };

	return (
	    amqplink_method(&c->link, AMQP_BASIC_ACK_METHOD, &ack, until_ms));
}

static enum consumer_event
nonsense(struct consumer *c, const char *why)
{
	struct buf b;

	buf_init(&b, c->link.why, sizeof(c->link.why));
	(void)buf_puts(&b, why);
	(void)buf_cstr(&b);
	return (CONSUMER_LOST);
}

static enum consumer_event
take_method(struct consumer *c, const amqp_method_t *m)
{
	const amqp_basic_deliver_t *deliver = m->decoded;

	/* Frames of one channel are not mixed. */
	if (c->left > 0 || c->wants_header)
		return (nonsense(c, "a method inside a message"));
	switch (m->id) {
	case AMQP_BASIC_DELIVER_METHOD:
		c->wants_header = true;
		c->tag = deliver->delivery_tag;
		c->is_again = deliver->redelivered != 0;
		return (CONSUMER_ANSWER);
	case AMQP_BASIC_CONSUME_OK_METHOD:
		return (CONSUMER_STARTED);
	case AMQP_BASIC_CANCEL_OK_METHOD:
		return (CONSUMER_STOPPED);
	case AMQP_BASIC_CANCEL_METHOD:
		return (CONSUMER_CANCELLED);
	default:
		return (CONSUMER_ANSWER);
	}
}

static struct bytes
view_of(amqp_bytes_t b)
{
	return ((struct bytes){ b.bytes, b.len });
}

/* A number of two octets or more that is not negative. */
static bool
read_number(const amqp_field_value_t *v, uint64_t *n)
{
	int64_t number = -1;

	switch (v->kind) {
	case AMQP_FIELD_KIND_I16:
		number = v->value.i16;
		break;
	case AMQP_FIELD_KIND_U16:
		number = v->value.u16;
		break;
	case AMQP_FIELD_KIND_I32:
		number = v->value.i32;
		break;
	case AMQP_FIELD_KIND_U32:
		number = v->value.u32;
		break;
	case AMQP_FIELD_KIND_I64:
	case AMQP_FIELD_KIND_U64:
		number = v->value.i64;
		break;
	default:
		break;
	}
	*n = (uint64_t)number;
	return (number >= 0);
}

static void
read_headers(const amqp_table_t *headers, struct intake_facts *facts)
{
	int i;

	for (i = 0; i < headers->num_entries; i++)
		if (bytes_same(view_of(headers->entries[i].key),
			bytes_of(PUBLISHED_ENVELOPE_BYTES)))
			facts->has_envelope_bytes = read_number(
			    &headers->entries[i].value, &facts->envelope_bytes);
}

static enum consumer_event
take_header(
    struct consumer *c, const amqp_frame_t *frame, struct intake_facts *facts)
{
	const amqp_basic_properties_t *p = frame->payload.properties.decoded;

	if (!c->wants_header ||
	    frame->payload.properties.class_id != AMQP_BASIC_CLASS)
		return (nonsense(c, "a header of no message"));
	c->wants_header = false;
	c->left = frame->payload.properties.body_size;
	*facts = (struct intake_facts){ .is_again = c->is_again };
	if ((p->_flags & AMQP_BASIC_MESSAGE_ID_FLAG) != 0)
		facts->id = view_of(p->message_id);
	if ((p->_flags & AMQP_BASIC_TYPE_FLAG) != 0)
		facts->type = view_of(p->type);
	if ((p->_flags & AMQP_BASIC_HEADERS_FLAG) != 0)
		read_headers(&p->headers, facts);
	return (CONSUMER_MESSAGE);
}

static enum consumer_event
take_body(struct consumer *c, const amqp_frame_t *frame, struct bytes *piece)
{
	*piece = view_of(frame->payload.body_fragment);
	if (piece->n == 0)
		return (CONSUMER_ANSWER);
	if (piece->n > c->left)
		return (nonsense(c, "a body that is longer than it says"));
	c->left -= piece->n;
	return (CONSUMER_PIECE);
}

enum consumer_event
consumer_next(struct consumer *c, struct intake_facts *facts,
    struct bytes *piece, int64_t until_ms)
{
	amqp_frame_t frame;
	enum amqplink_word word = amqplink_read(&c->link, &frame, until_ms);

	if (word == AMQPLINK_TIMEOUT)
		return (CONSUMER_NOTHING);
	if (word != AMQPLINK_OK)
		return (CONSUMER_LOST);
	switch (frame.frame_type) {
	case AMQP_FRAME_METHOD:
		/* What is for the whole connection is told by the link. */
		return (frame.channel == AMQPLINK_CHANNEL
			? take_method(c, &frame.payload.method)
			: CONSUMER_ANSWER);
	case AMQP_FRAME_HEADER:
		return (take_header(c, &frame, facts));
	case AMQP_FRAME_BODY:
		return (take_body(c, &frame, piece));
	default:
		return (nonsense(c, "a frame of no kind"));
	}
}

bool
consumer_is_inside(const struct consumer *c)
{
	return (c->left > 0 || c->wants_header);
}

void
consumer_drain(struct consumer *c, int64_t until_ms)
{
	struct intake_facts facts;
	struct bytes piece;
	enum consumer_event event = CONSUMER_ANSWER;

	while (event != CONSUMER_STOPPED && event != CONSUMER_LOST &&
	    event != CONSUMER_NOTHING)
		event = consumer_next(c, &facts, &piece, until_ms);
}
