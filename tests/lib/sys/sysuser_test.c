/* SPDX-License-Identifier: ISC */
#include "sys/sysuser.h"

#include <atf-c.h>
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

ATF_TC_WITHOUT_HEAD(sysuser_find__knows_root_and_not_everybody);
ATF_TC_BODY(sysuser_find__knows_root_and_not_everybody, tc)
{
	char longest[100];
	struct sysuser user;
	struct fault why;

	ATF_CHECK_EQ(RES_OK, sysuser_find(&user, "root", &why));
	ATF_CHECK_EQ(0, user.uid);
	ATF_CHECK_EQ(RES_PERM, sysuser_find(&user, "no-such-user", &why));
	ATF_CHECK_EQ(ENOENT, why.err);
	ATF_CHECK_STREQ("no-such-user", why.name);
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	ATF_CHECK_EQ(RES_PERM, sysuser_find(&user, longest, &why));
}

/* In a process of its own: 0 if it went as it should. */
static int
become_nobody(void)
{
	struct sysuser root;
	struct sysuser user;
	struct fault why;
	gid_t groups[8];

	if (sysuser_find(&user, "nobody", &why) != RES_OK ||
	    sysuser_find(&root, "root", &why) != RES_OK)
		return (1);
	if (sysuser_become(&user, &why) != RES_OK)
		return (2);
	if (getuid() != user.uid || geteuid() != user.uid ||
	    getgid() != user.gid || getegid() != user.gid)
		return (3);
	if (getgroups(8, groups) != 1 || groups[0] != user.gid)
		return (4);
	/* There is no way back; to stay who one is works. */
	if (setuid(0) == 0 || sysuser_become(&root, &why) == RES_OK)
		return (5);
	return (sysuser_become(&user, &why) == RES_OK ? 0 : 6);
}

ATF_TC(sysuser_become__is_for_good);
ATF_TC_HEAD(sysuser_become__is_for_good, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(sysuser_become__is_for_good, tc)
{
	pid_t pid = fork();
	int status;

	ATF_REQUIRE(pid >= 0);
	if (pid == 0)
		_exit(become_nobody());
	ATF_REQUIRE(waitpid(pid, &status, 0) == pid);
	ATF_REQUIRE(WIFEXITED(status));
	ATF_CHECK_EQ(0, WEXITSTATUS(status));
}

ATF_TC(sysuser_make_files_as__is_for_files_and_for_a_while);
ATF_TC_HEAD(sysuser_make_files_as__is_for_files_and_for_a_while, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(sysuser_make_files_as__is_for_files_and_for_a_while, tc)
{
	struct stat st;

	ATF_REQUIRE(mkdir("open", 0755) == 0);
	ATF_REQUIRE(chown("open", 1234, 2345) == 0);
	ATF_REQUIRE(mkdir("closed", 0700) == 0);
	ATF_REQUIRE(chmod(".", 0755) == 0);
	ATF_REQUIRE_EQ(0, sysuser_make_files_as(1234, 2345));
	ATF_CHECK_EQ(0, geteuid());
	ATF_CHECK_EQ(0, mkdir("open/dir", 0700));
	ATF_CHECK_EQ(-1, mkdir("closed/dir", 0700));
	ATF_CHECK_EQ(EACCES, errno);
	sysuser_make_files_as_self();
	ATF_CHECK_EQ(0, mkdir("closed/dir", 0700));
	ATF_REQUIRE(stat("open/dir", &st) == 0);
	ATF_CHECK_EQ(1234, st.st_uid);
	ATF_CHECK_EQ(2345, st.st_gid);
	ATF_REQUIRE(stat("closed/dir", &st) == 0);
	ATF_CHECK_EQ(0, st.st_uid);
	ATF_CHECK_EQ(0, st.st_gid);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, sysuser_find__knows_root_and_not_everybody);
	ATF_TP_ADD_TC(tp, sysuser_become__is_for_good);
	ATF_TP_ADD_TC(tp, sysuser_make_files_as__is_for_files_and_for_a_while);
	return (atf_no_error());
}
