/* SPDX-License-Identifier: ISC */
#include "spool/owner.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"

enum {
	/* Whoever they are: no file of this test is any user's of the machine. */
	SPOOLER = 1234,
	GROUP = 2345,
	STRANGER = 4321
};

/* The directory "spool" of that user, open. */
static int
make_spool(uid_t uid, gid_t gid, mode_t mode)
{
	int fd;

	ATF_REQUIRE(chmod(".", 0755) == 0);
	ATF_REQUIRE(mkdir("spool", 0700) == 0);
	ATF_REQUIRE(chown("spool", uid, gid) == 0);
	ATF_REQUIRE(chmod("spool", mode) == 0);
	fd = open("spool", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ATF_REQUIRE(fd >= 0);
	return (fd);
}

static struct stat
stat_of(int dirfd, const char *name)
{
	struct stat st;

	ATF_REQUIRE(fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0);
	return (st);
}

static void
create(int dirfd, const char *name, const struct owner *owner)
{
	int fd = owner_create(dirfd, name, owner);

	ATF_REQUIRE_MSG(fd >= 0, "%s: errno %d", name, errno);
	ATF_REQUIRE(write(fd, "x", 1) == 1);
	ATF_REQUIRE(close(fd) == 0);
}

ATF_TC(owner_create__by_root_is_the_users);
ATF_TC_HEAD(owner_create__by_root_is_the_users, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(owner_create__by_root_is_the_users, tc)
{
	static const struct {
		mode_t mask;
		mode_t dir;
		mode_t want;
	} rows[] = { { 022, 0750, 0640 }, { 077, 0750, 0640 },
		{ 0, 02770, 0640 } };
	int dirfd = make_spool(SPOOLER, GROUP, 0750);
	struct owner owner;
	struct fault why;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct stat st;

		ATF_REQUIRE(fchmod(dirfd, rows[i].dir) == 0);
		(void)umask(rows[i].mask);
		ATF_REQUIRE_EQ(RES_OK, owner_of_spool(dirfd, &owner, &why));
		ATF_CHECK(owner.is_other);
		create(dirfd, "f", &owner);
		st = stat_of(dirfd, "f");
		ATF_CHECK_EQ(SPOOLER, st.st_uid);
		ATF_CHECK_EQ(GROUP, st.st_gid);
		ATF_CHECK_EQ_MSG(
		    rows[i].want, st.st_mode & 07777, "row %zu", i);
		ATF_CHECK_EQ(-1, owner_create(dirfd, "f", &owner));
		ATF_CHECK_EQ(EEXIST, errno);
		ATF_REQUIRE(unlinkat(dirfd, "f", 0) == 0);
	}
	/* Only what that user could make; and root is root again. */
	ATF_REQUIRE(fchmod(dirfd, 0550) == 0);
	ATF_CHECK_EQ(-1, owner_create(dirfd, "f", &owner));
	ATF_CHECK_EQ(EACCES, errno);
	create(dirfd, "f", &OWNER_SELF);
	ATF_CHECK_EQ(0, stat_of(dirfd, "f").st_uid);
}

ATF_TC(owner_find__takes_after_what_is_replaced);
ATF_TC_HEAD(owner_find__takes_after_what_is_replaced, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(owner_find__takes_after_what_is_replaced, tc)
{
	static const struct {
		uid_t dir;
		uid_t uid; /* of what is replaced */
		gid_t gid;
		mode_t mode;
		uid_t want;
		gid_t want_gid;
		mode_t want_mode;
	} rows[] = {
		{ SPOOLER, SPOOLER, 77, 0660, SPOOLER, 77, 0660 },
		/* A stranger's, or root's, is what is to be mended. */
		{ SPOOLER, 0, 0, 0600, SPOOLER, GROUP, 0640 },
		{ SPOOLER, STRANGER, 77, 0644, SPOOLER, GROUP, 0640 },
		/* In root's any user may be the spool's; never the world. */
		{ 0, SPOOLER, 77, 0664, SPOOLER, 77, 0660 },
	};
	int dirfd = make_spool(SPOOLER, GROUP, 02770);
	size_t i;

	(void)umask(077);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct owner owner;
		struct fault why;
		struct stat st;

		ATF_REQUIRE(fchown(dirfd, rows[i].dir, GROUP) == 0);
		ATF_REQUIRE(fchmod(dirfd, 02777) == 0);
		create(dirfd, "old", &OWNER_SELF);
		ATF_REQUIRE(
		    fchownat(dirfd, "old", rows[i].uid, rows[i].gid, 0) == 0);
		ATF_REQUIRE(fchmodat(dirfd, "old", rows[i].mode, 0) == 0);
		st = stat_of(dirfd, "old");
		ATF_REQUIRE_EQ(RES_OK, owner_find(dirfd, &st, &owner, &why));
		create(dirfd, "new", &owner);
		st = stat_of(dirfd, "new");
		ATF_CHECK_EQ_MSG(rows[i].want, st.st_uid, "row %zu", i);
		ATF_CHECK_EQ_MSG(rows[i].want_gid, st.st_gid, "row %zu", i);
		ATF_CHECK_EQ_MSG(
		    rows[i].want_mode, st.st_mode & 0777, "row %zu", i);
		ATF_REQUIRE(unlinkat(dirfd, "old", 0) == 0);
		ATF_REQUIRE(unlinkat(dirfd, "new", 0) == 0);
	}
}

/* In a process of its own, as a stranger: 0 if it went as it should. */
static int
be_refused(int dirfd)
{
	struct owner owner;
	struct fault why;
	struct stat st;

	if (setgid(STRANGER) != 0 || setuid(STRANGER) != 0)
		return (1);
	if (owner_find(dirfd, NULL, &owner, &why) == RES_OK || why.err != EPERM)
		return (2);
	if (fstatat(dirfd, "mine", &st, 0) != 0 ||
	    owner_find(dirfd, &st, &owner, &why) != RES_OK || owner.is_other)
		return (3);
	/* No look at the directory for who is not root. */
	return (owner_of_spool(-1, &owner, &why) == RES_OK ? 0 : 4);
}

ATF_TC(owner_find__refuses_whoever_is_neither);
ATF_TC_HEAD(owner_find__refuses_whoever_is_neither, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(owner_find__refuses_whoever_is_neither, tc)
{
	int dirfd = make_spool(SPOOLER, GROUP, 0777);
	int status;
	pid_t pid;

	create(dirfd, "mine", &OWNER_SELF);
	ATF_REQUIRE(fchownat(dirfd, "mine", STRANGER, STRANGER, 0) == 0);
	pid = fork();
	ATF_REQUIRE(pid >= 0);
	if (pid == 0)
		_exit(be_refused(dirfd));
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	ATF_REQUIRE(WIFEXITED(status));
	ATF_CHECK_EQ(0, WEXITSTATUS(status));
}

ATF_TC_WITHOUT_HEAD(owner_create__of_ones_own_is_less_the_mask);
ATF_TC_BODY(owner_create__of_ones_own_is_less_the_mask, tc)
{
	int dirfd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	(void)umask(027);
	create(dirfd, "f", &OWNER_SELF);
	st = stat_of(dirfd, "f");
	ATF_CHECK_EQ(geteuid(), st.st_uid);
	ATF_CHECK_EQ(0640, st.st_mode & 0777);
	ATF_REQUIRE(symlink("target", "link") == 0);
	ATF_CHECK_EQ(-1, owner_create(dirfd, "link", &OWNER_SELF));
	ATF_CHECK_EQ(-1, access("target", F_OK));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, owner_create__by_root_is_the_users);
	ATF_TP_ADD_TC(tp, owner_create__of_ones_own_is_less_the_mask);
	ATF_TP_ADD_TC(tp, owner_find__refuses_whoever_is_neither);
	ATF_TP_ADD_TC(tp, owner_find__takes_after_what_is_replaced);
	return (atf_no_error());
}
