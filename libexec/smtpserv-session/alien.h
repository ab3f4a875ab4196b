/* SPDX-License-Identifier: ISC */
/*
 * alien: clients that speak another protocol.
 *
 * Pure.  A web page can make a browser post a text of the page's choice to a
 * host that the browser can reach and the page's author cannot.  The request
 * and its header come first: a server that answers those 500 and reads on obeys
 * the text.  So a client that begins like that is not heard any further.
 */
#ifndef SMTPSERV_SESSION_ALIEN_H
#define SMTPSERV_SESSION_ALIEN_H

#include "bytes/bytes.h"
#include "smtp/smtpreply.h"

/* Is this how TLS begins?  The first bytes say so, in a line or not. */
const struct smtp_reply *alien_hello(struct bytes in);

/*
 * The reply to a line of another protocol, in place of a client's EHLO: a
 * request, the field of a header, or SSH's greeting; else NULL.  `in' begins
 * with the line, or what has come of it.
 */
const struct smtp_reply *alien_line(struct bytes in);

#endif
