/* SPDX-License-Identifier: ISC */
/*
 * secure: TLS as the session's conversation sees it (RFC 3207).
 *
 * A part of the session, as pure as that: whoever speaks TLS is asked through
 * a port, and the program tells when it is there (session_secure()).
 */
#ifndef SMTPSERV_SESSION_SECURE_H
#define SMTPSERV_SESSION_SECURE_H

#include "state.h"

/* The verb: a refusal, or the 220 after which TLS is to begin. */
const struct smtp_reply *secure_starttls(struct session *s);

/* Once after that 220: is it to begin now? */
bool secure_begins(struct session *s);

#endif
