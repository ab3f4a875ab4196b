/* SPDX-License-Identifier: ISC */
/*
 * guard: for a moment whose end others wait for.
 *
 * A program that is set-user-ID runs as fast as its caller likes: stopped, in a
 * frozen cgroup, without a share of the processor.  Work that others wait for
 * is done under this guard, and a moment that takes too long is the program's
 * last: the kernel kills it, and its locks end.
 */
#ifndef SMTPSERV_QUEUE_GUARD_H
#define SMTPSERV_QUEUE_GUARD_H

#include <time.h>

#include "base/base.h"

struct guard {
	/* Private. */
	timer_t timer;
};

enum result guard_begin(
    struct guard *g, time_t seconds, struct fault *why) MUST_CHECK;
void guard_end(struct guard *g);

#endif
