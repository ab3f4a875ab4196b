/* SPDX-License-Identifier: ISC */
#include "message.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/sysfile.h"

static int
open_dir(void)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY);

	ATF_REQUIRE(fd >= 0);
	return (fd);
}

static void
write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	ATF_REQUIRE(f != NULL);
	ATF_REQUIRE(fputs(text, f) >= 0);
	ATF_REQUIRE_EQ(0, fclose(f));
}

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

	ATF_CHECK_EQ(
	    MESSAGE_BUSY, message_take(dirfd, 5, true, &other, &why));
	ATF_CHECK_EQ(CLAIM_BUSY, claim_take(dirfd, 5, &c, &why));
}

ATF_TC_WITHOUT_HEAD(message_record__replaces_and_keeps_the_claim);
ATF_TC_BODY(message_record__replaces_and_keeps_the_claim, tc)
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
	message_settle(&m, 0, &out);
	ATF_REQUIRE_EQ(RES_OK, message_record(&m, false, &why));
	check_claimed(dirfd);
	ATF_CHECK(atf_utils_compare_file("5.WRK", "From: a@b\nTo: z@y\n"));
	ATF_REQUIRE_EQ(0, stat("5.WRK", &is));
	ATF_CHECK(was.st_ino != is.st_ino);
	ATF_CHECK_EQ(0640 & ~022, is.st_mode & 0777);
	/* No attempt is over: its time is what it was. */
	ATF_CHECK_EQ(was.st_mtime, is.st_mtime);
	out.kind = OUTCOME_TRY_AGAIN;
	message_settle(&m, 1, &out);
	ATF_REQUIRE_EQ(RES_OK, message_record(&m, true, &why));
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

ATF_TC_WITHOUT_HEAD(message_record__a_dead_cmd_is_in_nobodys_way);
ATF_TC_BODY(message_record__a_dead_cmd_is_in_nobodys_way, tc)
{
	int dirfd = open_dir();
	struct message m;
	struct fault why;
	int fd;

	pair();
	write_file("5.CMD", "From: half");
	take(dirfd, &m);
	ATF_CHECK_EQ(RES_OK, message_record(&m, false, &why));
	/* The same file by two names, as a power cut may leave it. */
	ATF_REQUIRE_EQ(0, link("5.WRK", "5.CMD"));
	ATF_CHECK_EQ(RES_OK, message_record(&m, false, &why));
	ATF_CHECK(access("5.CMD", F_OK) != 0);
	/* One that somebody holds is, and the envelope stays as it was. */
	fd = open("5.CMD", O_RDWR | O_CREAT | O_EXCL, 0600);
	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ(0, sysfile_lock(fd));
	ATF_CHECK_EQ(RES_TEMP, message_record(&m, false, &why));
	check_claimed(dirfd);
	ATF_CHECK(atf_utils_compare_file(
	    "5.WRK", "From: a@b\nTo: x@y\nTo: z@y\n"));
	ATF_REQUIRE_EQ(0, close(fd));
	ATF_CHECK_EQ(RES_OK, message_record(&m, false, &why));
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
	ATF_REQUIRE_EQ(
	    MESSAGE_DAMAGED, message_take(dirfd, 5, true, &m, &why));
	check_claimed(dirfd);
	ATF_CHECK(message_set_aside(&m, &why) != RES_OK);
	ATF_CHECK_EQ(EEXIST, why.err);
	ATF_CHECK(atf_utils_compare_file("5.WRK", "junk\n"));
	ATF_REQUIRE_EQ(0, unlink("5.BAD"));
	ATF_REQUIRE_EQ(
	    MESSAGE_DAMAGED, message_take(dirfd, 5, true, &m, &why));
	ATF_CHECK_EQ(RES_OK, message_set_aside(&m, &why));
	ATF_CHECK(atf_utils_compare_file("5.BAD", "junk\n"));
	ATF_CHECK(atf_utils_compare_file("5.TXT", "hello\n"));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, message_record__replaces_and_keeps_the_claim);
	ATF_TP_ADD_TC(tp, message_record__a_dead_cmd_is_in_nobodys_way);
	ATF_TP_ADD_TC(
	    tp, message_release__ends_the_claim_in_every_descriptor);
	ATF_TP_ADD_TC(tp, message_set_aside__goes_over_nothing);
	return (atf_no_error());
}
