/* SPDX-License-Identifier: ISC */
/*
 * guard: a last word where a message takes more than it may.
 *
 * The libraries that take mail apart end the process when they get no memory,
 * and the kernel ends it when it works too long.  A signal says so; then the
 * client hears 503, if it has not heard anything yet, and the process is over.
 */
#ifndef SMTPSERV_STATUS_GUARD_H
#define SMTPSERV_STATUS_GUARD_H

#include <stdbool.h>

enum {
	GUARD_SECONDS = 120 /* that a process lives */
};

/* False: errno. */
bool guard_set(void);

/* The answer has begun. */
void guard_is_answered(void);

#endif
