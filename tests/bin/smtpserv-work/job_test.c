/* SPDX-License-Identifier: ISC */
#include "job.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../support/files.h"
#include "conf/keys.h"
#include "deliver/maildir.h"

static struct settings settings;
static const struct deliver_site site = { .settings = &settings };
static struct log no_log;
static struct job job;

/* Those at a host have a Maildir together; z is alone. */
static uint32_t
where_of(void *ctx, struct bytes mailbox, struct lots_way *way)
{
	(void)ctx;
	way->is_shared = false;
	way->maildir =
	    mailbox.p[0] == 'z' ? 0 : (unsigned char)mailbox.p[mailbox.n - 1];
	return (3);
}

static bool
may(const void *ctx, const struct lot *lot)
{
	ATF_CHECK_EQ(3, lot->where);
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
	job_not_started(&e);
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
	job_started(&e);
	outcome_untried(&out, "start", "a process", 11);
	job_settle(&e, &out, &no_log);
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
	job_started(&e);
	outcome_set(&out, OUTCOME_TRY_AGAIN, "4.2.2", "full");
	job_settle(&e, &out, &no_log);
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
	job_settle_lot(&job, &job.lots.list[0], &out, false, &no_log);
	ATF_CHECK(job_advance(&job, &site, &no_log, JOB_ONCE));
	ATF_CHECK_EQ(JOB_REPORTING, job.state);
	ATF_CHECK(atf_utils_grep_file("nobody is there", "5.WRK"));
	message_release(&job.message);
}

/* A message with that envelope, and a text of so many octets. */
static void
put_job(struct job *j, uint32_t number, const char *envelope, size_t octets)
{
	static char text[(1 << 20) + 1];
	int dirfd = open(".", O_RDONLY | O_DIRECTORY);
	struct fault why;
	char name[32];

	ATF_REQUIRE(dirfd >= 0 && octets < sizeof(text));
	memset(text, 'x', octets);
	text[octets] = '\0';
	(void)snprintf(name, sizeof(name), "%u.TXT", number);
	write_file(name, text);
	(void)snprintf(name, sizeof(name), "%u.WRK", number);
	write_file(name, envelope);
	ATF_REQUIRE_EQ(
	    MESSAGE_OK, message_take(dirfd, number, false, &j->message, &why));
	ATF_REQUIRE(lots_make(&j->lots, &j->message.plan, where_of, NULL));
	job_begin(j);
}

/* Several messages for one Maildir, and an outcome for each recipient. */
/* After a failed sync the message may come back: it is not done. */
ATF_TC_WITHOUT_HEAD(job_synced__a_failed_end_is_not_logged_as_done);
ATF_TC_BODY(job_synced__a_failed_end_is_not_logged_as_done, tc)
{
	int err;

	for (err = EIO; err >= 0; err -= EIO) {
		int fd = open("log", O_WRONLY | O_CREAT | O_TRUNC, 0600);
		struct outcome out;
		struct job_errand e;
		struct log log;

		begin();
		log_init(&log, fd, NULL, 1);
		settings.spool.sync = 1;
		job.message.sync = true;
		e = next();
		job_started(&e);
		outcome_set(&out, OUTCOME_DELIVERED, "2.0.0", "there");
		job_settle(&e, &out, &no_log);
		(void)job_advance(&job, &site, &no_log, JOB_ONCE);
		ATF_REQUIRE_EQ(JOB_ENDING, job.state);
		job_synced(&job, err, &log);
		ATF_CHECK_EQ(JOB_DONE, job.state);
		ATF_CHECK_EQ(err == 0,
		    atf_utils_grep_file("event=done number=5", "log"));
		(void)close(fd);
		lots_free(&job.lots);
	}
}

ATF_TC_WITHOUT_HEAD(job_join__those_of_one_maildir_go_together);
ATF_TC_BODY(job_join__those_of_one_maildir_go_together, tc)
{
	static struct job jobs[4];
	struct outcome outs[5];
	struct job_errand e;
	size_t i;

	log_init(&no_log, open("/dev/null", O_WRONLY), NULL, 1);
	put_job(&jobs[0], 1, "From: a@b\nTo: z@y\nTo: x@y\nTo: v@y\n", 9);
	put_job(&jobs[1], 2, "From: a@b\nTo: x@w\n", 9);
	put_job(&jobs[2], 3, "From: a@b\nTo: x@w\nTo: u@y\n", 9);
	put_job(&jobs[3], 4, "From: a@b\nTo: x@y\nTo: t@y\n", 9);
	/* The one who is alone comes first. */
	ATF_REQUIRE(job_next(&jobs[0], may, NULL, &e));
	ATF_CHECK_EQ(1, e.n);
	ATF_CHECK(job_join(&jobs[3], &e));
	ATF_CHECK_EQ(1, e.n);
	ATF_REQUIRE(job_next(&jobs[0], may, NULL, &e));
	ATF_CHECK_EQ(2, e.n);
	ATF_CHECK(!job_join(&jobs[1], &e));
	ATF_CHECK_EQ(2, e.n);
	ATF_CHECK(!job_join(&jobs[2], &e));
	ATF_CHECK(!job_join(&jobs[3], &e));
	ATF_REQUIRE_EQ(5, e.n);
	ATF_CHECK(e.part[1].job == &jobs[0] && e.part[2].job == &jobs[2] &&
	    e.part[3].job == &jobs[3]);
	ATF_CHECK_EQ(1, e.part[2].rcpt);
	job_started(&e);
	ATF_CHECK_EQ(2, jobs[0].running);
	ATF_CHECK_EQ(2, jobs[3].running);
	for (i = 0; i < 5; i++)
		outcome_set(&outs[i],
		    i == 2 ? OUTCOME_FAILED : OUTCOME_DELIVERED, "2.0.0", "x");
	job_settle(&e, outs, &no_log);
	ATF_CHECK_EQ(0, jobs[0].running);
	ATF_CHECK_EQ(PLAN_GONE, jobs[0].message.plan.rcpt[2].state);
	ATF_CHECK_EQ(PLAN_FAILED, jobs[2].message.plan.rcpt[1].state);
	ATF_CHECK_EQ(PLAN_GONE, jobs[3].message.plan.rcpt[1].state);
	/* The one who is alone, for whom we have started nothing. */
	ATF_CHECK_EQ(1, plan_in(&jobs[0].message.plan, PLAN_WAITING));
	/* What is left is another Maildir's. */
	ATF_CHECK(!job_next(&jobs[3], may, NULL, &e));
	ATF_REQUIRE(job_next(&jobs[2], may, NULL, &e));
	ATF_CHECK_EQ(1, e.n);
	ATF_CHECK_EQ(0, e.part[0].rcpt);
}

/* An agent has its bound. */
ATF_TC_WITHOUT_HEAD(job_join__not_more_than_go_together);
ATF_TC_BODY(job_join__not_more_than_go_together, tc)
{
	static struct job jobs[MAILDIR_TOGETHER];
	struct job_errand e;
	size_t i;

	for (i = 0; i < MAILDIR_TOGETHER; i++)
		put_job(&jobs[i], (uint32_t)i + 1,
		    "From: a@b\nTo: x@y\nTo: v@y\n", 9);
	ATF_REQUIRE(job_next(&jobs[0], may, NULL, &e));
	for (i = 1; i < MAILDIR_TOGETHER / 2 - 1; i++)
		ATF_CHECK(!job_join(&jobs[i], &e));
	ATF_CHECK(job_join(&jobs[i], &e));
	ATF_CHECK_EQ(MAILDIR_TOGETHER, e.n);
	ATF_CHECK(job_join(&jobs[i + 1], &e));
	ATF_CHECK_EQ(MAILDIR_TOGETHER, e.n);
}

/* Large ones keep an agent busy by themselves. */
ATF_TC_WITHOUT_HEAD(job_join__not_so_many_large_ones);
ATF_TC_BODY(job_join__not_so_many_large_ones, tc)
{
	static struct job jobs[3];
	struct job_errand e;

	put_job(&jobs[0], 1, "From: a@b\nTo: x@y\nTo: v@y\n", 1 << 20);
	put_job(&jobs[1], 2, "From: a@b\nTo: x@y\nTo: v@y\n", 400000);
	put_job(&jobs[2], 3, "From: a@b\nTo: x@y\n", 400000);
	ATF_REQUIRE(job_next(&jobs[0], may, NULL, &e));
	ATF_CHECK_EQ(1, e.n);
	ATF_CHECK(job_join(&jobs[1], &e));
	ATF_CHECK_EQ(1, e.n);
	ATF_REQUIRE(job_next(&jobs[1], may, NULL, &e));
	ATF_CHECK_EQ(2, e.n);
	ATF_CHECK(!job_join(&jobs[2], &e));
	ATF_CHECK_EQ(2, e.n);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, job_synced__a_failed_end_is_not_logged_as_done);
	ATF_TP_ADD_TC(tp, job_join__those_of_one_maildir_go_together);
	ATF_TP_ADD_TC(tp, job_join__not_more_than_go_together);
	ATF_TP_ADD_TC(tp, job_join__not_so_many_large_ones);
	ATF_TP_ADD_TC(
	    tp, job_advance__who_waits_for_a_destination_was_not_tried);
	ATF_TP_ADD_TC(tp, job_advance__who_waits_is_not_set_aside);
	ATF_TP_ADD_TC(tp, job_settle_lot__is_a_last_try_without_one);
	ATF_TP_ADD_TC(tp, job_not_started__is_no_try);
	ATF_TP_ADD_TC(tp, job_settle__what_was_not_begun_is_no_try);
	ATF_TP_ADD_TC(tp, job_settle__a_try_is_the_last_where_no_time_is_left);
	return (atf_no_error());
}
