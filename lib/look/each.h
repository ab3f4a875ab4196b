/* SPDX-License-Identifier: ISC */
/*
 * each: the messages of the spool, in the order of their numbers.
 *
 * In constant memory: of a spool with more messages than there is room for, the
 * directory is read once for each part.
 */
#ifndef LOOK_EACH_H
#define LOOK_EACH_H

#include <stdint.h>

#include "base/base.h"
#include "spool/scan.h"

/* WRK, HELD and BAD: every message, whatever its state. */
#define EACH_MESSAGE (1U << SCAN_WRK | 1U << SCAN_HELD | 1U << SCAN_BAD)

/* False ends it. */
typedef bool each_fn(void *ctx, uint32_t number, enum scan_kind kind);

/*
 * The files of these kinds (a bit for each), the earliest number first, before
 * the latest, round the wraparound.  One that comes or goes meanwhile may be
 * seen or not.
 */
enum result each_run(int dirfd, unsigned int kinds, each_fn *visit, void *ctx,
    struct fault *why) MUST_CHECK;

#endif
