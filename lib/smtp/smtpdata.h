/* SPDX-License-Identifier: ISC */
/*
 * smtpdata: the text after DATA as a state machine (RFC 5321 4.5.2).
 *
 * Pure.  Takes out the dots that the client stuffed, and finds the end, which
 * is CR LF dot CR LF and nothing else.  CRs directly before a CR LF are of that
 * line end and left out: some programs end lines that have an end.  A bare LF
 * is a line end inside the text; any other bare CR, and a NUL, become a blank.
 * All of these are remembered.  So the output holds neither CR nor NUL (with
 * SMTPDATA_LF), and does not end early when it is sent on.  It does not depend
 * on how the input is cut.
 *
 * Text that comes in chunks (RFC 3030) is made harmless in the same way, but a
 * dot does not mean anything in it, and it ends where the caller says.
 */
#ifndef SMTP_SMTPDATA_H
#define SMTP_SMTPDATA_H

#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"

enum smtpdata_eol {
	SMTPDATA_LF,
	SMTPDATA_CRLF
};

enum smtpdata_status {
	SMTPDATA_MORE, /* all of the input is used, or the output is full */
	SMTPDATA_END   /* the next byte of the input is the next command's */
};

struct smtpdata {
	uint64_t size;  /* octets of the message: RFC 1870, as it was sent */
	bool irregular; /* a bare CR, a bare LF or a NUL was in it */
	/* Private. */
	bool in_chunks;
	int state;
	uint64_t crs; /* that have come, and mean what follows them */
	enum smtpdata_eol eol;
};

enum {
	/* Room in the output that the end may need. */
	SMTPDATA_FINISH = 2
};

void smtpdata_init(struct smtpdata *d, enum smtpdata_eol eol);
void smtpdata_init_chunks(struct smtpdata *d, enum smtpdata_eol eol);

enum smtpdata_status smtpdata_feed(
    struct smtpdata *d, struct bytes in, size_t *used, struct buf *out);

/*
 * The chunks are over; there is room for SMTPDATA_FINISH.  The last line gets
 * an end if it has none; CRs that were waiting are of that end.
 */
void smtpdata_finish(struct smtpdata *d, struct buf *out);

#endif
