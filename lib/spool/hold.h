/* SPDX-License-Identifier: ISC */
/*
 * hold: a file of the spool, locked, and found still to have its name.
 *
 * Whoever locks a file may have waited for its last holder, who has renamed or
 * removed it: so it is opened, locked, and only then looked at.
 */
#ifndef SPOOL_HOLD_H
#define SPOOL_HOLD_H

#include <stdint.h>

#include "base/base.h"

enum hold_status {
	HOLD_OK,
	HOLD_BUSY,  /* another has the lock */
	HOLD_GONE,  /* the name is gone, or another file's */
	HOLD_FAILED /* why says what failed */
};

/*
 * Open the file for reading and writing, not through a link, and wait for its
 * lock until the deadline, a moment of sysclock_ms() (0: do not wait).  With
 * HOLD_OK *fd holds the lock; else nothing is open.
 */
enum hold_status hold_take(int dirfd, const char *name, int64_t until_ms,
    int *fd, struct fault *why) MUST_CHECK;

#endif
