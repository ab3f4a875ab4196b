/* SPDX-License-Identifier: ISC */
#include "spool/counter.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/sysclock.h"
#include "sys/sysfile.h"

static const char BOOT_A[COUNTER_BOOT_ID + 1] =
    "aaaaaaaa-1111-4222-8333-444444444444";
static const char BOOT_B[COUNTER_BOOT_ID + 1] =
    "bbbbbbbb-5555-4666-9777-888888888888";
static const char BLANKS[COUNTER_BOOT_ID + 1] =
    "                                    ";

static int
open_dir(void)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ATF_REQUIRE(fd >= 0);
	return (fd);
}

static void
write_file(const char *name, struct bytes text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE(write(fd, text.p, text.n) == (ssize_t)text.n);
	ATF_REQUIRE(close(fd) == 0);
}

static int64_t
soon(void)
{
	return (sysclock_ms() + 5000);
}

/* The next number of the file; the case ends if there is none. */
static uint32_t
next_by(int dirfd, const char *boot, bool sync)
{
	struct fault why = { .op = "" };
	uint32_t number = 0;

	ATF_REQUIRE_MSG(
	    counter_next(dirfd, boot, sync, soon(), &number, &why) == RES_OK,
	    "%s %s: %s", why.op, why.name, strerror(why.err));
	ATF_REQUIRE(number != 0);
	return (number);
}

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

/* sequence.seq as other programs, people and editors leave it. */
static const struct {
	struct bytes text;
	uint32_t want; /* 0: garbage */
} LEGACY[] = {
	{ { "7", 1 }, 7 },
	{ { "7\n", 2 }, 7 },
	{ { "7\r\n", 3 }, 7 },
	{ { "7 \n", 3 }, 7 },
	{ { "7\t \r\n", 5 }, 7 },
	{ { "5321\n", 5 }, 5321 },
	{ { "00005321\n", 9 }, 5321 },
	{ { "00000000000000000005321\n", 24 }, 5321 },
	{ { "4294967295\n", 11 }, UINT32_MAX },
	{ { "4294967296\n", 11 }, 0 },
	{ { "99999999999999999999\n", 21 }, 0 },
	{ { "0\n", 2 }, 0 },
	{ { "0000\n", 5 }, 0 },
	{ { "", 0 }, 0 },
	{ { "\n", 1 }, 0 },
	{ { "\r\n", 2 }, 0 },
	{ { " ", 1 }, 0 },
	{ { " 7\n", 3 }, 0 },
	{ { "-7\n", 3 }, 0 },
	{ { "+7\n", 3 }, 0 },
	{ { "0x7\n", 4 }, 0 },
	{ { "7.\n", 3 }, 0 },
	{ { "7 8\n", 4 }, 0 },
	{ { "7\n8\n", 4 }, 0 },
	{ { "7\n\n", 3 }, 0 },
	{ { "7\0\n", 3 }, 0 },
	{ { "\0\0\0\0", 4 }, 0 },
	{ { "seven\n", 6 }, 0 },
	{ { "7\x1a", 2 }, 0 },
};

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

ATF_TC_WITHOUT_HEAD(counter_boot_id__is_the_kernels);
ATF_TC_BODY(counter_boot_id__is_the_kernels, tc)
{
	char want[COUNTER_BOOT_ID + 1] = "";
	char got[COUNTER_BOOT_ID];
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY);

	if (fd < 0)
		atf_tc_skip("no boot id here");
	ATF_REQUIRE(read(fd, want, COUNTER_BOOT_ID) == COUNTER_BOOT_ID);
	counter_boot_id(got);
	ATF_CHECK(memcmp(want, got, COUNTER_BOOT_ID) == 0);
}

ATF_TC_WITHOUT_HEAD(counter_next__missing_file_is_made_above_all_that_is_there);
ATF_TC_BODY(counter_next__missing_file_is_made_above_all_that_is_there, tc)
{
	static const struct {
		const char *file; /* one more than the row before */
		uint32_t want;
	} rows[] = {
		{ "notes.txt", 1 },
		{ "12.TMP", 13 },
		{ "99.WRK", 100 },
		{ "100000.CMD", 100001 },
		{ "100001.TXT", 100002 },
		{ "007.WRK", 100002 },
		{ "4294967296.WRK", 100002 },
		/* Of before the numbers began anew. */
		{ "4294967294.WRK", 100002 },
		{ "100002.BAD", 100003 },
	};
	int dirfd = open_dir();
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct stat st;

		(void)unlink(COUNTER_FILE);
		write_file(rows[i].file, bytes_of(""));
		ATF_CHECK_EQ_MSG(rows[i].want, next_by(dirfd, BOOT_A, true),
		    "with %s", rows[i].file);
		ATF_REQUIRE(stat(COUNTER_FILE, &st) == 0);
		ATF_CHECK_EQ(COUNTER_LINE, st.st_size);
		ATF_CHECK_EQ(0, st.st_mode & 07);
		ATF_CHECK(!sysfile_exists(dirfd, COUNTER_NEW_FILE));
	}
}

ATF_TC_WITHOUT_HEAD(counter_next__number_of_other_programs_is_taken_over);
ATF_TC_BODY(counter_next__number_of_other_programs_is_taken_over, tc)
{
	int dirfd = open_dir();
	size_t i;

	for (i = 0; i < ARRAY_LEN(LEGACY); i++) {
		struct fault why = { .op = "" };
		uint32_t number = 77;
		enum result r;
		struct stat st;

		write_file(COUNTER_FILE, LEGACY[i].text);
		r = counter_next(dirfd, BOOT_A, true, soon(), &number, &why);
		if (LEGACY[i].want == 0) {
			/* Garbage: never a guess, and nothing changes. */
			ATF_CHECK_EQ_MSG(RES_PERM, r, "row %zu", i);
			ATF_CHECK_EQ_MSG(0, why.err, "row %zu", i);
			ATF_CHECK_EQ_MSG(77, number, "row %zu", i);
			ATF_REQUIRE(stat(COUNTER_FILE, &st) == 0);
			ATF_CHECK_EQ_MSG(
			    (off_t)LEGACY[i].text.n, st.st_size, "row %zu", i);
			continue;
		}
		ATF_REQUIRE_EQ_MSG(RES_OK, r, "row %zu: %s", i, why.op);
		ATF_CHECK_EQ_MSG(LEGACY[i].want, number, "row %zu", i);
		ATF_REQUIRE(stat(COUNTER_FILE, &st) == 0);
		ATF_CHECK_EQ_MSG(COUNTER_LINE, st.st_size, "row %zu", i);
		ATF_CHECK_EQ_MSG(number == UINT32_MAX ? 1 : number + 1,
		    next_by(dirfd, BOOT_A, true), "row %zu", i);
	}
}

ATF_TC_WITHOUT_HEAD(counter_next__other_programs_read_the_next_number);
ATF_TC_BODY(counter_next__other_programs_read_the_next_number, tc)
{
	int dirfd = open_dir();
	int i;

	for (i = 0; i < 50; i++) {
		uint32_t number = next_by(dirfd, BOOT_A, true);
		FILE *f = fopen(COUNTER_FILE, "r");
		unsigned long said = 0;

		/* As scripts do it. */
		ATF_REQUIRE(f != NULL);
		ATF_REQUIRE(fscanf(f, "%lu", &said) == 1);
		ATF_REQUIRE(fclose(f) == 0);
		ATF_CHECK_EQ(number + 1UL, said);
	}
}

ATF_TC_WITHOUT_HEAD(counter_next__is_overwritten_in_place);
ATF_TC_BODY(counter_next__is_overwritten_in_place, tc)
{
	int dirfd = open_dir();
	struct stat before;
	struct stat after;

	(void)next_by(dirfd, BOOT_A, true);
	ATF_REQUIRE(stat(COUNTER_FILE, &before) == 0);
	ATF_CHECK_EQ(2, next_by(dirfd, BOOT_A, true));
	ATF_CHECK(next_by(dirfd, BOOT_B, true) > 2);
	ATF_REQUIRE(stat(COUNTER_FILE, &after) == 0);
	ATF_CHECK_EQ(before.st_ino, after.st_ino);
	ATF_CHECK_EQ(COUNTER_LINE, after.st_size);
}

ATF_TC_WITHOUT_HEAD(counter_next__hosts_that_take_turns_leave_no_gaps);
ATF_TC_BODY(counter_next__hosts_that_take_turns_leave_no_gaps, tc)
{
	int dirfd = open_dir();
	uint32_t want;

	for (want = 1; want < 200; want++)
		ATF_REQUIRE_EQ(want,
		    next_by(dirfd, want % 2 == 0 ? BOOT_A : BOOT_B, true));
}

ATF_TC_WITHOUT_HEAD(counter_next__without_sync_nothing_is_reserved);
ATF_TC_BODY(counter_next__without_sync_nothing_is_reserved, tc)
{
	int dirfd = open_dir();
	uint32_t want;

	for (want = 1; want < 50; want++)
		ATF_REQUIRE_EQ(want, next_by(dirfd, BOOT_A, false));
	/* One with syncs trusts none of it, and repeats no number. */
	ATF_CHECK_EQ(50, next_by(dirfd, BOOT_A, true));
	ATF_CHECK_EQ(51, next_by(dirfd, BOOT_A, false));
	ATF_CHECK(next_by(dirfd, BOOT_A, true) > 51);
}

ATF_TC_WITHOUT_HEAD(counter_next__torn_file_goes_on_above);
ATF_TC_BODY(counter_next__torn_file_goes_on_above, tc)
{
	int dirfd = open_dir();
	struct counter from = counter_of(6144, 6144, 6144, 512, BOOT_A);
	struct counter to = from;
	char a[COUNTER_LINE];
	char b[COUNTER_LINE];
	size_t at;

	counter_reserve(&to, BOOT_A);
	counter_print(&from, a);
	counter_print(&to, b);
	for (at = 0; at <= COUNTER_LINE; at++) {
		char torn[COUNTER_LINE];

		memcpy(torn, b, at);
		memcpy(torn + at, a + at, COUNTER_LINE - at);
		write_file(COUNTER_FILE, (struct bytes){ torn, COUNTER_LINE });
		ATF_CHECK_MSG(
		    next_by(dirfd, BOOT_B, true) >= 6144, "torn at %zu", at);
	}
}

/* What is no counter, and must not be followed, waited for or replaced. */
static void
check_refused(int dirfd, const char *what)
{
	struct fault why = { .op = "" };
	int64_t before = sysclock_ms();
	uint32_t number = 77;
	struct stat was;
	struct stat is;

	ATF_REQUIRE(lstat(COUNTER_FILE, &was) == 0);
	ATF_CHECK_MSG(
	    counter_next(dirfd, BOOT_A, true, soon(), &number, &why) != RES_OK,
	    "%s", what);
	ATF_CHECK_EQ_MSG(77, number, "%s", what);
	ATF_CHECK_MSG(sysclock_ms() < before + 4000, "%s blocks", what);
	ATF_CHECK_MSG(
	    strcmp(why.name, COUNTER_FILE) == 0, "%s: %s", what, why.name);
	ATF_REQUIRE(lstat(COUNTER_FILE, &is) == 0);
	ATF_CHECK_EQ_MSG(was.st_ino, is.st_ino, "%s", what);
}

ATF_TC(counter_next__fifo_directory_and_symlink_are_refused);
ATF_TC_HEAD(counter_next__fifo_directory_and_symlink_are_refused, tc)
{
	atf_tc_set_md_var(tc, "timeout", "30");
}
ATF_TC_BODY(counter_next__fifo_directory_and_symlink_are_refused, tc)
{
	int dirfd = open_dir();

	ATF_REQUIRE(mkfifo(COUNTER_FILE, 0600) == 0);
	check_refused(dirfd, "FIFO");
	ATF_REQUIRE(unlink(COUNTER_FILE) == 0);
	ATF_REQUIRE(mkdir(COUNTER_FILE, 0700) == 0);
	check_refused(dirfd, "directory");
	ATF_REQUIRE(rmdir(COUNTER_FILE) == 0);
	write_file("target", bytes_of("7\n"));
	ATF_REQUIRE(symlink("target", COUNTER_FILE) == 0);
	check_refused(dirfd, "symlink");
	ATF_CHECK(atf_utils_compare_file("target", "7\n"));
	ATF_REQUIRE(unlink(COUNTER_FILE) == 0);
	ATF_REQUIRE(symlink("nowhere", COUNTER_FILE) == 0);
	check_refused(dirfd, "dangling symlink");
	ATF_CHECK(!sysfile_exists(dirfd, "nowhere"));
}

ATF_TC_WITHOUT_HEAD(counter_next__read_only_file_is_refused);
ATF_TC_BODY(counter_next__read_only_file_is_refused, tc)
{
	int dirfd = open_dir();

	if (geteuid() == 0)
		atf_tc_skip("root may write it");
	write_file(COUNTER_FILE, bytes_of("7\n"));
	ATF_REQUIRE(chmod(COUNTER_FILE, 0400) == 0);
	check_refused(dirfd, "read-only");
}

ATF_TC(counter_next__locked_by_another_process_waits_to_the_deadline);
ATF_TC_HEAD(counter_next__locked_by_another_process_waits_to_the_deadline, tc)
{
	atf_tc_set_md_var(tc, "timeout", "30");
}
ATF_TC_BODY(counter_next__locked_by_another_process_waits_to_the_deadline, tc)
{
	struct fault why = { .op = "" };
	int dirfd = open_dir();
	uint32_t number = 77;
	int64_t before;
	int ready[2];
	pid_t pid;
	char c;

	ATF_CHECK_EQ(1, next_by(dirfd, BOOT_A, true));
	ATF_REQUIRE(pipe(ready) == 0);
	pid = fork();
	ATF_REQUIRE(pid >= 0);
	if (pid == 0) {
		int fd = open(COUNTER_FILE, O_RDWR);

		if (sysfile_lock(fd) != 0 || write(ready[1], "!", 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	ATF_REQUIRE(close(ready[1]) == 0);
	ATF_REQUIRE(read(ready[0], &c, 1) == 1);
	before = sysclock_ms();
	ATF_CHECK_EQ(RES_TEMP,
	    counter_next(dirfd, BOOT_A, true, before + 100, &number, &why));
	ATF_CHECK_EQ(EAGAIN, why.err);
	ATF_CHECK_STREQ(
	    "lock (smtpserv-spool check says who has it)", why.op);
	ATF_CHECK_EQ(77, number);
	ATF_CHECK(sysclock_ms() >= before + 100);
	ATF_REQUIRE(kill(pid, SIGKILL) == 0);
	ATF_REQUIRE(waitpid(pid, NULL, 0) == pid);
	ATF_CHECK_EQ(2, next_by(dirfd, BOOT_A, true));
}

ATF_TC(counter_next__many_processes_never_share_a_number);
ATF_TC_HEAD(counter_next__many_processes_never_share_a_number, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(counter_next__many_processes_never_share_a_number, tc)
{
	enum {
		PROCESSES = 6,
		EACH = 60
	};
	static bool seen[PROCESSES * EACH * 4];
	int dirfd = open_dir();
	int results[2];
	uint32_t number;
	int i;

	/* They begin without a counter, so its making is a race as well. */
	ATF_REQUIRE(pipe(results) == 0);
	for (i = 0; i < PROCESSES; i++) {
		pid_t pid = fork();
		int k;

		ATF_REQUIRE(pid >= 0);
		for (k = 0; pid == 0 && k < EACH; k++) {
			struct fault why;

			if (counter_next(dirfd, i % 2 == 0 ? BOOT_A : BOOT_B,
				true, sysclock_ms() + 60000, &number,
				&why) != RES_OK ||
			    write(results[1], &number, sizeof(number)) !=
				(ssize_t)sizeof(number))
				_exit(1);
		}
		if (pid == 0)
			_exit(0);
	}
	ATF_REQUIRE(close(results[1]) == 0);
	for (i = 0; i < PROCESSES * EACH; i++) {
		ATF_REQUIRE_EQ_MSG((ssize_t)sizeof(number),
		    read(results[0], &number, sizeof(number)), "number %d", i);
		ATF_REQUIRE(number >= 1 && number < ARRAY_LEN(seen));
		ATF_CHECK_MSG(!seen[number], "%" PRIu32 " twice", number);
		seen[number] = true;
	}
	for (i = 0; i < PROCESSES; i++) {
		int status;

		ATF_REQUIRE(wait(&status) > 0);
		ATF_CHECK_EQ(0, status);
	}
}

ATF_TC_WITHOUT_HEAD(counter_next__left_over_new_file_is_no_obstacle);
ATF_TC_BODY(counter_next__left_over_new_file_is_no_obstacle, tc)
{
	int dirfd = open_dir();

	/* Of a process that was killed while it made the counter. */
	write_file(COUNTER_NEW_FILE, bytes_of("00000000"));
	write_file("41.WRK", bytes_of(""));
	ATF_CHECK_EQ(42, next_by(dirfd, BOOT_A, true));
	ATF_CHECK(!sysfile_exists(dirfd, COUNTER_NEW_FILE));
}

ATF_TC_WITHOUT_HEAD(counter_next__left_over_link_keeps_its_file);
ATF_TC_BODY(counter_next__left_over_link_keeps_its_file, tc)
{
	struct stat target;
	struct stat counter;
	int dirfd = open_dir();

	write_file("target", bytes_of("precious"));
	ATF_REQUIRE(link("target", COUNTER_NEW_FILE) == 0);
	ATF_CHECK_EQ(1, next_by(dirfd, BOOT_A, true));
	ATF_CHECK(atf_utils_compare_file("target", "precious"));
	ATF_REQUIRE(stat("target", &target) == 0);
	ATF_REQUIRE(stat(COUNTER_FILE, &counter) == 0);
	ATF_CHECK(target.st_ino != counter.st_ino);
	ATF_CHECK(!sysfile_exists(dirfd, COUNTER_NEW_FILE));
}

/* The counter belongs to the directory's user, at the mode it had. */
ATF_TC(counter_repair__by_root_leaves_the_file_to_its_user);
ATF_TC_HEAD(counter_repair__by_root_leaves_the_file_to_its_user, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(counter_repair__by_root_leaves_the_file_to_its_user, tc)
{
	struct fault why = { .op = "" };
	struct stat st;
	int dirfd = open_dir();
	uint32_t next;

	ATF_REQUIRE(chown(".", 1234, 2345) == 0);
	(void)umask(077);
	/* Missing; there, with a mode of its own; and left by root. */
	ATF_REQUIRE_EQ(RES_OK, counter_repair(dirfd, 0, soon(), &next, &why));
	ATF_REQUIRE(stat(COUNTER_FILE, &st) == 0);
	ATF_CHECK_EQ(1234, st.st_uid);
	ATF_CHECK_EQ(2345, st.st_gid);
	ATF_CHECK_EQ(0640, st.st_mode & 0777);
	ATF_REQUIRE(chmod(COUNTER_FILE, 0660) == 0);
	ATF_REQUIRE_EQ(RES_OK, counter_repair(dirfd, 0, soon(), &next, &why));
	ATF_REQUIRE(stat(COUNTER_FILE, &st) == 0);
	ATF_CHECK_EQ(1234, st.st_uid);
	ATF_CHECK_EQ(0660, st.st_mode & 0777);
	ATF_REQUIRE(chown(COUNTER_FILE, 0, 0) == 0);
	ATF_REQUIRE_EQ(RES_OK, counter_repair(dirfd, 0, soon(), &next, &why));
	ATF_REQUIRE(stat(COUNTER_FILE, &st) == 0);
	ATF_CHECK_EQ(1234, st.st_uid);
}

ATF_TC_WITHOUT_HEAD(counter_next__new_file_is_never_made_through_a_link);
ATF_TC_BODY(counter_next__new_file_is_never_made_through_a_link, tc)
{
	struct fault why = { .op = "" };
	int dirfd = open_dir();
	uint32_t number = 77;

	write_file("target", bytes_of("precious"));
	ATF_REQUIRE(symlink("target", COUNTER_NEW_FILE) == 0);
	(void)!counter_next(dirfd, BOOT_A, true, soon(), &number, &why);
	ATF_CHECK(atf_utils_compare_file("target", "precious"));
}

ATF_TC_WITHOUT_HEAD(counter_repair__goes_above_directory_and_file);
ATF_TC_BODY(counter_repair__goes_above_directory_and_file, tc)
{
	static const struct {
		const char *text; /* of the counter; NULL: missing */
		const char *file;
		uint32_t want;
	} rows[] = {
		{ NULL, "x", COUNTER_STEP_MAX },
		{ "garbage", "5.WRK", 5 + COUNTER_STEP_MAX },
		{ "", "7.TXT", 7 + COUNTER_STEP_MAX },
		{ "100\n", "7.TXT", 100 + COUNTER_STEP_MAX },
		{ "100\n", "300.CMD", 300 + COUNTER_STEP_MAX },
		/* Wherever in the line the highest number stands. */
		{ "0000005321 0000006144 0000006143 1024 "
		  "aaaaaaaa-1111-4222-8333-444444444444\n",
		    "x", 6144 + COUNTER_STEP_MAX },
		{ "0000005321 0000006143 0000006144 1024 "
		  "aaaaaaaa-1111-4222-8333-444444444444\n",
		    "x", 6144 + COUNTER_STEP_MAX },
		{ "0000009000 0000006144 0000006144 1024 "
		  "aaaaaaaa-1111-4222-8333-444444444444\n",
		    "x", 9000 + COUNTER_STEP_MAX },
		/* Round the wraparound nothing goes back. */
		{ "9331\n", "4294967289.WRK", 9331 + COUNTER_STEP_MAX },
		{ "4294967290\n", "4294967289.TXT", COUNTER_STEP_MAX - 5 },
		{ "4294967290\n", "11.WRK", 11 + COUNTER_STEP_MAX },
		{ "garbage", "12.WRK", 12 + COUNTER_STEP_MAX },
	};
	int dirfd = open_dir();
	size_t i;

	(void)unlink(COUNTER_FILE);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct fault why = { .op = "" };
		uint32_t next = 0;

		if (rows[i].text != NULL)
			write_file(COUNTER_FILE, bytes_of(rows[i].text));
		(void)unlink("7.TXT");
		(void)unlink("5.WRK");
		(void)unlink("300.CMD");
		(void)unlink("11.WRK");
		write_file(rows[i].file, bytes_of(""));
		ATF_REQUIRE_EQ_MSG(RES_OK,
		    counter_repair(dirfd, 0, soon(), &next, &why), "row %zu: %s",
		    i, why.op);
		ATF_CHECK_EQ_MSG(
		    rows[i].want, next, "row %zu: %" PRIu32, i, next);
		ATF_CHECK_EQ_MSG(
		    next, next_by(dirfd, BOOT_A, true), "row %zu", i);
	}
}

ATF_TC_WITHOUT_HEAD(counter_read__only_looks);
ATF_TC_BODY(counter_read__only_looks, tc)
{
	struct fault why = { .op = "" };
	int dirfd = open_dir();
	struct counter c;

	ATF_CHECK_EQ(RES_PERM, counter_read(dirfd, &c, &why));
	ATF_CHECK_EQ(ENOENT, why.err);
	ATF_CHECK(!sysfile_exists(dirfd, COUNTER_FILE));
	write_file(COUNTER_FILE, bytes_of("garbage"));
	ATF_CHECK_EQ(RES_PERM, counter_read(dirfd, &c, &why));
	ATF_CHECK_EQ(0, why.err);
	write_file(COUNTER_FILE, bytes_of("41\n"));
	ATF_CHECK_EQ(RES_OK, counter_read(dirfd, &c, &why));
	ATF_CHECK_EQ(41, c.next);
	ATF_CHECK(atf_utils_compare_file(COUNTER_FILE, "41\n"));
	ATF_REQUIRE(unlink(COUNTER_FILE) == 0);
	ATF_REQUIRE(mkfifo(COUNTER_FILE, 0600) == 0);
	ATF_CHECK(counter_read(dirfd, &c, &why) != RES_OK);
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
	ATF_TP_ADD_TC(tp, counter_boot_id__is_the_kernels);
	ATF_TP_ADD_TC(
	    tp, counter_next__missing_file_is_made_above_all_that_is_there);
	ATF_TP_ADD_TC(tp, counter_next__number_of_other_programs_is_taken_over);
	ATF_TP_ADD_TC(tp, counter_next__other_programs_read_the_next_number);
	ATF_TP_ADD_TC(tp, counter_next__is_overwritten_in_place);
	ATF_TP_ADD_TC(tp, counter_next__hosts_that_take_turns_leave_no_gaps);
	ATF_TP_ADD_TC(tp, counter_next__without_sync_nothing_is_reserved);
	ATF_TP_ADD_TC(tp, counter_next__torn_file_goes_on_above);
	ATF_TP_ADD_TC(tp, counter_next__fifo_directory_and_symlink_are_refused);
	ATF_TP_ADD_TC(tp, counter_next__read_only_file_is_refused);
	ATF_TP_ADD_TC(
	    tp, counter_next__locked_by_another_process_waits_to_the_deadline);
	ATF_TP_ADD_TC(tp, counter_next__many_processes_never_share_a_number);
	ATF_TP_ADD_TC(tp, counter_next__left_over_new_file_is_no_obstacle);
	ATF_TP_ADD_TC(tp, counter_next__new_file_is_never_made_through_a_link);
	ATF_TP_ADD_TC(tp, counter_repair__goes_above_directory_and_file);
	ATF_TP_ADD_TC(tp, counter_read__only_looks);
	return (atf_no_error());
}
