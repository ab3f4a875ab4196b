/* SPDX-License-Identifier: ISC */
#include "spool/counter.h"

#include <atf-c.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "legacy.h"

static const char BOOT_A[COUNTER_BOOT_ID + 1] =
    "aaaaaaaa-1111-4222-8333-444444444444";
static const char BOOT_B[COUNTER_BOOT_ID + 1] =
    "bbbbbbbb-5555-4666-9777-888888888888";
static const char BLANKS[COUNTER_BOOT_ID + 1] =
    "                                    ";

static struct counter
counter_of(uint32_t next, uint32_t limit0, uint32_t limit1, uint32_t step,
    const char *boot)
{
	struct counter c = {
		.next = next, .limit = { limit0, limit1 }, .step = step
	};

	memcpy(c.boot, boot, COUNTER_BOOT_ID);
	return (c);
}

/* Take a number as the file's writer does, without a file. */
static uint32_t
take(struct counter *c, const char *boot)
{
	uint32_t number = 0;

	if (counter_take(c, boot, &number))
		return (number);
	counter_reserve(c, boot);
	counter_confirm(c, boot);
	ATF_REQUIRE(counter_take(c, boot, &number));
	return (number);
}

ATF_TC_WITHOUT_HEAD(counter_print__is_one_line_of_75_bytes);
ATF_TC_BODY(counter_print__is_one_line_of_75_bytes, tc)
{
	struct counter c = counter_of(5321, 6144, 6143, 1024, BOOT_A);
	char line[COUNTER_LINE];
	struct counter back;

	counter_print(&c, line);
	ATF_CHECK(bytes_same((struct bytes){ line, sizeof(line) },
	    bytes_of("0000005321 0000006144 0000006143 1024 "
		     "aaaaaaaa-1111-4222-8333-444444444444\n")));
	ATF_REQUIRE(counter_parse((struct bytes){ line, sizeof(line) }, &back));
	ATF_CHECK(memcmp(&c, &back, sizeof(c)) == 0);
	c = counter_of(UINT32_MAX, UINT32_MAX, 1, 1, BLANKS);
	counter_print(&c, line);
	ATF_REQUIRE(counter_parse((struct bytes){ line, sizeof(line) }, &back));
	ATF_CHECK(memcmp(&c, &back, sizeof(c)) == 0);
}

ATF_TC_WITHOUT_HEAD(counter_parse__a_number_alone_or_garbage);
ATF_TC_BODY(counter_parse__a_number_alone_or_garbage, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(LEGACY); i++) {
		struct counter c = { .next = 0 };
		bool good = counter_parse(LEGACY[i].text, &c);

		ATF_CHECK_EQ_MSG(LEGACY[i].want != 0, good, "row %zu", i);
		if (!good)
			continue;
		ATF_CHECK_EQ_MSG(LEGACY[i].want, c.next, "row %zu", i);
		ATF_CHECK_EQ_MSG(LEGACY[i].want, c.limit[0], "row %zu", i);
		ATF_CHECK_EQ_MSG(LEGACY[i].want, c.limit[1], "row %zu", i);
		/* Nothing is reserved by it, whatever the boot. */
		ATF_CHECK_EQ_MSG(
		    LEGACY[i].want, take(&c, BOOT_A), "row %zu", i);
	}
}

ATF_TC_WITHOUT_HEAD(counter_parse__a_whole_line_with_any_byte_spoiled);
ATF_TC_BODY(counter_parse__a_whole_line_with_any_byte_spoiled, tc)
{
	struct counter c = counter_of(5321, 6144, 6144, 1024, BOOT_A);
	size_t at;

	for (at = 0; at < COUNTER_LINE; at++) {
		bool is_boot = at >= 38 && at < COUNTER_LINE - 1;
		char line[COUNTER_LINE];
		struct counter back;

		counter_print(&c, line);
		line[at] = 'x';
		ATF_CHECK_EQ_MSG(is_boot,
		    counter_parse((struct bytes){ line, COUNTER_LINE }, &back),
		    "byte %zu", at);
		/* Another boot's line: on at the limit. */
		if (is_boot)
			ATF_CHECK_EQ_MSG(
			    6144, take(&back, BOOT_A), "byte %zu", at);
	}
}

ATF_TC_WITHOUT_HEAD(counter_parse__lines_cut_short_or_doubled_are_garbage);
ATF_TC_BODY(counter_parse__lines_cut_short_or_doubled_are_garbage, tc)
{
	struct counter c = counter_of(5321, 6144, 6144, 1024, BOOT_A);
	char line[2 * COUNTER_LINE];
	struct counter back;
	size_t n;

	counter_print(&c, line);
	counter_print(&c, line + COUNTER_LINE);
	/* The first eleven bytes look like a number alone, and are not. */
	for (n = 12; n < sizeof(line); n++)
		if (n != COUNTER_LINE)
			ATF_CHECK_MSG(
			    !counter_parse((struct bytes){ line, n }, &back),
			    "%zu bytes", n);
}

ATF_TC_WITHOUT_HEAD(counter_take__numbers_ascend_within_a_boot);
ATF_TC_BODY(counter_take__numbers_ascend_within_a_boot, tc)
{
	struct counter c = counter_of(1, 1, 1, 1, BLANKS);
	uint32_t want;

	for (want = 1; want < 10000; want++)
		ATF_REQUIRE_EQ(want, take(&c, BOOT_A));
	/* Reservations doubled up to the bound. */
	ATF_CHECK_EQ(COUNTER_STEP_MAX, c.step);
}

ATF_TC_WITHOUT_HEAD(counter_take__another_boot_goes_on_at_the_limit);
ATF_TC_BODY(counter_take__another_boot_goes_on_at_the_limit, tc)
{
	struct counter c = counter_of(5321, 6144, 6144, 1024, BOOT_A);

	ATF_CHECK_EQ(6144, take(&c, BOOT_B));
	ATF_CHECK_EQ(1, c.step);
	ATF_CHECK_EQ(6145, take(&c, BOOT_B));
	/* A kernel without a boot id can trust no reservation. */
	c = counter_of(5321, 6144, 6144, 1024, BLANKS);
	ATF_CHECK_EQ(6144, take(&c, BOOT_A));
}

ATF_TC_WITHOUT_HEAD(counter_take__without_boot_id_nothing_is_trusted);
ATF_TC_BODY(counter_take__without_boot_id_nothing_is_trusted, tc)
{
	struct counter c = counter_of(5321, 6144, 6144, 1024, BLANKS);
	uint32_t number = 77;

	ATF_CHECK(!counter_take(&c, BLANKS, &number));
	ATF_CHECK_EQ(77, number);
	ATF_CHECK_EQ(5321, c.next);
}

ATF_TC_WITHOUT_HEAD(counter_take__unconfirmed_reservation_is_none);
ATF_TC_BODY(counter_take__unconfirmed_reservation_is_none, tc)
{
	struct counter c = counter_of(6144, 6144, 6144, 4, BOOT_A);
	uint32_t number = 77;

	ATF_CHECK(!counter_take(&c, BOOT_A, &number));
	counter_reserve(&c, BOOT_A);
	ATF_CHECK(memcmp(c.boot, BLANKS, COUNTER_BOOT_ID) == 0);
	ATF_CHECK_EQ(6152, c.limit[0]);
	ATF_CHECK_EQ(6144, c.limit[1]);
	ATF_CHECK(!counter_take(&c, BOOT_A, &number));
	ATF_CHECK(!counter_take(&c, BLANKS, &number));
	ATF_CHECK_EQ(77, number);
	counter_confirm(&c, BOOT_A);
	ATF_REQUIRE(counter_take(&c, BOOT_A, &number));
	ATF_CHECK_EQ(6144, number);
}

ATF_TC_WITHOUT_HEAD(counter_take__number_above_the_limit_is_not_reserved);
ATF_TC_BODY(counter_take__number_above_the_limit_is_not_reserved, tc)
{
	/* As an editor leaves it that changed the first number in place. */
	struct counter c = counter_of(9000, 6144, 6144, 1024, BOOT_A);
	uint32_t number;

	ATF_CHECK_MSG(!counter_take(&c, BOOT_A, &number),
	    "%" PRIu32 " was taken; after a crash it comes again", number);
}

ATF_TC_WITHOUT_HEAD(counter_take__after_4294967295_comes_1);
ATF_TC_BODY(counter_take__after_4294967295_comes_1, tc)
{
	uint32_t start;

	/* The wraparound at each place of a reservation. */
	for (start = UINT32_MAX - 40; start != 0; start++) {
		struct counter c = counter_of(start, start, start, 1, BLANKS);
		uint32_t want = start;
		int i;

		for (i = 0; i < 100; i++) {
			ATF_REQUIRE_EQ_MSG(want, take(&c, BOOT_A),
			    "from %" PRIu32 ", number %d", start, i);
			want = want == UINT32_MAX ? 1 : want + 1;
		}
	}
}

/*
 * The circle's order: is n at or above all that was handed out below `top`?
 * Numbers are far fewer than half of all, so the shorter way decides.
 */
static bool
at_or_above(uint32_t n, uint32_t top)
{
	/* 0 is no number: a circle of 2^32 - 1. */
	uint64_t circle = UINT32_MAX;
	uint64_t ahead = ((uint64_t)n + circle - top) % circle;

	return (ahead < circle / 2);
}

/*
 * Each of the lines that a power cut can leave of `from` and `to`, cut at
 * `at` in either order, or taken bytewise at random, must go on at `top`.
 */
static void
check_torn(const struct counter *from, const struct counter *to, uint32_t top)
{
	char a[COUNTER_LINE];
	char b[COUNTER_LINE];
	char torn[COUNTER_LINE];
	size_t round;

	counter_print(from, a);
	counter_print(to, b);
	for (round = 0; round < 2 * COUNTER_LINE + 300; round++) {
		struct bytes text = { torn, COUNTER_LINE };
		struct counter c;
		uint32_t next;
		size_t i;

		for (i = 0; i < COUNTER_LINE; i++) {
			bool old = round < COUNTER_LINE ? i < round
			    : round < 2 * COUNTER_LINE
			    ? i >= round - COUNTER_LINE
			    : random() % 2 == 0;

			torn[i] = old ? a[i] : b[i];
		}
		ATF_REQUIRE_MSG(counter_parse(text, &c), "%.74s", torn);
		next = take(&c, BOOT_B);
		ATF_CHECK_MSG(at_or_above(next, top),
		    "%" PRIu32 " after %" PRIu32 " from %.74s", next, top,
		    torn);
	}
}

ATF_TC(counter_reserve__torn_at_any_byte_goes_on_above);
ATF_TC_HEAD(counter_reserve__torn_at_any_byte_goes_on_above, tc)
{
	atf_tc_set_md_var(tc, "timeout", "300");
}
ATF_TC_BODY(counter_reserve__torn_at_any_byte_goes_on_above, tc)
{
	static const uint32_t starts[] = { 1, 9, 99, 998, 999, 5321, 99999,
		999999999, 1999999999 };
	size_t i;

	srandom(5321);
	for (i = 0; i < ARRAY_LEN(starts); i++) {
		struct counter c =
		    counter_of(starts[i], starts[i], starts[i], 1, BLANKS);
		int taken;

		for (taken = 0; taken < 3000; taken++) {
			struct counter before = c;
			struct counter half;
			uint32_t number;

			if (!counter_take(&c, BOOT_A, &number)) {
				uint32_t top = before.limit[1];

				/* Not yet handed out: all below `top` was. */
				counter_reserve(&c, BOOT_A);
				half = c;
				check_torn(&before, &half, top);
				ATF_REQUIRE(c.next == top);
				number = c.next++;
				counter_confirm(&c, BOOT_A);
				check_torn(&half, &c, top);
			} else if (taken % 50 == 0) {
				/* Moves of next are not synced at all. */
				check_torn(&before, &c, number + 1);
			}
		}
	}
}

ATF_TC_WITHOUT_HEAD(counter_reserve__torn_at_the_wraparound_goes_on_above);
ATF_TC_BODY(counter_reserve__torn_at_the_wraparound_goes_on_above, tc)
{
	uint32_t start;

	srandom(5321);
	for (start = UINT32_MAX - 20; start != 0; start++) {
		struct counter before =
		    counter_of(start, start, start, 8, BOOT_A);
		struct counter half = before;
		struct counter whole;

		counter_reserve(&half, BOOT_A);
		/* The reservation's first half, after which nothing is lost
		 * of what was handed out up to `start`. */
		check_torn(&before, &half, start);
		whole = half;
		counter_confirm(&whole, BOOT_A);
		ATF_CHECK_EQ(start, take(&whole, BOOT_A));
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, counter_print__is_one_line_of_75_bytes);
	ATF_TP_ADD_TC(tp, counter_parse__a_number_alone_or_garbage);
	ATF_TP_ADD_TC(tp, counter_parse__a_whole_line_with_any_byte_spoiled);
	ATF_TP_ADD_TC(
	    tp, counter_parse__lines_cut_short_or_doubled_are_garbage);
	ATF_TP_ADD_TC(tp, counter_take__numbers_ascend_within_a_boot);
	ATF_TP_ADD_TC(tp, counter_take__another_boot_goes_on_at_the_limit);
	ATF_TP_ADD_TC(tp, counter_take__without_boot_id_nothing_is_trusted);
	ATF_TP_ADD_TC(tp, counter_take__unconfirmed_reservation_is_none);
	ATF_TP_ADD_TC(tp, counter_take__number_above_the_limit_is_not_reserved);
	ATF_TP_ADD_TC(tp, counter_take__after_4294967295_comes_1);
	ATF_TP_ADD_TC(tp, counter_reserve__torn_at_any_byte_goes_on_above);
	ATF_TP_ADD_TC(
	    tp, counter_reserve__torn_at_the_wraparound_goes_on_above);
	return (atf_no_error());
}
