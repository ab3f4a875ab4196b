/* SPDX-License-Identifier: ISC */
/*
 * qqenv: the envelope of qmail-queue's protocol, on its descriptor 1.
 *
 *     F sender NUL  T recipient NUL  T recipient NUL ...  NUL
 *
 * Pure.  The last NUL is the caller's word that the message is to be taken; if
 * an envelope ends before it, the message was given up.  The reader is shown
 * the bytes piece by piece, however they are cut, and gives one mailbox at a
 * time.  A mailbox is no longer than SMTP could carry, and each byte of it can
 * stand in N.WRK.
 */
#ifndef QMAIL_QQENV_H
#define QMAIL_QQENV_H

#include "bytes/buf.h"
#include "bytes/bytes.h"
#include "smtp/smtppath.h"

enum {
	/* A path has brackets around its mailbox. */
	QQENV_MAILBOX_MAX = SMTPPATH_MAX - 2
};

enum qqenv_status {
	QQENV_MORE,     /* all of the input is used */
	QQENV_SENDER,   /* *mailbox is the sender; empty for <> */
	QQENV_RCPT,     /* *mailbox is the next recipient */
	QQENV_END,      /* the last NUL: nothing behind it is looked at */
	QQENV_BAD,      /* not of this form, or without a recipient */
	QQENV_TOO_LONG, /* a mailbox of more than QQENV_MAILBOX_MAX */
	QQENV_BAD_BYTE  /* a mailbox that N.WRK cannot hold */
};

struct qqenv {
	bool is_utf8; /* a mailbox had bytes over 127 */
	/* Private. */
	int state;
	size_t nrcpt;
	size_t n;
	char mailbox[QQENV_MAILBOX_MAX];
};

void qqenv_init(struct qqenv *e);

/*
 * *mailbox is valid until the next call.  After QQENV_END and the answers
 * below it, nothing more is to be shown.
 */
enum qqenv_status qqenv_feed(
    struct qqenv *e, struct bytes in, size_t *used, struct bytes *mailbox);

/* The other way: one mailbox, kind 'F' or 'T'.  False: no room. */
bool qqenv_put(struct buf *out, char kind, struct bytes mailbox);

#endif
