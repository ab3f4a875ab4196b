/* SPDX-License-Identifier: ISC */
/*
 * verbs: what the session answers to each command, and when it is welcome.
 *
 * A part of the session, as pure as that: a new verb is a row of smtpcmd's
 * table and a row of the one in verbs.c.
 */
#ifndef SMTPSERV_SESSION_VERBS_H
#define SMTPSERV_SESSION_VERBS_H

#include "state.h"

/* What a handler has done about its reply when it returns NULL: written it. */
typedef const struct smtp_reply *verb_fn(
    struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out);

struct verb {
	enum smtp_verb verb;
	const char *name; /* as HELP shows it, or NULL */
	unsigned int allowed_in;
	bool flush;   /* RFC 2920 3.2: its reply must not wait for others */
	bool is_idle; /* brings no message closer */
	bool hangs_up;
	verb_fn *run;
};

/* What serves it; a verb that this session does not know is SMTP_UNKNOWN. */
const struct verb *verbs_row(const struct session *s, enum smtp_verb verb);

/* Is it in order now?  What is not gets 503. */
bool verbs_welcome(const struct verb *verb, const struct session *s);

#endif
