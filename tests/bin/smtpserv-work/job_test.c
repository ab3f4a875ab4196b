/* SPDX-License-Identifier: ISC */
#include "job.h"

#include <atf-c.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/keys.h"

static struct settings settings;
static const struct deliver_site site = { .settings = &settings };
static struct log no_log;
static struct job job;

static void
write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	ATF_REQUIRE(f != NULL);
	ATF_REQUIRE(fputs(text, f) >= 0);
	ATF_REQUIRE_EQ(0, fclose(f));
}

static uint32_t
where_of(void *ctx, struct bytes mailbox, bool *is_shared)
{
	(void)ctx;
	(void)mailbox;
	*is_shared = false;
	return (3);
}

static bool
may(const void *ctx, uint32_t where)
{
	ATF_CHECK_EQ(3, where);
	return (ctx == NULL);
}

/* What is next, which must be a delivery. */
static struct job_errand
next(void)
{
	struct job_errand e;

	ATF_REQUIRE(job_next(&job, may, NULL, &e));
	ATF_REQUIRE_EQ(JOB_DELIVER, e.task);
	ATF_REQUIRE_EQ(1, e.n);
	return (e);
}

/* A message that is given up after its first attempt. */
static void
begin(void)
{
	int dirfd = open(".", O_RDONLY | O_DIRECTORY);
	struct fault why;

	ATF_REQUIRE(dirfd >= 0);
	settings.work.queuelife = 0;
	log_init(&no_log, open("/dev/null", O_WRONLY), NULL, 1);
	write_file("5.TXT", "hello\n");
	write_file("5.WRK", "From: a@b\nTo: x@y\n");
	ATF_REQUIRE_EQ(
	    MESSAGE_OK, message_take(dirfd, 5, false, &job.message, &why));
	ATF_REQUIRE(lots_make(&job.lots, &job.message.plan, where_of, NULL));
	job_begin(&job);
}

/* It waits as before, and nobody has tried it. */
static void
check_untouched(const struct stat *was)
{
	struct stat is;

	ATF_CHECK_EQ(JOB_RETURNED, job.state);
	ATF_CHECK(job.is_untried || job.is_put_off);
	ATF_CHECK(atf_utils_compare_file("5.WRK", "From: a@b\nTo: x@y\n"));
	ATF_REQUIRE_EQ(0, stat("5.WRK", &is));
	ATF_CHECK_EQ(was->st_mtim.tv_sec, is.st_mtim.tv_sec);
	ATF_CHECK_EQ(was->st_mtim.tv_nsec, is.st_mtim.tv_nsec);
}

ATF_TC_WITHOUT_HEAD(job_not_started__is_no_try);
ATF_TC_BODY(job_not_started__is_no_try, tc)
{
	struct stat was;
	struct job_errand e;

	begin();
	ATF_REQUIRE_EQ(0, stat("5.WRK", &was));
	e = next();
	job_not_started(&job, &e);
	ATF_CHECK(job_advance(&job, &site, &no_log, JOB_ONCE));
	check_untouched(&was);
}

ATF_TC_WITHOUT_HEAD(job_settle__what_was_not_begun_is_no_try);
ATF_TC_BODY(job_settle__what_was_not_begun_is_no_try, tc)
{
	struct outcome out;
	struct stat was;
	struct job_errand e;

	begin();
	ATF_REQUIRE_EQ(0, stat("5.WRK", &was));
	e = next();
	job_started(&job, &e);
	outcome_untried(&out, "start", "a process", 11);
	job_settle(&job, &e, &out, &no_log);
	ATF_CHECK(job_advance(&job, &site, &no_log, JOB_ONCE));
	check_untouched(&was);
}

ATF_TC_WITHOUT_HEAD(job_settle__a_try_is_the_last_where_no_time_is_left);
ATF_TC_BODY(job_settle__a_try_is_the_last_where_no_time_is_left, tc)
{
	struct outcome out;
	struct job_errand e;

	begin();
	e = next();
	job_started(&job, &e);
	outcome_set(&out, OUTCOME_TRY_AGAIN, "4.2.2", "full");
	job_settle(&job, &e, &out, &no_log);
	/* Its sender is to be told. */
	ATF_CHECK(job_advance(&job, &site, &no_log, JOB_ONCE));
	ATF_CHECK_EQ(JOB_REPORTING, job.state);
	ATF_CHECK(atf_utils_grep_file("^Failed: x@y", "5.WRK"));
	ATF_CHECK(atf_utils_grep_file("^Status: 4.4.7", "5.WRK"));
	message_release(&job.message);
}

ATF_TC_WITHOUT_HEAD(job_advance__who_waits_for_a_destination_was_not_tried);
ATF_TC_BODY(job_advance__who_waits_for_a_destination_was_not_tried, tc)
{
	struct job_errand e;
	struct stat was;

	begin();
	ATF_REQUIRE_EQ(0, stat("5.WRK", &was));
	ATF_CHECK(job_can_start(&job, may, NULL));
	ATF_CHECK(!job_can_start(&job, may, "full"));
	ATF_CHECK(!job_next(&job, may, "full", &e));
	ATF_CHECK(!job_advance(&job, &site, &no_log, JOB_ONCE));
	job.is_held = true;
	ATF_CHECK(!job_can_start(&job, may, NULL));
	ATF_CHECK(job_advance(&job, &site, &no_log, JOB_ONCE));
	ATF_CHECK(job.lots.list[0].is_left);
	check_untouched(&was);
}

/* Nobody can be told of those who failed, but there are others. */
ATF_TC_WITHOUT_HEAD(job_advance__who_waits_is_not_set_aside);
ATF_TC_BODY(job_advance__who_waits_is_not_set_aside, tc)
{
	begin();
	job.is_held = true;
	job.is_reported = true;
	job.is_hopeless = true;
	ATF_CHECK(job_advance(&job, &site, &no_log, JOB_ONCE));
	ATF_CHECK_EQ(JOB_RETURNED, job.state);
	ATF_CHECK_EQ(0, access("5.WRK", F_OK));
}

/* One that is over has its destination's last words. */
ATF_TC_WITHOUT_HEAD(job_settle_lot__is_a_last_try_without_one);
ATF_TC_BODY(job_settle_lot__is_a_last_try_without_one, tc)
{
	struct outcome out;

	begin();
	outcome_down(&out, "4.4.1", "nobody is there");
	job_settle_lot(&job, &job.lots.list[0], &out, &no_log);
	ATF_CHECK(job_advance(&job, &site, &no_log, JOB_ONCE));
	ATF_CHECK_EQ(JOB_REPORTING, job.state);
	ATF_CHECK(atf_utils_grep_file("nobody is there", "5.WRK"));
	message_release(&job.message);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(
	    tp, job_advance__who_waits_for_a_destination_was_not_tried);
	ATF_TP_ADD_TC(tp, job_advance__who_waits_is_not_set_aside);
	ATF_TP_ADD_TC(tp, job_settle_lot__is_a_last_try_without_one);
	ATF_TP_ADD_TC(tp, job_not_started__is_no_try);
	ATF_TP_ADD_TC(tp, job_settle__what_was_not_begun_is_no_try);
	ATF_TP_ADD_TC(tp, job_settle__a_try_is_the_last_where_no_time_is_left);
	return (atf_no_error());
}
