/* SPDX-License-Identifier: ISC */
#include "look/mail.h"

#include <atf-c.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/sysfile.h"

static int
open_dir(void)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ATF_REQUIRE(fd >= 0);
	return (fd);
}

static void
make_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	ATF_REQUIRE_MSG(fd >= 0, "%s", name);
	ATF_REQUIRE(
	    write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	ATF_REQUIRE(close(fd) == 0);
}

static void
read_it(enum scan_kind kind, struct mail *m)
{
	int fd = open_dir();

	ATF_REQUIRE(mail_read(fd, 5, kind, m));
	ATF_REQUIRE(close(fd) == 0);
}

ATF_TC_WITHOUT_HEAD(mail_read__tells_whom_it_waits_for_and_why);
ATF_TC_BODY(mail_read__tells_whom_it_waits_for_and_why, tc)
{
	struct mail m;
	const struct plan_rcpt *r;

	make_file("5.TXT", "Subject: x\n\nx\n");
	make_file("5.WRK",
	    "From: a@b\nTo: c@d\nTo: e@f\nStatus: 4.4.1\n"
	    "Diagnostic: refused\nTries: 2\nTried: 2026-11-30T10:00:00Z\n");
	read_it(SCAN_WRK, &m);
	ATF_CHECK_EQ(MAIL_WAITING, m.state);
	ATF_CHECK_EQ(2, m.nrcpt);
	ATF_CHECK_EQ(14, m.size);
	r = mail_most_tried(&m);
	ATF_REQUIRE(r != NULL);
	ATF_CHECK(bytes_same(bytes_of("e@f"), r->mailbox));
	ATF_CHECK(bytes_same(bytes_of("refused"), r->diagnostic));
	mail_free(&m);
}

ATF_TC_WITHOUT_HEAD(mail_read__knows_the_state_by_lock_and_name);
ATF_TC_BODY(mail_read__knows_the_state_by_lock_and_name, tc)
{
	struct mail m;
	int fd;

	make_file("5.TXT", "x");
	make_file("5.WRK", "From: a@b\nTo: c@d\n");
	fd = open("5.WRK", O_RDWR | O_CLOEXEC);
	ATF_REQUIRE(fd >= 0 && sysfile_lock(fd) == 0);
	read_it(SCAN_WRK, &m);
	ATF_CHECK_EQ(MAIL_CLAIMED, m.state);
	mail_free(&m);
	ATF_REQUIRE(close(fd) == 0);
	ATF_REQUIRE(rename("5.WRK", "5.HLD") == 0);
	read_it(SCAN_HELD, &m);
	ATF_CHECK_EQ(MAIL_HELD, m.state);
	mail_free(&m);
	ATF_REQUIRE(rename("5.HLD", "5.BAD") == 0);
	read_it(SCAN_BAD, &m);
	ATF_CHECK_EQ(MAIL_ASIDE, m.state);
	mail_free(&m);
}

ATF_TC_WITHOUT_HEAD(mail_read__says_what_is_wrong);
ATF_TC_BODY(mail_read__says_what_is_wrong, tc)
{
	struct mail m;
	int fd = open_dir();

	ATF_CHECK(!mail_read(fd, 5, SCAN_WRK, &m));
	ATF_REQUIRE(close(fd) == 0);
	make_file("5.WRK", "From: a@b\nTo: c@d\n");
	read_it(SCAN_WRK, &m);
	ATF_CHECK_EQ(MAIL_DAMAGED, m.state);
	ATF_CHECK_STREQ("there is no text beside it", m.wrong);
	mail_free(&m);
	make_file("5.TXT", "x");
	ATF_REQUIRE(unlink("5.WRK") == 0);
	make_file("5.WRK", "nonsense");
	read_it(SCAN_WRK, &m);
	ATF_CHECK_EQ(MAIL_DAMAGED, m.state);
	ATF_CHECK_EQ(0, m.plan.nrcpt);
	mail_free(&m);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, mail_read__tells_whom_it_waits_for_and_why);
	ATF_TP_ADD_TC(tp, mail_read__knows_the_state_by_lock_and_name);
	ATF_TP_ADD_TC(tp, mail_read__says_what_is_wrong);
	return (atf_no_error());
}
