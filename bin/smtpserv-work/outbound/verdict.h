/* SPDX-License-Identifier: ISC */
/*
 * verdict: what became of a message that was fed to smtpserv-remote, from the
 * records that tell of it.
 *
 * Pure.  The remote faces strangers and is not believed further than the
 * order of its records: nobody counts as delivered to without the records that
 * come before, and what is in doubt when it ends is to be tried again.
 */
#ifndef SMTPSERV_WORK_OUTBOUND_VERDICT_H
#define SMTPSERV_WORK_OUTBOUND_VERDICT_H

#include "feed/feed.h"
#include "outcome/outcome.h"

struct verdict {
	uint32_t tag;
	size_t n;
	bool is_in_doubt; /* its end may have been sent */
	bool is_untried;  /* it is over, and was not a try */
	/* Private. */
	bool is_over;
	struct outcome *outs;
};

/* For n recipients; outs stay the caller's. */
void verdict_begin(
    struct verdict *v, uint32_t tag, struct outcome *outs, size_t n);

enum verdict_heard {
	VERDICT_GOES_ON,
	VERDICT_IS_OVER, /* outs are whole, unless is_untried */
	VERDICT_LIES     /* no remote that is well says this now */
};

/* A record with its tag; dsn: the host that it went to offers DSN. */
enum verdict_heard verdict_hear(
    struct verdict *v, const struct feed_record *r, bool dsn);

/* The remote is gone, or not believed any more; why: a sentence's end. */
void verdict_lost(struct verdict *v, const char *why);

#endif
