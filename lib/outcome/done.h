/* SPDX-License-Identifier: ISC */
/*
 * done: how many of a recipient's instructions are carried out, and which.
 *
 * Pure.  As text it is a count and a digest of those instructions:
 *
 *     2 8f3a1c2d9e0b7f65
 *
 * The digest shows whether the table has changed since.  Instructions are
 * carried out in their order, so the count says which.
 */
#ifndef OUTCOME_DONE_H
#define OUTCOME_DONE_H

#include <stdint.h>

#include "base/base.h"
#include "bytes/bytes.h"

enum {
	DONE_MAX = 38 /* octets of the longest text, and its NUL */
};

struct done {
	uint64_t n; /* 0: none yet; a struct of zeros is that */
	/* Private. */
	uint64_t digest;
};

/* One more. */
void done_add(struct done *d, struct bytes instruction);

bool done_is_same(const struct done *a, const struct done *b);

void done_print(const struct done *d, char text[DONE_MAX]);

/* False: it is not one. */
bool done_parse(struct bytes text, struct done *d) MUST_CHECK;

#endif
