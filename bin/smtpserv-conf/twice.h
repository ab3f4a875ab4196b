/* SPDX-License-Identifier: ISC */
/*
 * twice: which lines of a table stand there twice?  The time that it takes does
 * not grow with the square of their number.
 *
 * Pure but for memory.  All lines are added, then twice_find() is called
 * once, and then all are asked for once more.
 */
#ifndef SMTPSERV_CONF_TWICE_H
#define SMTPSERV_CONF_TWICE_H

#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "bytes/bytes.h"

struct twice {
	/* Private. */
	uint64_t *list; /* of hashes */
	size_t n;
	size_t cap;
};

/* Call the first before all else, and the second at the end, or before. */
void twice_init(struct twice *t);
void twice_free(struct twice *t);

/* False: no memory. */
bool twice_add(
    struct twice *t, struct bytes key, struct bytes value) MUST_CHECK;

/* Is any line there twice? */
bool twice_find(struct twice *t);

/* Is this line there twice?  True once for each such line. */
bool twice_is(struct twice *t, struct bytes key, struct bytes value);

#endif
