/* SPDX-License-Identifier: ISC */
#include "spool/schedule.h"

#include <atf-c.h>
#include <stddef.h>

#include "base/base.h"

enum {
	BORN = 1795514400,
	WEEK = 604800
};

/* OB-155 */
ATF_TC_WITHOUT_HEAD(schedule_next__grows_with_the_age);
ATF_TC_BODY(schedule_next__grows_with_the_age, tc)
{
	static const struct {
		time_t tried;
		time_t next;
	} rows[] = {
		/* Never: the envelope is as old as the text, or older. */
		{ 0, 0 },
		{ -3600, 0 },
		{ 1, 0 },
		/* 11, 20, 29, 30, 40, ... squared. */
		{ 2, 121 },
		{ 100, 400 },
		{ 399, 841 },
		{ 400, 900 },
		{ 900, 1600 },
		{ 3600, 4900 },
		{ 86400, 91809 },
		/* The last try is when it is due, and after it they go on. */
		{ WEEK - 1, WEEK },
		{ WEEK - 4000, WEEK },
		{ WEEK, 619369 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_EQ_MSG(BORN + rows[i].next,
		    schedule_next(BORN, BORN + rows[i].tried, WEEK),
		    "row %zu: %lld", i,
		    (long long)schedule_next(BORN, BORN + rows[i].tried, WEEK) -
			BORN);
}

ATF_TC_WITHOUT_HEAD(schedule_next__a_week_takes_about_eighty_tries);
ATF_TC_BODY(schedule_next__a_week_takes_about_eighty_tries, tc)
{
	time_t now = BORN;
	unsigned int n = 0;

	while (!schedule_is_last(BORN, now, WEEK)) {
		time_t tried = schedule_stamp(BORN, now);
		time_t next = schedule_next(BORN, tried, WEEK);

		ATF_REQUIRE(next > now);
		now = next;
		n++;
	}
	ATF_CHECK_EQ(BORN + WEEK, now);
	ATF_CHECK_MSG(n > 60 && n < 90, "%u", n);
}

ATF_TC_WITHOUT_HEAD(schedule_stamp__an_attempt_shows);
ATF_TC_BODY(schedule_stamp__an_attempt_shows, tc)
{
	time_t at;

	for (at = BORN - 10; at < BORN + 10; at++) {
		time_t stamp = schedule_stamp(BORN, at);

		ATF_CHECK(stamp >= at);
		ATF_CHECK(schedule_next(BORN, stamp, WEEK) > BORN);
	}
}

ATF_TC_WITHOUT_HEAD(schedule_wait__believes_no_clock_that_was_set_back);
ATF_TC_BODY(schedule_wait__believes_no_clock_that_was_set_back, tc)
{
	time_t now = BORN - 365 * 86400;
	time_t stamp = schedule_stamp(BORN, now);

	ATF_CHECK_EQ(0, schedule_wait(BORN, BORN, BORN, WEEK));
	ATF_CHECK_EQ(90, schedule_wait(BORN, BORN + 2, BORN + 31, WEEK));
	ATF_CHECK_EQ(0, schedule_wait(BORN, BORN + 2, BORN + 121, WEEK));
	/* Not tried: at once, though it has come in a year. */
	ATF_CHECK_EQ(0, schedule_wait(BORN, BORN, now, WEEK));
	ATF_CHECK_EQ(0, schedule_wait(BORN, now, now, WEEK));
	/* Then as any other. */
	ATF_CHECK_EQ(119, schedule_wait(BORN, stamp, now, WEEK));
	ATF_CHECK(schedule_is_ahead(stamp, now));
	ATF_CHECK(!schedule_is_ahead(schedule_stamp(BORN, BORN), BORN));
	ATF_CHECK(!schedule_is_ahead(now, now));
}

ATF_TC_WITHOUT_HEAD(schedule_tried__by_a_whole_second);
ATF_TC_BODY(schedule_tried__by_a_whole_second, tc)
{
	static const struct {
		struct timespec written;
		time_t tried;
	} rows[] = {
		{ { BORN + 500, 0 }, BORN + 500 },
		{ { BORN + 2, 0 }, BORN + 2 },
		{ { BORN + 500, 1 }, 0 },
		{ { BORN + 1, 0 }, 0 },
		{ { 0, 0 }, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_EQ_MSG(rows[i].tried,
		    schedule_tried(BORN, &rows[i].written), "row %zu", i);
}

ATF_TC_WITHOUT_HEAD(schedule_is_last__from_that_second_on);
ATF_TC_BODY(schedule_is_last__from_that_second_on, tc)
{
	ATF_CHECK(!schedule_is_last(BORN, BORN + WEEK - 1, WEEK));
	ATF_CHECK(schedule_is_last(BORN, BORN + WEEK, WEEK));
	/* In the second in which it came, too. */
	ATF_CHECK(schedule_is_last(BORN, BORN, 0));
	ATF_CHECK(schedule_is_last(BORN, BORN - 5, 0));
	/* A clock that was set back ends nothing. */
	ATF_CHECK(!schedule_is_last(BORN, BORN - 5, WEEK));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, schedule_next__grows_with_the_age);
	ATF_TP_ADD_TC(tp, schedule_next__a_week_takes_about_eighty_tries);
	ATF_TP_ADD_TC(tp, schedule_stamp__an_attempt_shows);
	ATF_TP_ADD_TC(tp, schedule_wait__believes_no_clock_that_was_set_back);
	ATF_TP_ADD_TC(tp, schedule_tried__by_a_whole_second);
	ATF_TP_ADD_TC(tp, schedule_is_last__from_that_second_on);
	return (atf_no_error());
}
