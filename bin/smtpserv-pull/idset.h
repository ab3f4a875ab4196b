/* SPDX-License-Identifier: ISC */
/*
 * idset: ids of messages, and what is known of each.
 *
 * Pure; no allocation.  Ids are kept whole, so that no two are ever taken for
 * one.
 */
#ifndef SMTPSERV_PULL_IDSET_H
#define SMTPSERV_PULL_IDSET_H

#include <stdint.h>

#include "base/base.h"
#include "bytes/bytes.h"
#include "published/published.h"

enum {
	IDSET_MAX = 98304, /* ids */
	IDSET_SLOTS = 131072,
	/* Of an id: what is known of it, its length, itself. */
	IDSET_ENTRY = 2 + PUBLISHED_ID_MAX
};

enum idset_known {
	IDSET_ABSENT,
	IDSET_TAKEN,  /* it is, or was, in the spool, durably */
	IDSET_DOUBTED /* it may be there, but not durably: to be taken anew */
};

/* It is large: never on the stack. */
struct idset {
	size_t n;
	/* Private. */
	size_t used;
	uint32_t slots[IDSET_SLOTS]; /* 1 + where the entry begins, or 0 */
	unsigned char text[(size_t)IDSET_MAX * IDSET_ENTRY];
};

void idset_clear(struct idset *s);

enum idset_known idset_find(const struct idset *s, struct bytes id);

/* The last word on an id holds.  False: there is no room for another id. */
bool idset_put(struct idset *s, struct bytes id, enum idset_known known);

/* The next id from *at on, which begins with 0 and moves on.  False: none. */
bool idset_next(const struct idset *s, size_t *at, struct bytes *id,
    enum idset_known *known);

/* A number for an id, the same in every process. */
uint32_t idset_hash(struct bytes id);

#endif
