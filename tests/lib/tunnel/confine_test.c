/* SPDX-License-Identifier: ISC */
#include "tunnel/confine.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_CONFINED = 99 };

/* OB-185, and the same for smtpserv-tlsd.  0: all is as it should be. */
static int
try_calls(void)
{
	static char *const argv[] = { NULL };
	char byte;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
		return (1);
	if (!confine_enter())
		return (NOT_CONFINED);
	if (write(ends[0], "x", 1) != 1 || read(ends[1], &byte, 1) != 1 ||
	    shutdown(ends[0], SHUT_WR) != 0)
		return (2);
	errno = 0;
	if (open("/etc/passwd", O_RDONLY) != -1 || errno != EPERM)
		return (3);
	errno = 0;
	if (socket(AF_INET, SOCK_STREAM, 0) != -1 || errno != EPERM)
		return (4);
	errno = 0;
	if (connect(ends[1], NULL, 0) != -1 || errno != EPERM)
		return (5);
	errno = 0;
	if (execve("/bin/true", argv, argv) != -1 || errno != EPERM)
		return (6);
	errno = 0;
	if (fork() != -1 || errno != EPERM)
		return (7);
	return (0);
}

ATF_TC_WITHOUT_HEAD(confine_enter__leaves_open_descriptors_and_no_more);
ATF_TC_BODY(confine_enter__leaves_open_descriptors_and_no_more, tc)
{
	int status;
	pid_t pid;

#if defined(__SANITIZE_ADDRESS__)
	atf_tc_skip("a program with sanitizers is not confined");
#endif
	pid = fork();
	ATF_REQUIRE(pid >= 0);
	if (pid == 0)
		_exit(try_calls());
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	ATF_REQUIRE(WIFEXITED(status));
	if (WEXITSTATUS(status) == NOT_CONFINED)
		atf_tc_skip("this kernel has no whole sandbox");
	ATF_CHECK_EQ(0, WEXITSTATUS(status));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, confine_enter__leaves_open_descriptors_and_no_more);
	return (atf_no_error());
}
