/* SPDX-License-Identifier: ISC */
/*
 * filter: which messages, and which of their recipients, a command is about.
 *
 * Pure.  All that is asked for must hold; the recipient's mailbox and reason,
 * of one and the same recipient that is still to be tried.
 */
#ifndef SMTPSERV_SPOOL_FILTER_H
#define SMTPSERV_SPOOL_FILTER_H

#include "look/mail.h"

struct filter {
	bool is_set; /* something is asked for */
	/* Private. */
	const char *to;
	const char *from;
	const char *reason;
	uint64_t older;
	unsigned int states; /* a bit for each; 0: any */
};

/* The options. */
#define FILTER_USAGE                                                           \
	"--to pattern, --from pattern, --older age, --state state "            \
	"or --reason text"

/* Is this the name of an option that takes a value? */
bool filter_is_option(const char *name);

/* NULL, or what would be right. */
const char *filter_set(struct filter *f, const char *name, const char *value);

bool filter_has(const struct filter *f, const struct mail *m, time_t now);

/* One recipient, of a message that it has. */
bool filter_has_rcpt(const struct filter *f, const struct plan_rcpt *r);

#endif
