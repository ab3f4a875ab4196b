/* SPDX-License-Identifier: ISC */
/*
 * auth: who the client is, by AUTH (RFC 4954).
 *
 * A part of the session, and as pure: smtpauth takes the client's words
 * apart, and the port `authenticate` knows whether they are right.  A password
 * stands in memory only while it is being asked about.
 */
#ifndef SMTPSERV_SESSION_AUTH_H
#define SMTPSERV_SESSION_AUTH_H

#include "state.h"

enum {
	/* Wrong passwords, and failures to find out, before 421. */
	AUTH_TRIES_MAX = 3
};

/* May EHLO name it? */
bool auth_is_offered(const struct session *s);

/* AUTH and its argument. */
const struct smtp_reply *auth_begin(
    struct session *s, struct bytes argument, struct smtpreply *out);

/*
 * In SESSION_AUTH: bytes of the client's answer.  Returns the reply that is
 * due; NULL: it is written, or not due.
 */
const struct smtp_reply *auth_feed(
    struct session *s, struct bytes in, size_t *used, struct smtpreply *out);

#endif
