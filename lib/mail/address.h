/* SPDX-License-Identifier: ISC */
/*
 * address: the mailboxes in a list of addresses (RFC 5322 3.4, 4.4).
 *
 * Pure.  Reads the value of To: and its like, folded or not.  Names, comments,
 * groups, quoted strings, source routes and empty places are left out;
 * mailboxes come out one by one without blanks.  Their form is not checked,
 * which smtppath.h does; a mailbox without a domain is common.
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
 * An element that is not an address stays as it is.  False: no room.
 */
bool address_qualify(struct bytes list, const char *host, struct buf *out);

#endif
