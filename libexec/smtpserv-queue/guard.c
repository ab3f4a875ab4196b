/* SPDX-License-Identifier: ISC */
#include "guard.h"

#include <errno.h>
#include <signal.h>

enum result
guard_begin(struct guard *g, time_t seconds, struct fault *why)
{
	/* The one signal that a process hears in its sleep. */
	struct sigevent kill = { .sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGKILL };
	struct itimerspec when = { .it_value = { .tv_sec = seconds } };
	enum result r;

	if (timer_create(CLOCK_MONOTONIC, &kill, &g->timer) != 0)
		return (fault_set(why, "make", "a timer", errno));
	if (timer_settime(g->timer, 0, &when, NULL) == 0)
		return (RES_OK);
	r = fault_set(why, "set", "a timer", errno);
	guard_end(g);
	return (r);
}

void
guard_end(struct guard *g)
{
	/* It is there. */
	(void)timer_delete(g->timer);
}
