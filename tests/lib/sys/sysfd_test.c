/* SPDX-License-Identifier: ISC */
#include "sys/sysfd.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/base.h"

enum { FDS = 40 };

/* Say which of the descriptors up to FDS are open and should not be, or are not. */
static void
tell_wrong_ones(const int *keep, size_t n)
{
	int fd;

	for (fd = 3; fd < FDS; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && dup2(0, fd) != fd)
			printf("%d cannot be opened\n", fd);
	}
	sysfd_close_others(keep, n);
	for (fd = 0; fd < FDS; fd++) {
		bool kept = fd < 3;
		size_t i;

		for (i = 0; i < n; i++)
			kept = kept || keep[i] == fd;
		if (kept != (fcntl(fd, F_GETFD) >= 0))
			printf("%d should %sbe open\n", fd, kept ? "" : "not ");
	}
}

/* In a process of its own: the test may have its result on one of them. */
static void
check_kept(const int *keep, size_t n)
{
	pid_t pid = atf_utils_fork();

	if (pid == 0) {
		tell_wrong_ones(keep, n);
		exit(EXIT_SUCCESS);
	}
	atf_utils_wait(pid, EXIT_SUCCESS, "", "");
}

ATF_TC_WITHOUT_HEAD(sysfd_close_others__keeps_what_is_named);
ATF_TC_BODY(sysfd_close_others__keeps_what_is_named, tc)
{
	static const int rows[][3] = { { 3, 4, 5 }, { 7, 5, 3 }, { 39, 3, 20 },
		{ 10, 30, 11 }, { 4, 4, 9 } };
	size_t i;

	check_kept(NULL, 0);
	check_kept((const int[]) { 17 }, 1);
	for (i = 0; i < ARRAY_LEN(rows); i++)
		check_kept(rows[i], ARRAY_LEN(rows[i]));
}

ATF_TC_WITHOUT_HEAD(sysfd_set_nonblocking__makes_reads_fail_at_once);
ATF_TC_BODY(sysfd_set_nonblocking__makes_reads_fail_at_once, tc)
{
	int fds[2];
	char c;

	ATF_REQUIRE(pipe(fds) == 0);
	ATF_REQUIRE(sysfd_set_nonblocking(fds[0]));
	ATF_CHECK_ERRNO(EAGAIN, read(fds[0], &c, 1) == -1);
	ATF_CHECK_ERRNO(EBADF, !sysfd_set_nonblocking(-1));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, sysfd_close_others__keeps_what_is_named);
	ATF_TP_ADD_TC(tp, sysfd_set_nonblocking__makes_reads_fail_at_once);
	return (atf_no_error());
}
