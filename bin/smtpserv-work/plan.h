/* SPDX-License-Identifier: ISC */
/*
 * plan: the text of N.WRK as a list of deliveries, and back into text.
 *
 * Pure; the memory is the caller's, and what is parsed are views into the
 * text.  A recipient is a To: line as long as it has to be tried, then it is
 * gone, or, for the report to the sender, a Failed: or Delivered: line with
 * Status:, Diagnostic: and Action: lines behind it.  What the text has beyond that is
 * kept as it is.
 */
#ifndef SMTPSERV_WORK_PLAN_H
#define SMTPSERV_WORK_PLAN_H

#include <stddef.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"
#include "delivery.h"

enum plan_state {
	PLAN_WAITING,   /* to be tried */
	PLAN_RUNNING,   /* being tried */
	PLAN_TRIED,     /* to be tried again, but not in this pass */
	PLAN_FAILED,    /* to be reported */
	PLAN_DELIVERED, /* likewise */
	PLAN_GONE       /* nothing is left to do */
};

struct plan_rcpt {
	enum plan_state state;
	struct bytes mailbox;
	struct bytes notify; /* or empty, as the following */
	struct bytes orcpt;
	struct bytes status;
	struct bytes diagnostic;
	struct bytes action;
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
	struct bytes facts; /* the text from its first fact on */
};

/* How many recipients the text has at most. */
size_t plan_count(struct bytes text);

/*
 * NULL, or what is wrong with the text, static text; store has room for
 * plan_count(text).
 */
const char *plan_parse(
    struct plan *p, struct bytes text, struct plan_rcpt *store);

/*
 * What an outcome makes of a recipient.  status and text are kept as views.
 * Who has not asked for a report of it (RFC 3461 4.1) is gone.
 */
void plan_settle(struct plan *p, size_t i, const struct outcome *out,
    struct bytes status, struct bytes text);

/* How many recipients are in this state. */
size_t plan_in(const struct plan *p, enum plan_state state);

/*
 * Is this line one of a recipient's, or our own?  The others are facts of the
 * message, which go with it wherever it goes.
 */
bool plan_is_fact(struct bytes name);

/* The text as it is now, and room enough for it. */
size_t plan_size(const struct plan *p);
void plan_print(const struct plan *p, struct buf *out);

#endif
