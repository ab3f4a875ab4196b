/* SPDX-License-Identifier: ISC */
/*
 * counts: what the lines of a log add up to, and how that is written down for
 * Prometheus.
 *
 * Pure.  Memory is bounded: when there are too many label values of a metric,
 * such as destinations, further ones are counted together, as "other".
 */
#ifndef SMTPSERV_COUNT_COUNTS_H
#define SMTPSERV_COUNT_COUNTS_H

#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"

enum {
	COUNTS_VALUES_MAX = 200, /* of labels, in one metric */
	COUNTS_LABEL_MAX = 80,   /* octets of one; longer ones are "other" */
	COUNTS_METRICS = 14,
	COUNTS_BUCKETS = 12,
	/* More than the text of all metrics can take. */
	COUNTS_TEXT_MAX = 4 * 1024 * 1024
};

/* A row of a metric: its labels as they are written, and how often. */
struct counts_row {
	char labels[2 * COUNTS_LABEL_MAX + 64];
	uint64_t n;
};

struct counts_metric {
	size_t nrows;
	struct counts_row rows[COUNTS_VALUES_MAX + 1];
};

struct counts_histogram {
	uint64_t buckets[COUNTS_BUCKETS + 1]; /* the last: longer than all */
	uint64_t sum;
};

struct counts {
	/* Private. */
	struct counts_metric metrics[COUNTS_METRICS];
	struct counts_histogram delays;
};

void counts_init(struct counts *c);

/* One line of the log, from any program; without its line feed. */
void counts_add(struct counts *c, struct bytes line);

/* All of it, in Prometheus's text format. */
void counts_print(const struct counts *c, struct buf *out);

#endif
