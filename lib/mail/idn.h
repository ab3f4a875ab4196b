/* SPDX-License-Identifier: ISC */
/*
 * idn: the two spellings of a domain that is not ASCII: U-labels, in UTF-8, and
 * A-labels, `xn--` and Punycode (RFC 5890, RFC 3492).
 *
 * Pure.  Only the spelling changes: names are not mapped, normalized or judged
 * as IDNA's libraries do it, and case is ignored in ASCII letters only.  That
 * is enough to compare two domains, and those libraries cannot be linked into a
 * static program.
 */
#ifndef MAIL_IDN_H
#define MAIL_IDN_H

#include "base/base.h"
#include "bytes/buf.h"
#include "bytes/bytes.h"

/* Is there a label that has another spelling? */
bool idn_has_spellings(struct bytes domain);

/*
 * Add the domain, each label in that spelling if it has one; ASCII letters in
 * it become lower case.  False: it does not fit, or a label of it is too long.
 */
bool idn_put_ascii(struct bytes domain, struct buf *out) MUST_CHECK;
bool idn_put_unicode(struct bytes domain, struct buf *out) MUST_CHECK;

/* The same domain, whatever the spelling of each. */
bool idn_is_same(struct bytes a, struct bytes b);

#endif
