/* SPDX-License-Identifier: ISC */
#include "destinations.h"

#include <atf-c.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"

static struct destinations all;

static void
add(uint32_t number, uint64_t age, struct plan_rcpt *list, size_t n)
{
	struct mail m = { .number = number };

	m.plan.rcpt = list;
	m.plan.nrcpt = n;
	destinations_add(&all, &m, age);
}

static struct plan_rcpt
rcpt(const char *mailbox, uint32_t tries, const char *why)
{
	return ((struct plan_rcpt){ .state = PLAN_WAITING,
	    .mailbox = bytes_of(mailbox),
	    .tries = tries,
	    .status = bytes_of(tries > 0 ? "4.4.1" : ""),
	    .diagnostic = bytes_of(why) });
}

ATF_TC_WITHOUT_HEAD(destinations__count_messages_and_recipients);
ATF_TC_BODY(destinations__count_messages_and_recipients, tc)
{
	struct plan_rcpt first[] = { rcpt("a@Gnat", 2, "busy"),
		rcpt("b@gnat", 1, "later"), rcpt("c@wasp", 0, "") };
	struct plan_rcpt second[] = { rcpt("d@gnat", 5, "closed"),
		rcpt("postmaster", 0, ""), rcpt("e@wasp", 9, "gone") };

	second[2].state = PLAN_FAILED;
	add(1, 10, first, ARRAY_LEN(first));
	add(2, 99, second, ARRAY_LEN(second));
	ATF_REQUIRE_EQ(3, destinations_sort(&all, 10));
	ATF_CHECK_EQ(5, all.rcpts);
	ATF_CHECK_EQ(4, all.list[0].name_n);
	ATF_CHECK_EQ(0, memcmp("gnat", all.list[0].name, 4));
	ATF_CHECK_EQ(3, all.list[0].rcpts);
	ATF_CHECK_EQ(2, all.list[0].messages);
	ATF_CHECK_EQ(99, all.list[0].oldest);
	ATF_CHECK_EQ(12, all.list[0].reason_n);
	ATF_CHECK_EQ(0, memcmp("4.4.1 closed", all.list[0].reason, 12));
	ATF_CHECK_EQ(0, memcmp("(here)", all.list[1].name, 6));
	ATF_CHECK_EQ(1, all.list[2].rcpts);
	ATF_CHECK_EQ(0, all.list[2].reason_n);
}

ATF_TC_WITHOUT_HEAD(destinations__without_room_are_counted_together);
ATF_TC_BODY(destinations__without_room_are_counted_together, tc)
{
	char long_why[400];
	char mailbox[400];
	struct plan_rcpt r;
	uint32_t i;

	memset(long_why, 'x', sizeof(long_why) - 1);
	long_why[sizeof(long_why) - 1] = '\0';
	for (i = 0; i < 2 * DESTINATIONS_MAX; i++) {
		(void)snprintf(mailbox, sizeof(mailbox), "a@%u.%0200d", i, 7);
		r = rcpt(mailbox, 1, long_why);
		add(i + 1, i, &r, 1);
	}
	ATF_CHECK(all.rest > 0);
	ATF_CHECK_EQ(2 * DESTINATIONS_MAX, all.rcpts);
	ATF_CHECK_EQ(all.rcpts, all.rest + all.n);
	ATF_CHECK_EQ(DESTINATIONS_NAME, all.list[0].name_n == 0
		? DESTINATIONS_NAME
		: all.list[0].name_n);
	ATF_CHECK_EQ(25, destinations_sort(&all, 25));
	ATF_CHECK_EQ(DESTINATIONS_REASON, all.list[0].reason_n);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, destinations__count_messages_and_recipients);
	ATF_TP_ADD_TC(tp, destinations__without_room_are_counted_together);
	return (atf_no_error());
}
