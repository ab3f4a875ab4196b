/* SPDX-License-Identifier: ISC */
#include "ending.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

enum {
	JOBS = 3
};

static struct log nolog;
static struct desk desk;

static void
write_file(const char *name)
{
	FILE *f = fopen(name, "w");

	ATF_REQUIRE(f != NULL);
	ATF_REQUIRE(fputs("From: a@b\nTo: x@y\n", f) >= 0);
	ATF_REQUIRE_EQ(0, fclose(f));
}

static void
open_desk(void)
{
	int null = open("/dev/null", O_WRONLY);

	ATF_REQUIRE(null >= 0);
	log_init(&nolog, null, "test", 1);
	ATF_REQUIRE(desk_open(&desk, JOBS / 3));
	ATF_REQUIRE_EQ(JOBS, desk.njobs);
}

/* Job i, of message i + 1, has come to its end. */
static void
finish(int dirfd, size_t i)
{
	struct job *j = &desk.jobs[i];
	char name[32];
	struct fault why;

	(void)snprintf(name, sizeof(name), "%zu.TXT", i + 1);
	write_file(name);
	(void)snprintf(name, sizeof(name), "%zu.WRK", i + 1);
	write_file(name);
	ATF_REQUIRE_EQ(MESSAGE_OK,
	    message_take(dirfd, (uint32_t)i + 1, true, &j->message, &why));
	ATF_REQUIRE_EQ(RES_OK, message_finish(&j->message, &why));
	ATF_CHECK(access(name, F_OK) != 0);
	j->state = JOB_ENDING;
}

static int
open_dir(void)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY);

	ATF_REQUIRE(fd >= 0);
	return (fd);
}

static void
wait_for(const struct ending *e)
{
	struct pollfd fd = { e->fd, POLLIN, 0 };

	ATF_REQUIRE_EQ(1, poll(&fd, 1, -1));
}

ATF_TC_WITHOUT_HEAD(advance__one_sync_is_for_all_that_ended_before_it);
ATF_TC_BODY(advance__one_sync_is_for_all_that_ended_before_it, tc)
{
	int dirfd = open_dir();
	struct ending e;

	open_desk();
	ending_open(&e, dirfd);
	ATF_CHECK(!ending_advance(&e, &desk, &nolog));
	finish(dirfd, 0);
	finish(dirfd, 1);
	ATF_CHECK(!ending_advance(&e, &desk, &nolog));
	finish(dirfd, 2);
	ATF_CHECK(!ending_advance(&e, &desk, &nolog));
	ATF_CHECK_EQ(0, access("1.TXT", F_OK));
	wait_for(&e);
	ending_hear(&e, &desk, &nolog);
	ATF_CHECK_EQ(JOB_DONE, desk.jobs[0].state);
	ATF_CHECK_EQ(JOB_DONE, desk.jobs[1].state);
	ATF_CHECK(access("1.TXT", F_OK) != 0);
	ATF_CHECK(access("2.TXT", F_OK) != 0);
	/* The sync may have begun before this one's envelope went. */
	ATF_CHECK_EQ(JOB_ENDING, desk.jobs[2].state);
	ATF_CHECK_EQ(0, access("3.TXT", F_OK));
	ATF_CHECK(!ending_advance(&e, &desk, &nolog));
	wait_for(&e);
	ending_hear(&e, &desk, &nolog);
	ATF_CHECK_EQ(JOB_DONE, desk.jobs[2].state);
	ATF_CHECK(access("3.TXT", F_OK) != 0);
	ending_close(&e);
	desk_close(&desk);
}

ATF_TC_WITHOUT_HEAD(advance__without_a_thread_it_is_done_at_once);
ATF_TC_BODY(advance__without_a_thread_it_is_done_at_once, tc)
{
	int dirfd = open_dir();
	struct ending e;

	open_desk();
	ending_open(&e, dirfd);
	/* As where no pipe can be had. */
	e.fd = -1;
	finish(dirfd, 0);
	ATF_CHECK(ending_advance(&e, &desk, &nolog));
	ATF_CHECK_EQ(JOB_DONE, desk.jobs[0].state);
	ATF_CHECK(access("1.TXT", F_OK) != 0);
}

ATF_TC_WITHOUT_HEAD(advance__a_failed_sync_leaves_the_text);
ATF_TC_BODY(advance__a_failed_sync_leaves_the_text, tc)
{
	int dirfd = open_dir();
	int ends[2];
	struct ending e;

	open_desk();
	ATF_REQUIRE_EQ(0, pipe(ends));
	/* What cannot be synced. */
	ending_open(&e, ends[0]);
	finish(dirfd, 0);
	ATF_CHECK(!ending_advance(&e, &desk, &nolog));
	wait_for(&e);
	ending_hear(&e, &desk, &nolog);
	ATF_CHECK_EQ(JOB_DONE, desk.jobs[0].state);
	ATF_CHECK(!message_is_claimed(&desk.jobs[0].message));
	ATF_CHECK_EQ(0, access("1.TXT", F_OK));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, advance__one_sync_is_for_all_that_ended_before_it);
	ATF_TP_ADD_TC(tp, advance__without_a_thread_it_is_done_at_once);
	ATF_TP_ADD_TC(tp, advance__a_failed_sync_leaves_the_text);
	return (atf_no_error());
}
