/* SPDX-License-Identifier: ISC */
/*
 * dotted: what smtpdata.h promises, done the plain way on a whole text.
 *
 * The reference that the fuzz targets compare with.  It looks ahead and back
 * in the text where smtpdata.c has a state machine.
 */
#ifndef FUZZ_DOTTED_H
#define FUZZ_DOTTED_H

#include <stdint.h>

#include "fuzz.h"
#include "smtp/smtpdata.h"

struct dotted {
	size_t used;
	bool ended;
	uint64_t size;
	bool irregular;
	size_t n;
	/* The most: all bare LF, each of which becomes CR LF. */
	char p[2 * FUZZ_TEXT_MAX + 64];
};

/* Take the dots out, up to the end of the text if it has one. */
void dotted_read(struct dotted *d, struct bytes in, enum smtpdata_eol eol);

/* The same for text that came in chunks: no dot and no end, but whole lines. */
void dotted_read_chunks(
    struct dotted *d, struct bytes in, enum smtpdata_eol eol);

/* Put the dots in, and the end behind it: as a relay would send it on. */
size_t dotted_write(char *to, size_t cap, struct bytes stored);

#endif
