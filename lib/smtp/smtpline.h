/* SPDX-License-Identifier: ISC */
/*
 * smtpline: command lines out of a stream of bytes.
 *
 * Pure.  The caller keeps the bytes that were not used and shows them again
 * with more behind them; the answers do not depend on how the stream is cut.
 * Only CR LF ends a line (RFC 5321 2.3.8).  A line that holds a bare LF, or
 * that is too long, is reported at once and then dropped up to its CR LF,
 * without being stored: nothing in it is ever taken for a command.
 */
#ifndef SMTP_SMTPLINE_H
#define SMTP_SMTPLINE_H

#include "bytes/bytes.h"

enum {
	/* Octets of a line, with its CR LF, that are looked at.  The limit
	 * of each command (RFC 5321 4.5.3.1.4) is lower, and the session's. */
	SMTPLINE_MAX = 2048
};

enum smtpline_status {
	SMTPLINE_MORE,    /* no whole line yet */
	SMTPLINE_LINE,    /* *line is one, without CR LF, a view into `in` */
	SMTPLINE_BARE_LF, /* a line of which that much is known */
	SMTPLINE_TOO_LONG
};

struct smtpline {
	/* Private. */
	bool dropping;
};

void smtpline_init(struct smtpline *l);

/*
 * *used says how much of `in` is done with, whatever the answer.  Once `in`
 * holds SMTPLINE_MAX bytes the answer to it is not SMTPLINE_MORE with
 * nothing used.
 */
enum smtpline_status smtpline_take(
    struct smtpline *l, struct bytes in, size_t *used, struct bytes *line);

/*
 * What a terminal gives, n bytes at p with room for 2 * n: each LF that has
 * no CR before it becomes CR LF.  Returns the new length.
 */
size_t smtpline_from_terminal(char *p, size_t n);

#endif
