/* SPDX-License-Identifier: ISC */
/*
 * mark: the name of an envelope while its message is committed in one stage.
 *
 *     5321.K1042-0123456789abcdef
 *            size sum
 *
 * It says how long the text is, and a checksum of text and envelope: so
 * whoever finds the name after a power cut can tell whether both are what
 * they are to be.  That stands in the name, so the files are as ever.
 *
 * Pure.  The checksum tells what is torn from what is whole; it keeps out
 * nobody who wants to deceive, as whoever can write here need not.
 */
#ifndef SPOOL_MARK_H
#define SPOOL_MARK_H

#include <stdint.h>

#include "base/base.h"
#include "bytes/bytes.h"

enum {
	/* "4294967295.K18446744073709551615-0123456789abcdef" and its NUL */
	MARK_NAME_MAX = 50,
	MARK_STEP = 8
};

/* Of the bytes that were added, however they came in pieces. */
struct mark_sum {
	uint64_t n;
	/* Private. */
	uint64_t hash;
	unsigned char tail[MARK_STEP]; /* n % MARK_STEP bytes */
};

struct mark {
	uint32_t number;
	uint64_t size; /* of the text */
	uint64_t sum;
};

void mark_sum_init(struct mark_sum *s);
void mark_sum_add(struct mark_sum *s, struct bytes more);

struct mark mark_of(uint32_t number, const struct mark_sum *text,
    const struct mark_sum *envelope);
bool mark_equal(const struct mark *a, const struct mark *b);

void mark_name(char name[MARK_NAME_MAX], const struct mark *m);

/* False: not such a name; there is one spelling only. */
bool mark_parse(const char *name, struct mark *m);

#endif
