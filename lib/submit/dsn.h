/* SPDX-License-Identifier: ISC */
/*
 * dsn: what the environment says of the envelope: the events that the sender
 * wants to hear of, and whether the whole envelope is there.
 *
 * The envelope of qmail-queue's protocol has no room for them.  The variables
 * are the caller's, which may be anybody: each is checked as a session checks
 * the words of a client.
 */
#ifndef SUBMIT_DSN_H
#define SUBMIT_DSN_H

#include "submit/submit.h"

enum {
	DSN_FULL_FD = 5 /* what SMTPSERV_ENVELOPE can say */
};

typedef const char *dsn_env_fn(const char *name);

/*
 * Into notify, ret, envid and full.  NULL, or the variable that is wrong.
 */
const char *dsn_read(struct submit *s, dsn_env_fn *env);

#endif
