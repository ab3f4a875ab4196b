/* SPDX-License-Identifier: ISC */
/*
 * qqtext: a message as qmail's programs hand it on, made into N.TXT.
 *
 * Pure; gives the same output however the input is cut.  Lines come in ended
 * by LF, or by CR LF, and go out ended by `eol`, the last one too.  As in a
 * session a bare CR and a NUL become a blank, and are remembered: what comes
 * out can be sent on by SMTP without ending early.
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
	bool has_cr;  /* a CR that may be the first half of a line end */
	bool is_open; /* the last line has not ended */
};

void qqtext_init(struct qqtext *t, enum smtpdata_eol eol);

/*
 * Uses all of the input or fills `out`, which has to have room for a few bytes;
 * *used says how far it came.
 */
void qqtext_feed(
    struct qqtext *t, struct bytes in, size_t *used, struct buf *out);

/* There is no more: what is missing from the last line.  False: no room. */
bool qqtext_end(struct qqtext *t, struct buf *out);

#endif
