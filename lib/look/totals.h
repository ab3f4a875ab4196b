/* SPDX-License-Identifier: ISC */
/*
 * totals: how much waits in the spool, without a look into its files: one pass
 * over the names, and one look at the text of each message.
 */
#ifndef LOOK_TOTALS_H
#define LOOK_TOTALS_H

#include <stdint.h>
#include <time.h>

#include "base/base.h"

struct totals {
	uint64_t messages; /* committed, whether they are claimed or not */
	uint64_t bytes;    /* of their text */
	uint64_t oldest;   /* seconds since the first was accepted */
	uint64_t held;
	uint64_t aside;
};

enum result totals_take(
    int dirfd, time_t now, struct totals *t, struct fault *why) MUST_CHECK;

#endif
