/* SPDX-License-Identifier: ISC */
#include "sys/syssync.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/base.h"

/* A file and the directory that it is in. */
static void
open_both(struct syssync of[2])
{
	of[0] = (struct syssync){ .err = -1,
		.fd = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600) };
	of[1] = (struct syssync){ .err = -1,
		.names = true,
		.fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	ATF_REQUIRE(of[0].fd >= 0 && of[1].fd >= 0);
	ATF_REQUIRE(write(of[0].fd, "x", 1) == 1);
}

ATF_TC_WITHOUT_HEAD(syssync_all__ends_when_all_are_done);
ATF_TC_BODY(syssync_all__ends_when_all_are_done, tc)
{
	static struct syssync of[SYSSYNC_MAX + 1];
	size_t i;

	for (i = 0; i < SYSSYNC_MAX; i += 2)
		open_both(of + i);
	of[SYSSYNC_MAX].err = -1;
	ATF_CHECK(syssync_all(of, SYSSYNC_MAX));
	for (i = 0; i < SYSSYNC_MAX; i++)
		ATF_CHECK_EQ(0, of[i].err);
	ATF_CHECK_EQ(-1, of[SYSSYNC_MAX].err);
}

/* Each in turn is one that cannot be synced: a pipe. */
ATF_TC_WITHOUT_HEAD(syssync_all__tells_which_has_failed);
ATF_TC_BODY(syssync_all__tells_which_has_failed, tc)
{
	int ends[2];
	size_t bad;

	ATF_REQUIRE(pipe(ends) == 0);
	for (bad = 0; bad < 2; bad++) {
		struct syssync of[2];

		open_both(of);
		of[bad].fd = ends[0];
		ATF_CHECK(!syssync_all(of, ARRAY_LEN(of)));
		ATF_CHECK_EQ(EINVAL, of[bad].err);
		ATF_CHECK_EQ(0, of[1 - bad].err);
	}
}

/* Where there is no room for the stack of a thread. */
ATF_TC_WITHOUT_HEAD(syssync_all__needs_no_thread);
ATF_TC_BODY(syssync_all__needs_no_thread, tc)
{
	struct rlimit none = { .rlim_cur = 0, .rlim_max = RLIM_INFINITY };
	struct syssync of[2];

#ifdef __SANITIZE_ADDRESS__
	atf_tc_skip("a sanitizer needs memory of its own");
#endif
	open_both(of);
	ATF_REQUIRE(setrlimit(RLIMIT_AS, &none) == 0);
	ATF_CHECK(syssync_all(of, ARRAY_LEN(of)));
	ATF_CHECK_EQ(0, of[0].err);
	ATF_CHECK_EQ(0, of[1].err);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, syssync_all__ends_when_all_are_done);
	ATF_TP_ADD_TC(tp, syssync_all__tells_which_has_failed);
	ATF_TP_ADD_TC(tp, syssync_all__needs_no_thread);
	return (atf_no_error());
}
