/* SPDX-License-Identifier: ISC */
/*
 * dsn: the events that the sender wants to hear of, from the environment.
 *
 * The envelope of qmail-queue's protocol has no room for them.  The variables
 * are the caller's, which may be anybody: each is checked as a session checks
 * the words of a client.
 */
#ifndef SMTPSERV_QUEUE_DSN_H
#define SMTPSERV_QUEUE_DSN_H

#include "submit.h"

typedef const char *dsn_env_fn(const char *name);

/* Into notify, ret and envid.  NULL, or the variable that is wrong. */
const char *dsn_read(struct submit *s, dsn_env_fn *env);

#endif
