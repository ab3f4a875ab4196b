/* SPDX-License-Identifier: ISC */
#include "waiting/destination.h"

#include <atf-c.h>
#include <stdio.h>

#include "base/base.h"

static struct destinations all;
static struct queue queue;

static void
set_up(uint32_t slots)
{
	queue_init(&queue);
	destination_init(&all, slots, &queue);
}

static uint32_t
service(const char *name)
{
	return (destination_keep(&all, bytes_of(name), DESTINATION_SERVICE, 0));
}

static uint32_t
disk(const char *name)
{
	return (destination_keep(&all, bytes_of(name), DESTINATION_DISK, 0));
}

/* How many can start there, one after the other; they run. */
static uint32_t
fill(uint32_t where, uint32_t now)
{
	uint32_t n = 0;

	while (n < 100 && destination_opens(&all, where, now) <= now) {
		destination_started(&all, where, now);
		n++;
	}
	return (n);
}

static void
end(uint32_t where, bool is_down, uint32_t now)
{
	struct outcome out = {
		.kind = OUTCOME_TRY_AGAIN, .is_down = is_down, .text = "words"
	};

	destination_ended(&all, where, &out, 1, now);
}

/* It has delivered once. */
static void
prove(uint32_t where)
{
	destination_started(&all, where, 0);
	end(where, false, 0);
}

ATF_TC_WITHOUT_HEAD(destination_opens__shares);
ATF_TC_BODY(destination_opens__shares, tc)
{
	static const struct {
		uint32_t slots;
		uint32_t fresh; /* of a service that is new */
		uint32_t service;
		uint32_t disk;
	} rows[] = {
		{ 1, 1, 1, 1 },
		{ 2, 1, 1, 1 },
		{ 3, 1, 1, 2 },
		{ 8, 1, 4, 6 },
		{ 16, 1, 8, 12 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		uint32_t a;

		set_up(rows[i].slots);
		a = service("lmtp:a");
		ATF_CHECK_EQ(rows[i].fresh, fill(a, 0));
		end(a, false, 0);
		ATF_CHECK_EQ(rows[i].service, fill(a, 0));
		set_up(rows[i].slots);
		ATF_CHECK_EQ(rows[i].disk, fill(disk("/"), 0));
		/* What goes nowhere in particular has no limit. */
		ATF_CHECK_EQ(0, destination_opens(&all, DESTINATION_NONE, 0));
	}
}

ATF_TC_WITHOUT_HEAD(destination_opens__silent_ones_leave_slots);
ATF_TC_BODY(destination_opens__silent_ones_leave_slots, tc)
{
	uint32_t healthy;
	uint32_t sum = 0;
	uint32_t i;

	/* A hundred commands that hang get no slot of the last quarter. */
	set_up(8);
	for (i = 0; i < 100; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "|hang %u", (unsigned)i);
		sum += fill(service(name), 0);
	}
	ATF_CHECK_EQ(6, sum);
	ATF_CHECK(fill(disk("/"), 1000) >= 1);
	/* Nor do two that were well, and hang by now. */
	set_up(8);
	prove(service("lmtp:a"));
	prove(service("lmtp:b"));
	healthy = service("lmtp:c");
	prove(healthy);
	ATF_CHECK_EQ(4, fill(service("lmtp:a"), 0));
	ATF_CHECK_EQ(2, fill(service("lmtp:b"), 0));
	ATF_CHECK_EQ(1, fill(healthy, 100));
	/* A new one would be one more of those that may hang. */
	ATF_CHECK_EQ(0, fill(service("lmtp:d"), 100));
}

ATF_TC_WITHOUT_HEAD(destination_ended__pauses_grow);
ATF_TC_BODY(destination_ended__pauses_grow, tc)
{
	static const uint32_t pauses[] = { 60, 240, 540, 960, 1500, 2160, 2940,
		3600, 3600 };
	uint32_t now = 10;
	uint32_t a;
	size_t i;

	set_up(8);
	a = service("lmtp:a");
	prove(a);
	ATF_CHECK_EQ(NULL, destination_words(&all, a));
	ATF_CHECK_EQ(4, fill(a, now));
	for (i = 0; i < ARRAY_LEN(pauses); i++) {
		end(a, true, now);
		/* Those that were running fail as one. */
		while (i == 0 && all.row[a].running > 0)
			end(a, true, now + 1);
		ATF_CHECK_EQ(now + pauses[i], destination_opens(&all, a, now));
		ATF_CHECK_STREQ("words", destination_words(&all, a)->text);
		now += pauses[i];
		/* Then one finds out. */
		ATF_CHECK_EQ(1, fill(a, now));
	}
	end(a, false, now);
	ATF_CHECK_EQ(NULL, destination_words(&all, a));
	ATF_CHECK_EQ(4, fill(a, now));
}

ATF_TC_WITHOUT_HEAD(destination_hurry__ends_a_pause_not_its_growth);
ATF_TC_BODY(destination_hurry__ends_a_pause_not_its_growth, tc)
{
	uint32_t a;

	set_up(8);
	a = service("lmtp:a");
	prove(a);
	ATF_CHECK_EQ(4, fill(a, 10));
	end(a, true, 10);
	ATF_CHECK_EQ(70, destination_opens(&all, a, 10));
	while (all.row[a].running > 0)
		end(a, true, 10);
	destination_hurry(&all);
	/* One finds out, and the others have its answer. */
	ATF_CHECK_EQ(1, fill(a, 11));
	end(a, true, 11);
	ATF_CHECK_EQ(11 + 240, destination_opens(&all, a, 11));
	destination_hurry(&all);
	ATF_CHECK_EQ(1, fill(a, 12));
	end(a, false, 12);
	ATF_CHECK_EQ(4, fill(a, 12));
}

ATF_TC_WITHOUT_HEAD(destination_ended__a_mailbox_is_not_its_server);
ATF_TC_BODY(destination_ended__a_mailbox_is_not_its_server, tc)
{
	const struct outcome outs[] = { { .kind = OUTCOME_TRY_AGAIN,
					    .is_down = true },
		{ .kind = OUTCOME_TRY_AGAIN } };
	uint32_t a;

	set_up(8);
	a = service("lmtp:a");
	ATF_CHECK_EQ(1, fill(a, 0));
	destination_ended(&all, a, outs, 2, 5);
	ATF_CHECK_EQ(NULL, destination_words(&all, a));
	/* What could not be started says nothing. */
	destination_started(&all, a, 5);
	destination_not_started(&all, a);
	ATF_CHECK_EQ(4, fill(a, 5));
}

static uint32_t
is_open(const void *ctx, uint32_t line)
{
	(void)ctx;
	(void)line;
	return (0);
}

ATF_TC_WITHOUT_HEAD(destination_keep__the_idle_make_room);
ATF_TC_BODY(destination_keep__the_idle_make_room, tc)
{
	struct queue_place place = { .due = 0, .alarm = UINT32_MAX };
	uint32_t where[DESTINATION_MAX];
	uint32_t number;
	uint32_t i;

	set_up(8);
	for (i = DESTINATION_FIRST; i < DESTINATION_MAX; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "lmtp:%u", (unsigned)i);
		where[i] = destination_keep(
		    &all, bytes_of(name), DESTINATION_SERVICE, i);
		ATF_REQUIRE_EQ(i, where[i]);
	}
	/* All are kept. */
	ATF_CHECK_EQ(DESTINATION_NONE, service("lmtp:new"));
	/* 10 still runs; for 11 a message waits; 12 is unused for longest. */
	destination_started(&all, 10, 0);
	ATF_REQUIRE(queue_add(&queue, 1, 0));
	ATF_REQUIRE(queue_next(&queue, 0, is_open, NULL, &number));
	place.line = 11;
	queue_put_back(&queue, 1, &place);
	for (i = 10; i <= 14; i++)
		destination_drop(&all, i, 1);
	ATF_CHECK_EQ(12, service("lmtp:new"));
	ATF_CHECK_EQ(12, service("lmtp:new"));
	ATF_CHECK_EQ(13, service("lmtp:newer"));
	queue_free(&queue);
}

/* OB-158, OB-159 */
ATF_TC_WITHOUT_HEAD(hop__is_open_while_it_can_take_something);
ATF_TC_BODY(hop__is_open_while_it_can_take_something, tc)
{
	struct outcome words;
	uint32_t hop;
	uint32_t other;

	set_up(4);
	hop = destination_keep(&all, bytes_of("mx:a"), DESTINATION_HOP, 0);
	other = service("|other");
	ATF_CHECK(destination_is_hop(&all, hop));
	ATF_CHECK(!destination_is_hop(&all, other));
	ATF_CHECK(!destination_is_hop(&all, DESTINATION_NONE));
	ATF_CHECK_EQ(UINT32_MAX, destination_opens(&all, hop, 0));
	destination_set_ready(&all, hop, 2);
	ATF_CHECK_EQ(0, destination_opens(&all, hop, 0));
	ATF_CHECK(destination_is_ready(&all, hop, 0));
	ATF_CHECK(!destination_is_ready(&all, other, 0));
	/* Agents leave it alone: it takes no slot, and is not kept from any. */
	ATF_CHECK_EQ(1, fill(other, 0));
	ATF_CHECK_EQ(0, destination_opens(&all, hop, 0));
	outcome_set(&words, OUTCOME_TRY_AGAIN, "4.4.1", "nobody answers");
	destination_fell(&all, hop, &words, 100);
	ATF_CHECK(destination_is_down(&all, hop, 159));
	ATF_CHECK(!destination_is_ready(&all, hop, 159));
	/* One message is to hear so, and the others wait. */
	ATF_CHECK_EQ(0, destination_opens(&all, hop, 159));
	ATF_CHECK(destination_tells(&all, hop, 159));
	ATF_CHECK_EQ(160, destination_opens(&all, hop, 159));
	ATF_CHECK(!destination_tells(&all, hop, 159));
	ATF_CHECK(!destination_tells(&all, other, 159));
	ATF_CHECK_STREQ("nobody answers", destination_words(&all, hop)->text);
	/* Once for all that were on their way. */
	destination_fell(&all, hop, &words, 110);
	ATF_CHECK(!destination_is_down(&all, hop, 160));
	destination_fell(&all, hop, &words, 200);
	ATF_CHECK(destination_tells(&all, hop, 200));
	ATF_CHECK_EQ(440, destination_opens(&all, hop, 200));
	destination_rose(&all, hop);
	ATF_CHECK_EQ(0, destination_opens(&all, hop, 200));
	ATF_CHECK(destination_words(&all, hop) == NULL);
}

/* What waits for a domain that is not there is to hear of it at once. */
ATF_TC_WITHOUT_HEAD(hop__that_has_failed_for_good_is_open_but_not_ready);
ATF_TC_BODY(hop__that_has_failed_for_good_is_open_but_not_ready, tc)
{
	struct outcome words;
	uint32_t hop;

	set_up(4);
	hop = destination_keep(&all, bytes_of("mx:a"), DESTINATION_HOP, 0);
	outcome_set(&words, OUTCOME_FAILED, "5.1.2", "no such domain");
	destination_fell(&all, hop, &words, 100);
	ATF_CHECK_EQ(0, destination_opens(&all, hop, 159));
	ATF_CHECK(destination_is_down(&all, hop, 159));
	ATF_CHECK(!destination_is_ready(&all, hop, 159));
	/* Then it is asked again. */
	ATF_CHECK_EQ(UINT32_MAX, destination_opens(&all, hop, 160));
}

ATF_TC_WITHOUT_HEAD(hop__with_a_connection_keeps_its_row);
ATF_TC_BODY(hop__with_a_connection_keeps_its_row, tc)
{
	char name[16];
	uint32_t hop;
	uint32_t i;

	set_up(4);
	hop = destination_keep(&all, bytes_of("mx:a"), DESTINATION_HOP, 0);
	destination_hold(&all, hop);
	destination_drop(&all, hop, 1);
	for (i = 0; i < 2 * DESTINATION_MAX; i++) {
		(void)snprintf(name, sizeof(name), "mx:%u", (unsigned int)i);
		destination_drop(&all,
		    destination_keep(
			&all, bytes_of(name), DESTINATION_HOP, i + 1),
		    1);
	}
	ATF_CHECK_EQ(hop,
	    destination_keep(&all, bytes_of("mx:a"), DESTINATION_HOP, 5000));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, hop__is_open_while_it_can_take_something);
	ATF_TP_ADD_TC(
	    tp, hop__that_has_failed_for_good_is_open_but_not_ready);
	ATF_TP_ADD_TC(tp, hop__with_a_connection_keeps_its_row);
	ATF_TP_ADD_TC(tp, destination_opens__shares);
	ATF_TP_ADD_TC(tp, destination_opens__silent_ones_leave_slots);
	ATF_TP_ADD_TC(tp, destination_ended__pauses_grow);
	ATF_TP_ADD_TC(tp, destination_hurry__ends_a_pause_not_its_growth);
	ATF_TP_ADD_TC(tp, destination_ended__a_mailbox_is_not_its_server);
	ATF_TP_ADD_TC(tp, destination_keep__the_idle_make_room);
	return (atf_no_error());
}
