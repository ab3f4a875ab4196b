/* SPDX-License-Identifier: ISC */
/*
 * report: what qmail-remote(8) writes on descriptor 1.
 *
 * Pure.  A report for each recipient, in their order, and then one for the
 * message; each is a letter and a text, ended by a NUL.  The text is printable
 * ASCII and line feeds.  It names the host, quotes what it has said, and ends
 * in (#x.y.z).
 */
#ifndef SMTPSERV_REMOTE_REPORT_H
#define SMTPSERV_REMOTE_REPORT_H

#include "bytes/buf.h"
#include "talkmail.h"

enum {
	REPORT_MAX = 2048 /* octets of one, with its NUL */
};

/* Who has answered; empty where nobody has. */
struct report_peer {
	const char *host;
	const char *address;
};

/* A recipient's: 'r', 'h' or 's'. */
void report_rcpt(struct buf *out, const struct talkmail_outcome *o,
    const struct report_peer *peer);

/* The message's: 'K', 'Z' or 'D'; the hop's own failure likewise. */
void report_mail(struct buf *out, const struct talkmail_outcome *o,
    const struct report_peer *peer);

/* A failure that needs no conversation: "Unable to connect". */
void report_say(
    struct buf *out, char letter, const char *status, const char *words);

#endif
