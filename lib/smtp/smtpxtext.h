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
 * What the text stands for is added to out, which may be NULL if only the
 * answer matters.  False, and nothing added: it is
 * not xtext, what it stands for is not printable ASCII (it could break out of
 * its line), or it does not fit.
 */
bool smtpxtext_decode(struct bytes xtext, struct buf *out);

/*
 * An address that is not xtext but should be, in RFC 6533's form of a UTF-8
 * address that is ASCII, utf-8-addr-xtext: j\x{F6}rg@gnat.  What is xtext in it
 * is decoded first.  False, and nothing added: it holds a control byte or
 * bytes that are not harmless UTF-8, or it does not fit.
 */
bool smtpxtext_escape(struct bytes text, struct buf *out);

#endif
