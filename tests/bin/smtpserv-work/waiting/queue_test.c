/* SPDX-License-Identifier: ISC */
#include "waiting/queue.h"

#include <atf-c.h>

#include "base/base.h"

enum {
	MANY = 100000
};

static uint32_t
next(struct queue *q, uint32_t now)
{
	uint32_t number;

	return (queue_next(q, now, true, &number) ? number : 0);
}

ATF_TC_WITHOUT_HEAD(queue_next__oldest_first_each_once);
ATF_TC_BODY(queue_next__oldest_first_each_once, tc)
{
	static const uint32_t in[] = { 30, 7, 4294967295, 12, 7, 30, 1 };
	static const uint32_t want[] = { 1, 7, 12, 30, 4294967295 };
	struct queue q;
	size_t i;

	queue_init(&q);
	for (i = 0; i < ARRAY_LEN(in); i++)
		ATF_REQUIRE(queue_append(&q, in[i], 5));
	queue_merge(&q);
	ATF_CHECK_EQ(5, queue_waiting(&q));
	ATF_CHECK_EQ(0, next(&q, 4));
	for (i = 0; i < ARRAY_LEN(want); i++)
		ATF_CHECK_EQ(want[i], next(&q, 5));
	ATF_CHECK_EQ(0, next(&q, 5));
	ATF_CHECK_EQ(0, queue_waiting(&q));
	/* They are ours, seen or heard of again or not. */
	ATF_REQUIRE(queue_add(&q, 7, 6));
	ATF_REQUIRE(queue_append(&q, 12, 6));
	queue_merge(&q);
	ATF_CHECK_EQ(0, next(&q, 6));
	queue_free(&q);
}

ATF_TC_WITHOUT_HEAD(queue_put_back__is_due_when_it_is_due);
ATF_TC_BODY(queue_put_back__is_due_when_it_is_due, tc)
{
	struct queue q;

	queue_init(&q);
	ATF_REQUIRE(queue_add(&q, 2, 0));
	ATF_REQUIRE(queue_add(&q, 1, 0));
	ATF_REQUIRE(queue_add(&q, 3, 0));
	ATF_CHECK_EQ(1, next(&q, 0));
	queue_put_back(&q, 1, QUEUE_LATER, 100);
	ATF_CHECK_EQ(2, next(&q, 0));
	queue_put_back(&q, 2, QUEUE_BUSY, 50);
	/* One that always fails keeps nobody waiting. */
	ATF_CHECK_EQ(3, next(&q, 0));
	queue_forget(&q, 3);
	ATF_CHECK_EQ(50, queue_wakes(&q));
	ATF_CHECK_EQ(0, next(&q, 49));
	/* Seen: nothing new.  Heard of: it may be free. */
	ATF_REQUIRE(queue_append(&q, 2, 20));
	queue_merge(&q);
	ATF_CHECK_EQ(0, next(&q, 20));
	ATF_REQUIRE(queue_add(&q, 1, 20));
	ATF_CHECK_EQ(0, next(&q, 20));
	ATF_REQUIRE(queue_add(&q, 2, 20));
	ATF_CHECK_EQ(2, next(&q, 20));
	queue_forget(&q, 2);
	ATF_CHECK_EQ(100, queue_wakes(&q));
	ATF_CHECK_EQ(1, next(&q, 100));
	queue_forget(&q, 1);
	ATF_CHECK_EQ(UINT32_MAX, queue_wakes(&q));
	/* A number that is used again. */
	ATF_REQUIRE(queue_add(&q, 2, 200));
	ATF_CHECK_EQ(2, next(&q, 200));
	queue_free(&q);
}

ATF_TC_WITHOUT_HEAD(queue_next__lists_wait_for_their_place);
ATF_TC_BODY(queue_next__lists_wait_for_their_place, tc)
{
	struct queue q;
	uint32_t number = 0;

	queue_init(&q);
	ATF_REQUIRE(queue_add(&q, 1, 0));
	ATF_REQUIRE(queue_next(&q, 0, false, &number));
	queue_put_back(&q, number, QUEUE_BULK, 0);
	ATF_CHECK(!queue_next(&q, 5, false, &number));
	ATF_CHECK_EQ(UINT32_MAX, queue_wakes(&q));
	ATF_CHECK_EQ(1, queue_waiting(&q));
	ATF_CHECK(queue_next(&q, 5, true, &number));
	ATF_CHECK_EQ(1, number);
	queue_free(&q);
}

ATF_TC_WITHOUT_HEAD(queue_next__goes_around);
ATF_TC_BODY(queue_next__goes_around, tc)
{
	struct queue q;
	uint32_t i;

	queue_init(&q);
	for (i = 1; i <= 5; i++)
		ATF_REQUIRE(queue_add(&q, i * 10, 0));
	ATF_CHECK_EQ(10, next(&q, 0));
	ATF_CHECK_EQ(20, next(&q, 0));
	/* What comes in before and behind takes nobody's turn. */
	queue_put_back(&q, 10, QUEUE_LATER, 0);
	ATF_REQUIRE(queue_add(&q, 15, 0));
	ATF_REQUIRE(queue_add(&q, 5, 0));
	ATF_REQUIRE(queue_append(&q, 60, 0));
	ATF_REQUIRE(queue_append(&q, 1, 0));
	queue_merge(&q);
	ATF_CHECK_EQ(30, next(&q, 0));
	ATF_CHECK_EQ(40, next(&q, 0));
	ATF_CHECK_EQ(50, next(&q, 0));
	ATF_CHECK_EQ(60, next(&q, 0));
	ATF_CHECK_EQ(1, next(&q, 0));
	ATF_CHECK_EQ(5, next(&q, 0));
	ATF_CHECK_EQ(10, next(&q, 0));
	ATF_CHECK_EQ(15, next(&q, 0));
	ATF_CHECK_EQ(0, next(&q, 0));
	queue_free(&q);
}

ATF_TC_WITHOUT_HEAD(queue__holds_many_and_forgets_them);
ATF_TC_BODY(queue__holds_many_and_forgets_them, tc)
{
	struct queue q;
	uint32_t i;

	queue_init(&q);
	/* Backwards, and every other twice. */
	for (i = MANY; i > 0; i--) {
		ATF_REQUIRE(queue_append(&q, i, 0));
		if (i % 2 == 0)
			ATF_REQUIRE(queue_append(&q, i, 0));
	}
	queue_merge(&q);
	ATF_CHECK_EQ(MANY, queue_waiting(&q));
	for (i = 1; i <= MANY; i++) {
		ATF_REQUIRE_EQ(i, next(&q, 0));
		queue_forget(&q, i);
		/* Beside new ones. */
		if (i % 1000 == 0)
			ATF_REQUIRE(queue_add(&q, MANY + i, 0));
	}
	ATF_CHECK_EQ(MANY / 1000, queue_waiting(&q));
	/* And what is gone takes no room: the next fits without more. */
	ATF_CHECK(q.n < MANY / 2 + MANY / 1000 + 1);
	for (i = 1000; i <= MANY; i += 1000)
		ATF_REQUIRE_EQ(MANY + i, next(&q, 0));
	queue_free(&q);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, queue_next__oldest_first_each_once);
	ATF_TP_ADD_TC(tp, queue_put_back__is_due_when_it_is_due);
	ATF_TP_ADD_TC(tp, queue_next__lists_wait_for_their_place);
	ATF_TP_ADD_TC(tp, queue_next__goes_around);
	ATF_TP_ADD_TC(tp, queue__holds_many_and_forgets_them);
	return (atf_no_error());
}
