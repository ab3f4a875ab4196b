/* SPDX-License-Identifier: ISC */
/*
 * consumer: the queue's side of a connection: messages come in frames, and go
 * on in pieces.
 *
 * After a connection was made (amqplink.h), consumer_start() asks for messages.
 * consumer_next() then says what comes, one thing at a time; of a message first
 * what it is, and then its body in pieces until nothing is left of it.  Nothing
 * is kept here but the frame that has come last.
 */
#ifndef SMTPSERV_PULL_CONSUMER_H
#define SMTPSERV_PULL_CONSUMER_H

#include <stdint.h>

#include "amqp/amqplink.h"
#include "base/base.h"
#include "bytes/bytes.h"
#include "intake.h"

enum consumer_event {
	CONSUMER_NOTHING,   /* until the deadline */
	CONSUMER_ANSWER,    /* the server is alive */
	CONSUMER_STARTED,   /* messages may come from now on */
	CONSUMER_STOPPED,   /* none comes any more, as we wanted */
	CONSUMER_CANCELLED, /* the same, as the server wanted */
	CONSUMER_MESSAGE,   /* *facts, and `left` octets of body come next */
	CONSUMER_PIECE,     /* *piece; `left` octets follow */
	CONSUMER_LOST       /* of the connection only its end is left */
};

struct consumer {
	struct amqplink link;
	uint64_t left; /* octets of the body that are still to come */
	/* Private. */
	uint64_t tag;
	bool is_again;
	bool wants_header;
};

void consumer_init(struct consumer *c);

/* No more than `prefetch` messages that are not acknowledged, please. */
enum amqplink_word consumer_start(struct consumer *c, const char *queue,
    uint32_t prefetch, int64_t until_ms) MUST_CHECK;

/* No more messages; those that are on their way come before the answer. */
enum amqplink_word consumer_stop(
    struct consumer *c, int64_t until_ms) MUST_CHECK;

/* Something that the server has to answer. */
enum amqplink_word consumer_ask(
    struct consumer *c, uint32_t prefetch, int64_t until_ms) MUST_CHECK;

/*
 * What comes next, until the deadline; if that is past, what is there.  Views
 * last until the next call.
 */
enum consumer_event consumer_next(struct consumer *c,
    struct intake_facts *facts, struct bytes *piece, int64_t until_ms);

/* Has a message begun to come, and is not whole? */
bool consumer_is_inside(const struct consumer *c);

/*
 * Read, for nothing, all that is on its way before the answer to our stop.  A
 * connection that is closed before may take our last acknowledgement with it.
 */
void consumer_drain(struct consumer *c, int64_t until_ms);

/* The message that has come last is in the spool. */
enum amqplink_word consumer_ack(
    struct consumer *c, int64_t until_ms) MUST_CHECK;

#endif
