/* SPDX-License-Identifier: ISC */
#include "hosts.h"

#include <atf-c.h>
#include <stdio.h>
#include <string.h>

static struct hosts all;

static void
add(const char *name, uint32_t preference, uint32_t weight)
{
	struct host host = { .preference = preference, .weight = weight };

	(void)snprintf(host.name, sizeof(host.name), "%s", name);
	hosts_add(&all, &host);
}

ATF_TC_WITHOUT_HEAD(hosts_add__puts_the_best_first_and_equals_by_weight);
ATF_TC_BODY(hosts_add__puts_the_best_first_and_equals_by_weight, tc)
{
	all.n = 0;
	add("c", 20, 1);
	add("b", 10, 9);
	add("a", 10, 3);
	add("d", 30, 0);
	add("first", 0, 99);
	ATF_REQUIRE_EQ(5, all.n);
	ATF_CHECK_STREQ("first", all.at[0].name);
	ATF_CHECK_STREQ("a", all.at[1].name);
	ATF_CHECK_STREQ("b", all.at[2].name);
	ATF_CHECK_STREQ("c", all.at[3].name);
	ATF_CHECK_STREQ("d", all.at[4].name);
}

ATF_TC_WITHOUT_HEAD(hosts_add__adds_no_host_twice_at_a_preference);
ATF_TC_BODY(hosts_add__adds_no_host_twice_at_a_preference, tc)
{
	all.n = 0;
	add("a", 10, 1);
	add("a", 10, 2);
	add("a", 20, 3);
	ATF_CHECK_EQ(2, all.n);
}

ATF_TC_WITHOUT_HEAD(hosts_add__keeps_the_best_of_too_many);
ATF_TC_BODY(hosts_add__keeps_the_best_of_too_many, tc)
{
	char name[16];
	unsigned int i;

	all.n = 0;
	for (i = 0; i < 3 * HOSTS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "h%u", i);
		/* Each third of them is better than the one before. */
		add(name, 3 - i / HOSTS_MAX, i);
	}
	ATF_REQUIRE_EQ(HOSTS_MAX, all.n);
	for (i = 0; i < HOSTS_MAX; i++)
		ATF_CHECK_EQ(1, all.at[i].preference);
	add("worse", 2, 0);
	ATF_CHECK_EQ(HOSTS_MAX, all.n);
	ATF_CHECK_EQ(1, all.at[HOSTS_MAX - 1].preference);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, hosts_add__puts_the_best_first_and_equals_by_weight);
	ATF_TP_ADD_TC(tp, hosts_add__adds_no_host_twice_at_a_preference);
	ATF_TP_ADD_TC(tp, hosts_add__keeps_the_best_of_too_many);
	return (atf_no_error());
}
