/* SPDX-License-Identifier: ISC */
/*
 * tally: what was done so far, for Prometheus.
 *
 * Pure.
 */
#ifndef SMTPSERV_PULL_TALLY_H
#define SMTPSERV_PULL_TALLY_H

#include <stdint.h>

#include "bytes/buf.h"

enum {
	TALLY_TEXT_MAX = 8192,
	TALLY_BUCKETS = 10
};

struct tally {
	uint64_t pulled;
	uint64_t unreadable; /* of these */
	uint64_t bytes;      /* of their bodies */
	uint64_t duplicates;
	uint64_t connections;
	uint64_t lost;     /* of these */
	uint64_t troubles; /* local ones */
	uint64_t holds;    /* times that the spool had enough */
	bool is_holding;
	uint64_t ms; /* of all that were pulled */
	uint64_t buckets[TALLY_BUCKETS];
};

/* A message was taken, in so many milliseconds. */
void tally_pulled(
    struct tally *t, uint64_t bytes, uint64_t ms, bool is_unreadable);

void tally_print(const struct tally *t, struct buf *out);

#endif
