/* SPDX-License-Identifier: ISC */
#include "record.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../support/files.h"
#include "sys/sysfile.h"

static void
pair(void)
{
	write_file("5.TXT", "hello\n");
	write_file("5.WRK", "From: a@b\nTo: x@y\nTo: z@y\n");
}

static void
take(int dirfd, struct message *m)
{
	struct fault why = { .op = "" };

	ATF_REQUIRE_EQ_MSG(MESSAGE_OK, message_take(dirfd, 5, true, m, &why),
	    "%s %s: %s", why.op, why.name, strerror(why.err));
}

/* Nobody else gets it. */
static void
check_claimed(int dirfd)
{
	struct message other;
	struct claim c;
	struct fault why;

	ATF_CHECK_EQ(MESSAGE_BUSY, message_take(dirfd, 5, true, &other, &why));
	ATF_CHECK_EQ(CLAIM_BUSY, claim_take(dirfd, 5, &c, &why));
}

/* Every step of a record, with the sync that it wants. */
static enum result
record_plan(struct message *m, enum record_how how, struct fault *why)
{
	enum result r = record_begin(m, how, why);

	while (r == RES_OK && m->record.want != RECORD_NOTHING) {
		int err = m->record.want == RECORD_DATA
		    ? sysfile_sync_data(m->record.fd)
		    : sysfile_sync_names(m->claim.dirfd);

		r = record_go_on(m, err, why);
	}
	return (r);
}

ATF_TC_WITHOUT_HEAD(record_plan__replaces_and_keeps_the_claim);
ATF_TC_BODY(record_plan__replaces_and_keeps_the_claim, tc)
{
	struct outcome out = { .kind = OUTCOME_DELIVERED };
	int dirfd = open_dir();
	struct message m;
	struct fault why;
	struct stat was;
	struct stat is;

	pair();
	ATF_REQUIRE_EQ(0, stat("5.WRK", &was));
	take(dirfd, &m);
	check_claimed(dirfd);
	ATF_CHECK(message_settle(&m, 0, &out));
	ATF_REQUIRE_EQ(RES_OK, record_plan(&m, RECORD_GOES_ON, &why));
	check_claimed(dirfd);
	ATF_CHECK(atf_utils_compare_file("5.WRK", "From: a@b\nTo: z@y\n"));
	ATF_REQUIRE_EQ(0, stat("5.WRK", &is));
	ATF_CHECK(was.st_ino != is.st_ino);
	ATF_CHECK_EQ(0640 & ~022, is.st_mode & 0777);
	/* No attempt is over: its time is what it was. */
	ATF_CHECK_EQ(was.st_mtime, is.st_mtime);
	out.kind = OUTCOME_TRY_AGAIN;
	ATF_CHECK(!message_settle(&m, 1, &out));
	ATF_REQUIRE_EQ(RES_OK, record_plan(&m, RECORD_WAS_TRIED, &why));
	ATF_REQUIRE_EQ(0, stat("5.WRK", &is));
	ATF_CHECK(is.st_mtime >= was.st_mtime + 2);
	message_release(&m);
	take(dirfd, &m);
	ATF_CHECK_EQ(1, m.plan.nrcpt);
	ATF_REQUIRE_EQ(RES_OK, message_finish(&m, &why));
	ATF_REQUIRE_EQ(RES_OK, message_end(&m, 0, &why));
	ATF_CHECK(!message_is_claimed(&m));
	ATF_CHECK(access("5.WRK", F_OK) != 0 && access("5.TXT", F_OK) != 0);
	ATF_CHECK_EQ(MESSAGE_GONE, message_take(dirfd, 5, true, &m, &why));
}

enum {
	MANY = 2000
};

/* An envelope that is large enough for a journal. */
static void
large_pair(void)
{
	FILE *f = fopen("5.WRK", "w");
	unsigned int i;

	write_file("5.TXT", "hello\n");
	ATF_REQUIRE(f != NULL);
	ATF_REQUIRE(fputs("From: a@b\n", f) >= 0);
	for (i = 0; i < MANY; i++)
		ATF_REQUIRE(fprintf(f, "To: u%u@y\n", i) > 0);
	ATF_REQUIRE_EQ(0, fclose(f));
}

static void
settle_one(struct message *m, size_t i)
{
	struct outcome out;
	struct fault why;

	if (i % 3 == 0)
		outcome_set(&out, OUTCOME_FAILED, "5.1.1", "no %zu", i);
	else
		outcome_set(&out, OUTCOME_DELIVERED, "2.0.0", "yes %zu", i);
	ATF_CHECK(message_settle(m, i, &out));
	ATF_REQUIRE_EQ(RES_OK, record_plan(m, RECORD_GOES_ON, &why));
}

/* What another worker would find. */
static void
check_found(size_t settled)
{
	int dirfd = open_dir();
	struct message m;
	size_t i;

	take(dirfd, &m);
	ATF_CHECK_EQ(MANY - settled, plan_in(&m.plan, PLAN_WAITING));
	ATF_CHECK_EQ((settled + 2) / 3, plan_in(&m.plan, PLAN_FAILED));
	for (i = 0; i < m.plan.nrcpt; i++)
		if (m.plan.rcpt[i].state == PLAN_FAILED)
			ATF_CHECK(bytes_same(
			    bytes_of("5.1.1"), m.plan.rcpt[i].status));
	message_release(&m);
	ATF_REQUIRE_EQ(0, close(dirfd));
}

ATF_TC_WITHOUT_HEAD(record_plan__large_envelope_is_not_written_again);
ATF_TC_BODY(record_plan__large_envelope_is_not_written_again, tc)
{
	int dirfd = open_dir();
	unsigned int replaced = 0;
	struct message m;
	struct fault why;
	struct stat was;
	struct stat is;
	size_t i;

	large_pair();
	ATF_REQUIRE_EQ(0, stat("5.WRK", &was));
	take(dirfd, &m);
	for (i = 0; i < MANY; i++) {
		struct timespec before = was.st_mtim;

		settle_one(&m, i);
		ATF_REQUIRE_EQ(0, stat("5.WRK", &is));
		/* No pass is over. */
		ATF_CHECK(before.tv_sec == is.st_mtim.tv_sec &&
		    before.tv_nsec == is.st_mtim.tv_nsec);
		replaced += is.st_ino != was.st_ino ? 1 : 0;
		was = is;
		if (i % 500 == 400) {
			message_release(&m);
			check_found(i + 1);
			take(dirfd, &m);
			/* In its place again: those that are gone are not. */
			ATF_REQUIRE_EQ(
			    RES_OK, record_plan(&m, RECORD_GOES_ON, &why));
			message_release(&m);
			check_found(i + 1);
			large_pair();
			break;
		}
	}
	ATF_CHECK_MSG(replaced <= 2, "%u", replaced);
	/* From the beginning to the end. */
	ATF_REQUIRE_EQ(0, stat("5.WRK", &was));
	take(dirfd, &m);
	for (replaced = 0, i = 0; i < MANY; i++) {
		settle_one(&m, i);
		ATF_REQUIRE_EQ(0, stat("5.WRK", &is));
		replaced += is.st_ino != was.st_ino ? 1 : 0;
		was = is;
	}
	ATF_CHECK_MSG(replaced < 20, "%u", replaced);
	ATF_CHECK(record_has_journal(&m));
	ATF_REQUIRE_EQ(RES_OK, record_plan(&m, RECORD_STOPS, &why));
	ATF_CHECK(!record_has_journal(&m));
	message_release(&m);
	atf_utils_cat_file("5.WRK", "");
	ATF_CHECK(!atf_utils_grep_file("^Journal|^Result", "5.WRK"));
	check_found(MANY);
}

/* As several conversations with a hundred recipients each end together. */
ATF_TC_WITHOUT_HEAD(record_plan__many_results_at_once_are_appended);
ATF_TC_BODY(record_plan__many_results_at_once_are_appended, tc)
{
	int dirfd = open_dir();
	unsigned int replaced = 0;
	struct outcome out;
	struct message m;
	struct fault why;
	struct stat was;
	struct stat is;
	size_t i;

	large_pair();
	take(dirfd, &m);
	ATF_REQUIRE_EQ(0, stat("5.WRK", &was));
	for (i = 0; i < MANY; i++) {
		/* Longer than all that is written at once. */
		if (i % 3 == 0)
			outcome_set(
			    &out, OUTCOME_FAILED, "5.1.1", "%0100zu", i);
		else
			outcome_set(&out, OUTCOME_DELIVERED, "2.0.0", "yes");
		ATF_CHECK(message_settle(&m, i, &out));
		if (i % 250 != 249)
			continue;
		ATF_REQUIRE_EQ(RES_OK, record_plan(&m, RECORD_GOES_ON, &why));
		ATF_REQUIRE_EQ(0, stat("5.WRK", &is));
		replaced += is.st_ino != was.st_ino ? 1 : 0;
		was = is;
		if (i == 749) {
			ATF_CHECK(record_has_journal(&m));
			message_release(&m);
			check_found(750);
			take(dirfd, &m);
			break;
		}
	}
	ATF_CHECK_MSG(replaced <= 2, "%u", replaced);
	/* Not the outcome of anybody else is lost. */
	message_settle_reported(&m);
	ATF_REQUIRE_EQ(RES_OK, record_plan(&m, RECORD_GOES_ON, &why));
	message_release(&m);
	take(dirfd, &m);
	ATF_CHECK_EQ(0, plan_in(&m.plan, PLAN_FAILED));
	ATF_CHECK_EQ(MANY - 750, plan_in(&m.plan, PLAN_WAITING));
	message_release(&m);
}

/* The name comes behind the data, and what is settled meanwhile is not lost. */
ATF_TC_WITHOUT_HEAD(record_begin__replaces_when_the_data_are_durable);
ATF_TC_BODY(record_begin__replaces_when_the_data_are_durable, tc)
{
	struct outcome out = { .kind = OUTCOME_DELIVERED };
	int dirfd = open_dir();
	struct message m;
	struct fault why;

	pair();
	take(dirfd, &m);
	ATF_CHECK(message_settle(&m, 0, &out));
	ATF_REQUIRE_EQ(RES_OK, record_begin(&m, RECORD_GOES_ON, &why));
	ATF_CHECK_EQ(RECORD_DATA, m.record.want);
	check_claimed(dirfd);
	ATF_CHECK(
	    atf_utils_compare_file("5.WRK", "From: a@b\nTo: x@y\nTo: z@y\n"));
	ATF_CHECK(message_settle(&m, 1, &out));
	ATF_REQUIRE_EQ(RES_OK, record_go_on(&m, 0, &why));
	ATF_CHECK_EQ(RECORD_NAMES, m.record.want);
	check_claimed(dirfd);
	ATF_CHECK(atf_utils_compare_file("5.WRK", "From: a@b\nTo: z@y\n"));
	ATF_REQUIRE_EQ(RES_OK, record_go_on(&m, 0, &why));
	ATF_CHECK_EQ(RECORD_NOTHING, m.record.want);
	message_release(&m);
}

ATF_TC_WITHOUT_HEAD(record_go_on__a_failed_sync_leaves_the_envelope);
ATF_TC_BODY(record_go_on__a_failed_sync_leaves_the_envelope, tc)
{
	struct outcome out = { .kind = OUTCOME_DELIVERED };
	int dirfd = open_dir();
	struct message m;
	struct fault why;

	pair();
	take(dirfd, &m);
	ATF_CHECK(message_settle(&m, 0, &out));
	ATF_REQUIRE_EQ(RES_OK, record_begin(&m, RECORD_GOES_ON, &why));
	ATF_CHECK_EQ(RES_TEMP, record_go_on(&m, EIO, &why));
	ATF_CHECK_EQ(RECORD_NOTHING, m.record.want);
	ATF_CHECK(access("5.CMD", F_OK) != 0);
	ATF_CHECK(
	    atf_utils_compare_file("5.WRK", "From: a@b\nTo: x@y\nTo: z@y\n"));
	check_claimed(dirfd);
	message_release(&m);
	/* Behind a journal's end that may be torn nothing is appended. */
	large_pair();
	take(dirfd, &m);
	settle_one(&m, 0);
	ATF_CHECK(message_settle(&m, 1, &out));
	ATF_REQUIRE_EQ(RES_OK, record_begin(&m, RECORD_GOES_ON, &why));
	ATF_CHECK_EQ(m.claim.wrk_fd, m.record.fd);
	ATF_CHECK_EQ(RES_TEMP, record_go_on(&m, EIO, &why));
	ATF_CHECK(message_settle(&m, 2, &out));
	ATF_REQUIRE_EQ(RES_OK, record_begin(&m, RECORD_GOES_ON, &why));
	ATF_CHECK(m.claim.wrk_fd != m.record.fd);
	ATF_REQUIRE_EQ(RES_OK, record_go_on(&m, 0, &why));
	ATF_REQUIRE_EQ(RES_OK, record_go_on(&m, 0, &why));
	message_release(&m);
	check_found(3);
}

ATF_TC_WITHOUT_HEAD(record_plan__torn_journal_is_read_as_far_as_it_goes);
ATF_TC_BODY(record_plan__torn_journal_is_read_as_far_as_it_goes, tc)
{
	static const struct {
		const char *text;
		size_t n;
	} rows[] = { { "R", 1 }, { "Result: 7", 9 }, { "Result: 7 G", 11 },
		{ "\0\0\0\0\n", 5 }, { "Result: 7\n", 10 },
		{ "Result: 9999 Gone\n", 18 }, { "xxxx", 4 },
		{ "\0\0\0\nResult: 7 Gone\n", 19 },
		{ "Result: 7 Went\nResult: 8 Gone\n", 30 } };
	int dirfd = open_dir();
	struct message m;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		FILE *f;

		large_pair();
		take(dirfd, &m);
		settle_one(&m, 0);
		settle_one(&m, 1);
		message_release(&m);
		f = fopen("5.WRK", "a");
		ATF_REQUIRE(f != NULL);
		ATF_REQUIRE_EQ(
		    rows[i].n, fwrite(rows[i].text, 1, rows[i].n, f));
		ATF_REQUIRE_EQ(0, fclose(f));
		check_found(2);
	}
}

/* A whole second, a margin after the text: no other time is an attempt's. */
ATF_TC_WITHOUT_HEAD(message_take__only_an_attempt_is_one);
ATF_TC_BODY(message_take__only_an_attempt_is_one, tc)
{
	struct timespec times[2] = { { 0, UTIME_NOW }, { 0, 0 } };
	int dirfd = open_dir();
	struct message m;
	struct fault why;
	struct stat st;

	pair();
	ATF_REQUIRE_EQ(0, stat("5.TXT", &st));
	/* An envelope that came later, or that somebody has mended. */
	times[1] = (struct timespec){ st.st_mtime + 3, 5 };
	ATF_REQUIRE_EQ(0, utimensat(dirfd, "5.WRK", times, 0));
	take(dirfd, &m);
	ATF_CHECK(m.tried < m.born);
	ATF_REQUIRE_EQ(RES_OK, record_touch(&m, &why));
	message_release(&m);
	take(dirfd, &m);
	ATF_CHECK(m.tried >= m.born + 2);
	message_release(&m);
}

/* Also one that was not read, as it is older than the text, or written since. */
ATF_TC_WITHOUT_HEAD(message_end__removes_the_reasons);
ATF_TC_BODY(message_end__removes_the_reasons, tc)
{
	static const struct timespec old[2] = { { 1, 0 }, { 1, 0 } };
	int dirfd = open_dir();
	int i;

	for (i = 0; i < 3; i++) {
		struct message m;
		struct fault why;

		pair();
		if (i > 0)
			write_file("5.WHY", "To: x@y\nTries: 1\n");
		if (i == 1)
			ATF_REQUIRE_EQ(0, utimensat(dirfd, "5.WHY", old, 0));
		take(dirfd, &m);
		if (i == 0)
			ATF_REQUIRE_EQ(RES_OK, record_touch(&m, &why));
		ATF_CHECK(access("5.WHY", F_OK) == 0);
		ATF_REQUIRE_EQ(RES_OK, message_finish(&m, &why));
		ATF_REQUIRE_EQ(RES_OK, message_end(&m, 0, &why));
		ATF_CHECK_MSG(access("5.WHY", F_OK) != 0, "%d", i);
	}
}

ATF_TC_WITHOUT_HEAD(message_take__text_from_the_future_is_born_now);
ATF_TC_BODY(message_take__text_from_the_future_is_born_now, tc)
{
	struct timespec times[2] = { { 0, UTIME_NOW }, { 0, 0 } };
	int dirfd = open_dir();
	time_t now = time(NULL);
	struct message m;
	struct stat st;

	pair();
	times[1].tv_sec = now + 2 * 86400;
	ATF_REQUIRE_EQ(0, utimensat(dirfd, "5.TXT", times, 0));
	take(dirfd, &m);
	ATF_CHECK(m.born >= now && m.born < now + 86400);
	ATF_REQUIRE_EQ(0, stat("5.TXT", &st));
	ATF_CHECK(st.st_mtime < now + 86400);
	message_release(&m);
}

ATF_TC_WITHOUT_HEAD(record_plan__a_dead_cmd_is_in_nobodys_way);
ATF_TC_BODY(record_plan__a_dead_cmd_is_in_nobodys_way, tc)
{
	int dirfd = open_dir();
	struct message m;
	struct fault why;
	int fd;

	pair();
	write_file("5.CMD", "From: half");
	take(dirfd, &m);
	ATF_CHECK_EQ(RES_OK, record_plan(&m, RECORD_GOES_ON, &why));
	/* The same file by two names, as a power cut may leave it. */
	ATF_REQUIRE_EQ(0, link("5.WRK", "5.CMD"));
	ATF_CHECK_EQ(RES_OK, record_plan(&m, RECORD_GOES_ON, &why));
	ATF_CHECK(access("5.CMD", F_OK) != 0);
	/* One that somebody holds is, and the envelope stays as it was. */
	fd = open("5.CMD", O_RDWR | O_CREAT | O_EXCL, 0600);
	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ(0, sysfile_lock(fd));
	ATF_CHECK_EQ(RES_TEMP, record_plan(&m, RECORD_GOES_ON, &why));
	check_claimed(dirfd);
	ATF_CHECK(
	    atf_utils_compare_file("5.WRK", "From: a@b\nTo: x@y\nTo: z@y\n"));
	ATF_REQUIRE_EQ(0, close(fd));
	ATF_CHECK_EQ(RES_OK, record_plan(&m, RECORD_GOES_ON, &why));
	message_release(&m);
}

ATF_TC_WITHOUT_HEAD(message_release__ends_the_claim_in_every_descriptor);
ATF_TC_BODY(message_release__ends_the_claim_in_every_descriptor, tc)
{
	int dirfd = open_dir();
	struct message m;
	int copy;

	pair();
	take(dirfd, &m);
	/* What an agent inherits. */
	copy = dup(m.claim.wrk_fd);
	ATF_REQUIRE(copy >= 0);
	message_release(&m);
	message_release(&m);
	take(dirfd, &m);
	message_release(&m);
	ATF_REQUIRE_EQ(0, close(copy));
}

ATF_TC_WITHOUT_HEAD(message_set_aside__goes_over_nothing);
ATF_TC_BODY(message_set_aside__goes_over_nothing, tc)
{
	int dirfd = open_dir();
	struct message m;
	struct fault why;

	write_file("5.TXT", "hello\n");
	write_file("5.WRK", "junk\n");
	write_file("5.BAD", "older\n");
	ATF_REQUIRE_EQ(MESSAGE_DAMAGED, message_take(dirfd, 5, true, &m, &why));
	check_claimed(dirfd);
	ATF_CHECK(message_set_aside(&m, &why) != RES_OK);
	ATF_CHECK_EQ(EEXIST, why.err);
	ATF_CHECK(atf_utils_compare_file("5.WRK", "junk\n"));
	ATF_REQUIRE_EQ(0, unlink("5.BAD"));
	ATF_REQUIRE_EQ(MESSAGE_DAMAGED, message_take(dirfd, 5, true, &m, &why));
	ATF_CHECK_EQ(RES_OK, message_set_aside(&m, &why));
	ATF_CHECK(atf_utils_compare_file("5.BAD", "junk\n"));
	ATF_CHECK(atf_utils_compare_file("5.TXT", "hello\n"));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, record_plan__replaces_and_keeps_the_claim);
	ATF_TP_ADD_TC(tp, record_begin__replaces_when_the_data_are_durable);
	ATF_TP_ADD_TC(tp, record_go_on__a_failed_sync_leaves_the_envelope);
	ATF_TP_ADD_TC(tp, record_plan__large_envelope_is_not_written_again);
	ATF_TP_ADD_TC(tp, record_plan__many_results_at_once_are_appended);
	ATF_TP_ADD_TC(tp, record_plan__torn_journal_is_read_as_far_as_it_goes);
	ATF_TP_ADD_TC(tp, message_take__only_an_attempt_is_one);
	ATF_TP_ADD_TC(tp, message_end__removes_the_reasons);
	ATF_TP_ADD_TC(tp, message_take__text_from_the_future_is_born_now);
	ATF_TP_ADD_TC(tp, record_plan__a_dead_cmd_is_in_nobodys_way);
	ATF_TP_ADD_TC(tp, message_release__ends_the_claim_in_every_descriptor);
	ATF_TP_ADD_TC(tp, message_set_aside__goes_over_nothing);
	return (atf_no_error());
}
