/* SPDX-License-Identifier: ISC */
/*
 * complete: what a power cut left of commits in one stage.
 *
 * Such a commit is acknowledged when text, envelope and mark are durable; the
 * last name, WRK, may be lost with the power, and is then given here.
 */
#ifndef SPOOL_COMPLETE_H
#define SPOOL_COMPLETE_H

#include <stdint.h>

#include "base/base.h"

struct complete {
	uint64_t completed; /* messages */
	uint64_t removed;   /* marks of what is none */
};

/*
 * For each mark whose session is dead: a message has its WRK already, or text
 * and envelope are as the mark says, and are synced and get it; or the mark is
 * a left-over, and goes; its text is then one for scan_clean().  A mark that
 * somebody has locked is waited for until the deadline, and then left to them.
 * Any number of processes may do it at once, also beside sessions, consumers
 * and cleaners.  Goes on after a failure and reports the first.
 */
enum result complete_all(int dirfd, int64_t until_ms, struct complete *done,
    struct fault *why) MUST_CHECK;

/*
 * The same, unless the counter's boot id is this boot's: then somebody has
 * taken a number since, and has completed before that.
 */
enum result complete_first(int dirfd, int64_t until_ms, struct complete *done,
    struct fault *why) MUST_CHECK;

#endif
