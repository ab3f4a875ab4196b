/* SPDX-License-Identifier: ISC */
/*
 * smtplogin: what a client says in AUTH PLAIN and AUTH LOGIN (RFC 4954, RFC
 * 4616): smtpauth's inverse.
 *
 * Pure.  What is added is as good as the password: who sends it wipes it.
 */
#ifndef SMTP_SMTPLOGIN_H
#define SMTP_SMTPLOGIN_H

#include "bytes/buf.h"
#include "bytes/bytes.h"

/* Add the text in base64 (RFC 4648 4). */
void smtplogin_put(struct buf *out, struct bytes text);

/* Add PLAIN's message in base64: nobody's identity, the user, the password. */
void smtplogin_put_plain(
    struct buf *out, struct bytes user, struct bytes password);

#endif
