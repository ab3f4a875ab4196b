/* SPDX-License-Identifier: ISC */
/*
 * outcome: what became of one recipient's delivery, also as a line of text.
 *
 * Pure.  The line is what one process tells another, which need not trust
 * it:
 *
 *     WHICH WORD STATUS TEXT
 *
 * WHICH counts the recipients of the delivery from 0, so that one process can
 * speak for many, in any order and one by one.  WORD is delivered, relayed,
 * expanded, last, later, untried, down or failed.  Or it is done, which is not
 * an outcome yet: TEXT is done.h's, and the recipient's next instruction
 * begins.  A recipient without a line is to be tried again, so a line without
 * its line feed, where the writer died, says nothing.
 */
#ifndef OUTCOME_OUTCOME_H
#define OUTCOME_OUTCOME_H

#include "base/base.h"
#include "bytes/buf.h"
#include "bytes/bytes.h"
#include "outcome/done.h"

enum outcome_kind {
	OUTCOME_DELIVERED,
	OUTCOME_TRY_AGAIN, /* 4xx, 111 */
	OUTCOME_FAILED     /* 5xx, 100: the sender is told */
};

/* What RFC 3464 2.3.3 calls a delivery. */
enum outcome_action {
	OUTCOME_FINAL,   /* delivered */
	OUTCOME_RELAYED, /* handed on to a host that will not tell of success */
	OUTCOME_EXPANDED, /* and to more than one */
	OUTCOME_PASSED    /* to one host, which will tell of success itself */
};

enum {
	OUTCOME_STATUS_MAX = 12, /* with its NUL */
	OUTCOME_TEXT_MAX = 400,
	OUTCOME_LINE_MAX = 448 /* with its line feed */
};

struct outcome {
	enum outcome_kind kind;
	/* Delivered, and the recipient's other instructions are void: last. */
	bool is_last;
	enum outcome_action action; /* if delivered */
	/* To be tried again; this was not a try, for it could not begin. */
	bool is_untried;
	/*
	 * To be tried again, for a reason that is not in the message or the
	 * mailbox: others that go the same way would fare no better now.
	 */
	bool is_down;
	/* It is not over: `done` is all that is said. */
	bool is_part;
	char status[OUTCOME_STATUS_MAX]; /* RFC 3463: "5.1.1" */
	char text[OUTCOME_TEXT_MAX];     /* printable ASCII, one line */
	/* Which instructions are carried out, as of done.h; empty: none. */
	char done[DONE_MAX];
};

/*
 * Fill in an outcome.  The text may be anybody's: a byte that is not printable
 * ASCII becomes a question mark, a line end a blank, and a text that is too
 * long is cut.
 */
void outcome_set(struct outcome *out, enum outcome_kind kind,
    const char *status, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* OUTCOME_TRY_AGAIN for a system call: "unable to OP NAME: error". */
void outcome_fault(struct outcome *out, const char *status, const char *op,
    const char *name, int err);

/* The same; and the place it was to go to is down. */
void outcome_down(struct outcome *out, const char *status, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* The word for the kind: "delivered", "later", "failed". */
const char *outcome_word(enum outcome_kind kind);

/* A try that could not begin, because NAME could not be had. */
void outcome_untried(
    struct outcome *out, const char *op, const char *name, int err);

/* Add the line; an ill-formed status is replaced by the kind's X.0.0. */
bool outcome_print(
    const struct outcome *out, size_t which, struct buf *line) MUST_CHECK;

/* Add the line that says which instructions are carried out. */
bool outcome_print_done(
    const struct done *done, size_t which, struct buf *line) MUST_CHECK;

/*
 * Read a line, without its line feed.  False: it is not one, and says nothing.
 */
bool outcome_parse(
    struct bytes line, size_t *which, struct outcome *out) MUST_CHECK;

#endif
