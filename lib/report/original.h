/* SPDX-License-Identifier: ISC */
/*
 * original: what a report must know of the message that it returns, and that
 * message's text on its way into it.
 *
 * Pure.  Fed with the text piece by piece, however it is cut, twice: once to
 * learn where its header ends, what it is called, and whether the boundary
 * that was chosen for the report stands in it; once to be copied.
 */
#ifndef REPORT_ORIGINAL_H
#define REPORT_ORIGINAL_H

#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"

enum {
	ORIGINAL_HEADER_MAX = 65536, /* of a longer header the beginning */
	ORIGINAL_ID_MAX = 250,
	/* One step writes at most so many: a line end. */
	ORIGINAL_GROWTH = 2
};

struct original {
	uint64_t size;       /* what was fed */
	uint64_t header;     /* bytes of the header: whole lines */
	bool header_ended;   /* the empty line was seen */
	bool header_is_8bit; /* a byte over 127 in these bytes */
	bool is_8bit;        /* anywhere */
	bool holds_boundary; /* at the beginning of a line, after "--" */
	/* Private. */
	struct bytes boundary;
	size_t column;
	size_t dashed; /* how much of "--boundary" the line begins with */
	size_t named;  /* how much of "Message-ID:" */
	bool line_is_8bit;
	int id_state;
	size_t id_n;
	char id[ORIGINAL_ID_MAX];
};

/* The boundary is borrowed. */
void original_init(struct original *o, struct bytes boundary);
void original_feed(struct original *o, struct bytes text);

/* Its Message-ID, with its brackets; empty where it has none to repeat. */
struct bytes original_id(const struct original *o);

/*
 * The text with each line end, and CRs before it, spelled as eol.  A byte that
 * would not survive the next SMTP transaction (a bare CR, a NUL) becomes a
 * blank.
 */
struct original_copy {
	/* Private. */
	const char *eol;
	uint64_t crs; /* that have come, and mean what follows them */
};

void original_copy_init(struct original_copy *c, const char *eol);

/* Stops when in is used up or out is full; says how much was used. */
size_t original_copy_feed(
    struct original_copy *c, struct bytes in, struct buf *out);

#endif
