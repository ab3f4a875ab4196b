/* SPDX-License-Identifier: ISC */
#include "spool/successor.h"

#include <atf-c.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../support/files.h"
#include "sys/sysfile.h"

static void
take(int dirfd, enum scan_kind kind, struct claim *c)
{
	struct fault why;

	ATF_REQUIRE_EQ(CLAIM_OK, claim_take_as(dirfd, 5, kind, c, &why));
}

static bool
is_claimed(int dirfd, enum scan_kind kind)
{
	struct claim other;
	struct fault why;

	return (claim_take_as(dirfd, 5, kind, &other, &why) == CLAIM_BUSY);
}

ATF_TC_WITHOUT_HEAD(successor_put__replaces_under_the_claim);
ATF_TC_BODY(successor_put__replaces_under_the_claim, tc)
{
	static const struct timespec then = { 1700000000, 0 };
	static const enum scan_kind kinds[] = { SCAN_WRK, SCAN_HELD };
	int dirfd = open_dir();
	struct claim c;
	struct fault why;
	struct stat st;
	size_t i;

	for (i = 0; i < ARRAY_LEN(kinds); i++) {
		char name[SCAN_NAME_MAX];

		scan_name(name, 5, kinds[i]);
		atf_utils_create_file(name, "old\n");
		/* Left by a crash. */
		atf_utils_create_file("5.CMD", "half");
		take(dirfd, kinds[i], &c);
		ATF_CHECK_EQ(
		    RES_OK, successor_put(&c, bytes_of("new\n"), &then, &why));
		ATF_CHECK(atf_utils_compare_file(name, "new\n"));
		ATF_CHECK(!sysfile_exists(dirfd, "5.CMD"));
		ATF_REQUIRE_EQ(0, stat(name, &st));
		ATF_CHECK_EQ(then.tv_sec, st.st_mtime);
		ATF_CHECK(is_claimed(dirfd, kinds[i]));
		claim_release(&c);
		ATF_CHECK(!is_claimed(dirfd, kinds[i]));
		ATF_REQUIRE_EQ(0, unlink(name));
	}
}

ATF_TC_WITHOUT_HEAD(successor_put__one_in_use_is_let_alone);
ATF_TC_BODY(successor_put__one_in_use_is_let_alone, tc)
{
	static const struct timespec then = { 0, 0 };
	int dirfd = open_dir();
	struct claim c;
	struct fault why;
	int fd;

	atf_utils_create_file("5.WRK", "old\n");
	take(dirfd, SCAN_WRK, &c);
	fd = open("5.CMD", O_RDWR | O_CREAT | O_EXCL, 0600);
	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ(0, sysfile_lock(fd));
	ATF_CHECK_EQ(
	    RES_TEMP, successor_put(&c, bytes_of("new\n"), &then, &why));
	ATF_CHECK(atf_utils_compare_file("5.WRK", "old\n"));
	ATF_CHECK(sysfile_exists(dirfd, "5.CMD"));
	ATF_CHECK(is_claimed(dirfd, SCAN_WRK));
	claim_release(&c);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, successor_put__replaces_under_the_claim);
	ATF_TP_ADD_TC(tp, successor_put__one_in_use_is_let_alone);
	return (atf_no_error());
}
