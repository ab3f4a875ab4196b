/* SPDX-License-Identifier: ISC */
#include "spool/sequence.h"

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

#include "../../support/files.h"
#include "legacy.h"
#include "sys/sysclock.h"
#include "sys/sysfile.h"

static const char BOOT_A[COUNTER_BOOT_ID + 1] =
    "aaaaaaaa-1111-4222-8333-444444444444";
static const char BOOT_B[COUNTER_BOOT_ID + 1] =
    "bbbbbbbb-5555-4666-9777-888888888888";

static void
write_bytes(const char *name, struct bytes text)
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
	    sequence_next(dirfd, boot, sync, soon(), &number, &why) == RES_OK,
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

ATF_TC_WITHOUT_HEAD(sequence_boot_id__is_the_kernels);
ATF_TC_BODY(sequence_boot_id__is_the_kernels, tc)
{
	char want[COUNTER_BOOT_ID + 1] = "";
	char got[COUNTER_BOOT_ID];
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY);

	if (fd < 0)
		atf_tc_skip("no boot id here");
	ATF_REQUIRE(read(fd, want, COUNTER_BOOT_ID) == COUNTER_BOOT_ID);
	sequence_boot_id(got);
	ATF_CHECK(memcmp(want, got, COUNTER_BOOT_ID) == 0);
}

ATF_TC_WITHOUT_HEAD(sequence_next__missing_file_is_made_above_all_that_is_there);
ATF_TC_BODY(sequence_next__missing_file_is_made_above_all_that_is_there, tc)
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

		(void)unlink(SEQUENCE_FILE);
		write_bytes(rows[i].file, bytes_of(""));
		ATF_CHECK_EQ_MSG(rows[i].want, next_by(dirfd, BOOT_A, true),
		    "with %s", rows[i].file);
		ATF_REQUIRE(stat(SEQUENCE_FILE, &st) == 0);
		ATF_CHECK_EQ(COUNTER_LINE, st.st_size);
		ATF_CHECK_EQ(0, st.st_mode & 07);
		ATF_CHECK(!sysfile_exists(dirfd, SEQUENCE_NEW_FILE));
	}
}

ATF_TC_WITHOUT_HEAD(sequence_next__number_of_other_programs_is_taken_over);
ATF_TC_BODY(sequence_next__number_of_other_programs_is_taken_over, tc)
{
	int dirfd = open_dir();
	size_t i;

	for (i = 0; i < ARRAY_LEN(LEGACY); i++) {
		struct fault why = { .op = "" };
		uint32_t number = 77;
		enum result r;
		struct stat st;

		write_bytes(SEQUENCE_FILE, LEGACY[i].text);
		r = sequence_next(dirfd, BOOT_A, true, soon(), &number, &why);
		if (LEGACY[i].want == 0) {
			/* Garbage: never a guess, and nothing changes. */
			ATF_CHECK_EQ_MSG(RES_PERM, r, "row %zu", i);
			ATF_CHECK_EQ_MSG(0, why.err, "row %zu", i);
			ATF_CHECK_EQ_MSG(77, number, "row %zu", i);
			ATF_REQUIRE(stat(SEQUENCE_FILE, &st) == 0);
			ATF_CHECK_EQ_MSG(
			    (off_t)LEGACY[i].text.n, st.st_size, "row %zu", i);
			continue;
		}
		ATF_REQUIRE_EQ_MSG(RES_OK, r, "row %zu: %s", i, why.op);
		ATF_CHECK_EQ_MSG(LEGACY[i].want, number, "row %zu", i);
		ATF_REQUIRE(stat(SEQUENCE_FILE, &st) == 0);
		ATF_CHECK_EQ_MSG(COUNTER_LINE, st.st_size, "row %zu", i);
		ATF_CHECK_EQ_MSG(number == UINT32_MAX ? 1 : number + 1,
		    next_by(dirfd, BOOT_A, true), "row %zu", i);
	}
}

ATF_TC_WITHOUT_HEAD(sequence_next__other_programs_read_the_next_number);
ATF_TC_BODY(sequence_next__other_programs_read_the_next_number, tc)
{
	int dirfd = open_dir();
	int i;

	for (i = 0; i < 50; i++) {
		uint32_t number = next_by(dirfd, BOOT_A, true);
		FILE *f = fopen(SEQUENCE_FILE, "r");
		unsigned long said = 0;

		/* As scripts do it. */
		ATF_REQUIRE(f != NULL);
		ATF_REQUIRE(fscanf(f, "%lu", &said) == 1);
		ATF_REQUIRE(fclose(f) == 0);
		ATF_CHECK_EQ(number + 1UL, said);
	}
}

ATF_TC_WITHOUT_HEAD(sequence_next__is_overwritten_in_place);
ATF_TC_BODY(sequence_next__is_overwritten_in_place, tc)
{
	int dirfd = open_dir();
	struct stat before;
	struct stat after;

	(void)next_by(dirfd, BOOT_A, true);
	ATF_REQUIRE(stat(SEQUENCE_FILE, &before) == 0);
	ATF_CHECK_EQ(2, next_by(dirfd, BOOT_A, true));
	ATF_CHECK(next_by(dirfd, BOOT_B, true) > 2);
	ATF_REQUIRE(stat(SEQUENCE_FILE, &after) == 0);
	ATF_CHECK_EQ(before.st_ino, after.st_ino);
	ATF_CHECK_EQ(COUNTER_LINE, after.st_size);
}

ATF_TC_WITHOUT_HEAD(sequence_next__hosts_that_take_turns_leave_no_gaps);
ATF_TC_BODY(sequence_next__hosts_that_take_turns_leave_no_gaps, tc)
{
	int dirfd = open_dir();
	uint32_t want;

	for (want = 1; want < 200; want++)
		ATF_REQUIRE_EQ(want,
		    next_by(dirfd, want % 2 == 0 ? BOOT_A : BOOT_B, true));
}

ATF_TC_WITHOUT_HEAD(sequence_next__without_sync_nothing_is_reserved);
ATF_TC_BODY(sequence_next__without_sync_nothing_is_reserved, tc)
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

ATF_TC_WITHOUT_HEAD(sequence_next__torn_file_goes_on_above);
ATF_TC_BODY(sequence_next__torn_file_goes_on_above, tc)
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
		write_bytes(SEQUENCE_FILE, (struct bytes){ torn, COUNTER_LINE });
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

	ATF_REQUIRE(lstat(SEQUENCE_FILE, &was) == 0);
	ATF_CHECK_MSG(
	    sequence_next(dirfd, BOOT_A, true, soon(), &number, &why) != RES_OK,
	    "%s", what);
	ATF_CHECK_EQ_MSG(77, number, "%s", what);
	ATF_CHECK_MSG(sysclock_ms() < before + 4000, "%s blocks", what);
	ATF_CHECK_MSG(
	    strcmp(why.name, SEQUENCE_FILE) == 0, "%s: %s", what, why.name);
	ATF_REQUIRE(lstat(SEQUENCE_FILE, &is) == 0);
	ATF_CHECK_EQ_MSG(was.st_ino, is.st_ino, "%s", what);
}

ATF_TC(sequence_next__fifo_directory_and_symlink_are_refused);
ATF_TC_HEAD(sequence_next__fifo_directory_and_symlink_are_refused, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(sequence_next__fifo_directory_and_symlink_are_refused, tc)
{
	int dirfd = open_dir();

	ATF_REQUIRE(mkfifo(SEQUENCE_FILE, 0600) == 0);
	check_refused(dirfd, "FIFO");
	ATF_REQUIRE(unlink(SEQUENCE_FILE) == 0);
	ATF_REQUIRE(mkdir(SEQUENCE_FILE, 0700) == 0);
	check_refused(dirfd, "directory");
	ATF_REQUIRE(rmdir(SEQUENCE_FILE) == 0);
	write_bytes("target", bytes_of("7\n"));
	ATF_REQUIRE(symlink("target", SEQUENCE_FILE) == 0);
	check_refused(dirfd, "symlink");
	ATF_CHECK(atf_utils_compare_file("target", "7\n"));
	ATF_REQUIRE(unlink(SEQUENCE_FILE) == 0);
	ATF_REQUIRE(symlink("nowhere", SEQUENCE_FILE) == 0);
	check_refused(dirfd, "dangling symlink");
	ATF_CHECK(!sysfile_exists(dirfd, "nowhere"));
}

ATF_TC_WITHOUT_HEAD(sequence_next__read_only_file_is_refused);
ATF_TC_BODY(sequence_next__read_only_file_is_refused, tc)
{
	int dirfd = open_dir();

	if (geteuid() == 0)
		atf_tc_skip("root may write it");
	write_bytes(SEQUENCE_FILE, bytes_of("7\n"));
	ATF_REQUIRE(chmod(SEQUENCE_FILE, 0400) == 0);
	check_refused(dirfd, "read-only");
}

ATF_TC(sequence_next__locked_by_another_process_waits_to_the_deadline);
ATF_TC_HEAD(sequence_next__locked_by_another_process_waits_to_the_deadline, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(sequence_next__locked_by_another_process_waits_to_the_deadline, tc)
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
		int fd = open(SEQUENCE_FILE, O_RDWR);

		if (sysfile_lock(fd) != 0 || write(ready[1], "!", 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	ATF_REQUIRE(close(ready[1]) == 0);
	ATF_REQUIRE(read(ready[0], &c, 1) == 1);
	before = sysclock_ms();
	ATF_CHECK_EQ(RES_TEMP,
	    sequence_next(dirfd, BOOT_A, true, before + 100, &number, &why));
	ATF_CHECK_EQ(EAGAIN, why.err);
	ATF_CHECK_STREQ(
	    "lock (smtpserv-spool check says who has it)", why.op);
	ATF_CHECK_EQ(77, number);
	ATF_CHECK(sysclock_ms() >= before + 100);
	ATF_REQUIRE(kill(pid, SIGKILL) == 0);
	ATF_REQUIRE(waitpid(pid, NULL, 0) == pid);
	ATF_CHECK_EQ(2, next_by(dirfd, BOOT_A, true));
}

ATF_TC(sequence_next__many_processes_never_share_a_number);
ATF_TC_HEAD(sequence_next__many_processes_never_share_a_number, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(sequence_next__many_processes_never_share_a_number, tc)
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

			if (sequence_next(dirfd, i % 2 == 0 ? BOOT_A : BOOT_B,
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

ATF_TC_WITHOUT_HEAD(sequence_next__left_over_new_file_is_no_obstacle);
ATF_TC_BODY(sequence_next__left_over_new_file_is_no_obstacle, tc)
{
	int dirfd = open_dir();

	/* Of a process that was killed while it made the counter. */
	write_bytes(SEQUENCE_NEW_FILE, bytes_of("00000000"));
	write_bytes("41.WRK", bytes_of(""));
	ATF_CHECK_EQ(42, next_by(dirfd, BOOT_A, true));
	ATF_CHECK(!sysfile_exists(dirfd, SEQUENCE_NEW_FILE));
}

ATF_TC_WITHOUT_HEAD(sequence_next__left_over_link_keeps_its_file);
ATF_TC_BODY(sequence_next__left_over_link_keeps_its_file, tc)
{
	struct stat target;
	struct stat counter;
	int dirfd = open_dir();

	write_bytes("target", bytes_of("precious"));
	ATF_REQUIRE(link("target", SEQUENCE_NEW_FILE) == 0);
	ATF_CHECK_EQ(1, next_by(dirfd, BOOT_A, true));
	ATF_CHECK(atf_utils_compare_file("target", "precious"));
	ATF_REQUIRE(stat("target", &target) == 0);
	ATF_REQUIRE(stat(SEQUENCE_FILE, &counter) == 0);
	ATF_CHECK(target.st_ino != counter.st_ino);
	ATF_CHECK(!sysfile_exists(dirfd, SEQUENCE_NEW_FILE));
}

/* The counter belongs to the directory's user, at the mode it had. */
ATF_TC(sequence_repair__by_root_leaves_the_file_to_its_user);
ATF_TC_HEAD(sequence_repair__by_root_leaves_the_file_to_its_user, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(sequence_repair__by_root_leaves_the_file_to_its_user, tc)
{
	struct fault why = { .op = "" };
	struct stat st;
	int dirfd = open_dir();
	uint32_t next;

	ATF_REQUIRE(chown(".", 1234, 2345) == 0);
	(void)umask(077);
	/* Missing; there, with a mode of its own; and left by root. */
	ATF_REQUIRE_EQ(RES_OK, sequence_repair(dirfd, 0, soon(), &next, &why));
	ATF_REQUIRE(stat(SEQUENCE_FILE, &st) == 0);
	ATF_CHECK_EQ(1234, st.st_uid);
	ATF_CHECK_EQ(2345, st.st_gid);
	ATF_CHECK_EQ(0640, st.st_mode & 0777);
	ATF_REQUIRE(chmod(SEQUENCE_FILE, 0660) == 0);
	ATF_REQUIRE_EQ(RES_OK, sequence_repair(dirfd, 0, soon(), &next, &why));
	ATF_REQUIRE(stat(SEQUENCE_FILE, &st) == 0);
	ATF_CHECK_EQ(1234, st.st_uid);
	ATF_CHECK_EQ(0660, st.st_mode & 0777);
	ATF_REQUIRE(chown(SEQUENCE_FILE, 0, 0) == 0);
	ATF_REQUIRE_EQ(RES_OK, sequence_repair(dirfd, 0, soon(), &next, &why));
	ATF_REQUIRE(stat(SEQUENCE_FILE, &st) == 0);
	ATF_CHECK_EQ(1234, st.st_uid);
}

ATF_TC_WITHOUT_HEAD(sequence_next__new_file_is_never_made_through_a_link);
ATF_TC_BODY(sequence_next__new_file_is_never_made_through_a_link, tc)
{
	struct fault why = { .op = "" };
	int dirfd = open_dir();
	uint32_t number = 77;

	write_bytes("target", bytes_of("precious"));
	ATF_REQUIRE(symlink("target", SEQUENCE_NEW_FILE) == 0);
	(void)!sequence_next(dirfd, BOOT_A, true, soon(), &number, &why);
	ATF_CHECK(atf_utils_compare_file("target", "precious"));
}

ATF_TC_WITHOUT_HEAD(sequence_repair__goes_above_directory_and_file);
ATF_TC_BODY(sequence_repair__goes_above_directory_and_file, tc)
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

	(void)unlink(SEQUENCE_FILE);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct fault why = { .op = "" };
		uint32_t next = 0;

		if (rows[i].text != NULL)
			write_bytes(SEQUENCE_FILE, bytes_of(rows[i].text));
		(void)unlink("7.TXT");
		(void)unlink("5.WRK");
		(void)unlink("300.CMD");
		(void)unlink("11.WRK");
		write_bytes(rows[i].file, bytes_of(""));
		ATF_REQUIRE_EQ_MSG(RES_OK,
		    sequence_repair(dirfd, 0, soon(), &next, &why), "row %zu: %s",
		    i, why.op);
		ATF_CHECK_EQ_MSG(
		    rows[i].want, next, "row %zu: %" PRIu32, i, next);
		ATF_CHECK_EQ_MSG(
		    next, next_by(dirfd, BOOT_A, true), "row %zu", i);
	}
}

ATF_TC_WITHOUT_HEAD(sequence_read__only_looks);
ATF_TC_BODY(sequence_read__only_looks, tc)
{
	struct fault why = { .op = "" };
	int dirfd = open_dir();
	struct counter c;

	ATF_CHECK_EQ(RES_PERM, sequence_read(dirfd, &c, &why));
	ATF_CHECK_EQ(ENOENT, why.err);
	ATF_CHECK(!sysfile_exists(dirfd, SEQUENCE_FILE));
	write_bytes(SEQUENCE_FILE, bytes_of("garbage"));
	ATF_CHECK_EQ(RES_PERM, sequence_read(dirfd, &c, &why));
	ATF_CHECK_EQ(0, why.err);
	write_bytes(SEQUENCE_FILE, bytes_of("41\n"));
	ATF_CHECK_EQ(RES_OK, sequence_read(dirfd, &c, &why));
	ATF_CHECK_EQ(41, c.next);
	ATF_CHECK(atf_utils_compare_file(SEQUENCE_FILE, "41\n"));
	ATF_REQUIRE(unlink(SEQUENCE_FILE) == 0);
	ATF_REQUIRE(mkfifo(SEQUENCE_FILE, 0600) == 0);
	ATF_CHECK(sequence_read(dirfd, &c, &why) != RES_OK);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, sequence_boot_id__is_the_kernels);
	ATF_TP_ADD_TC(
	    tp, sequence_next__missing_file_is_made_above_all_that_is_there);
	ATF_TP_ADD_TC(tp, sequence_next__number_of_other_programs_is_taken_over);
	ATF_TP_ADD_TC(tp, sequence_next__other_programs_read_the_next_number);
	ATF_TP_ADD_TC(tp, sequence_next__is_overwritten_in_place);
	ATF_TP_ADD_TC(tp, sequence_next__hosts_that_take_turns_leave_no_gaps);
	ATF_TP_ADD_TC(tp, sequence_next__without_sync_nothing_is_reserved);
	ATF_TP_ADD_TC(tp, sequence_next__torn_file_goes_on_above);
	ATF_TP_ADD_TC(tp, sequence_next__fifo_directory_and_symlink_are_refused);
	ATF_TP_ADD_TC(tp, sequence_next__read_only_file_is_refused);
	ATF_TP_ADD_TC(
	    tp, sequence_next__locked_by_another_process_waits_to_the_deadline);
	ATF_TP_ADD_TC(tp, sequence_next__many_processes_never_share_a_number);
	ATF_TP_ADD_TC(tp, sequence_next__left_over_new_file_is_no_obstacle);
	ATF_TP_ADD_TC(tp, sequence_next__new_file_is_never_made_through_a_link);
	ATF_TP_ADD_TC(tp, sequence_repair__goes_above_directory_and_file);
	ATF_TP_ADD_TC(tp, sequence_read__only_looks);
	return (atf_no_error());
}
