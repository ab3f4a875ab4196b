/* SPDX-License-Identifier: ISC */
#include "outbound/nexthop.h"

#include <atf-c.h>
#include <string.h>

static struct nexthop hop;

static void
begin(void)
{
	nexthop_init(&hop, bytes_of("mx:example.org"));
}

/* Something is due, and nothing has room for it. */
static bool
wants(uint32_t now)
{
	return (nexthop_wants(&hop, 3, false, now));
}

/* One more, which connects and carries something. */
static void
add(void)
{
	nexthop_started(&hop);
	nexthop_connected(&hop);
	nexthop_carried(&hop);
}

static bool
fail(bool was_connected, bool has_carried, uint32_t now)
{
	return (
	    nexthop_ended(&hop, was_connected, has_carried, true, now));
}

/* OB-156, OB-160 */
ATF_TC_WITHOUT_HEAD(nexthop_wants__one_after_the_other_up_to_the_bound);
ATF_TC_BODY(nexthop_wants__one_after_the_other_up_to_the_bound, tc)
{
	size_t i;

	begin();
	ATF_CHECK(!nexthop_wants(&hop, 3, true, 0));
	for (i = 0; i < 3; i++) {
		ATF_CHECK(wants(0));
		nexthop_started(&hop);
		ATF_CHECK_MSG(!wants(0), "while one is starting");
		nexthop_connected(&hop);
		ATF_CHECK_MSG(!wants(0), "before it has carried anything");
		nexthop_carried(&hop);
		ATF_CHECK_MSG(
		    !nexthop_wants(&hop, 3, true, 0), "while there is room");
	}
	ATF_CHECK(!wants(0));
	/* One that ends well makes a place. */
	ATF_CHECK(!nexthop_ended(&hop, true, true, false, 0));
	ATF_CHECK(wants(0));
}

ATF_TC_WITHOUT_HEAD(nexthop_ended__the_last_that_fails_is_the_hops_failure);
ATF_TC_BODY(nexthop_ended__the_last_that_fails_is_the_hops_failure, tc)
{
	begin();
	nexthop_started(&hop);
	ATF_CHECK(fail(false, false, 10));
	/* Once it is tried again, there is one until it has carried. */
	ATF_CHECK(wants(70));
	nexthop_started(&hop);
	nexthop_connected(&hop);
	ATF_CHECK(!wants(70));
	/* One that has carried something, and then broke, says less. */
	nexthop_carried(&hop);
	ATF_CHECK(!fail(true, true, 80));
	ATF_CHECK(wants(80));
}

/* OB-162: 421, too many connections. */
ATF_TC_WITHOUT_HEAD(nexthop_ended__one_fewer_while_others_work);
ATF_TC_BODY(nexthop_ended__one_fewer_while_others_work, tc)
{
	begin();
	add();
	add();
	nexthop_started(&hop);
	ATF_CHECK(!fail(false, false, 100));
	ATF_CHECK(!wants(100));
	ATF_CHECK(!wants(100 + NEXTHOP_AGAIN - 1));
	/* After a minute one more may be tried. */
	ATF_CHECK(wants(100 + NEXTHOP_AGAIN));
	nexthop_started(&hop);
	ATF_CHECK(!fail(false, false, 100 + NEXTHOP_AGAIN));
	ATF_CHECK(!wants(100 + NEXTHOP_AGAIN + 1));
	/* It never becomes more than the bound. */
	ATF_CHECK(wants(100000));
	add();
	ATF_CHECK(!wants(1000000));
}

ATF_TC_WITHOUT_HEAD(nexthop_init__a_name_too_long_is_none);
ATF_TC_BODY(nexthop_init__a_name_too_long_is_none, tc)
{
	static char name[HOPNAME_MAX + 1];

	memset(name, 'x', HOPNAME_MAX - 1);
	nexthop_init(&hop, bytes_of(name));
	ATF_CHECK_STREQ(name, hop.name);
	name[HOPNAME_MAX - 1] = 'x';
	nexthop_init(&hop, bytes_of(name));
	ATF_CHECK_STREQ("", hop.name);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, nexthop_wants__one_after_the_other_up_to_the_bound);
	ATF_TP_ADD_TC(
	    tp, nexthop_ended__the_last_that_fails_is_the_hops_failure);
	ATF_TP_ADD_TC(tp, nexthop_ended__one_fewer_while_others_work);
	ATF_TP_ADD_TC(tp, nexthop_init__a_name_too_long_is_none);
	return (atf_no_error());
}
