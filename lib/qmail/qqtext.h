/* SPDX-License-Identifier: ISC */
/*
 * qqtext: a message as qmail's programs hand it on, made into N.TXT.
 *
 * Pure; gives the same output however the input is cut.  Lines come in ended by
 * LF, or by CR LF, and go out ended by `eol`, the last one too.  As in a
 * session, further CRs before a line end belong to it, and any other CR, or a
 * NUL, becomes a blank.  All three are remembered.  The output can be sent on
 * by SMTP and does not end early.
 */
#ifndef QMAIL_QQTEXT_H
#define QMAIL_QQTEXT_H

#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"
#include "smtp/smtpdata.h"

struct qqtext {
	uint64_t size;  /* octets of the message, each line end as CR LF */
	bool irregular; /* a bare CR or a NUL was in it */
	/* Private. */
	enum smtpdata_eol eol;
	uint64_t crs; /* that have come, and mean what follows them */
	bool is_open; /* the last line has not ended */
};

void qqtext_init(struct qqtext *t, enum smtpdata_eol eol);

/*
 * Uses all of the input or fills `out`, which has to have room for a few bytes;
 * *used says how far it came.
 */
void qqtext_feed(
    struct qqtext *t, struct bytes in, size_t *used, struct buf *out);

/* The input is over: add what the last line lacks.  False: no room. */
bool qqtext_end(struct qqtext *t, struct buf *out);

#endif
