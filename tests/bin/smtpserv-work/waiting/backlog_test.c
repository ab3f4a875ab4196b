/* SPDX-License-Identifier: ISC */
#include "waiting/backlog.h"

#include <atf-c.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct log quiet;
static struct backlog b;

/* The message that there is waits, and is to be tried in an hour. */
static void
open_backlog(void)
{
	const struct backlog_times hour = { 3600, UINT32_MAX };
	const struct backlog_room all = { true, true, true };
	int dirfd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint32_t number;

	ATF_REQUIRE(dirfd >= 0);
	log_init(&quiet, -1, NULL, 1);
	backlog_open(&b, dirfd, ".", false, 8);
	ATF_REQUIRE(b.watch >= 0);
	backlog_look(&b, &quiet);
	ATF_REQUIRE(backlog_next(&b, &all, &number));
	ATF_REQUIRE_EQ(5, number);
	backlog_put_back(&b, 5, QUEUE_SEEN, &hour);
	ATF_REQUIRE(!backlog_is_due(&b));
}

static void
open_with_one(void)
{
	atf_utils_create_file("5.WRK", "From: a@b\nTo: c@d\n");
	open_backlog();
}

static void
set_time(time_t seconds)
{
	const struct timespec times[2] = { { 0, UTIME_NOW }, { seconds, 0 } };

	ATF_REQUIRE_EQ(0, utimensat(AT_FDCWD, "5.WRK", times, 0));
}

ATF_TC_WITHOUT_HEAD(backlog_refresh__hears_who_is_asked_for);
ATF_TC_BODY(backlog_refresh__hears_who_is_asked_for, tc)
{
	open_with_one();
	/* Any other time, as one who has tried it would give it. */
	set_time(1700000000);
	backlog_refresh(&b, true, &quiet);
	ATF_CHECK(!backlog_is_due(&b));
	set_time(0);
	backlog_refresh(&b, true, &quiet);
	ATF_CHECK(backlog_is_due(&b));
	backlog_close(&b);
}

/* A claim that ends is heard, too, and is not a wish: else we would wake us. */
ATF_TC_WITHOUT_HEAD(backlog_refresh__an_end_of_a_claim_asks_for_nothing);
ATF_TC_BODY(backlog_refresh__an_end_of_a_claim_asks_for_nothing, tc)
{
	int fd;

	open_with_one();
	set_time(0);
	backlog_close(&b);
	/* Its envelope says so still, as one that could not be begun. */
	open_backlog();
	fd = open("5.WRK", O_RDWR);
	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ(0, close(fd));
	backlog_refresh(&b, true, &quiet);
	ATF_CHECK(!backlog_is_due(&b));
	backlog_close(&b);
}

/* What was not heard, because there was too much, is looked for. */
ATF_TC_WITHOUT_HEAD(backlog_look__finds_who_is_asked_for_when_news_were_lost);
ATF_TC_BODY(backlog_look__finds_who_is_asked_for_when_news_were_lost, tc)
{
	open_with_one();
	set_time(0);
	backlog_look(&b, &quiet);
	ATF_CHECK(!backlog_is_due(&b));
	b.is_deaf = true;
	backlog_look(&b, &quiet);
	ATF_CHECK(backlog_is_due(&b));
	backlog_close(&b);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, backlog_refresh__hears_who_is_asked_for);
	ATF_TP_ADD_TC(tp, backlog_refresh__an_end_of_a_claim_asks_for_nothing);
	ATF_TP_ADD_TC(
	    tp, backlog_look__finds_who_is_asked_for_when_news_were_lost);
	return (atf_no_error());
}
