/* SPDX-License-Identifier: ISC */
#include "desk.h"

#include <atf-c.h>

static struct job job;

/* A delivery begins in a free slot; NULL: in none. */
static struct slot *
begin(struct desk *d)
{
	struct slot *s = desk_free_slot(d);

	if (s != NULL)
		s->job = &job;
	return (s);
}

ATF_TC_WITHOUT_HEAD(free_slot__whoever_waits_for_a_sync_leaves_a_place);
ATF_TC_BODY(free_slot__whoever_waits_for_a_sync_leaves_a_place, tc)
{
	struct slot *s[3];
	struct desk d;

	ATF_REQUIRE(desk_open(&d, 2));
	ATF_REQUIRE((s[0] = begin(&d)) != NULL);
	ATF_REQUIRE((s[1] = begin(&d)) != NULL);
	ATF_CHECK_EQ(NULL, begin(&d));
	s[0]->agent.is_syncing = true;
	ATF_REQUIRE((s[2] = begin(&d)) != NULL);
	ATF_CHECK_EQ(NULL, begin(&d));
	/* One more that waits is one too many. */
	s[1]->agent.is_syncing = true;
	ATF_CHECK_EQ(NULL, begin(&d));
	s[0]->job = NULL;
	ATF_CHECK_EQ(s[0], begin(&d));
	desk_close(&d);
}

ATF_TC_WITHOUT_HEAD(free_slot__of_one_worker_is_one);
ATF_TC_BODY(free_slot__of_one_worker_is_one, tc)
{
	struct slot *s;
	struct desk d;

	ATF_REQUIRE(desk_open(&d, 1));
	ATF_REQUIRE((s = begin(&d)) != NULL);
	s->agent.is_syncing = true;
	ATF_CHECK_EQ(NULL, begin(&d));
	desk_close(&d);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, free_slot__whoever_waits_for_a_sync_leaves_a_place);
	ATF_TP_ADD_TC(tp, free_slot__of_one_worker_is_one);
	return (atf_no_error());
}
