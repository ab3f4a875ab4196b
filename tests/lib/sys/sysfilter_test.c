/* SPDX-License-Identifier: ISC */
#include "sys/sysfilter.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"

static const unsigned int CALLS[] = { SYS_write, SYS_getppid, SYS_exit_group };

/* In a child behind the filter; 0: all is as it should be. */
static int
try_calls(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    !sysfilter_enter(CALLS, ARRAY_LEN(CALLS)))
		return (1);
	if (syscall(SYS_getppid) <= 0 || write(STDERR_FILENO, "", 0) != 0)
		return (2);
	errno = 0;
	if (syscall(SYS_getpid) != -1 || errno != EPERM)
		return (3);
	errno = 0;
	if (open("/dev/null", O_RDONLY) != -1 || errno != EPERM)
		return (4);
	return (0);
}

/* What depends on an argument. */
static int
try_arguments(void)
{
	static const char address[16];

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    !sysfilter_enter(CALLS, ARRAY_LEN(CALLS)))
		return (1);
	if (mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
		return (2);
	errno = 0;
	if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		-1, 0) != MAP_FAILED ||
	    errno != EPERM)
		return (3);
	errno = 0;
	if (sendto(STDERR_FILENO, "", 0, 0, (const void *)address,
		sizeof(address)) != -1 ||
	    errno != EPERM)
		return (4);
	errno = 0;
	/* No socket, but let through. */
	if (send(-1, "", 0, 0) != -1 || errno != EBADF)
		return (5);
	return (0);
}

/* The commands that there is work for, and those that signal somebody. */
static int
try_fcntl(void)
{
	static const struct {
		int command;
		long argument;
	} denied[] = { { F_SETOWN, 1 }, { F_SETOWN_EX, 0 }, { F_SETSIG, 9 },
		{ F_SETFL, O_ASYNC }, { F_SETFL, O_ASYNC | O_NONBLOCK },
		{ F_SETLEASE, F_UNLCK }, { F_NOTIFY, 0 }, { F_SETLKW, 0 },
		{ F_SETPIPE_SZ, 4096 } };
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open("file", O_RDWR | O_CREAT, 0600);
	size_t i;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    !sysfilter_enter(CALLS, ARRAY_LEN(CALLS)))
		return (1);
	if (fcntl(fd, F_OFD_SETLK, &whole) != 0 ||
	    fcntl(fd, F_OFD_GETLK, &whole) != 0)
		return (2);
	if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0 || fcntl(fd, F_GETFL) < 0)
		return (3);
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || fcntl(fd, F_GETFD) < 0)
		return (4);
	if (fcntl(fd, F_DUPFD, 10) < 0 || fcntl(fd, F_DUPFD_CLOEXEC, 10) < 0)
		return (5);
	for (i = 0; i < ARRAY_LEN(denied); i++) {
		errno = 0;
		if (fcntl(fd, denied[i].command, denied[i].argument) != -1 ||
		    errno != EPERM)
			return (10 + (int)i);
	}
	return (0);
}

/* OB-184: sockets that do not lead out of this host are not to be had. */
static int
try_sockets(void)
{
	static const unsigned int calls[] = { SYS_socket, SYS_exit_group };
	static const int families[] = { AF_UNIX, AF_NETLINK, AF_PACKET, 0 };
	size_t i;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    !sysfilter_enter(calls, ARRAY_LEN(calls)))
		return (1);
	if (socket(AF_INET, SOCK_STREAM, 0) < 0)
		return (2);
	errno = 0;
	if (socket(AF_INET6, SOCK_DGRAM, 0) < 0 && errno != EAFNOSUPPORT)
		return (3);
	for (i = 0; i < ARRAY_LEN(families); i++) {
		errno = 0;
		if (socket(families[i], SOCK_DGRAM, 0) != -1 || errno != EPERM)
			return (10 + (int)i);
	}
	return (0);
}

static void
check_in_child(int (*try)(void))
{
	int status;
	pid_t pid;

#if defined(__SANITIZE_ADDRESS__)
	atf_tc_skip("a program with sanitizers is not confined");
#endif
	pid = fork();
	ATF_REQUIRE(pid >= 0);
	if (pid == 0)
		_exit(try());
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	ATF_REQUIRE(WIFEXITED(status));
	ATF_CHECK_EQ(0, WEXITSTATUS(status));
}

ATF_TC_WITHOUT_HEAD(sysfilter_enter__leaves_the_calls_that_were_named);
ATF_TC_BODY(sysfilter_enter__leaves_the_calls_that_were_named, tc)
{
	check_in_child(try_calls);
}

ATF_TC_WITHOUT_HEAD(sysfilter_enter__looks_at_arguments);
ATF_TC_BODY(sysfilter_enter__looks_at_arguments, tc)
{
	check_in_child(try_arguments);
}

ATF_TC_WITHOUT_HEAD(sysfilter_enter__leaves_of_fcntl_what_signals_nobody);
ATF_TC_BODY(sysfilter_enter__leaves_of_fcntl_what_signals_nobody, tc)
{
	check_in_child(try_fcntl);
}

ATF_TC_WITHOUT_HEAD(sysfilter_enter__leaves_sockets_of_the_internet);
ATF_TC_BODY(sysfilter_enter__leaves_sockets_of_the_internet, tc)
{
	check_in_child(try_sockets);
}

ATF_TC_WITHOUT_HEAD(sysfilter_enter__refuses_too_long_a_list);
ATF_TC_BODY(sysfilter_enter__refuses_too_long_a_list, tc)
{
	static const unsigned int calls[SYSFILTER_CALLS_MAX + 1];

	ATF_CHECK(!sysfilter_enter(calls, ARRAY_LEN(calls)));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, sysfilter_enter__leaves_the_calls_that_were_named);
	ATF_TP_ADD_TC(tp, sysfilter_enter__looks_at_arguments);
	ATF_TP_ADD_TC(tp, sysfilter_enter__leaves_of_fcntl_what_signals_nobody);
	ATF_TP_ADD_TC(tp, sysfilter_enter__leaves_sockets_of_the_internet);
	ATF_TP_ADD_TC(tp, sysfilter_enter__refuses_too_long_a_list);
	return (atf_no_error());
}
