/* SPDX-License-Identifier: ISC */
#include "deliver/behalf.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SOMEBODY = 65534,
	UNKNOWN = 1234,
	OTHERS_GROUP = 2345
};

/* A name in the directory of this test, with all of its way. */
static const char *
in_here(const char *name)
{
	static char path[BEHALF_PATH_MAX];
	char here[BEHALF_PATH_MAX / 2];

	ATF_REQUIRE(getcwd(here, sizeof(here)) != NULL);
	(void)snprintf(path, sizeof(path), "%s/%s", here, name);
	return (path);
}

static int
open_it(const struct behalf *b)
{
	return (openat(
	    b->fd, b->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | b->no_link));
}

static void
need_a_way_of_root(void)
{
	struct behalf b;

	ATF_REQUIRE_EQ(0, chown(".", 0, 0));
	ATF_REQUIRE_EQ(0, behalf_begin(&b, in_here("d")));
	if (b.is_others) {
		behalf_end(&b);
		atf_tc_skip("the way to this test is not root's");
	}
	behalf_end(&b);
}

/* Between the look at the way and the making of what was not there. */
ATF_TC(behalf_begin__of_root_is_led_nowhere_by_a_later_link);
ATF_TC_HEAD(behalf_begin__of_root_is_led_nowhere_by_a_later_link, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(behalf_begin__of_root_is_led_nowhere_by_a_later_link, tc)
{
	static const char *const ways[] = { "d/x", "d/x/", "d//x//" };
	size_t i;

	need_a_way_of_root();
	ATF_REQUIRE_EQ(0, mkdir("d", 0700));
	ATF_REQUIRE_EQ(0, mkdir("secret", 0700));
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct behalf b;

		ATF_REQUIRE_EQ(0, behalf_begin(&b, in_here(ways[i])));
		ATF_REQUIRE_EQ(0, symlink("../secret", "d/x"));
		ATF_REQUIRE_EQ(0, lchown("d/x", SOMEBODY, SOMEBODY));
		ATF_CHECK(!b.is_others);
		ATF_CHECK_ERRNO(EEXIST, mkdirat(b.fd, b.path, 0700) == -1);
		ATF_CHECK_EQ(-1, open_it(&b));
		behalf_end(&b);
		ATF_REQUIRE_EQ(0, unlink("d/x"));
	}
}

/* Nor by another directory in the place of the one that was looked at. */
ATF_TC(behalf_begin__of_root_stays_in_the_directory_of_the_walk);
ATF_TC_HEAD(behalf_begin__of_root_stays_in_the_directory_of_the_walk, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(behalf_begin__of_root_stays_in_the_directory_of_the_walk, tc)
{
	struct behalf b;
	struct stat was;
	struct stat is;
	int fd;

	need_a_way_of_root();
	ATF_REQUIRE_EQ(0, mkdir("d", 0700));
	ATF_REQUIRE_EQ(0, mkdir("secret", 0700));
	ATF_REQUIRE_EQ(0, stat("d", &was));
	ATF_REQUIRE_EQ(0, behalf_begin(&b, in_here("d/")));
	ATF_REQUIRE_EQ(0, rename("d", "away"));
	ATF_REQUIRE_EQ(0, symlink("secret", "d"));
	fd = open_it(&b);
	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ(0, fstat(fd, &is));
	ATF_CHECK_EQ(was.st_ino, is.st_ino);
	ATF_REQUIRE_EQ(0, close(fd));
	behalf_end(&b);
}

/*
 * From the first name that is theirs on, and not any longer than asked.  The
 * group of a directory gives no right that its owner does not have; but whom
 * passwd(5) does not know has no other.
 */
ATF_TC(behalf_begin__of_somebody_is_them_until_its_end);
ATF_TC_HEAD(behalf_begin__of_somebody_is_them_until_its_end, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(behalf_begin__of_somebody_is_them_until_its_end, tc)
{
	static const uid_t who[] = { SOMEBODY, UNKNOWN };
	gid_t groups[BEHALF_GROUPS_MAX];
	const struct passwd *pw = getpwuid(SOMEBODY);
	gid_t own = pw == NULL ? OTHERS_GROUP : pw->pw_gid;
	int n = getgroups(BEHALF_GROUPS_MAX, groups);
	size_t i;

	if (own == OTHERS_GROUP || getpwuid(UNKNOWN) != NULL)
		atf_tc_skip("here are other users");
	need_a_way_of_root();
	ATF_REQUIRE_EQ(0, mkdir("d", 0700));
	for (i = 0; i < sizeof(who) / sizeof(who[0]); i++) {
		struct behalf b;
		gid_t gid = who[i] == SOMEBODY ? own : OTHERS_GROUP;
		gid_t now;

		ATF_REQUIRE_EQ(0, chown("d", who[i], OTHERS_GROUP));
		ATF_REQUIRE_EQ(0, behalf_begin(&b, in_here("d/x/")));
		ATF_CHECK(b.is_others);
		ATF_CHECK_STREQ("x", b.path);
		ATF_CHECK_EQ(who[i], (uid_t)setfsuid((uid_t)-1));
		ATF_CHECK_EQ(gid, (gid_t)setfsgid((gid_t)-1));
		ATF_CHECK_EQ(1, getgroups(1, &now));
		ATF_CHECK_EQ(gid, now);
		behalf_end(&b);
		ATF_CHECK_EQ(0, setfsuid((uid_t)-1));
		ATF_CHECK_EQ((int)getegid(), setfsgid((gid_t)-1));
		ATF_CHECK_EQ(n, getgroups(0, NULL));
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, behalf_begin__of_root_is_led_nowhere_by_a_later_link);
	ATF_TP_ADD_TC(
	    tp, behalf_begin__of_root_stays_in_the_directory_of_the_walk);
	ATF_TP_ADD_TC(tp, behalf_begin__of_somebody_is_them_until_its_end);
	return (atf_no_error());
}
