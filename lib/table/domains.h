/* SPDX-License-Identifier: ISC */
/*
 * domains: for which domains a table has any key.
 *
 * A Bloom filter, which is filled by a walk through the whole table: not before
 * the first question, and once, as a stranger may ask for any number of
 * postmasters.  It may take a domain for one of the table's that is not (with
 * ten thousand domains, one in 2,000; with a hundred thousand, one in three),
 * never the reverse.  So what it knows is looked for in the table, by a walk as
 * far as that domain; the last that were found there are remembered.
 */
#ifndef TABLE_DOMAINS_H
#define TABLE_DOMAINS_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes/bytes.h"
#include "table/cdbfile.h"

enum {
	DOMAINS_BITS = 1 << 18,
	DOMAINS_FOUND = 64
};

struct domains {
	/* Private. */
	bool is_known;
	uint64_t bits[DOMAINS_BITS / 64];
	uint64_t found[DOMAINS_FOUND]; /* hashes; 0: none */
};

void domains_init(struct domains *d);

/* Is the domain, in whichever of its spellings, behind the @ of any key? */
enum table_answer domains_find(
    struct domains *d, struct cdbfile *f, struct bytes domain) MUST_CHECK;

#endif
