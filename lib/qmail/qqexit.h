/* SPDX-License-Identifier: ISC */
/*
 * qqexit: what a qmail-queue program says by its exit code, as an SMTP reply.
 *
 * Pure.  The codes are qmail-queue(8)'s: 11 to 40 refuse for good, all others
 * but 0 for now.  With 82 the program's own words are on its descriptor 6, a
 * D (for good) or a Z (for now) before them; with a code that refuses for good
 * they may be there as well.  They come out as printable ASCII, on one line,
 * with an RFC 3463 code of the right class.
 */
#ifndef QMAIL_QQEXIT_H
#define QMAIL_QQEXIT_H

#include "bytes/buf.h"
#include "bytes/bytes.h"
#include "smtp/smtpreply.h"

/* qmail-queue(8)'s exit codes, as far as they are named here. */
enum {
	QQEXIT_ACCEPTED = 0,
	QQEXIT_TOO_LONG = 11,
	QQEXIT_REFUSED = 31,
	QQEXIT_MEMORY = 51,
	QQEXIT_TIMEOUT = 52,
	QQEXIT_WRITE = 53,
	QQEXIT_READ = 54,
	QQEXIT_CONFIG = 55,
	QQEXIT_NETWORK = 56,
	QQEXIT_HOME = 61,
	QQEXIT_SPOOL = 62,
	QQEXIT_NOT_NOW = 71,
	/* Of one that hands on: no word; nobody there; and nobody any more. */
	QQEXIT_TIMED_OUT = 72,
	QQEXIT_UNREACHABLE = 73,
	QQEXIT_LOST = 74,
	QQEXIT_BUG = 81,
	QQEXIT_CUSTOM = 82,
	QQEXIT_ENVELOPE = 91,
	QQEXIT_NO_PROGRAM = 120
};

enum {
	QQEXIT_TEXT_MAX = 400,
	/* What a caller gives as `code` for a program that did not exit. */
	QQEXIT_CRASHED = -1
};

/* A reply; its text may be the program's. */
struct qqexit {
	struct smtp_reply reply;
	/* Private. */
	char enhanced[12];
	char text[QQEXIT_TEXT_MAX + 1];
};

/* `said` is what came from descriptor 6.  Not for QQEXIT_ACCEPTED. */
void qqexit_reply(struct qqexit *q, int code, struct bytes said);

/*
 * The other way: what a program that ends with such a code says on its
 * descriptor 6.  `status` is the RFC 3463 code without its first digit, which
 * the exit code gives: "3.4"; 82 refuses for good.  The text may have any
 * bytes; what is not printable is replaced, and what is too much is left out.
 * False: no room.
 */
bool qqexit_put_said(
    struct buf *out, int code, const char *status, struct bytes text);

#endif
