/* SPDX-License-Identifier: ISC */
/*
 * schedule: when a message is tried next.
 *
 * Pure: a function of when it was born (its text's time) and when it was
 * tried last (its envelope's time), so that nothing has to be kept anywhere,
 * and several workers agree.  The tries come at 0, 100, 400, 900, 1600, ...
 * seconds of its age, as qmail's do: when the age is (the root of what it was
 * + 10) squared.
 */
#ifndef SPOOL_SCHEDULE_H
#define SPOOL_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum {
	/* An envelope that is so much younger than its text was tried. */
	SCHEDULE_MARGIN = 2,
	/* Clocks of several hosts may differ so much. */
	SCHEDULE_SKEW = 60,
	/* Seconds before the sender may be told that it takes long. */
	SCHEDULE_DELAY = 4 * 3600
};

/*
 * When the last attempt was, by the envelope's time, or 0: there was none.
 * Attempts are stamped with a whole second, which the time of a write or of
 * touch(1) hardly ever is, so that neither is taken for one; where the file
 * system has whole seconds only, SCHEDULE_MARGIN has to tell.
 */
time_t schedule_tried(time_t born, const struct timespec *written);

/* The moment of the next try; not after `now` where it is due. */
time_t schedule_next(time_t born, time_t tried, uint32_t queuelife);

/*
 * How many seconds that is from now, or 0.  Of what a clock said that has been
 * set back since, only the length of a pause is believed.
 */
time_t schedule_wait(time_t born, time_t tried, time_t now, uint32_t queuelife);

/* Was the last attempt made when the clock was wrong? */
bool schedule_is_ahead(time_t tried, time_t now);

/* The time to give to the envelope after an attempt at `now`. */
time_t schedule_stamp(time_t born, time_t now);

/* Is this try the last one? */
bool schedule_is_last(time_t born, time_t now, uint32_t queuelife);

#endif
