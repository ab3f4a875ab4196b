/* SPDX-License-Identifier: ISC */
#include "waiting/queue.h"

#include <atf-c.h>

#include "base/base.h"

enum {
	MANY = 100000,
	SICK = 3, /* two destinations' lines */
	WELL = 4
};

/* When each line opens. */
struct doors {
	uint32_t bulk;
	uint32_t sick;
	uint64_t asked;
};

static uint32_t
opens(const void *ctx, uint32_t line)
{
	/* Only to count. */
	struct doors *d = (struct doors *)(uintptr_t)ctx;

	d->asked++;
	if (line == QUEUE_BULK)
		return (d->bulk);
	return (line == SICK ? d->sick : 0);
}

static struct doors all_open;

static uint32_t
next(struct queue *q, uint32_t now)
{
	uint32_t number;

	return (queue_next(q, now, opens, &all_open, &number) ? number : 0);
}

static uint32_t
wakes(const struct queue *q)
{
	return (queue_wakes(q, opens, &all_open));
}

static void
put(struct queue *q, uint32_t number, uint32_t line, uint32_t due)
{
	struct queue_place place = {
		.line = line, .due = due, .alarm = UINT32_MAX
	};

	queue_put_back(q, number, &place);
}

/* OB-164 */
ATF_TC_WITHOUT_HEAD(queue_next__oldest_first_each_once);
ATF_TC_BODY(queue_next__oldest_first_each_once, tc)
{
	static const uint32_t in[] = { 30, 7, 4294967295, 12, 7, 30, 1 };
	static const uint32_t want[] = { 1, 7, 12, 30, 4294967295 };
	struct queue q;
	size_t i;

	queue_init(&q);
	for (i = 0; i < ARRAY_LEN(in); i++)
		ATF_REQUIRE(queue_see(&q, in[i], 5));
	ATF_CHECK_EQ(5, queue_waiting(&q));
	ATF_CHECK_EQ(0, next(&q, 4));
	for (i = 0; i < ARRAY_LEN(want); i++)
		ATF_CHECK_EQ(want[i], next(&q, 5));
	ATF_CHECK_EQ(0, next(&q, 5));
	ATF_CHECK_EQ(0, queue_waiting(&q));
	/* They are ours, seen or heard of again or not. */
	ATF_REQUIRE(queue_add(&q, 7, 6));
	ATF_REQUIRE(queue_see(&q, 12, 6));
	ATF_CHECK_EQ(0, next(&q, 6));
	queue_free(&q);
}

ATF_TC_WITHOUT_HEAD(queue_put_back__is_due_when_it_is_due);
ATF_TC_BODY(queue_put_back__is_due_when_it_is_due, tc)
{
	struct queue_place busy = { .line = QUEUE_SEEN,
		.due = 50,
		.alarm = UINT32_MAX,
		.is_busy = true };
	struct queue q;

	queue_init(&q);
	ATF_REQUIRE(queue_add(&q, 2, 0));
	ATF_REQUIRE(queue_add(&q, 1, 0));
	ATF_REQUIRE(queue_add(&q, 3, 0));
	ATF_CHECK_EQ(1, next(&q, 0));
	put(&q, 1, QUEUE_SEEN, 100);
	ATF_CHECK_EQ(2, next(&q, 0));
	queue_put_back(&q, 2, &busy);
	/* One that always fails keeps nobody waiting. */
	ATF_CHECK_EQ(3, next(&q, 0));
	queue_forget(&q, 3);
	ATF_CHECK_EQ(50, wakes(&q));
	ATF_CHECK_EQ(0, next(&q, 49));
	/* Seen: nothing new.  Heard of: it may be free. */
	ATF_REQUIRE(queue_see(&q, 2, 20));
	ATF_CHECK_EQ(0, next(&q, 20));
	ATF_REQUIRE(queue_add(&q, 1, 20));
	ATF_CHECK_EQ(0, next(&q, 20));
	ATF_REQUIRE(queue_add(&q, 2, 20));
	ATF_CHECK_EQ(2, next(&q, 20));
	queue_forget(&q, 2);
	ATF_CHECK_EQ(100, wakes(&q));
	ATF_CHECK_EQ(1, next(&q, 100));
	queue_forget(&q, 1);
	ATF_CHECK_EQ(UINT32_MAX, wakes(&q));
	/* A number that is used again. */
	ATF_REQUIRE(queue_add(&q, 2, 200));
	ATF_CHECK_EQ(2, next(&q, 200));
	queue_free(&q);
}

ATF_TC_WITHOUT_HEAD(queue_next__lists_wait_for_their_place);
ATF_TC_BODY(queue_next__lists_wait_for_their_place, tc)
{
	struct doors shut = { .bulk = UINT32_MAX };
	struct queue q;
	uint32_t number = 0;

	queue_init(&q);
	ATF_REQUIRE(queue_add(&q, 1, 0));
	ATF_REQUIRE_EQ(1, next(&q, 0));
	put(&q, 1, QUEUE_BULK, 0);
	ATF_CHECK(!queue_next(&q, 5, opens, &shut, &number));
	ATF_CHECK_EQ(UINT32_MAX, queue_wakes(&q, opens, &shut));
	ATF_CHECK_EQ(1, queue_waiting(&q));
	ATF_CHECK_EQ(1, next(&q, 5));
	queue_free(&q);
}

ATF_TC_WITHOUT_HEAD(queue_next__lines_have_turns);
ATF_TC_BODY(queue_next__lines_have_turns, tc)
{
	struct queue q;
	uint32_t i;

	queue_init(&q);
	for (i = 1; i <= 6; i++)
		ATF_REQUIRE(queue_see(&q, i, 0));
	for (i = 1; i <= 6; i++)
		ATF_REQUIRE_EQ(i, next(&q, 0));
	/* Who has been due for longer, then who is older. */
	put(&q, 1, SICK, 2);
	put(&q, 2, SICK, 1);
	put(&q, 3, SICK, 1);
	put(&q, 4, WELL, 0);
	put(&q, 5, WELL, 0);
	ATF_REQUIRE(queue_add(&q, 9, 3));
	ATF_CHECK_EQ(9, next(&q, 3));
	ATF_CHECK_EQ(2, next(&q, 3));
	ATF_CHECK_EQ(4, next(&q, 3));
	ATF_CHECK_EQ(3, next(&q, 3));
	ATF_CHECK_EQ(5, next(&q, 3));
	ATF_CHECK_EQ(1, next(&q, 3));
	ATF_CHECK_EQ(0, next(&q, 3));
	queue_free(&q);
}

static void
fill_line(struct queue *q, uint32_t n)
{
	uint32_t i;

	queue_init(q);
	for (i = 1; i <= n; i++)
		ATF_REQUIRE(queue_see(q, i, 0));
	for (i = 1; i <= n; i++)
		ATF_REQUIRE_EQ(i, next(q, 0));
	for (i = 1; i <= n; i++)
		put(q, i, SICK, 0);
}

/* However many wait for a line that is shut. */
ATF_TC_WITHOUT_HEAD(queue_next__who_waits_costs_no_step);
ATF_TC_BODY(queue_next__who_waits_costs_no_step, tc)
{
	static const uint32_t counts[] = { 24, 1000, MANY };
	size_t i;

	for (i = 0; i < ARRAY_LEN(counts); i++) {
		struct doors shut = { .sick = 60 };
		struct queue q;
		uint32_t number = 0;
		uint64_t steps;

		fill_line(&q, counts[i]);
		steps = q.steps;
		ATF_CHECK(!queue_next(&q, 1, opens, &shut, &number));
		ATF_CHECK_EQ(60, queue_wakes(&q, opens, &shut));
		ATF_REQUIRE(queue_add(&q, MANY + 1, 1));
		ATF_REQUIRE(queue_next(&q, 1, opens, &shut, &number));
		ATF_CHECK_EQ(MANY + 1, number);
		queue_forget(&q, number);
		ATF_CHECK_EQ(steps, q.steps);
		/* Two times one line that is shut, one that is open. */
		ATF_CHECK(shut.asked <= 6);
		/* The one that finds out how it is: the oldest. */
		ATF_REQUIRE(queue_next(&q, 60, opens, &shut, &number));
		ATF_CHECK_EQ(1, number);
		ATF_CHECK_EQ(counts[i] - 1, queue_waiting(&q));
		queue_free(&q);
	}
}

ATF_TC_WITHOUT_HEAD(queue_next__a_long_line_takes_few_steps_each);
ATF_TC_BODY(queue_next__a_long_line_takes_few_steps_each, tc)
{
	struct queue q;
	uint32_t i;

	fill_line(&q, MANY);
	for (i = 1; i <= MANY; i++) {
		ATF_REQUIRE_EQ(i, next(&q, 0));
		queue_forget(&q, i);
	}
	/* Of the order of n log n, in and out of two lines. */
	ATF_CHECK(q.steps < UINT64_C(80) * MANY);
	queue_free(&q);
}

ATF_TC_WITHOUT_HEAD(queue_sweep__who_is_too_old_leaves_a_line_that_is_shut);
ATF_TC_BODY(queue_sweep__who_is_too_old_leaves_a_line_that_is_shut, tc)
{
	struct queue_place place = { .line = SICK, .due = 0, .alarm = 50 };
	struct doors shut = { .sick = UINT32_MAX };
	struct queue q;
	uint32_t number = 0;

	fill_line(&q, 3);
	ATF_REQUIRE_EQ(1, next(&q, 0));
	ATF_REQUIRE_EQ(2, next(&q, 0));
	queue_put_back(&q, 2, &place);
	put(&q, 1, SICK, 0);
	queue_sweep(&q, 49);
	ATF_CHECK(!queue_next(&q, 49, opens, &shut, &number));
	queue_sweep(&q, 50);
	ATF_CHECK(queue_next(&q, 50, opens, &shut, &number));
	ATF_CHECK_EQ(2, number);
	ATF_CHECK(!queue_next(&q, 50, opens, &shut, &number));
	/* Another table: all are to be looked at. */
	queue_unroute(&q);
	ATF_CHECK(queue_is_empty(&q, SICK));
	ATF_CHECK(queue_next(&q, 50, opens, &shut, &number));
	ATF_CHECK_EQ(1, number);
	ATF_CHECK(queue_next(&q, 50, opens, &shut, &number));
	ATF_CHECK_EQ(3, number);
	queue_free(&q);
}

/* Of a line that is down: those that wait for others, too. */
ATF_TC_WITHOUT_HEAD(queue_release__of_one_line_and_with_an_early_alarm);
ATF_TC_BODY(queue_release__of_one_line_and_with_an_early_alarm, tc)
{
	struct queue_place place = { .line = SICK, .due = 7, .alarm = 300 };
	struct doors shut = { UINT32_MAX, UINT32_MAX, 0 };
	uint32_t number;
	struct queue q;
	uint32_t i;

	queue_init(&q);
	for (i = 1; i <= 4; i++) {
		ATF_REQUIRE(queue_see(&q, i, 0));
		ATF_CHECK_EQ(i, next(&q, 0));
	}
	queue_put_back(&q, 1, &place);
	place.alarm = 301;
	queue_put_back(&q, 2, &place);
	place.alarm = 300;
	place.line = QUEUE_BULK;
	queue_put_back(&q, 3, &place);
	place.line = SICK;
	place.due = 20;
	queue_put_back(&q, 4, &place);
	ATF_CHECK(queue_is_due(&q, SICK, 7));
	ATF_CHECK(!queue_is_due(&q, SICK, 6));
	ATF_CHECK(!queue_is_due(&q, WELL, 1000));
	ATF_CHECK(!queue_next(&q, 30, opens, &shut, &number));
	queue_release(&q, SICK, 300);
	/* As due as they were. */
	ATF_CHECK(queue_next(&q, 7, opens, &shut, &number));
	ATF_CHECK_EQ(1, number);
	ATF_CHECK(!queue_next(&q, 19, opens, &shut, &number));
	ATF_CHECK(queue_next(&q, 20, opens, &shut, &number));
	ATF_CHECK_EQ(4, number);
	ATF_CHECK(!queue_next(&q, 1000, opens, &shut, &number));
	queue_free(&q);
}

ATF_TC_WITHOUT_HEAD(queue__holds_many_and_forgets_them);
ATF_TC_BODY(queue__holds_many_and_forgets_them, tc)
{
	struct queue q;
	uint32_t cap;
	uint32_t i;

	queue_init(&q);
	/* Backwards, and every other twice. */
	for (i = MANY; i > 0; i--) {
		ATF_REQUIRE(queue_see(&q, i, 0));
		if (i % 2 == 0)
			ATF_REQUIRE(queue_see(&q, i, 0));
	}
	cap = q.cap;
	ATF_CHECK_EQ(MANY, queue_waiting(&q));
	for (i = 1; i <= MANY; i++) {
		ATF_REQUIRE_EQ(i, next(&q, 0));
		queue_forget(&q, i);
		/* Beside new ones, in the room of those that are gone. */
		ATF_REQUIRE(queue_see(&q, MANY + i, 1));
	}
	ATF_CHECK_EQ(cap, q.cap);
	ATF_CHECK_EQ(MANY, queue_waiting(&q));
	for (i = 1; i <= MANY; i++)
		ATF_REQUIRE_EQ(MANY + i, next(&q, 1));
	queue_free(&q);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, queue_next__oldest_first_each_once);
	ATF_TP_ADD_TC(tp, queue_put_back__is_due_when_it_is_due);
	ATF_TP_ADD_TC(tp, queue_next__lists_wait_for_their_place);
	ATF_TP_ADD_TC(tp, queue_next__lines_have_turns);
	ATF_TP_ADD_TC(tp, queue_next__who_waits_costs_no_step);
	ATF_TP_ADD_TC(tp, queue_next__a_long_line_takes_few_steps_each);
	ATF_TP_ADD_TC(
	    tp, queue_sweep__who_is_too_old_leaves_a_line_that_is_shut);
	ATF_TP_ADD_TC(
	    tp, queue_release__of_one_line_and_with_an_early_alarm);
	ATF_TP_ADD_TC(tp, queue__holds_many_and_forgets_them);
	return (atf_no_error());
}
