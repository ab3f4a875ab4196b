/* SPDX-License-Identifier: ISC */
/*
 * schedule: when a message is tried next.
 *
 * Pure: a function of when it was born (its text's time) and when it was
 * tried last (its envelope's time), so that nothing has to be kept anywhere,
 * and several workers agree.  The tries come at 0, 100, 400, 900, 1600, ...
 * seconds of its age, as qmail's do: after a try at some age, the next comes
 * at the age of (the root of that age + 10) squared.
 */
#ifndef SPOOL_SCHEDULE_H
#define SPOOL_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum {
	/* If the envelope is younger than the text by so much, it was tried. */
	SCHEDULE_MARGIN = 2,
	/* The clocks of several hosts may differ by so much. */
	SCHEDULE_SKEW = 60,
	/* Seconds before the sender may be told of a delay. */
	SCHEDULE_DELAY = 4 * 3600
};

/*
 * When the last attempt was, by the envelope's time, or 0: not tried yet.
 * An attempt is stamped with a whole second.  The time of a write or of
 * touch(1) hardly ever is one, so neither is taken for an attempt.  If the
 * file system keeps whole seconds only, SCHEDULE_MARGIN has to tell.
 */
time_t schedule_tried(time_t born, const struct timespec *written);

/*
 * The time of an envelope whose message somebody wants to be tried at once; no
 * clock gives it.
 */
#define SCHEDULE_ASKED                                                         \
	{                                                                      \
		0, 0                                                           \
	}
bool schedule_is_asked(const struct timespec *written);

/* The moment of the next try; if the try is due, not later than `now`. */
time_t schedule_next(time_t born, time_t tried, uint32_t queuelife);

/*
 * How many seconds that is from now, or 0.  If the clock was set back after
 * the last try, only the length of the pause counts, not the moment of its end.
 */
time_t schedule_wait(time_t born, time_t tried, time_t now, uint32_t queuelife);

/* Was the last attempt made when the clock was wrong? */
bool schedule_is_ahead(time_t tried, time_t now);

/* The time to give to the envelope after an attempt at `now`. */
time_t schedule_stamp(time_t born, time_t now);

/* Is this try the last one? */
bool schedule_is_last(time_t born, time_t now, uint32_t queuelife);

#endif
