/* SPDX-License-Identifier: ISC */
#include "spool/schedule.h"

enum {
	SKIP = 10
};

/* The root of n, rounded down. */
static uint64_t
root(uint64_t n)
{
	uint64_t low = 0;
	uint64_t high = (uint64_t)1 << 32;

	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		if (middle * middle <= n)
			low = middle;
		else
			high = middle;
	}
	return (low);
}

time_t
schedule_tried(time_t born, const struct timespec *written)
{
	if (written->tv_nsec != 0 || written->tv_sec < born + SCHEDULE_MARGIN)
		return (0);
	return (written->tv_sec);
}

bool
schedule_is_asked(const struct timespec *written)
{
	return (written->tv_sec == 0);
}

time_t
schedule_next(time_t born, time_t tried, uint32_t queuelife)
{
	uint64_t age;
	uint64_t next;

	if (tried < born + SCHEDULE_MARGIN)
		return (born);
	age = (uint64_t)(tried - born);
	next = (root(age) + SKIP) * (root(age) + SKIP);
	/* The last try comes at its own time, not by the usual pauses. */
	if (age < queuelife && next > queuelife)
		next = queuelife;
	return (born + (time_t)next);
}

time_t
schedule_wait(time_t born, time_t tried, time_t now, uint32_t queuelife)
{
	time_t next = schedule_next(born, tried, queuelife);
	time_t since = tried > now ? tried : now;

	/* Not tried yet: due, whatever its time of birth is. */
	if (tried < born + SCHEDULE_MARGIN || next <= since)
		return (0);
	return (next - since);
}

bool
schedule_is_ahead(time_t tried, time_t now)
{
	return (tried > now + SCHEDULE_SKEW);
}

time_t
schedule_stamp(time_t born, time_t now)
{
	return (now < born + SCHEDULE_MARGIN ? born + SCHEDULE_MARGIN : now);
}

bool
schedule_is_last(time_t born, time_t now, uint32_t queuelife)
{
	uint64_t age = now > born ? (uint64_t)(now - born) : 0;

	return (age >= queuelife);
}
