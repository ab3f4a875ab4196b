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

/* A message that is given up after its first attempt. */
static void
begin(void)
{
	int dirfd = open(".", O_RDONLY | O_DIRECTORY);
	struct fault why;

	ATF_REQUIRE(dirfd >= 0);
	settings.queuelife = 0;
	log_init(&no_log, open("/dev/null", O_WRONLY), NULL, 1);
	write_file("5.TXT", "hello\n");
	write_file("5.WRK", "From: a@b\nTo: x@y\n");
	ATF_REQUIRE_EQ(
	    MESSAGE_OK, message_take(dirfd, 5, false, &job.message, &why));
	job_begin(&job);
}

/* It waits as before, and nobody has tried it. */
static void
check_untouched(const struct stat *was)
{
	struct stat is;

	ATF_CHECK_EQ(JOB_RETURNED, job.state);
	ATF_CHECK(job.is_untried);
	ATF_CHECK(atf_utils_compare_file("5.WRK", "From: a@b\nTo: x@y\n"));
	ATF_REQUIRE_EQ(0, stat("5.WRK", &is));
	ATF_CHECK_EQ(was->st_mtim.tv_sec, is.st_mtim.tv_sec);
	ATF_CHECK_EQ(was->st_mtim.tv_nsec, is.st_mtim.tv_nsec);
}

ATF_TC_WITHOUT_HEAD(job_not_started__is_no_try);
ATF_TC_BODY(job_not_started__is_no_try, tc)
{
	struct stat was;
	size_t rcpt;

	begin();
	ATF_REQUIRE_EQ(0, stat("5.WRK", &was));
	ATF_REQUIRE_EQ(JOB_DELIVER, job_next(&job, &rcpt));
	job_not_started(&job, JOB_DELIVER, rcpt);
	ATF_CHECK(job_advance(&job, &site, &no_log, JOB_ONCE));
	check_untouched(&was);
}

ATF_TC_WITHOUT_HEAD(job_settle__what_was_not_begun_is_no_try);
ATF_TC_BODY(job_settle__what_was_not_begun_is_no_try, tc)
{
	struct outcome out;
	struct stat was;
	size_t rcpt;

	begin();
	ATF_REQUIRE_EQ(0, stat("5.WRK", &was));
	ATF_REQUIRE_EQ(JOB_DELIVER, job_next(&job, &rcpt));
	job_started(&job, JOB_DELIVER, rcpt);
	outcome_untried(&out, "start", "a process", 11);
	job_settle(&job, JOB_DELIVER, rcpt, &out, &no_log);
	ATF_CHECK(job_advance(&job, &site, &no_log, JOB_ONCE));
	check_untouched(&was);
}

ATF_TC_WITHOUT_HEAD(job_settle__a_try_is_the_last_where_no_time_is_left);
ATF_TC_BODY(job_settle__a_try_is_the_last_where_no_time_is_left, tc)
{
	struct outcome out;
	size_t rcpt;

	begin();
	ATF_REQUIRE_EQ(JOB_DELIVER, job_next(&job, &rcpt));
	job_started(&job, JOB_DELIVER, rcpt);
	outcome_set(&out, OUTCOME_TRY_AGAIN, "4.2.2", "full");
	job_settle(&job, JOB_DELIVER, rcpt, &out, &no_log);
	/* Its sender is to be told. */
	ATF_CHECK(job_advance(&job, &site, &no_log, JOB_ONCE));
	ATF_CHECK_EQ(JOB_REPORTING, job.state);
	ATF_CHECK(atf_utils_grep_file("^Failed: x@y", "5.WRK"));
	ATF_CHECK(atf_utils_grep_file("^Status: 4.4.7", "5.WRK"));
	message_release(&job.message);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, job_not_started__is_no_try);
	ATF_TP_ADD_TC(tp, job_settle__what_was_not_begun_is_no_try);
	ATF_TP_ADD_TC(tp, job_settle__a_try_is_the_last_where_no_time_is_left);
	return (atf_no_error());
}
