/* SPDX-License-Identifier: ISC */
/*
 * text: what must be known of a message's text before it is sent.
 *
 * Pure.  Shown the text piece by piece, however it is cut.  The size is that on
 * the wire (RFC 1870 5): line ends are CR LF, and the dots that are stuffed do
 * not count.
 */
#ifndef SMTPSERV_REMOTE_TEXT_H
#define SMTPSERV_REMOTE_TEXT_H

#include <stdint.h>

#include "bytes/bytes.h"

struct text {
	bool is_8bit;
	bool is_utf8; /* there is a byte over 127 in the header */
	/* Private. */
	uint64_t size;
	uint64_t crs; /* that have come, and mean what follows them */
	bool in_line;
	bool in_header;
	bool is_line_new;
};

void text_init(struct text *t);
void text_feed(struct text *t, struct bytes piece);

/* Of all that was shown, as if it ended here. */
uint64_t text_size(const struct text *t);

#endif
