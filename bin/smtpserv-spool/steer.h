/* SPDX-License-Identifier: ISC */
/*
 * steer: what becomes of messages that wait, as a person says.
 *
 * Each message is changed under its lock, so it is not one that is being
 * delivered just now, and by one step, which a crash leaves done or not done.
 */
#ifndef SMTPSERV_SPOOL_STEER_H
#define SMTPSERV_SPOOL_STEER_H

#include "filter.h"
#include "spool/claim.h"
#include "tool.h"

struct steer;

/*
 * Do it to a message that is claimed, and release it.  XC_OK, or an exit code
 * that says why not, which is told.
 */
typedef int steer_fn(struct steer *s, struct claim *c);

struct steer_verb {
	const char *name;
	const char *done;   /* what is said with the number of messages */
	unsigned int kinds; /* of envelopes: a bit for each */
	steer_fn *act;
	/* It can be undone: nobody is asked about a filter. */
	bool is_sure;
	/* What is left to do for all of them; NULL: make the names durable. */
	int (*end)(void);
};

/* The arguments are numbers, or a filter, or --all. */
int steer_run(struct tool *t, const struct steer_verb *verb);

/* What was asked for; no filter: everything. */
const struct filter *steer_filter(const struct steer *s);
const struct tool *steer_tool(const struct steer *s);

#endif
