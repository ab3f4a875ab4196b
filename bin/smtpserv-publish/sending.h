/* SPDX-License-Identifier: ISC */
/*
 * sending: one try of one message on one link, up to the server's word.
 *
 * The look before the body: a link that is new, or was idle, asks first whether
 * it may send, by a message that nobody gets (empty, mandatory, and for a key
 * that nothing is bound to).  It comes back at once, unless the server takes
 * nothing now; then nothing of the real message has left this process, because
 * what lies in the server's socket while it is blocked is stored later.
 */
#ifndef SMTPSERV_PUBLISH_SENDING_H
#define SMTPSERV_PUBLISH_SENDING_H

#include "amqp/amqplink.h"
#include "request.h"

enum sending_end {
	SENDING_CONFIRMED,
	SENDING_NACKED,
	SENDING_RETURNED, /* this node knows no such queue */
	SENDING_REFUSED,  /* no such exchange, no rights, a wrong login */
	SENDING_TOO_LARGE,
	SENDING_BLOCKED,    /* an alarm; nothing will be stored */
	SENDING_UNREADABLE, /* the client's files are short */
	/* Not all was sent, so that nothing is stored: */
	SENDING_UNREACHED, /* no link, or it was lost */
	SENDING_STALLED,   /* the server does not go on */
	/* All was sent, and perhaps it is stored: */
	SENDING_LOST,   /* the link ended without a word */
	SENDING_SILENT, /* there was no word in time */
	SENDING_HELD    /* an alarm, up to the deadline */
};

struct sending {
	struct amqplink link;
	const struct amqpsite *site;
	const char *exchange;
	uint32_t patience_ms; /* for one answer */
	uint64_t links;       /* how many were made so far */
	/* Private. */
	size_t node;  /* that the link leads to */
	uint64_t tag; /* of what was published last */
	int64_t used_ms;
	unsigned int late; /* frames that came after a wait was over */
	char piece[AMQP_DEFAULT_FRAME_SIZE];
};

/*
 * Make a link to that node, unless there is one, and send.  At until_ms it is
 * over in any case.  s->link.why and .code tell more.  A link that is of use
 * for the next message stays open, except after SENDING_NACKED: a channel
 * remembers a leader that is gone.
 */
enum sending_end sending_try(
    struct sending *s, size_t node, const struct request *r, int64_t until_ms);

/* End the link, if there is one. */
void sending_close(struct sending *s);

#endif
