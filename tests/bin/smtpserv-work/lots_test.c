/* SPDX-License-Identifier: ISC */
#include "lots.h"

#include <atf-c.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"

enum {
	MANY = 250
};

static struct plan plan;
static struct lots lots;

/*
 * The mailbox says it: `s7-...` is shared, and goes to 7; `m7-a` goes there
 * into the Maildir a.
 */
static uint32_t
where_of(void *ctx, struct bytes mailbox, struct lots_way *way)
{
	size_t *asked = ctx;

	++*asked;
	way->is_shared = mailbox.p[0] == 's';
	way->maildir = mailbox.p[0] == 'm' ? (unsigned char)mailbox.p[3] : 0;
	return ((uint32_t)strtoul(mailbox.p + 1, NULL, 10));
}

/* A plan of these recipients, and its lots; how many were asked for. */
static size_t
make(const char *envelope)
{
	struct bytes text = bytes_of(envelope);
	struct plan_rcpt *store = calloc(plan_count(text) + 1, sizeof(*store));
	size_t asked = 0;

	ATF_REQUIRE(store != NULL);
	ATF_REQUIRE_EQ(NULL, plan_parse(&plan, text, store));
	ATF_REQUIRE(lots_make(&lots, &plan, where_of, &asked));
	return (asked);
}

/* The next of the lot are these, as numbers with blanks. */
static void
check_taken(struct lot *lot, const char *want)
{
	size_t rcpts[LOTS_SHARED_MAX];
	char store[1024];
	struct buf got;
	size_t n = lots_take(&lots, lot, rcpts, LOTS_SHARED_MAX);
	size_t i;

	buf_init(&got, store, sizeof(store));
	for (i = 0; i < n; i++)
		(void)buf_printf(&got, "%s%zu", i == 0 ? "" : " ", rcpts[i]);
	ATF_CHECK_STREQ(want, buf_cstr(&got));
}

ATF_TC_WITHOUT_HEAD(lots_make__is_by_destination_in_the_order_of_the_plan);
ATF_TC_BODY(lots_make__is_by_destination_in_the_order_of_the_plan, tc)
{
	/* One failed before, and is not to be tried. */
	ATF_REQUIRE_EQ(7,
	    make("From: a@b\nTo: s9-a@x\nTo: u3-b@x\nFailed: s9-z@x\n"
		 "Status: 5.1.1\nTo: s9-c@x\nTo: u9-d@x\nTo: u3-e@x\n"
		 "To: u0-f@x\nTo: u9-g@x\n"));
	ATF_REQUIRE_EQ(4, lots.n);
	ATF_CHECK_EQ(0, lots.list[0].where);
	ATF_CHECK_EQ(3, lots.list[1].where);
	ATF_CHECK_EQ(9, lots.list[2].where);
	ATF_CHECK_EQ(9, lots.list[3].where);
	ATF_CHECK(!lots.list[2].is_shared && lots.list[3].is_shared);
	ATF_CHECK_EQ(2, lots.list[2].n);
	ATF_CHECK_EQ(2, lots.list[3].n);
	/* Each alone, or all that share. */
	check_taken(&lots.list[0], "6");
	check_taken(&lots.list[1], "1");
	ATF_CHECK(lots_has(&lots.list[1]));
	check_taken(&lots.list[1], "5");
	ATF_CHECK(!lots_has(&lots.list[1]));
	check_taken(&lots.list[1], "");
	check_taken(&lots.list[2], "4");
	check_taken(&lots.list[3], "0 3");
	check_taken(&lots.list[2], "7");
	lots_free(&lots);
	lots_free(&lots);
}

/* Those of one Maildir are together, and in the order of the first. */
ATF_TC_WITHOUT_HEAD(lots_make__is_by_maildir);
ATF_TC_BODY(lots_make__is_by_maildir, tc)
{
	size_t rcpts[LOTS_SHARED_MAX];

	(void)make("From: a@b\nTo: m3-c@x\nTo: m3-a@x\nTo: u3-b@x\n"
		   "To: m3-b@x\nTo: m3-a@y\nTo: m3-c@y\nTo: m3-c@z\n");
	ATF_REQUIRE_EQ(4, lots.n);
	ATF_CHECK_EQ('c', lots.list[0].maildir);
	ATF_CHECK_EQ('a', lots.list[1].maildir);
	ATF_CHECK_EQ(0, lots.list[2].maildir);
	ATF_CHECK_EQ('b', lots.list[3].maildir);
	ATF_CHECK_EQ(2, lots_take(&lots, &lots.list[0], rcpts, 2));
	ATF_CHECK(rcpts[0] == 0 && rcpts[1] == 5);
	ATF_CHECK_EQ(0, lots_take(&lots, &lots.list[0], rcpts, 0));
	check_taken(&lots.list[0], "6");
	check_taken(&lots.list[1], "1 4");
	check_taken(&lots.list[2], "2");
	lots_free(&lots);
}

ATF_TC_WITHOUT_HEAD(lots_make__of_nobody_is_none);
ATF_TC_BODY(lots_make__of_nobody_is_none, tc)
{
	ATF_CHECK_EQ(0, make("From: a@b\nFailed: s9-z@x\nStatus: 5.1.1\n"));
	ATF_CHECK_EQ(0, lots.n);
	lots_note_left(&lots, &plan);
	lots_free(&lots);
}

ATF_TC_WITHOUT_HEAD(lots_take__a_conversation_has_its_bound);
ATF_TC_BODY(lots_take__a_conversation_has_its_bound, tc)
{
	static char text[MANY * 24 + 32];
	size_t rcpts[LOTS_SHARED_MAX];
	struct buf out;
	size_t i;

	buf_init(&out, text, sizeof(text));
	(void)buf_puts(&out, "From: a@b\n");
	for (i = 0; i < MANY; i++)
		(void)buf_printf(&out, "To: s5-%zu@x\n", i);
	ATF_REQUIRE_EQ(MANY, make(buf_cstr(&out)));
	ATF_REQUIRE_EQ(1, lots.n);
	ATF_CHECK_EQ(MANY, lots.list[0].n);
	ATF_CHECK_EQ(
	    100, lots_take(&lots, &lots.list[0], rcpts, LOTS_SHARED_MAX));
	ATF_CHECK_EQ(0, rcpts[0]);
	ATF_CHECK_EQ(99, rcpts[99]);
	ATF_CHECK_EQ(
	    100, lots_take(&lots, &lots.list[0], rcpts, LOTS_SHARED_MAX));
	ATF_CHECK_EQ(
	    50, lots_take(&lots, &lots.list[0], rcpts, LOTS_SHARED_MAX));
	ATF_CHECK_EQ(249, rcpts[49]);
	ATF_CHECK_EQ(
	    0, lots_take(&lots, &lots.list[0], rcpts, LOTS_SHARED_MAX));
	lots_free(&lots);
}

/* A lot whose recipients were taken may have some to be tried again. */
ATF_TC_WITHOUT_HEAD(lots_note_left__is_who_has_to_be_tried_some_time);
ATF_TC_BODY(lots_note_left__is_who_has_to_be_tried_some_time, tc)
{
	size_t rcpts[LOTS_SHARED_MAX];

	(void)make("From: a@b\nTo: u3-a@x\nTo: u3-b@x\nTo: u4-c@x\n"
		   "To: u5-d@x\nTo: u6-e@x\n");
	ATF_REQUIRE_EQ(4, lots.n);
	ATF_CHECK_EQ(
	    1, lots_take(&lots, &lots.list[0], rcpts, LOTS_SHARED_MAX));
	ATF_CHECK_EQ(
	    1, lots_take(&lots, &lots.list[0], rcpts, LOTS_SHARED_MAX));
	plan_set(&plan, 0, PLAN_GONE);
	plan_set(&plan, 1, PLAN_TRIED);
	plan_set(&plan, 2, PLAN_FAILED);
	plan_set(&plan, 3, PLAN_DELIVERED);
	lots_note_left(&lots, &plan);
	ATF_CHECK(lots.list[0].is_left);
	ATF_CHECK(!lots.list[1].is_left);
	ATF_CHECK(!lots.list[2].is_left);
	ATF_CHECK(lots.list[3].is_left);
	plan_set(&plan, 1, PLAN_GONE);
	lots_note_left(&lots, &plan);
	ATF_CHECK(!lots.list[0].is_left);
	lots_free(&lots);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(
	    tp, lots_make__is_by_destination_in_the_order_of_the_plan);
	ATF_TP_ADD_TC(tp, lots_make__is_by_maildir);
	ATF_TP_ADD_TC(tp, lots_make__of_nobody_is_none);
	ATF_TP_ADD_TC(tp, lots_take__a_conversation_has_its_bound);
	ATF_TP_ADD_TC(tp, lots_note_left__is_who_has_to_be_tried_some_time);
	return (atf_no_error());
}
