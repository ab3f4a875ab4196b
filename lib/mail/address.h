/* SPDX-License-Identifier: ISC */
/*
 * address: the mailboxes in a list of addresses (RFC 5322 3.4, 4.4).
 *
 * Pure.  Takes what stands in To: and its like, folded or not: names,
 * comments, groups, quoted strings, source routes and empty places are left
 * out, mailboxes come out one by one without blanks.  They are taken apart, not
 * judged: whether one is well-formed is for smtppath.h, and one without a
 * domain is common.
 */
#ifndef MAIL_ADDRESS_H
#define MAIL_ADDRESS_H

#include "bytes/buf.h"
#include "bytes/bytes.h"

enum address_status {
	ADDRESS_FOUND, /* `out` is the mailbox, not empty */
	ADDRESS_END,   /* no more */
	ADDRESS_BAD    /* no such form, or no room; one may go on behind it */
};

/* The next mailbox of *rest, which moves on; `out` is overwritten. */
enum address_status address_next(struct bytes *rest, struct buf *out);

/*
 * The list as it stands, but with @host behind each mailbox that has no domain.
 * What is no address stays as it is.  False: no room.
 */
bool address_qualify(struct bytes list, const char *host, struct buf *out);

#endif
