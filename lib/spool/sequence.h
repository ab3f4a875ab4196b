/* SPDX-License-Identifier: ISC */
/*
 * sequence: sequence.seq, the file with the counter's line (counter.h).
 *
 * A process that takes a number holds the file's lock.  If the file is missing,
 * or of another program's width, a whole one is made, sequence.new, and renamed
 * to it.
 */
#ifndef SPOOL_SEQUENCE_H
#define SPOOL_SEQUENCE_H

#include <stdint.h>

#include "base/base.h"
#include "spool/counter.h"

#define SEQUENCE_FILE     "sequence.seq"
#define SEQUENCE_NEW_FILE "sequence.new"

/*
 * Take a number from the file in dirfd, durably reserved (unless sync is
 * false); before the first one after a boot, complete_all() is called.  A
 * missing file is made, whole, above every number in the directory.  Waits for
 * the lock until the deadline.  Any failure is reported and leaves the numbers
 * handed out so far alone.
 */
enum result sequence_next(int dirfd, const char boot[COUNTER_BOOT_ID],
    bool sync, int64_t until_ms, uint32_t *number,
    struct fault *why) MUST_CHECK;

/*
 * The repair of garbage, and of a counter that lags behind: set it above
 * all that is seen in the directory and, if it can be read, in the file,
 * and above `above`, a number that the caller knows of (0: none), with a gap
 * of COUNTER_STEP_MAX.  *next says where it stands now.
 */
enum result sequence_repair(int dirfd, uint32_t above, int64_t until_ms,
    uint32_t *next, struct fault *why) MUST_CHECK;

/* Only look.  RES_PERM with why->err 0: garbage. */
enum result sequence_read(
    int dirfd, struct counter *c, struct fault *why) MUST_CHECK;

/* This boot's id; if it is not known, blanks, which match no stored id. */
void sequence_boot_id(char boot[COUNTER_BOOT_ID]);

#endif
