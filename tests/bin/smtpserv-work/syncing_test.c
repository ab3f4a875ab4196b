/* SPDX-License-Identifier: ISC */
#include "syncing.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "../../support/files.h"
#include "conf/keys.h"

enum {
	JOBS = 3
};

static struct settings settings;
static const struct deliver_site site = { .settings = &settings };
static struct log nolog;
static struct desk desk;

static void
open_desk(void)
{
	int null = open("/dev/null", O_WRONLY);

	ATF_REQUIRE(null >= 0);
	log_init(&nolog, null, "test", 1);
	ATF_REQUIRE(desk_open(&desk, 1, 0));
	ATF_REQUIRE(desk.njobs >= JOBS);
}

/* Job i, of message i + 1, has come to its end. */
static void
finish(int dirfd, size_t i)
{
	struct job *j = &desk.jobs[i];
	char name[32];
	struct fault why;

	(void)snprintf(name, sizeof(name), "%zu.TXT", i + 1);
	write_file(name, "From: a@b\nTo: x@y\n");
	(void)snprintf(name, sizeof(name), "%zu.WRK", i + 1);
	write_file(name, "From: a@b\nTo: x@y\n");
	ATF_REQUIRE_EQ(MESSAGE_OK,
	    message_take(dirfd, (uint32_t)i + 1, true, &j->message, &why));
	ATF_REQUIRE_EQ(RES_OK, message_finish(&j->message, &why));
	ATF_CHECK(access(name, F_OK) != 0);
	j->state = JOB_ENDING;
}

static void
wait_for(const struct syncing *e)
{
	struct pollfd fd = { e->fd, POLLIN, 0 };

	ATF_REQUIRE_EQ(1, poll(&fd, 1, -1));
}

ATF_TC_WITHOUT_HEAD(advance__one_sync_is_for_all_that_ended_before_it);
ATF_TC_BODY(advance__one_sync_is_for_all_that_ended_before_it, tc)
{
	int dirfd = open_dir();
	struct syncing e;

	open_desk();
	syncing_open(&e, dirfd);
	ATF_CHECK(!syncing_advance(&e, &desk, &nolog));
	finish(dirfd, 0);
	finish(dirfd, 1);
	ATF_CHECK(!syncing_advance(&e, &desk, &nolog));
	finish(dirfd, 2);
	ATF_CHECK(!syncing_advance(&e, &desk, &nolog));
	ATF_CHECK_EQ(0, access("1.TXT", F_OK));
	wait_for(&e);
	syncing_hear(&e, &desk, &nolog);
	ATF_CHECK_EQ(JOB_DONE, desk.jobs[0].state);
	ATF_CHECK_EQ(JOB_DONE, desk.jobs[1].state);
	ATF_CHECK(access("1.TXT", F_OK) != 0);
	ATF_CHECK(access("2.TXT", F_OK) != 0);
	/* The sync may have begun before this one's envelope went. */
	ATF_CHECK_EQ(JOB_ENDING, desk.jobs[2].state);
	ATF_CHECK_EQ(0, access("3.TXT", F_OK));
	ATF_CHECK(!syncing_advance(&e, &desk, &nolog));
	wait_for(&e);
	syncing_hear(&e, &desk, &nolog);
	ATF_CHECK_EQ(JOB_DONE, desk.jobs[2].state);
	ATF_CHECK(access("3.TXT", F_OK) != 0);
	syncing_close(&e);
	desk_close(&desk);
}

ATF_TC_WITHOUT_HEAD(advance__without_a_thread_it_is_done_at_once);
ATF_TC_BODY(advance__without_a_thread_it_is_done_at_once, tc)
{
	int dirfd = open_dir();
	struct syncing e;

	open_desk();
	syncing_open(&e, dirfd);
	/* As where no pipe can be had. */
	e.fd = -1;
	finish(dirfd, 0);
	ATF_CHECK(syncing_advance(&e, &desk, &nolog));
	ATF_CHECK_EQ(JOB_DONE, desk.jobs[0].state);
	ATF_CHECK(access("1.TXT", F_OK) != 0);
}

ATF_TC_WITHOUT_HEAD(advance__a_failed_sync_leaves_the_text);
ATF_TC_BODY(advance__a_failed_sync_leaves_the_text, tc)
{
	int dirfd = open_dir();
	int ends[2];
	struct syncing e;

	open_desk();
	ATF_REQUIRE_EQ(0, pipe(ends));
	/* What cannot be synced. */
	syncing_open(&e, ends[0]);
	finish(dirfd, 0);
	ATF_CHECK(!syncing_advance(&e, &desk, &nolog));
	wait_for(&e);
	syncing_hear(&e, &desk, &nolog);
	ATF_CHECK_EQ(JOB_DONE, desk.jobs[0].state);
	ATF_CHECK(!message_is_claimed(&desk.jobs[0].message));
	ATF_CHECK_EQ(0, access("1.TXT", F_OK));
}

static uint32_t
where_of(void *ctx, struct bytes mailbox, struct lots_way *way)
{
	(void)ctx;
	(void)mailbox;
	*way = (struct lots_way){ .is_shared = false };
	return (0);
}

static bool
may(const void *ctx, const struct lot *lot)
{
	(void)ctx;
	(void)lot;
	return (true);
}

/* Job i has a message to two, of whom the first has got it. */
static void
deliver_half(int dirfd, size_t i)
{
	struct job *j = &desk.jobs[i];
	struct job_errand e;
	struct outcome out;
	char name[32];
	struct fault why;

	(void)snprintf(name, sizeof(name), "%zu.TXT", i + 1);
	write_file(name, "hello\n");
	(void)snprintf(name, sizeof(name), "%zu.WRK", i + 1);
	write_file(name, "From: a@b\nTo: x@y\nTo: z@y\n");
	ATF_REQUIRE_EQ(MESSAGE_OK,
	    message_take(dirfd, (uint32_t)i + 1, true, &j->message, &why));
	ATF_REQUIRE(lots_make(&j->lots, &j->message.plan, where_of, NULL));
	job_begin(j);
	ATF_REQUIRE(job_next(j, may, NULL, &e));
	job_started(&e);
	outcome_set(&out, OUTCOME_DELIVERED, "2.0.0", "done");
	job_settle(&e, &out, &nolog);
	ATF_CHECK(!job_advance(j, &site, &nolog, JOB_ONCE));
	ATF_CHECK_EQ(RECORD_DATA, job_wants(j));
}

static bool
is_half(const char *name)
{
	return (atf_utils_compare_file(name, "From: a@b\nTo: z@y\n"));
}

/* What is settled while a record is made is in none: its slot stays. */
ATF_TC_WITHOUT_HEAD(advance__a_round_is_for_records_and_ends);
ATF_TC_BODY(advance__a_round_is_for_records_and_ends, tc)
{
	int dirfd = open_dir();
	struct syncing e;

	open_desk();
	syncing_open(&e, dirfd);
	deliver_half(dirfd, 0);
	deliver_half(dirfd, 1);
	finish(dirfd, 2);
	ATF_CHECK(!syncing_advance(&e, &desk, &nolog));
	ATF_CHECK(!job_advance(&desk.jobs[0], &site, &nolog, JOB_ONCE));
	ATF_CHECK(!is_half("1.WRK"));
	wait_for(&e);
	syncing_hear(&e, &desk, &nolog);
	ATF_CHECK(is_half("1.WRK") && is_half("2.WRK"));
	ATF_CHECK_EQ(JOB_DONE, desk.jobs[2].state);
	ATF_CHECK_EQ(RECORD_NAMES, job_wants(&desk.jobs[0]));
	ATF_CHECK_EQ(RECORD_NAMES, job_wants(&desk.jobs[1]));
	ATF_CHECK(!job_advance(&desk.jobs[0], &site, &nolog, JOB_ONCE));
	ATF_CHECK(!syncing_advance(&e, &desk, &nolog));
	wait_for(&e);
	syncing_hear(&e, &desk, &nolog);
	ATF_CHECK(job_advance(&desk.jobs[0], &site, &nolog, JOB_ONCE));
	ATF_CHECK(job_advance(&desk.jobs[1], &site, &nolog, JOB_ONCE));
	ATF_CHECK_EQ(RECORD_NOTHING, job_wants(&desk.jobs[0]));
	syncing_close(&e);
}

ATF_TC_WITHOUT_HEAD(advance__a_record_that_fails_is_made_again);
ATF_TC_BODY(advance__a_record_that_fails_is_made_again, tc)
{
	int dirfd = open_dir();
	struct job *j;
	struct syncing e;
	int ends[2];
	int fd;

	open_desk();
	ATF_REQUIRE_EQ(0, pipe(ends));
	syncing_open(&e, dirfd);
	deliver_half(dirfd, 0);
	j = &desk.jobs[0];
	/* What cannot be synced. */
	fd = j->message.record.fd;
	j->message.record.fd = ends[0];
	ATF_CHECK(!syncing_advance(&e, &desk, &nolog));
	wait_for(&e);
	syncing_hear(&e, &desk, &nolog);
	ATF_REQUIRE_EQ(0, close(fd));
	ATF_CHECK(!is_half("1.WRK"));
	ATF_CHECK(access("1.CMD", F_OK) != 0);
	ATF_CHECK(!job_advance(j, &site, &nolog, JOB_ONCE));
	ATF_CHECK_EQ(RECORD_NOTHING, job_wants(j));
	j->retry_ms = 0;
	ATF_CHECK(!job_advance(j, &site, &nolog, JOB_ONCE));
	ATF_CHECK_EQ(RECORD_DATA, job_wants(j));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, advance__one_sync_is_for_all_that_ended_before_it);
	ATF_TP_ADD_TC(tp, advance__without_a_thread_it_is_done_at_once);
	ATF_TP_ADD_TC(tp, advance__a_failed_sync_leaves_the_text);
	ATF_TP_ADD_TC(tp, advance__a_round_is_for_records_and_ends);
	ATF_TP_ADD_TC(tp, advance__a_record_that_fails_is_made_again);
	return (atf_no_error());
}
