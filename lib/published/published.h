/* SPDX-License-Identifier: ISC */
/*
 * published: a message on a broker's queue, as smtpserv-amqp(5) describes it.
 *
 * Pure.  The body of such a message is its envelope, in the lines of N.WRK,
 * then one empty line, then the text as it will stand in N.TXT.  An envelope
 * has no empty line, so the first LF LF is where a reader splits.
 */
#ifndef PUBLISHED_PUBLISHED_H
#define PUBLISHED_PUBLISHED_H

#include <stdint.h>

#include "base/base.h"
#include "bytes/bytes.h"

/* Where messages are published and wait, unless the configuration differs. */
#define PUBLISHED_VHOST    "mail"
#define PUBLISHED_EXCHANGE "smtpserv"
#define PUBLISHED_QUEUE    "smtpserv"
/* The routing key, always; and one that is bound to nothing, for a probe. */
#define PUBLISHED_KEY   "smtpserv"
#define PUBLISHED_PROBE "-"

/* The properties of a message, beside its message-id and its timestamp. */
#define PUBLISHED_CONTENT_TYPE "application/x-smtpserv"
#define PUBLISHED_TYPE         "smtpserv.1"
#define PUBLISHED_APP_ID       "smtpserv"
/*
 * A header, a signed 64-bit number: the octets of the envelope with the LF of
 * its last line.  So the text begins one octet behind.
 */
#define PUBLISHED_ENVELOPE_BYTES "envelope-bytes"

enum {
	PUBLISHED_DELIVERY_MODE = 2, /* kept on disk */
	PUBLISHED_ID_MAX = 128
};

/* Is it a message-id of ours: 1 to 128 of A-Z a-z 0-9 . and -? */
bool published_is_id(struct bytes id);

/* Is it a type that we can read: smtpserv.1, or a smtpserv.1.x? */
bool published_is_type(struct bytes type);

/* How far a body was split. */
struct published_split {
	uint64_t envelope; /* octets of the envelope so far */
	bool is_split;     /* the empty line has come */
	/* Private. */
	bool after_lf;
};

void published_split_init(struct published_split *s);

/*
 * The next piece of the body: what of it is envelope and what is text, as views
 * of it that may be empty.  The empty line is in neither.
 */
void published_split(struct published_split *s, struct bytes piece,
    struct bytes *envelope, struct bytes *text);

#endif
