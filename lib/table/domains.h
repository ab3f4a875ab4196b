/* SPDX-License-Identifier: ISC */
/*
 * domains: for which domains a table has any key.
 *
 * A Bloom filter: it may take a domain for one of the table's that is not
 * (with ten thousand domains, one in 2,000), never the reverse.  It is filled
 * by a walk through the whole table, so not before the first question, and
 * once: a stranger may ask for any number of postmasters.
 */
#ifndef TABLE_DOMAINS_H
#define TABLE_DOMAINS_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes/bytes.h"
#include "table/cdbfile.h"

enum {
	DOMAINS_BITS = 1 << 18
};

struct domains {
	/* Private. */
	bool is_known;
	uint64_t bits[DOMAINS_BITS / 64];
};

void domains_init(struct domains *d);

/* Is the domain, in whichever of its spellings, behind the @ of any key? */
enum table_answer domains_find(
    struct domains *d, struct cdbfile *f, struct bytes domain) MUST_CHECK;

#endif
