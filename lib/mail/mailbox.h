/* SPDX-License-Identifier: ISC */
/*
 * mailbox: one mailbox taken apart: local part, extension, host.
 *
 * Pure.  Only this module knows where each begins, so acceptance, look-up and
 * delivery mean the same parts.  The form is not checked, which smtppath.h
 * does.
 */
#ifndef MAIL_MAILBOX_H
#define MAIL_MAILBOX_H

#include "base/base.h"
#include "bytes/bytes.h"

enum {
	/* RFC 5321 4.5.3.1 says 64; a line made by hand may be longer. */
	MAILBOX_LOCAL_MAX = 1024
};

/* `local`, `plain` and `ext` point into the struct, so it cannot be copied. */
struct mailbox {
	struct bytes local; /* without quotes, with its +extension */
	/*
	 * The local part before its first `+`, and what follows that.  Without
	 * a `+`, or where it begins with one, there is no extension: plain is
	 * all of it.
	 */
	struct bytes plain;
	struct bytes ext;
	/* A view of the text, without a last dot; empty if it has none. */
	struct bytes host;
	/* Private. */
	char store[MAILBOX_LOCAL_MAX];
};

/* False: the local part is too long, and *m is not to be used. */
bool mailbox_split(struct mailbox *m, struct bytes text) MUST_CHECK;

#endif
