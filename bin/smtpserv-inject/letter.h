/* SPDX-License-Identifier: ISC */
/*
 * letter: the message as it comes, and what is done to its header.
 *
 * A local program writes a header of its own making, or none, ended by an empty
 * line or by a line that can be no field.  Bcc: and Return-Path: are taken out,
 * and so is what a mailbox has in front of it; Date:, Message-ID: and From: are
 * added where they are missing, and domains to addresses.  What is sent again
 * (Resent-) gets a date and an ID of its own.
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

/* Who it is from, for a header that lacks it. */
struct letter_facts {
	const char *name; /* may be "" */
	struct bytes sender;
	const char *host;
	time_t now;
	unsigned long long chance; /* that makes its Message-ID its own */
};

/* The header as it goes on, with the empty line.  False: no room. */
bool letter_put_header(
    const struct letter *l, const struct letter_facts *facts, struct buf *out);

/* What is done with each; take() returning false is the end. */
struct letter_rcpts {
	bool (*take)(void *ctx, struct bytes mailbox);
	void (*refuse)(void *ctx, struct bytes text);
	void *ctx;
};

/*
 * Mailboxes of To:, Cc: and Bcc:, or of Resent-To: and so on if there are.
 * False: take() said so.
 */
bool letter_each_rcpt(const struct letter *l, const struct letter_rcpts *to);

#endif
