/* SPDX-License-Identifier: ISC */
#include "sys/sysclock.h"

#include <time.h>

int64_t
sysclock_ms(void)
{
	struct timespec now;

	/* Cannot fail: the clock exists and the pointer is good. */
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

int64_t
sysclock_after(int64_t now_ms, uint32_t seconds)
{
	return (
	    seconds == 0 ? SYSCLOCK_NEVER : now_ms + (int64_t)seconds * 1000);
}

void
sysclock_sleep_ms(unsigned int ms)
{
	struct timespec span = { (time_t)(ms / 1000),
		(long)(ms % 1000) * 1000000L };

	/* Waking early is harmless: every caller looks again. */
	(void)nanosleep(&span, NULL);
}
