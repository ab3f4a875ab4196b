/* SPDX-License-Identifier: ISC */
#include "spool/complete.h"

#include <atf-c.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../support/files.h"
#include "spool/counter.h"
#include "spool/mark.h"
#include "spool/scan.h"
#include "spool/sequence.h"
#include "spool/spool.h"
#include "sys/sysclock.h"
#include "sys/sysfile.h"

#define ENVELOPE "From: erick@maggot\nTo: bruce@gnat\n"
#define TEXT     "Received: x\n\nHello\n"

static bool
is_there(const char *name)
{
	return (access(name, F_OK) == 0);
}

/* The mark of a whole message, put as given (NULL: not there). */
static const char *
put_marked(uint32_t number, const char *envelope, const char *text)
{
	static char name[MARK_NAME_MAX];
	char txt[SCAN_NAME_MAX];
	struct mark_sum t;
	struct mark_sum e;
	struct mark m;

	mark_sum_init(&t);
	mark_sum_init(&e);
	mark_sum_add(&t, bytes_of(TEXT));
	mark_sum_add(&e, bytes_of(ENVELOPE));
	m = mark_of(number, &t, &e);
	mark_name(name, &m);
	write_file(name, envelope);
	scan_name(txt, number, SCAN_TXT);
	if (text != NULL)
		write_file(txt, text);
	return (name);
}

static struct complete
run(void)
{
	struct complete done;
	struct fault why = { .op = "" };
	int dirfd = open_dir();

	ATF_CHECK_EQ_MSG(RES_OK,
	    complete_all(dirfd, 0, SYSCLOCK_NEVER, &done, &why), "%s %s: %s",
	    why.op, why.name, strerror(why.err));
	(void)close(dirfd);
	return (done);
}

ATF_TC_WITHOUT_HEAD(complete_all__what_is_whole_gets_its_last_name);
ATF_TC_BODY(complete_all__what_is_whole_gets_its_last_name, tc)
{
	const char *mark = put_marked(7, ENVELOPE, TEXT);
	struct complete done = run();

	ATF_CHECK_EQ(1, done.completed);
	ATF_CHECK_EQ(0, done.removed);
	ATF_CHECK(is_there("7.WRK") && is_there("7.TXT") && !is_there(mark));
	/* Once. */
	done = run();
	ATF_CHECK_EQ(0, done.completed);
}

ATF_TC_WITHOUT_HEAD(complete_all__what_is_not_whole_loses_its_mark);
ATF_TC_BODY(complete_all__what_is_not_whole_loses_its_mark, tc)
{
	static const struct {
		const char *envelope;
		const char *text;
	} rows[] = {
		{ ENVELOPE, NULL },
		{ ENVELOPE, "" },
		{ ENVELOPE, "Received: x\n\nHell\0\n" },
		{ ENVELOPE, "Received: x\n\nHellu\n" },
		{ ENVELOPE, TEXT "\n" },
		{ "", TEXT },
		{ "From: erick@maggot\n", TEXT },
		{ "From: erick@maggot\nTo: bruce@gnot\n", TEXT },
		{ ENVELOPE "To: ann@gnat\n", TEXT },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		const char *mark =
		    put_marked(7, rows[i].envelope, rows[i].text);
		struct complete done = run();

		ATF_CHECK_EQ_MSG(0, done.completed, "row %zu", i);
		ATF_CHECK_EQ_MSG(1, done.removed, "row %zu", i);
		ATF_CHECK_MSG(!is_there(mark), "row %zu", i);
		ATF_CHECK_MSG(!is_there("7.WRK"), "row %zu", i);
		/* Its text is for scan_clean(). */
		ATF_CHECK_EQ_MSG(
		    rows[i].text != NULL, is_there("7.TXT"), "row %zu", i);
		(void)unlink("7.TXT");
	}
}

ATF_TC_WITHOUT_HEAD(complete_all__never_over_what_is_there);
ATF_TC_BODY(complete_all__never_over_what_is_there, tc)
{
	static const char FEWER[] = "From: erick@maggot\nTo: ann@gnat\n";
	static const char *const names[] = { "7.WRK", "7.BAD" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		const char *mark = put_marked(7, ENVELOPE, TEXT);
		struct complete done;
		struct stat st;

		write_file(names[i], FEWER);
		done = run();
		ATF_CHECK_EQ(0, done.completed);
		ATF_CHECK(!is_there(mark));
		ATF_REQUIRE(stat(names[i], &st) == 0);
		ATF_CHECK_EQ(strlen(FEWER), (size_t)st.st_size);
		ATF_CHECK(is_there("7.TXT"));
		ATF_REQUIRE(unlink(names[i]) == 0);
	}
}

ATF_TC_WITHOUT_HEAD(complete_all__leaves_a_live_session_alone);
ATF_TC_BODY(complete_all__leaves_a_live_session_alone, tc)
{
	const char *mark = put_marked(7, ENVELOPE, TEXT);
	int fd = open(mark, O_RDWR);
	struct complete done;
	uint64_t removed;
	struct fault why;
	int dirfd = open_dir();

	ATF_REQUIRE(fd >= 0 && sysfile_lock(fd) == 0);
	done = run();
	ATF_CHECK_EQ(0, done.completed + done.removed);
	ATF_CHECK_EQ(RES_OK, scan_clean(dirfd, &removed, &why));
	ATF_CHECK_EQ(0, removed);
	ATF_CHECK(is_there(mark) && is_there("7.TXT"));
	(void)close(fd);
	done = run();
	ATF_CHECK_EQ(1, done.completed);
	(void)close(dirfd);
}

ATF_TC_WITHOUT_HEAD(complete_all__goes_on_after_a_failure);
ATF_TC_BODY(complete_all__goes_on_after_a_failure, tc)
{
	struct complete done;
	struct fault why = { .op = "" };
	int dirfd = open_dir();

	ATF_REQUIRE(mkdir("6.K1-0123456789abcdef", 0700) == 0);
	(void)put_marked(7, ENVELOPE, TEXT);
	ATF_REQUIRE(mkdir("8.K1-0123456789abcdef", 0700) == 0);
	ATF_CHECK(
	    complete_all(dirfd, 0, SYSCLOCK_NEVER, &done, &why) != RES_OK);
	ATF_CHECK_STREQ("open", why.op);
	ATF_CHECK_EQ(1, done.completed);
	ATF_CHECK(is_there("7.WRK"));
	(void)close(dirfd);
}

enum {
	MANY = 40
};

static unsigned int
put_many(void)
{
	uint32_t i;

	for (i = 1; i <= MANY; i++)
		(void)put_marked(i, ENVELOPE, i % 10 == 9 ? "torn" : TEXT);
	return (MANY - MANY / 10);
}

static unsigned int
count_wrk(void)
{
	char wrk[SCAN_NAME_MAX];
	unsigned int n = 0;
	uint32_t i;

	for (i = 1; i <= MANY; i++) {
		scan_name(wrk, i, SCAN_WRK);
		n += is_there(wrk) ? 1 : 0;
	}
	return (n);
}

/* More than share their syncs; those that are torn hold up nobody. */
ATF_TC_WITHOUT_HEAD(complete_all__many);
ATF_TC_BODY(complete_all__many, tc)
{
	unsigned int whole = put_many();
	struct complete done = run();

	ATF_CHECK_EQ(whole, done.completed);
	ATF_CHECK_EQ(MANY - whole, done.removed);
	ATF_CHECK_EQ(whole, count_wrk());
}

/* When its time is over it has done some, and the next call does more. */
ATF_TC_WITHOUT_HEAD(complete_all__ends_in_time);
ATF_TC_BODY(complete_all__ends_in_time, tc)
{
	unsigned int whole = put_many();
	struct fault why = { .op = "" };
	int dirfd = open_dir();
	struct complete done;
	unsigned int before = 0;
	unsigned int calls = 0;
	enum result r;

	do {
		r = complete_all(dirfd, 0, sysclock_ms() - 1, &done, &why);
		calls++;
		ATF_REQUIRE(done.completed > 0 && done.completed <= 16);
		ATF_CHECK_EQ(before + done.completed, count_wrk());
		before = count_wrk();
		ATF_CHECK(r == RES_OK || (r == RES_TEMP && !why.broken));
	} while (r != RES_OK && calls < MANY);
	ATF_CHECK_EQ(whole, before);
	ATF_CHECK_MSG(calls > 1, "%u", calls);
	(void)close(dirfd);
}

ATF_TC_WITHOUT_HEAD(complete_first__once_a_boot);
ATF_TC_BODY(complete_first__once_a_boot, tc)
{
	struct spool s;
	struct spool_msg m;
	struct complete done;
	struct fault why = { .op = "" };

	ATF_REQUIRE_EQ(RES_OK, spool_open(&s, ".", true, &why));
	if (s.boot[0] == ' ')
		atf_tc_skip("this machine has no boot id");
	write_file(SEQUENCE_FILE,
	    "0000000044 0000000099 0000000099 0064 "
	    "11111111-2222-3333-4444-555555555555\n");
	(void)put_marked(7, ENVELOPE, TEXT);
	ATF_CHECK_EQ(RES_OK, complete_first(s.dirfd, &done, &why));
	ATF_CHECK_EQ(1, done.completed);
	/* The first number after the boot completes, too; later ones don't. */
	(void)put_marked(8, ENVELOPE, TEXT);
	ATF_REQUIRE_EQ(RES_OK,
	    spool_begin(
		&s, &m, bytes_of(ENVELOPE), sysclock_ms() + 5000, &why));
	ATF_CHECK_EQ(99, m.number);
	ATF_CHECK(is_there("8.WRK"));
	spool_abort(&m);
	(void)put_marked(9, ENVELOPE, TEXT);
	ATF_REQUIRE_EQ(RES_OK,
	    spool_begin(
		&s, &m, bytes_of(ENVELOPE), sysclock_ms() + 5000, &why));
	spool_abort(&m);
	ATF_CHECK_EQ(RES_OK, complete_first(s.dirfd, &done, &why));
	ATF_CHECK_EQ(0, done.completed);
	ATF_CHECK(!is_there("9.WRK"));
	spool_close(&s);
}

/* What cannot be completed holds up nobody, and is tried again. */
ATF_TC_WITHOUT_HEAD(sequence_next__goes_on_where_one_cannot_be_completed);
ATF_TC_BODY(sequence_next__goes_on_where_one_cannot_be_completed, tc)
{
	static const char bad[] = "6.K1-0123456789abcdef";
	struct fault why = { .op = "" };
	char boot[COUNTER_BOOT_ID];
	uint32_t number = 0;
	int dirfd = open_dir();
	int i;

	sequence_boot_id(boot);
	if (boot[0] == ' ')
		atf_tc_skip("this machine has no boot id");
	write_file(SEQUENCE_FILE,
	    "0000000044 0000000099 0000000099 0064 "
	    "11111111-2222-3333-4444-555555555555\n");
	ATF_REQUIRE(mkdir(bad, 0700) == 0);
	for (i = 0; i < 3; i++) {
		char wrk[SCAN_NAME_MAX];

		scan_name(wrk, (uint32_t)(7 + i), SCAN_WRK);
		(void)put_marked((uint32_t)(7 + i), ENVELOPE, TEXT);
		ATF_CHECK_EQ_MSG(RES_OK,
		    sequence_next(
			dirfd, boot, true, sysclock_ms() + 5000, &number, &why),
		    "%s %s: %s", why.op, why.name, strerror(why.err));
		ATF_CHECK_EQ(99 + i, (int)number);
		ATF_CHECK(is_there(wrk));
		/* The last of them is the first that finds no fault. */
		if (i == 1)
			ATF_REQUIRE(rmdir(bad) == 0);
	}
	(void)put_marked(10, ENVELOPE, TEXT);
	ATF_CHECK_EQ(RES_OK,
	    sequence_next(
		dirfd, boot, true, sysclock_ms() + 5000, &number, &why));
	ATF_CHECK(!is_there("10.WRK"));
	(void)close(dirfd);
}

/* The process that has a mark locked may be killed before it completes it. */
ATF_TC_WITHOUT_HEAD(sequence_next__comes_back_to_a_mark_that_was_locked);
ATF_TC_BODY(sequence_next__comes_back_to_a_mark_that_was_locked, tc)
{
	const char *mark = put_marked(7, ENVELOPE, TEXT);
	struct fault why = { .op = "" };
	char boot[COUNTER_BOOT_ID];
	uint32_t number = 0;
	int dirfd = open_dir();
	int fd = open(mark, O_RDWR);
	int i;

	sequence_boot_id(boot);
	if (boot[0] == ' ')
		atf_tc_skip("this machine has no boot id");
	write_file(SEQUENCE_FILE,
	    "0000000044 0000000099 0000000099 0064 "
	    "11111111-2222-3333-4444-555555555555\n");
	ATF_REQUIRE(fd >= 0 && sysfile_lock(fd) == 0);
	for (i = 0; i < 3; i++) {
		/* It holds up nobody as long as it is locked. */
		ATF_CHECK_EQ_MSG(RES_OK,
		    sequence_next(
			dirfd, boot, true, sysclock_ms() + 5000, &number, &why),
		    "%s %s: %s", why.op, why.name, strerror(why.err));
		ATF_CHECK_EQ(99 + i, (int)number);
		ATF_CHECK_EQ(i == 2, is_there("7.WRK"));
		if (i == 1)
			ATF_REQUIRE(close(fd) == 0);
	}
	/* Now this boot's id stands there. */
	(void)put_marked(8, ENVELOPE, TEXT);
	ATF_CHECK_EQ(RES_OK,
	    sequence_next(
		dirfd, boot, true, sysclock_ms() + 5000, &number, &why));
	ATF_CHECK(!is_there("8.WRK"));
	(void)close(dirfd);
}

/* Without syncs the counter's boot id is blank, so it tells nobody that. */
ATF_TC_WITHOUT_HEAD(sequence_next__without_syncs_leaves_it_to_others);
ATF_TC_BODY(sequence_next__without_syncs_leaves_it_to_others, tc)
{
	char boot[COUNTER_BOOT_ID];
	struct complete done;
	struct fault why;
	uint32_t number;
	int dirfd = open_dir();

	write_file(SEQUENCE_FILE,
	    "0000000044 0000000099 0000000099 0064 "
	    "11111111-2222-3333-4444-555555555555\n");
	(void)put_marked(7, ENVELOPE, TEXT);
	sequence_boot_id(boot);
	ATF_CHECK_EQ(RES_OK,
	    sequence_next(
		dirfd, boot, false, sysclock_ms() + 5000, &number, &why));
	ATF_CHECK(!is_there("7.WRK"));
	ATF_CHECK_EQ(RES_OK, complete_first(dirfd, &done, &why));
	ATF_CHECK_EQ(1, done.completed);
	(void)close(dirfd);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, complete_all__what_is_whole_gets_its_last_name);
	ATF_TP_ADD_TC(tp, complete_all__what_is_not_whole_loses_its_mark);
	ATF_TP_ADD_TC(tp, complete_all__never_over_what_is_there);
	ATF_TP_ADD_TC(tp, complete_all__leaves_a_live_session_alone);
	ATF_TP_ADD_TC(tp, complete_all__goes_on_after_a_failure);
	ATF_TP_ADD_TC(tp, complete_all__many);
	ATF_TP_ADD_TC(tp, complete_all__ends_in_time);
	ATF_TP_ADD_TC(tp, complete_first__once_a_boot);
	ATF_TP_ADD_TC(tp, sequence_next__without_syncs_leaves_it_to_others);
	ATF_TP_ADD_TC(tp, sequence_next__goes_on_where_one_cannot_be_completed);
	ATF_TP_ADD_TC(tp, sequence_next__comes_back_to_a_mark_that_was_locked);
	return (atf_no_error());
}
