/* SPDX-License-Identifier: ISC */
/*
 * handover: what smtpserv-queue-amqp and the keeper, smtpserv-publish, say to
 * each other.
 *
 * Pure.  A stream socket of AF_UNIX joins them.  There is one request,
 *
 *     ID SP MESSAGE-BYTES SP ENVELOPE-BYTES SP END LF
 *
 * in one sendmsg(2), and with it two descriptors (SCM_RIGHTS): the message's
 * file and the envelope's, which hold exactly so many bytes from offset 0.  END
 * is when the client stops to wait, in milliseconds of CLOCK_MONOTONIC: what
 * the keeper says later nobody hears.
 * Then there is one answer, up to the end of file: a byte, which is an exit
 * code of qmail-queue's, and text.  With the code 0 the text is the ID, so that
 * a yes that is cut short, or another message's, is none.  With another code it
 * has words in the form of qqexit_put_said().
 */
#ifndef HANDOVER_HANDOVER_H
#define HANDOVER_HANDOVER_H

#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"
#include "bytes/num.h"
#include "qmail/qqexit.h"

enum {
	HANDOVER_ID_MAX = 128,
	HANDOVER_REQUEST_MAX = HANDOVER_ID_MAX + 3 * (1 + NUM_DIGITS_MAX) + 1,
	HANDOVER_ANSWER_MAX = 1 + QQEXIT_TEXT_MAX,
	HANDOVER_FDS = 2 /* of a request: the message's and the envelope's */
};

struct handover_request {
	struct bytes id;
	uint64_t message; /* octets, at most INT64_MAX */
	uint64_t envelope;
	uint64_t ends_ms;
};

enum handover_status {
	HANDOVER_MORE, /* its end has not come yet */
	HANDOVER_DONE,
	HANDOVER_BAD
};

struct handover_answer {
	int code;
	struct bytes text;
};

/*
 * The ID of a message, "NS.PID.CHANCE.HOST": the time in nanoseconds since
 * 1970, and what took it.  Hosts may have the same name, and processes the same
 * number, so there are 64 bits of chance, as 16 hexadecimal digits.  As much of
 * the host as there is room for.
 */
bool handover_put_id(struct buf *out, uint64_t ns, uint32_t pid,
    uint64_t chance, struct bytes host);

/* Letters, digits, dots and hyphens, 1 to HANDOVER_ID_MAX of them. */
bool handover_is_id(struct bytes id);

/* False: no room, or its ID is none, or a number is too large. */
bool handover_put_request(struct buf *out, const struct handover_request *r);

/* A view into it.  What stands behind the LF makes it bad. */
enum handover_status handover_parse_request(
    struct bytes in, struct handover_request *r);

/* The keeper's yes. */
bool handover_put_yes(struct buf *out, struct bytes id);

/*
 * Its no: a code, an RFC 3463 status without its first digit, and words of any
 * kind, as for qqexit_put_said().  The keeper's codes are QQEXIT_MEMORY, WRITE,
 * READ, CONFIG, NOT_NOW, TIMED_OUT, UNREACHABLE, LOST, BUG and CUSTOM.  False:
 * not one of these, or no room.
 */
bool handover_put_no(
    struct buf *out, int code, const char *status, struct bytes text);

/* All that came up to the end of file.  False: it is no answer to that ID. */
bool handover_parse_answer(
    struct bytes in, struct bytes id, struct handover_answer *a);

#endif
