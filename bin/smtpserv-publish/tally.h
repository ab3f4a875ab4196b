/* SPDX-License-Identifier: ISC */
/*
 * tally: what became of messages, in numbers, and their text for Prometheus.
 *
 * Pure.  Each worker adds to one of its own, in memory that it shares with the
 * process that prints their sum; a number that is read while it changes is the
 * old one or the new one.
 */
#ifndef SMTPSERV_PUBLISH_TALLY_H
#define SMTPSERV_PUBLISH_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "bytes/buf.h"

enum {
	TALLY_BUCKETS = 9, /* the last has no bound */
	TALLY_CODES = 10,  /* of handover_put_no() */
	TALLY_TEXT_MAX = 8192
};

struct tally {
	uint64_t confirmed;
	uint64_t bytes; /* of those */
	uint64_t ms;    /* likewise, in all */
	uint64_t within[TALLY_BUCKETS];
	uint64_t refused[TALLY_CODES];
	uint64_t retries;
	uint64_t links;
};

/* One message: its word, its size, how long it took, and how many tries. */
void tally_add(
    struct tally *t, int code, uint64_t size, uint64_t ms, unsigned int tries);
void tally_add_links(struct tally *t, uint64_t links);

/* All of these together. */
void tally_sum(struct tally *sum, const struct tally *all, size_t n);

/* The text, for which out needs TALLY_TEXT_MAX. */
void tally_put(const struct tally *sum, size_t workers, struct buf *out);

#endif
