/* SPDX-License-Identifier: ISC */
/*
 * plan: what N.WRK says of each recipient and of the message, read and written.
 *
 * Pure.  The memory is the caller's, and what is read are views into the text.
 * Only this module knows which line says what.  A recipient who has to be tried
 * is a To: line, with a Done: line if some of their instructions are carried
 * out.  Afterwards their lines are gone; or, until the sender has the report,
 * they are a Failed: or Delivered: line with Status:, Diagnostic: and Action:
 * lines behind it.  Lines that are unknown are kept as they are.
 *
 * What becomes of recipients after the file was written is appended behind a
 * Journal: line, in lines for each:
 *
 *     Result: 17 Failed
 *     Status: 5.1.1
 *     Diagnostic: no such user
 *
 * Other results are Delivered, Gone and To.  17 is the recipient's place in the
 * file, counted from 0.  A crash may leave the last lines torn: reading ends
 * there.
 *
 * Why a recipient has to be tried again stands behind their To: line, in lines
 * Status:, Diagnostic:, Tries: and Tried:; or in a text of its own, N.WHY, in
 * the same lines, and that of more tries holds.  Nothing hangs on these.
 */
#ifndef ENVELOPE_PLAN_H
#define ENVELOPE_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"

enum {
	/* The size of a new envelope; a larger one is refused before. */
	PLAN_TEXT_MAX = 16 * 1024 * 1024,
	/* Reasons are written into an envelope of up to this size. */
	PLAN_NOTED_MAX = 2 * PLAN_TEXT_MAX,
	/* The size with everything else that may be written into it. */
	PLAN_GROWN_MAX = 16 * PLAN_TEXT_MAX
};

enum plan_state {
	PLAN_WAITING,   /* to be tried */
	PLAN_RUNNING,   /* being tried */
	PLAN_TRIED,     /* to be tried again, but not in this pass */
	PLAN_FAILED,    /* to be reported */
	PLAN_DELIVERED, /* likewise */
	PLAN_GONE,      /* nothing is left to do */
	PLAN_NSTATES
};

/* A recipient, with the lines that are theirs; empty: there is no such line. */
struct plan_rcpt {
	enum plan_state state;
	struct bytes mailbox;
	struct bytes notify;
	struct bytes orcpt;
	struct bytes status;
	struct bytes diagnostic;
	struct bytes action;
	struct bytes done;
	struct bytes tried; /* when last: RFC 3339 */
	uint32_t tries;     /* how often */
	size_t place;       /* among the recipients of the file */
};

struct plan {
	struct bytes text;
	struct bytes sender;
	struct bytes body;
	struct bytes envid;
	struct bytes ret;
	bool smtputf8;
	bool requiretls;
	bool delay_reported;
	struct plan_rcpt *rcpt;
	size_t nrcpt;
	/* Private. */
	size_t in[PLAN_NSTATES]; /* recipients */
	struct bytes facts;      /* the text from its first fact on */
};

/*
 * What is wrong with the text as a whole, or NULL: static text.  nrcpt counts
 * the recipients who have to be tried; it may be 0 if one has to be reported.
 */
const char *plan_check(struct bytes text, struct bytes *sender, size_t *nrcpt);

/*
 * The next recipient of *rest, which moves on: PLAN_WAITING, PLAN_FAILED or
 * PLAN_DELIVERED.  Ends at a line that is damaged.
 */
bool plan_next(struct bytes *rest, struct plan_rcpt *r);

/* What the text says of the message; *p has no recipients. */
void plan_read(struct plan *p, struct bytes text);

/* How many recipients the text has at most. */
size_t plan_count(struct bytes text);

/*
 * All of it: NULL, or what is wrong with the text, as plan_check() says; store
 * has room for plan_count(text).
 */
const char *plan_parse(
    struct plan *p, struct bytes text, struct plan_rcpt *store);

/* Does the sender want to hear how this one fares now (RFC 3461 4.1)? */
bool plan_asks_for_report(const struct plan_rcpt *r);

/*
 * What became of a recipient: PLAN_TRIED, PLAN_FAILED or PLAN_DELIVERED, and
 * what a report will say, kept as views; action: empty, "relayed" or
 * "expanded".  A recipient who is not to be reported is gone.
 */
void plan_settle(struct plan *p, size_t i, enum plan_state state,
    struct bytes status, struct bytes text, struct bytes action);

/* One more try of a recipient, at that time, has settled nothing. */
void plan_try(struct plan *p, size_t i, struct bytes tried);

/* The recipient is in another state now. */
void plan_set(struct plan *p, size_t i, enum plan_state state);

/* How many recipients are in this state. */
size_t plan_in(const struct plan *p, enum plan_state state);

/*
 * Is this line one of the message, which goes with it wherever it goes?  The
 * others are a recipient's, or ours, or say by which way this copy came.
 */
bool plan_is_fact(struct bytes name);

/* The text as it is now, and room enough for it. */
size_t plan_size(const struct plan *p);
void plan_print(const struct plan *p, struct buf *out);

/*
 * Why recipients have to be tried again; and the same, read into a plan that
 * was parsed.  Reading ends at what is not well-formed.
 */
void plan_print_reasons(const struct plan *p, struct buf *out);
void plan_read_reasons(struct plan *p, struct bytes text);

/* The line that a journal begins behind. */
void plan_print_journal(struct buf *out);

/* The lines about a recipient that are to be appended to it. */
void plan_print_result(const struct plan *p, size_t i, struct buf *out);

/* The file is now as plan_print() has printed it. */
void plan_renumber(struct plan *p);

#endif
