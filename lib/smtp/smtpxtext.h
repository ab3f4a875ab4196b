/* SPDX-License-Identifier: ISC */
/*
 * smtpxtext: xtext, in which DSN's parameters are spelled (RFC 3461 4).
 *
 * Pure.
 */
#ifndef SMTP_SMTPXTEXT_H
#define SMTP_SMTPXTEXT_H

#include "bytes/buf.h"
#include "bytes/bytes.h"

/*
 * Decode the text and add the result to out, which may be NULL if only the
 * answer matters.  False, and nothing added: it is not xtext, the result is not
 * printable ASCII (it could break out of its line), or it does not fit.
 */
bool smtpxtext_decode(struct bytes xtext, struct buf *out);

enum {
	SMTPXTEXT_ESCAPE_MAX = 512 /* octets, of what can be escaped */
};

/*
 * An address that is UTF-8, in RFC 6533's form of it that is ASCII alone,
 * utf-8-addr-xtext: j\x{F6}rg@gnat.  It comes bare, or as xtext of its bytes
 * (not in any RFC, but Postfix sends it), or as both.  False, and nothing
 * added: it is not harmless UTF-8, a `+` has no two digits, or it does not fit.
 */
bool smtpxtext_escape(struct bytes text, struct buf *out);

#endif
