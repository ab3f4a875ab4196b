/* SPDX-License-Identifier: ISC */
#include "desk.h"

#include <atf-c.h>

#include "sys/sysclock.h"

static struct job job;

/* A delivery begins in a free slot; NULL: in none. */
static struct slot *
begin(struct desk *d)
{
	struct slot *s = desk_free_slot(d);

	if (s != NULL) {
		s->errand.n = 1;
		s->errand.part[0] = (struct job_part){ .job = &job };
		s->left = 1;
	}
	return (s);
}

ATF_TC_WITHOUT_HEAD(free_slot__whoever_waits_for_a_sync_leaves_a_place);
ATF_TC_BODY(free_slot__whoever_waits_for_a_sync_leaves_a_place, tc)
{
	struct slot *s[3];
	struct desk d;

	ATF_REQUIRE(desk_open(&d, 2, 0));
	ATF_REQUIRE((s[0] = begin(&d)) != NULL);
	ATF_REQUIRE((s[1] = begin(&d)) != NULL);
	ATF_CHECK_EQ(NULL, begin(&d));
	s[0]->agent.is_syncing = true;
	ATF_REQUIRE((s[2] = begin(&d)) != NULL);
	ATF_CHECK_EQ(NULL, begin(&d));
	/* One more that waits is one too many. */
	s[1]->agent.is_syncing = true;
	ATF_CHECK_EQ(NULL, begin(&d));
	s[0]->left = 0;
	ATF_CHECK_EQ(s[0], begin(&d));
	desk_close(&d);
}

/* A record takes time: what is settled meanwhile is only in the next. */
ATF_TC_WITHOUT_HEAD(clear__frees_what_is_recorded);
ATF_TC_BODY(clear__frees_what_is_recorded, tc)
{
	struct slot *s[2];
	struct desk d;

	ATF_REQUIRE(desk_open(&d, 2, 0));
	job = (struct job){ .state = JOB_DELIVERING };
	ATF_REQUIRE((s[0] = begin(&d)) != NULL);
	ATF_REQUIRE((s[1] = begin(&d)) != NULL);
	s[0]->is_settled = true;
	desk_clear(&d, &job);
	ATF_CHECK_EQ(1, s[0]->left);
	/* A record begins, and then the other is settled. */
	job.round++;
	s[1]->is_settled = true;
	s[1]->errand.part[0].round = job.round;
	desk_clear(&d, &job);
	ATF_CHECK_EQ(0, s[0]->left);
	ATF_CHECK_EQ(1, s[1]->left);
	job.state = JOB_RETURNED;
	desk_clear(&d, &job);
	ATF_CHECK_EQ(0, s[1]->left);
	desk_close(&d);
}

/* The slot of several messages waits for all of them. */
ATF_TC_WITHOUT_HEAD(clear__of_two_messages_waits_for_both);
ATF_TC_BODY(clear__of_two_messages_waits_for_both, tc)
{
	static struct job other;
	struct slot *s;
	struct desk d;

	ATF_REQUIRE(desk_open(&d, 2, 0));
	job = (struct job){ .state = JOB_ENDING };
	other = (struct job){ .state = JOB_DELIVERING };
	ATF_REQUIRE((s = begin(&d)) != NULL);
	s->errand.part[s->errand.n++] = (struct job_part){ .job = &other };
	s->left = 2;
	s->is_settled = true;
	desk_clear(&d, &job);
	ATF_CHECK_EQ(1, s->left);
	/* Another message has the place of the first by now. */
	job.state = JOB_RETURNED;
	desk_clear(&d, &job);
	ATF_CHECK_EQ(1, s->left);
	other.round++;
	desk_clear(&d, &other);
	ATF_CHECK_EQ(0, s->left);
	desk_close(&d);
}

ATF_TC_WITHOUT_HEAD(is_crowded__not_by_those_that_hang);
ATF_TC_BODY(is_crowded__not_by_those_that_hang, tc)
{
	struct lot lot = { .where = 3, .maildir = 7 };
	struct lot alone = lot;
	struct slot *s[DESK_CROWD];
	struct desk d;
	size_t i;

	alone.maildir = 0;
	ATF_REQUIRE(desk_open(&d, DESK_CROWD, 0));
	for (i = 0; i < DESK_CROWD; i++) {
		ATF_CHECK(!desk_is_crowded(&d, &lot));
		ATF_REQUIRE((s[i] = begin(&d)) != NULL);
		s[i]->errand.maildir = lot.maildir;
		s[i]->started_ms = sysclock_ms();
	}
	ATF_CHECK(desk_is_crowded(&d, &lot));
	ATF_CHECK(!desk_is_crowded(&d, &alone));
	lot.maildir = 8;
	ATF_CHECK(!desk_is_crowded(&d, &lot));
	lot.maildir = 7;
	/* It only waits for a sync, or hangs, or is done. */
	s[0]->agent.is_syncing = true;
	ATF_CHECK(!desk_is_crowded(&d, &lot));
	s[0]->agent.is_syncing = false;
	s[0]->started_ms -= 2 * DESK_CROWD_MS;
	ATF_CHECK(!desk_is_crowded(&d, &lot));
	s[0]->started_ms = sysclock_ms() + DESK_CROWD_MS;
	s[0]->is_settled = true;
	ATF_CHECK(!desk_is_crowded(&d, &lot));
	desk_close(&d);
}

ATF_TC_WITHOUT_HEAD(free_slot__of_one_worker_is_one);
ATF_TC_BODY(free_slot__of_one_worker_is_one, tc)
{
	struct slot *s;
	struct desk d;

	ATF_REQUIRE(desk_open(&d, 1, 0));
	ATF_REQUIRE((s = begin(&d)) != NULL);
	s->agent.is_syncing = true;
	ATF_CHECK_EQ(NULL, begin(&d));
	desk_close(&d);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, free_slot__whoever_waits_for_a_sync_leaves_a_place);
	ATF_TP_ADD_TC(tp, free_slot__of_one_worker_is_one);
	ATF_TP_ADD_TC(tp, clear__frees_what_is_recorded);
	ATF_TP_ADD_TC(tp, clear__of_two_messages_waits_for_both);
	ATF_TP_ADD_TC(tp, is_crowded__not_by_those_that_hang);
	return (atf_no_error());
}
