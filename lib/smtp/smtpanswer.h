/* SPDX-License-Identifier: ISC */
/*
 * smtpanswer: a server's replies out of a stream of bytes (RFC 5321 4.2), for a
 * client.
 *
 * Pure.  The answers do not depend on how the stream is cut.  Memory is
 * bounded, whatever the server sends: of a long line only the beginning is
 * kept, and a reply of too many lines is refused.  Lines whose codes differ are
 * one reply with the last line's code if their classes are the same, and
 * otherwise not a reply.  Which classes make sense is the caller's to say.  A
 * bare LF ends a line, too: old servers send it, and nothing can be smuggled to
 * a client.
 */
#ifndef SMTP_SMTPANSWER_H
#define SMTP_SMTPANSWER_H

#include "bytes/bytes.h"

enum {
	SMTPANSWER_TEXT_MAX = 510, /* of a line what is kept */
	SMTPANSWER_LINES_MAX = 200,
	SMTPANSWER_LINE_MAX = 65536, /* a longer line is not of a reply */
	SMTPANSWER_STATUS_MAX = 10   /* "5.123.123" and its NUL */
};

enum smtpanswer_status {
	SMTPANSWER_MORE, /* all of the input is used */
	SMTPANSWER_PART, /* a line, and more of the same reply to come */
	SMTPANSWER_LAST, /* the last line of a reply, or the only one */
	SMTPANSWER_BAD   /* not a reply; it is no use to go on */
};

struct smtpanswer {
	unsigned int code; /* 200 to 599; the reply's is its last line's */
	/* Of the line, behind the code and the blank; until the next call. */
	struct bytes text;
	/* Private. */
	unsigned int before; /* the code of the line before */
	unsigned int lines;
	size_t n;
	bool is_read;
	bool is_bad;
	char line[4 + SMTPANSWER_TEXT_MAX];
};

void smtpanswer_init(struct smtpanswer *a);

/* *used says how much of `in` is done with, whatever the answer. */
enum smtpanswer_status smtpanswer_feed(
    struct smtpanswer *a, struct bytes in, size_t *used);

/*
 * The status of RFC 3463 at the beginning of a reply's text, if it suits the
 * code; else the one that says no more than the code.
 */
void smtpanswer_enhanced(
    unsigned int code, struct bytes text, char status[SMTPANSWER_STATUS_MAX]);

#endif
