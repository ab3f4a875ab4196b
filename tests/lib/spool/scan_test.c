/* SPDX-License-Identifier: ISC */
#include "spool/scan.h"

#include <atf-c.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../support/files.h"
#include "sys/sysfile.h"

static void
make_file(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	ATF_REQUIRE_MSG(fd >= 0, "%s", name);
	ATF_REQUIRE(close(fd) == 0);
}

/* A child that holds the lock on the file, as a live session does. */
static pid_t
start_session(const char *name)
{
	int ready[2];
	pid_t pid;
	char c;

	ATF_REQUIRE(pipe(ready) == 0);
	pid = fork();
	ATF_REQUIRE(pid >= 0);
	if (pid == 0) {
		int fd = open(name, O_RDWR);

		if (fd < 0 || sysfile_lock(fd) != 0 ||
		    write(ready[1], "!", 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	ATF_REQUIRE(close(ready[1]) == 0);
	ATF_REQUIRE_MSG(read(ready[0], &c, 1) == 1, "no lock on %s", name);
	ATF_REQUIRE(close(ready[0]) == 0);
	return (pid);
}

static void
kill_session(pid_t pid)
{
	ATF_REQUIRE(kill(pid, SIGKILL) == 0);
	ATF_REQUIRE(waitpid(pid, NULL, 0) == pid);
}

ATF_TC_WITHOUT_HEAD(scan_name__and_scan_parse_name_are_inverse);
ATF_TC_BODY(scan_name__and_scan_parse_name_are_inverse, tc)
{
	static const struct {
		uint32_t number;
		enum scan_kind kind;
		const char *want;
	} rows[] = {
		{ 1, SCAN_CMD, "1.CMD" },
		{ 5321, SCAN_TMP, "5321.TMP" },
		{ 10, SCAN_TXT, "10.TXT" },
		{ UINT32_MAX, SCAN_WRK, "4294967295.WRK" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		char name[SCAN_NAME_MAX];
		uint32_t number = 0;
		enum scan_kind kind = SCAN_CMD;

		scan_name(name, rows[i].number, rows[i].kind);
		ATF_CHECK_STREQ(rows[i].want, name);
		ATF_CHECK_MSG(
		    scan_parse_name(name, &number, &kind), "%s", name);
		ATF_CHECK_EQ_MSG(rows[i].number, number, "%s", name);
		ATF_CHECK_EQ_MSG(rows[i].kind, kind, "%s", name);
	}
}

ATF_TC_WITHOUT_HEAD(scan_parse_name__other_peoples_names_are_none);
ATF_TC_BODY(scan_parse_name__other_peoples_names_are_none, tc)
{
	static const char *const names[] = { "", ".", "..", "1", "1.", ".WRK",
		"0.WRK", "007.WRK", "00.WRK", "1.wrk", "1.Wrk", "1.WRK ",
		" 1.WRK", "1.WRK.bak", "1.WR", "1.WRKK", "1..WRK", "-1.WRK",
		"+1.WRK", "1a.WRK", "a.WRK", "0x1.WRK", "4294967296.WRK",
		"42949672950.WRK", "18446744073709551617.WRK", "sequence.seq",
		"sequence.new", "1.NEW", "1.2.WRK" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		uint32_t number = 77;
		enum scan_kind kind = SCAN_TMP;

		ATF_CHECK_MSG(
		    !scan_parse_name(names[i], &number, &kind), "%s", names[i]);
		ATF_CHECK_EQ_MSG(77, number, "%s", names[i]);
	}
}

/* What was visited: a bit per kind for the numbers below 32. */
struct seen {
	unsigned int kinds[32];
	unsigned int calls;
	unsigned int stop_after;
};

static bool
note_seen(void *ctx, uint32_t number, enum scan_kind kind)
{
	struct seen *seen = ctx;

	ATF_REQUIRE(number < ARRAY_LEN(seen->kinds));
	ATF_CHECK_MSG((seen->kinds[number] & 1U << kind) == 0, "twice");
	seen->kinds[number] |= 1U << kind;
	return (++seen->calls != seen->stop_after);
}

ATF_TC_WITHOUT_HEAD(scan_each__visits_message_files_and_nothing_else);
ATF_TC_BODY(scan_each__visits_message_files_and_nothing_else, tc)
{
	int dirfd = open_dir();
	struct seen seen = { .calls = 0 };
	struct fault why;
	int round;

	make_file("1.CMD");
	make_file("1.TMP");
	make_file("2.TXT");
	make_file("2.WRK");
	make_file("sequence.seq");
	make_file("03.WRK");
	make_file("notes");
	/* Twice, because the directory's position is shared. */
	for (round = 0; round < 2; round++) {
		seen = (struct seen){ .calls = 0 };
		ATF_CHECK_EQ(RES_OK, scan_each(dirfd, note_seen, &seen, &why));
		ATF_CHECK_EQ(4, seen.calls);
		ATF_CHECK_EQ(1U << SCAN_CMD | 1U << SCAN_TMP, seen.kinds[1]);
		ATF_CHECK_EQ(1U << SCAN_TXT | 1U << SCAN_WRK, seen.kinds[2]);
	}
	seen = (struct seen){ .stop_after = 2 };
	ATF_CHECK_EQ(RES_OK, scan_each(dirfd, note_seen, &seen, &why));
	ATF_CHECK_EQ(2, seen.calls);
}

ATF_TC_WITHOUT_HEAD(scan_each__no_directory_is_a_failure);
ATF_TC_BODY(scan_each__no_directory_is_a_failure, tc)
{
	struct seen seen = { .calls = 0 };
	struct fault why = { .op = NULL };
	uint32_t highest = 77;
	int fd;

	make_file("f");
	fd = open("f", O_RDONLY);
	ATF_CHECK(scan_each(fd, note_seen, &seen, &why) != RES_OK);
	ATF_CHECK(why.err != 0);
	ATF_CHECK(scan_highest(-1, &highest, &why) != RES_OK);
}

ATF_TC_WITHOUT_HEAD(scan_is_later__goes_the_shorter_way_round);
ATF_TC_BODY(scan_is_later__goes_the_shorter_way_round, tc)
{
	static const struct {
		uint32_t a;
		uint32_t b;
		bool want;
	} rows[] = {
		{ 2, 1, true },
		{ 1, 2, false },
		{ 7, 7, false },
		{ 1, UINT32_MAX, true },
		{ UINT32_MAX, 1, false },
		{ 9331, 4294967289U, true },
		{ 4294967289U, 9331, false },
		{ 0x80000000U, 1, true },
		{ 0x80000002U, 1, false },
		/* 0 is no number. */
		{ 1, 0, true },
		{ UINT32_MAX, 0, true },
		{ 0, 1, false },
		{ 0, UINT32_MAX, false },
		{ 0, 0, false },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_EQ_MSG(rows[i].want,
		    scan_is_later(rows[i].a, rows[i].b), "row %zu", i);
}

ATF_TC_WITHOUT_HEAD(scan_highest__of_any_kind_and_0_for_none);
ATF_TC_BODY(scan_highest__of_any_kind_and_0_for_none, tc)
{
	static const struct {
		const char *name;
		uint32_t want;
	} rows[] = {
		{ "sequence.seq", 0 },
		{ "0099.WRK", 0 },
		{ "9.WRK", 9 },
		{ "10.TMP", 10 },
		{ "2.TXT", 10 },
		{ "11.TXT", 11 },
		/* Of before the numbers began anew. */
		{ "4294967295.CMD", 11 },
		{ "4294967296.CMD", 11 },
		{ "12.CMD", 12 },
	};
	int dirfd = open_dir();
	struct fault why;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		uint32_t highest = 77;

		make_file(rows[i].name);
		ATF_CHECK_EQ(RES_OK, scan_highest(dirfd, &highest, &why));
		ATF_CHECK_EQ_MSG(
		    rows[i].want, highest, "with %s", rows[i].name);
	}
}

/*
 * Each state of a message that smtpserv-spool(5) lists: the files that are
 * there, and those that stay when nobody is alive.
 */
static const struct {
	const char *there;
	const char *stay;
} STATES[] = {
	{ "CMD", "" },
	{ "CMD TMP", "" },
	{ "CMD TXT", "" },
	{ "CMD TMP TXT", "" },
	{ "TMP", "" },
	{ "TXT", "" },
	{ "TMP TXT", "" },
	{ "TXT WRK", "TXT WRK" },
	{ "WRK", "WRK" },
	{ "TMP WRK", "WRK" },
	{ "TMP TXT WRK", "TXT WRK" },
	{ "CMD TXT WRK", "TXT WRK" },
	{ "CMD TMP TXT WRK", "TXT WRK" },
	{ "CMD WRK", "WRK" },
};

static const char *const KINDS[] = { "CMD", "TMP", "TXT", "WRK" };

static void
make_state(uint32_t number, const char *there)
{
	char name[SCAN_NAME_MAX];
	size_t k;

	for (k = 0; k < ARRAY_LEN(KINDS); k++) {
		if (strstr(there, KINDS[k]) == NULL)
			continue;
		scan_name(name, number, (enum scan_kind)k);
		make_file(name);
	}
}

static size_t
check_state(int dirfd, uint32_t number, const char *want, const char *from)
{
	char name[SCAN_NAME_MAX];
	size_t count = 0;
	size_t k;

	for (k = 0; k < ARRAY_LEN(KINDS); k++) {
		scan_name(name, number, (enum scan_kind)k);
		ATF_CHECK_EQ_MSG(strstr(want, KINDS[k]) != NULL,
		    sysfile_exists(dirfd, name), "%s of %s", name, from);
		if (strstr(from, KINDS[k]) != NULL &&
		    strstr(want, KINDS[k]) == NULL)
			count++;
	}
	return (count);
}

ATF_TC_WITHOUT_HEAD(scan_clean__removes_exactly_what_the_dead_left);
ATF_TC_BODY(scan_clean__removes_exactly_what_the_dead_left, tc)
{
	int dirfd = open_dir();
	uint64_t removed = 77;
	uint64_t want = 0;
	struct fault why;
	uint32_t i;

	make_file("sequence.seq");
	make_file("notes.TMP");
	make_file("01.TMP");
	for (i = 0; i < ARRAY_LEN(STATES); i++)
		make_state(i + 1, STATES[i].there);
	ATF_CHECK_EQ(RES_OK, scan_clean(dirfd, &removed, &why));
	for (i = 0; i < ARRAY_LEN(STATES); i++)
		want +=
		    check_state(dirfd, i + 1, STATES[i].stay, STATES[i].there);
	ATF_CHECK_EQ(want, removed);
	ATF_CHECK(sysfile_exists(dirfd, "sequence.seq"));
	ATF_CHECK(sysfile_exists(dirfd, "notes.TMP"));
	ATF_CHECK(sysfile_exists(dirfd, "01.TMP"));
	/* And then there is nothing more to do. */
	ATF_CHECK_EQ(RES_OK, scan_clean(dirfd, &removed, &why));
	ATF_CHECK_EQ(0, removed);
}

ATF_TC_WITHOUT_HEAD(scan_clean__leaves_live_sessions_alone);
ATF_TC_BODY(scan_clean__leaves_live_sessions_alone, tc)
{
	static const char *const states[] = { "CMD", "CMD TMP", "CMD TXT",
		"CMD TMP TXT" };
	pid_t pids[ARRAY_LEN(states)];
	int dirfd = open_dir();
	uint64_t removed = 77;
	struct fault why;
	uint32_t i;

	for (i = 0; i < ARRAY_LEN(states); i++) {
		char name[SCAN_NAME_MAX];

		make_state(i + 1, states[i]);
		scan_name(name, i + 1, SCAN_CMD);
		pids[i] = start_session(name);
	}
	make_state(20, "CMD TMP");
	ATF_CHECK_EQ(RES_OK, scan_clean(dirfd, &removed, &why));
	ATF_CHECK_EQ(2, removed);
	for (i = 0; i < ARRAY_LEN(states); i++)
		(void)check_state(dirfd, i + 1, states[i], states[i]);
	for (i = 0; i < ARRAY_LEN(states); i++)
		kill_session(pids[i]);
	/* However they died. */
	ATF_CHECK_EQ(RES_OK, scan_clean(dirfd, &removed, &why));
	ATF_CHECK_EQ(8, removed);
	for (i = 0; i < ARRAY_LEN(states); i++)
		(void)check_state(dirfd, i + 1, "", states[i]);
}

ATF_TC_WITHOUT_HEAD(scan_clean__leaves_a_second_name_that_is_being_worked_on);
ATF_TC_BODY(scan_clean__leaves_a_second_name_that_is_being_worked_on, tc)
{
	int dirfd = open_dir();
	uint64_t removed = 77;
	struct fault why;
	pid_t pid;

	/* A power cut brought CMD back beside WRK: one file, two names. */
	make_file("5.WRK");
	make_file("5.TXT");
	ATF_REQUIRE(link("5.WRK", "5.CMD") == 0);
	pid = start_session("5.WRK");
	ATF_CHECK_EQ(RES_OK, scan_clean(dirfd, &removed, &why));
	ATF_CHECK_EQ(0, removed);
	kill_session(pid);
	ATF_CHECK_EQ(RES_OK, scan_clean(dirfd, &removed, &why));
	(void)check_state(dirfd, 5, "TXT WRK", "CMD TXT WRK");
}

ATF_TC(scan_clean__what_is_no_file_is_not_followed);
ATF_TC_HEAD(scan_clean__what_is_no_file_is_not_followed, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(scan_clean__what_is_no_file_is_not_followed, tc)
{
	int dirfd = open_dir();
	uint64_t removed = 77;
	struct fault why = { .op = NULL };

	make_file("target");
	ATF_REQUIRE(symlink("target", "1.CMD") == 0);
	ATF_REQUIRE(symlink("target", "2.TMP") == 0);
	ATF_REQUIRE(mkdir("3.TMP", 0700) == 0);
	ATF_REQUIRE(mkdir("4.CMD", 0700) == 0);
	ATF_REQUIRE(mkfifo("5.TXT", 0600) == 0);
	make_state(6, "CMD TMP");
	/* It says that something is odd, and does the rest. */
	ATF_CHECK(scan_clean(dirfd, &removed, &why) != RES_OK);
	ATF_CHECK(why.op != NULL && why.name[0] != '\0');
	ATF_CHECK(sysfile_exists(dirfd, "target"));
	ATF_CHECK(sysfile_exists(dirfd, "3.TMP"));
	ATF_CHECK(sysfile_exists(dirfd, "4.CMD"));
	ATF_CHECK(!sysfile_exists(dirfd, "5.TXT"));
	(void)check_state(dirfd, 6, "", "CMD TMP");
}

/* Held back, or released, by a process that died in between. */
ATF_TC_WITHOUT_HEAD(scan_clean__of_two_names_keeps_wrk);
ATF_TC_BODY(scan_clean__of_two_names_keeps_wrk, tc)
{
	int dirfd = open_dir();
	struct fault why;
	uint64_t removed;
	int fd;

	atf_utils_create_file("5.WRK", "From: a@b\nTo: c@d\n");
	ATF_REQUIRE_EQ(0, link("5.WRK", "5.HLD"));
	atf_utils_create_file("5.TXT", "text\n");
	atf_utils_create_file("6.HLD", "From: a@b\nTo: c@d\n");
	atf_utils_create_file("6.TXT", "text\n");
	atf_utils_create_file("6.WHY", "To: c@d\n");
	atf_utils_create_file("7.HLD", "From: a@b\nTo: c@d\n");
	atf_utils_create_file("7.WRK", "From: a@b\nTo: e@f\n");
	atf_utils_create_file("7.TXT", "text\n");
	atf_utils_create_file("8.WHY", "To: c@d\n");
	/* One that is at work keeps both. */
	fd = open("5.HLD", O_RDWR);
	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ(0, sysfile_lock(fd));
	ATF_CHECK_EQ(RES_OK, scan_clean(dirfd, &removed, &why));
	ATF_CHECK_EQ(1, removed);
	ATF_REQUIRE_EQ(0, close(fd));
	ATF_CHECK_EQ(RES_OK, scan_clean(dirfd, &removed, &why));
	ATF_CHECK_EQ(1, removed);
	ATF_CHECK(!sysfile_exists(dirfd, "5.HLD"));
	ATF_CHECK(!sysfile_exists(dirfd, "8.WHY"));
	ATF_CHECK(sysfile_exists(dirfd, "5.WRK") &&
	    sysfile_exists(dirfd, "5.TXT") && sysfile_exists(dirfd, "6.HLD") &&
	    sysfile_exists(dirfd, "6.TXT") && sysfile_exists(dirfd, "6.WHY") &&
	    sysfile_exists(dirfd, "7.HLD") && sysfile_exists(dirfd, "7.WRK"));
}

/*
 * A worker was replacing a WRK when the power failed, and the mark has its name
 * again; another process is just completing it.
 */
ATF_TC_WITHOUT_HEAD(scan_clean__leaves_the_text_of_a_mark_beside_cmd);
ATF_TC_BODY(scan_clean__leaves_the_text_of_a_mark_beside_cmd, tc)
{
	static const char mark[] = "5.K5-0123456789abcdef";
	int dirfd = open_dir();
	struct fault why;
	uint64_t removed;
	int fd;

	atf_utils_create_file("5.CMD", "From: a@b\nTo: c@d\n");
	atf_utils_create_file(mark, "From: a@b\nTo: c@d\nTo: e@f\n");
	atf_utils_create_file("5.TXT", "text\n");
	fd = open(mark, O_RDWR);
	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ(0, sysfile_lock(fd));
	ATF_CHECK_EQ(RES_OK, scan_clean(dirfd, &removed, &why));
	ATF_CHECK_EQ(1, removed);
	ATF_CHECK(!sysfile_exists(dirfd, "5.CMD"));
	ATF_CHECK(sysfile_exists(dirfd, mark));
	ATF_CHECK(sysfile_exists(dirfd, "5.TXT"));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, scan_clean__of_two_names_keeps_wrk);
	ATF_TP_ADD_TC(tp, scan_name__and_scan_parse_name_are_inverse);
	ATF_TP_ADD_TC(tp, scan_parse_name__other_peoples_names_are_none);
	ATF_TP_ADD_TC(tp, scan_each__visits_message_files_and_nothing_else);
	ATF_TP_ADD_TC(tp, scan_each__no_directory_is_a_failure);
	ATF_TP_ADD_TC(tp, scan_is_later__goes_the_shorter_way_round);
	ATF_TP_ADD_TC(tp, scan_highest__of_any_kind_and_0_for_none);
	ATF_TP_ADD_TC(tp, scan_clean__removes_exactly_what_the_dead_left);
	ATF_TP_ADD_TC(tp, scan_clean__leaves_live_sessions_alone);
	ATF_TP_ADD_TC(
	    tp, scan_clean__leaves_a_second_name_that_is_being_worked_on);
	ATF_TP_ADD_TC(tp, scan_clean__leaves_the_text_of_a_mark_beside_cmd);
	ATF_TP_ADD_TC(tp, scan_clean__what_is_no_file_is_not_followed);
	return (atf_no_error());
}
