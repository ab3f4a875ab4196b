/* SPDX-License-Identifier: ISC */
/*
 * twice: which lines of a table stand there twice, in time that does not grow
 * with their square.
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

/* To begin with; and to end with, at any point. */
void twice_init(struct twice *t);
void twice_free(struct twice *t);

/* False: no memory. */
bool twice_add(
    struct twice *t, struct bytes key, struct bytes value) MUST_CHECK;

/* Is there any? */
bool twice_find(struct twice *t);

/* Is this one of them?  True once for each line. */
bool twice_is(struct twice *t, struct bytes key, struct bytes value);

#endif
