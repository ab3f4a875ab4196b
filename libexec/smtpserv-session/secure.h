/* SPDX-License-Identifier: ISC */
/*
 * secure: TLS as the session's conversation sees it (RFC 3207).
 *
 * A part of the session, and as pure: the process that speaks TLS is asked
 * through a port, and the program calls session_secure() once TLS has begun.
 */
#ifndef SMTPSERV_SESSION_SECURE_H
#define SMTPSERV_SESSION_SECURE_H

#include "state.h"

/* The verb: a refusal, or the 220 after which TLS is to begin. */
const struct smtp_reply *secure_starttls(struct session *s);

/* Once after that 220: is it to begin now? */
bool secure_begins(struct session *s);

#endif
