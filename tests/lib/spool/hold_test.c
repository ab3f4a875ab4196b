/* SPDX-License-Identifier: ISC */
#include "spool/hold.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/sysclock.h"
#include "sys/sysfile.h"

static int dirfd_here;

static void
put(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	ATF_REQUIRE_MSG(fd >= 0, "%s", name);
	ATF_REQUIRE_EQ(0, close(fd));
}

static enum hold_status
take(const char *name, int64_t until_ms, int *fd, struct fault *why)
{
	if (dirfd_here == 0)
		dirfd_here = open(".", O_RDONLY | O_DIRECTORY);
	ATF_REQUIRE(dirfd_here > 0);
	return (hold_take(dirfd_here, name, until_ms, fd, why));
}

ATF_TC_WITHOUT_HEAD(hold_take__is_for_one_at_a_time);
ATF_TC_BODY(hold_take__is_for_one_at_a_time, tc)
{
	struct fault why;
	int second;
	int first;

	ATF_CHECK_EQ(HOLD_GONE, take("5.CMD", 0, &first, &why));
	put("5.CMD");
	ATF_REQUIRE_EQ(HOLD_OK, take("5.CMD", 0, &first, &why));
	ATF_CHECK(sysfile_is(dirfd_here, "5.CMD", first));
	ATF_CHECK_EQ(HOLD_BUSY, take("5.CMD", 0, &second, &why));
	ATF_CHECK_EQ(-1, second);
	ATF_REQUIRE_EQ(0, close(first));
	ATF_REQUIRE_EQ(HOLD_OK, take("5.CMD", 0, &first, &why));
}

/* What has no lock, or may be anywhere, is not held, and says why. */
ATF_TC_WITHOUT_HEAD(hold_take__not_through_a_link);
ATF_TC_BODY(hold_take__not_through_a_link, tc)
{
	struct fault why;
	int fd;

	put("5.CMD");
	ATF_REQUIRE_EQ(0, symlink("5.CMD", "6.CMD"));
	ATF_REQUIRE_EQ(0, mkdir("7.CMD", 0700));
	ATF_CHECK_EQ(HOLD_FAILED, take("6.CMD", 0, &fd, &why));
	ATF_CHECK_STREQ("open", why.op);
	ATF_CHECK_EQ(ELOOP, why.err);
	ATF_CHECK_EQ(HOLD_FAILED, take("7.CMD", 0, &fd, &why));
	ATF_CHECK_EQ(EISDIR, why.err);
	ATF_CHECK_EQ(-1, fd);
}

/* What a holder renames before it lets go is not of that name any more. */
ATF_TC_WITHOUT_HEAD(hold_take__is_of_the_name_not_of_what_had_it);
ATF_TC_BODY(hold_take__is_of_the_name_not_of_what_had_it, tc)
{
	struct fault why;
	int ends[2];
	char c;
	pid_t pid;
	int fd;

	put("5.CMD");
	ATF_REQUIRE_EQ(0, pipe(ends));
	pid = fork();
	ATF_REQUIRE(pid >= 0);
	if (pid == 0) {
		if (take("5.CMD", 0, &fd, &why) != HOLD_OK ||
		    write(ends[1], "", 1) != 1)
			_exit(1);
		/* By now the other waits; else it finds the name gone. */
		sysclock_sleep_ms(50);
		_exit(rename("5.CMD", "5.WRK"));
	}
	ATF_REQUIRE_EQ(1, read(ends[0], &c, 1));
	ATF_CHECK_EQ(
	    HOLD_GONE, take("5.CMD", sysclock_ms() + 60000, &fd, &why));
	ATF_CHECK_EQ(-1, fd);
	ATF_REQUIRE_EQ(pid, waitpid(pid, NULL, 0));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, hold_take__is_for_one_at_a_time);
	ATF_TP_ADD_TC(tp, hold_take__not_through_a_link);
	ATF_TP_ADD_TC(tp, hold_take__is_of_the_name_not_of_what_had_it);
	return (atf_no_error());
}
