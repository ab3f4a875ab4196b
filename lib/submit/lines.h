/* SPDX-License-Identifier: ISC */
/*
 * lines: the envelope of qmail-queue's protocol made into the lines of N.WRK.
 *
 * In constant memory: what does not fit goes on to the sink.  Where the caller
 * has given the whole envelope, the lines are those of that, and the protocol's
 * must say the same of sender and recipients.  Each function returns an exit
 * code; QQEXIT_ACCEPTED: go on.  Nothing follows another one.
 */
#ifndef SUBMIT_LINES_H
#define SUBMIT_LINES_H

#include "bytes/bytes.h"
#include "envelope/envelope.h"
#include "qmail/qqenv.h"
#include "submit/given.h"
#include "submit/refusal.h"
#include "submit/sink.h"

enum {
	/* Room for the longest line, and a blank that is put into it. */
	LINES_STORE = GIVEN_LINE_MAX + 1
};

struct lines {
	const struct sink *sink;
	void *ctx;
	struct refusal *no;
	struct given *given; /* NULL: there is none */
	struct bytes notify; /* of each recipient, if there is none */
	/*
	 * Our caller may be anybody, and what it says of a session is not
	 * believed.
	 */
	bool is_strangers;
	/* What was found. */
	size_t nrcpt;
	char sender[QQENV_MAILBOX_MAX];
	size_t nsender;
	struct qqenv reader;
	/* Private. */
	size_t n;             /* octets that went on */
	struct envelope text; /* what did not yet */
	char store[LINES_STORE];
};

/* What is not private, nor found, is set. */
void lines_init(struct lines *l);

/* More of the protocol's envelope.  *is_whole: the last NUL has come. */
int lines_feed(struct lines *l, struct bytes in, bool *is_whole);

/* All that is left of the whole envelope. */
int lines_finish_given(struct lines *l);

/* A line of ours, if there is no whole envelope. */
int lines_add(struct lines *l, const char *name, struct bytes value);

/* To be called last. */
int lines_pass_on(struct lines *l);

#endif
