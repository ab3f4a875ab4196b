/* SPDX-License-Identifier: ISC */
/*
 * verbs: what the session answers to each command, and when it is welcome.
 *
 * A part of the session, and as pure: a new verb is a row of smtpcmd's
 * table and a row of the one in verbs.c.
 */
#ifndef SMTPSERV_SESSION_VERBS_H
#define SMTPSERV_SESSION_VERBS_H

#include "state.h"

/*
 * Returns the reply, or NULL: the reply is written, or due later, or is the
 * fixed one of the row.
 */
typedef const struct smtp_reply *verb_fn(
    struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out);

enum {
	VERB_FLUSH = 1U << 0, /* RFC 2920 3.2: its reply must not wait */
	VERB_IDLE = 1U << 1,  /* brings no message closer */
	VERB_HANGS_UP = 1U << 2
};

struct verb {
	enum smtp_verb verb;
	const char *name; /* as HELP shows it, or NULL */
	unsigned int allowed_in;
	unsigned int flags;
	verb_fn *run;                   /* or NULL: there is nothing to do */
	const struct smtp_reply *reply; /* if run has none, or NULL */
};

/* Its row; a verb that this session does not know has SMTP_UNKNOWN's. */
const struct verb *verbs_row(const struct session *s, enum smtp_verb verb);

/* Is it in order now?  If not, it gets 503. */
bool verbs_welcome(const struct verb *verb, const struct session *s);

/* Do it.  Returns the reply that is due; NULL: it is written, or not due. */
const struct smtp_reply *verbs_run(const struct verb *verb, struct session *s,
    const struct smtp_cmd *cmd, struct smtpreply *out);

#endif
