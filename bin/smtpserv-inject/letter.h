/* SPDX-License-Identifier: ISC */
/*
 * letter: the message as it comes, and the changes to its header.
 *
 * A local program writes a header of its own making, or none, ended by an empty
 * line or by a line that cannot be a field.  Bcc: and Return-Path: are taken
 * out, and so is a mailbox's line before the message; Date:, Message-ID: and
 * From: are added where they are missing, and domains to addresses.  A message
 * that is sent again (Resent-) gets a date and an ID of its own.
 */
#ifndef SMTPSERV_INJECT_LETTER_H
#define SMTPSERV_INJECT_LETTER_H

#include <time.h>

#include "bytes/buf.h"
#include "envelope/envelope.h"

enum {
	LETTER_IN = 65536,
	LETTER_HEADER_MAX = 1 << 20
};

/* Lines from descriptor 0. */
struct letter {
	bool dot_ends; /* a line of one dot is the end */
	struct buf header;
	/* Private. */
	bool ended;
	bool in_line; /* the last piece had no line end */
	size_t start;
	size_t end;
	char in[LETTER_IN];
	char header_store[LETTER_HEADER_MAX];
};

enum letter_status {
	LETTER_OK,
	LETTER_END,
	LETTER_TOO_LONG, /* its header */
	LETTER_FAILED    /* errno says why */
};

void letter_init(struct letter *l, bool dot_ends);

/* The header, into l->header: lines that end in LF. */
enum letter_status letter_read_header(struct letter *l);

/*
 * The next piece of the body, with its line end if that is there: LETTER_OK or
 * LETTER_END.  A view until the next call.
 */
enum letter_status letter_next(struct letter *l, struct bytes *piece);

/* The sender and more, for a header that lacks them. */
struct letter_facts {
	const char *name; /* may be "" */
	struct bytes sender;
	const char *host;
	time_t now;
	unsigned long long chance; /* that makes its Message-ID its own */
};

/* Put the header, changed, with the empty line.  False: no room. */
bool letter_put_header(
    const struct letter *l, const struct letter_facts *facts, struct buf *out);

/* take() is called with each mailbox, until it returns false. */
struct letter_rcpts {
	bool (*take)(void *ctx, struct bytes mailbox);
	void (*refuse)(void *ctx, struct bytes text);
	void *ctx;
};

/*
 * The mailboxes of To:, Cc: and Bcc:, or of Resent-To: and so on if the header
 * has those.  False: take() returned false.
 */
bool letter_each_rcpt(const struct letter *l, const struct letter_rcpts *to);

#endif
