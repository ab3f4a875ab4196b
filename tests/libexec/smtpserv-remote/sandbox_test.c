/* SPDX-License-Identifier: ISC */
/*
 * OB-182.  Each denial is proved from inside: a child enters the sandbox, tries
 * the forbidden, and exits with what came of it.
 */
#include "sandbox.h"

#include <arpa/inet.h>
#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "sys/syspass.h"

/* What a child tries: 0, or the errno of the refusal. */
typedef int attempt_fn(void);

enum {
	NOT_CONFINED = 200 /* no errno is that */
};

/* Made before the sandbox: it may be used, but leads nowhere new. */
static int udp = -1;

static int
errno_of(long result)
{
	return (result < 0 ? errno : 0);
}

static int
try_inside(attempt_fn *attempt)
{
	int status;
	pid_t pid;

#if defined(__SANITIZE_ADDRESS__)
	atf_tc_skip("a program with sanitizers is not confined");
#endif
	pid = fork();
	ATF_REQUIRE(pid >= 0);
	if (pid == 0) {
		if (sandbox_enter() != 0)
			_exit(NOT_CONFINED);
		_exit(attempt());
	}
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_CONFINED)
		atf_tc_skip("this kernel has no whole sandbox");
	ATF_REQUIRE_MSG(WIFEXITED(status), "died: status %x", status);
	return (WEXITSTATUS(status));
}

static struct sockaddr_in
loopback(void)
{
	struct sockaddr_in in4 = { .sin_family = AF_INET,
		.sin_port = htons(9) };

	in4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return (in4);
}

static int
open_file(void)
{
	return (errno_of(openat(AT_FDCWD, "/etc/passwd", O_RDONLY)));
}

static int
open_here(void)
{
	return (errno_of(openat(AT_FDCWD, ".", O_RDONLY | O_DIRECTORY)));
}

static int
make_file(void)
{
	return (errno_of(openat(AT_FDCWD, "made", O_CREAT | O_WRONLY, 0600)));
}

static int
make_socket(void)
{
	return (errno_of(socket(AF_INET, SOCK_STREAM, 0)));
}

static int
make_unix_socket(void)
{
	return (errno_of(socket(AF_UNIX, SOCK_DGRAM, 0)));
}

static int
make_pair(void)
{
	int pair[2];

	return (errno_of(socketpair(AF_UNIX, SOCK_STREAM, 0, pair)));
}

static int
connect_out(void)
{
	struct sockaddr_in to = loopback();

	return (
	    errno_of(connect(udp, (const struct sockaddr *)&to, sizeof(to))));
}

static int
bind_port(void)
{
	struct sockaddr_in to = loopback();

	return (errno_of(bind(udp, (const struct sockaddr *)&to, sizeof(to))));
}

static int
send_out(void)
{
	struct sockaddr_in to = loopback();

	return (errno_of(
	    sendto(udp, "x", 1, 0, (const struct sockaddr *)&to, sizeof(to))));
}

static int
send_message(void)
{
	struct sockaddr_in to = loopback();
	struct msghdr m = { .msg_name = &to, .msg_namelen = sizeof(to) };

	return (errno_of(sendmsg(udp, &m, 0)));
}

static int
execute(void)
{
	char *const argv[] = { NULL };

	return (errno_of(execve("/bin/true", argv, argv)));
}

static int
execute_fd(void)
{
	char *const argv[] = { NULL };

	return (errno_of(syscall(
	    SYS_execveat, STDIN_FILENO, "", argv, argv, AT_EMPTY_PATH)));
}

static int
fork_child(void)
{
	return (errno_of(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)));
}

static int
trace_parent(void)
{
	return (errno_of(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL)));
}

static int
kill_parent(void)
{
	return (errno_of(kill(getppid(), 0)));
}

static int
make_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return (p == MAP_FAILED ? errno : 0);
}

static int
look_around(void)
{
	char text[8];

	return (errno_of(readlinkat(AT_FDCWD, "/proc/self", text, 8)));
}

static int
raise_limit(void)
{
	struct rlimit limit = { 1, 1 };

	return (errno_of(syscall(SYS_prlimit64, 0, RLIMIT_CORE, &limit, NULL)));
}

ATF_TC_WITHOUT_HEAD(sandbox__refuses_all_that_leads_anywhere);
ATF_TC_BODY(sandbox__refuses_all_that_leads_anywhere, tc)
{
	static const struct {
		attempt_fn *attempt;
		const char *what;
	} rows[] = {
		{ open_file, "open a file" },
		{ open_here, "open a directory" },
		{ make_file, "make a file" },
		{ make_socket, "make a socket" },
		{ make_unix_socket, "make a Unix socket" },
		{ make_pair, "make a pair of sockets" },
		{ connect_out, "connect" },
		{ bind_port, "bind" },
		{ send_out, "send to an address" },
		{ send_message, "send a message to an address" },
		{ execute, "exec" },
		{ execute_fd, "exec a descriptor" },
		{ fork_child, "fork" },
		{ trace_parent, "trace" },
		{ kill_parent, "send a signal" },
		{ make_code, "make memory executable" },
		{ look_around, "read a link" },
		{ raise_limit, "set a limit" },
	};
	size_t i;

	udp = socket(AF_INET, SOCK_DGRAM, 0);
	ATF_REQUIRE(udp >= 0);
	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_EQ_MSG(EPERM, try_inside(rows[i].attempt), "%s: %d",
		    rows[i].what, try_inside(rows[i].attempt));
}

static int pair[2];
static int text;

/* What the talker does all day. */
static int
work(void)
{
	struct pollfd pfd = { pair[0], POLLIN, 0 };
	struct timespec now;
	char in[8];
	int fd;

	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0 ||
	    poll(&pfd, 1, 1000) != 1 ||
	    syspass_receive(pair[0], in, sizeof(in), &fd) != 1)
		return (errno);
	if (pread(fd, in, 4, 0) != 4 || send(pair[0], in, 4, MSG_NOSIGNAL) != 4)
		return (errno);
	return (close(fd) == 0 ? 0 : errno);
}

ATF_TC_WITHOUT_HEAD(sandbox__lets_a_talker_work);
ATF_TC_BODY(sandbox__lets_a_talker_work, tc)
{
	ATF_REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	text = open("text", O_RDWR | O_CREAT, 0600);
	ATF_REQUIRE(text >= 0 && write(text, "text", 4) == 4);
	ATF_REQUIRE(syspass_send(pair[1], bytes_of("M"), text));
	ATF_CHECK_EQ(0, try_inside(work));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, sandbox__refuses_all_that_leads_anywhere);
	ATF_TP_ADD_TC(tp, sandbox__lets_a_talker_work);
	return (atf_no_error());
}
