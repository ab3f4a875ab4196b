/* SPDX-License-Identifier: ISC */
/*
 * mark: the name of an envelope while its message is committed in one stage.
 *
 *     5321.K1042-0123456789abcdef
 *            size sum
 *
 * It holds the length of the text, and a checksum of text and envelope: so a
 * program that finds the name after a power cut can tell whether both files
 * are whole.  As it stands in the name, the files need not change.
 *
 * Pure.  The checksum tells a torn file from a whole one.  It is not meant to
 * stop deceit: a program that can write here need not forge a mark.
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

/* The sum of the bytes that were added, however they were split. */
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

/* False: not the name of a mark; each mark has one spelling only. */
bool mark_parse(const char *name, struct mark *m);

#endif
