/* SPDX-License-Identifier: ISC */
/*
 * smtpstuff: a text made ready for DATA (RFC 5321 4.5.2) or for BDAT (RFC
 * 3030): smtpdata's inverse.
 *
 * Pure.  Each line ends in CR LF without further CRs before it.  A bare CR or a
 * NUL, which some server could take for the end of the text, becomes a blank.
 * For DATA a line that begins with a dot gets another, so only smtpstuff_end()
 * ends the text.  The output does not depend on how the input is cut.
 */
#ifndef SMTP_SMTPSTUFF_H
#define SMTP_SMTPSTUFF_H

#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"

enum {
	/* The most that one step, or the text's end, writes. */
	SMTPSTUFF_GROWTH = 5
};

struct smtpstuff {
	uint64_t dots; /* that were added, but for the text's end */
	/* Private. */
	bool in_chunks;
	bool in_line;
	uint64_t crs; /* that have come, and mean what follows them */
};

void smtpstuff_init(struct smtpstuff *s);
void smtpstuff_init_chunks(struct smtpstuff *s);

/* Stops when in is used up or out is full; says how much was used. */
size_t smtpstuff_feed(struct smtpstuff *s, struct bytes in, struct buf *out);

/* How many octets the end of the last line has yet, which counts for SIZE. */
size_t smtpstuff_tail(const struct smtpstuff *s);

/* The end of the last line, if it lacks one, and for DATA of the text.  False:
 * out has no room for it; nothing was added. */
bool smtpstuff_end(struct smtpstuff *s, struct buf *out);

#endif
