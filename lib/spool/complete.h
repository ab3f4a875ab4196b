/* SPDX-License-Identifier: ISC */
/*
 * complete: finish the commits in one stage that a power cut interrupted.
 *
 * Such a commit is acknowledged when text, envelope and mark are durable.  A
 * power cut may lose the last name, WRK, which is then given here.
 */
#ifndef SPOOL_COMPLETE_H
#define SPOOL_COMPLETE_H

#include <stdint.h>

#include "base/base.h"

struct complete {
	uint64_t completed; /* messages */
	uint64_t removed;   /* marks that do not stand for a message */
	uint64_t busy;      /* marks that other processes have locked */
};

/*
 * Deal with each mark whose session is dead.  If its message has a WRK, the
 * mark is removed.  If text and envelope are as the mark says, they are synced
 * and the mark becomes WRK.  Else the mark is a left-over and is removed; its
 * text is then left to scan_clean().  Many marks share their syncs.  A mark
 * that another process has locked is waited for until lock_ms (0: it is not),
 * and then left to that process: if that one dies, nothing was done with the
 * mark.  After end_ms nothing more is begun but some
 * marks at least: the rest is a failure, RES_TEMP, for another call.  Both are
 * moments of sysclock_ms().  Any number of processes may do this at once, also
 * beside sessions, consumers and cleaners.  Goes on after a failure and reports
 * the first.
 */
enum result complete_all(int dirfd, int64_t lock_ms, int64_t end_ms,
    struct complete *done, struct fault *why) MUST_CHECK;

/*
 * The same, without waiting for locks and to the end, unless the counter's boot
 * id is this boot's: then a process has taken a number since the boot, and has
 * completed before that.
 */
enum result complete_first(
    int dirfd, struct complete *done, struct fault *why) MUST_CHECK;

#endif
