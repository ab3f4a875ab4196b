/* SPDX-License-Identifier: ISC */
/*
 * Each denial is proved from inside: a child enters the sandbox on a spool,
 * tries the forbidden, and exits with what came of it.
 */
#include "sandbox.h"

#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "spool/spool.h"
#include "sys/sysclock.h"

/* What a child tries: 0, or the errno of the refusal. */
typedef int attempt_fn(int dirfd);

enum {
	NOT_CONFINED = 200 /* no errno is that */
};

static int
errno_of(long result)
{
	return (result < 0 ? errno : 0);
}

/* The attempt's outcome from inside a sandbox on the directory "spool". */
static int
try_inside(attempt_fn *attempt)
{
	int status;
	pid_t pid;
	int dirfd;

#if defined(__SANITIZE_ADDRESS__)
	atf_tc_skip("a program with sanitizers is not confined");
#endif
	ATF_REQUIRE(mkdir("spool", 0700) == 0 || errno == EEXIST);
	dirfd = open("spool", O_RDONLY | O_DIRECTORY);
	ATF_REQUIRE(dirfd >= 0);
	pid = fork();
	ATF_REQUIRE(pid >= 0);
	if (pid == 0) {
		/* Only what is asked for may be missing. */
		if (sandbox_enter(dirfd, false, 65536) != 0)
			_exit(NOT_CONFINED);
		_exit(attempt(dirfd));
	}
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	(void)close(dirfd);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_CONFINED)
		atf_tc_skip("this kernel has no whole sandbox");
	ATF_REQUIRE_MSG(WIFEXITED(status), "died: status %x", status);
	return (WEXITSTATUS(status));
}

static int
open_passwd(int dirfd)
{
	(void)dirfd;
	return (errno_of(openat(AT_FDCWD, "/etc/passwd", O_RDONLY)));
}

static int
open_parent(int dirfd)
{
	return (errno_of(openat(dirfd, "..", O_RDONLY | O_DIRECTORY)));
}

static int
open_above(int dirfd)
{
	return (errno_of(openat(dirfd, "../secret", O_RDONLY)));
}

static int
create_above(int dirfd)
{
	return (errno_of(openat(dirfd, "../made", O_WRONLY | O_CREAT, 0600)));
}

static int
follow_link(int dirfd)
{
	return (errno_of(openat(dirfd, "link", O_RDONLY)));
}

static int
make_socket(int dirfd)
{
	(void)dirfd;
	return (errno_of(socket(AF_INET, SOCK_STREAM, 0)));
}

static int
make_unix_socket(int dirfd)
{
	(void)dirfd;
	return (errno_of(socket(AF_UNIX, SOCK_DGRAM, 0)));
}

static int
execute(int dirfd)
{
	char *const argv[] = { NULL };

	(void)dirfd;
	return (errno_of(execve("/bin/true", argv, argv)));
}

static int
duplicate(int dirfd)
{
	pid_t pid;

	(void)dirfd;
	pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		_exit(0);
	return (errno_of(pid));
}

static int
become_root(int dirfd)
{
	(void)dirfd;
	return (errno_of(syscall(SYS_setuid, 0)));
}

static int
trace_parent(int dirfd)
{
	(void)dirfd;
	return (errno_of(ptrace(PTRACE_ATTACH, 1, NULL, NULL)));
}

static int
signal_parent(int dirfd)
{
	(void)dirfd;
	return (errno_of(syscall(SYS_kill, 1, 0)));
}

/* By a descriptor, whatever the kernel's Landlock knows of signals. */
static int
own_a_descriptor(int dirfd)
{
	return (errno_of(fcntl(dirfd, F_SETOWN, 1)));
}

static int
choose_a_signal(int dirfd)
{
	return (errno_of(fcntl(dirfd, F_SETSIG, SIGKILL)));
}

/* The log, where it is a file. */
static int
cut_the_log(int dirfd)
{
	(void)dirfd;
	return (errno_of(ftruncate(STDERR_FILENO, 0)));
}

static int
be_another_in_files(int dirfd)
{
	(void)dirfd;
	return (errno_of(syscall(SYS_setfsuid, -1)));
}

static int
map_executable(int dirfd)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)dirfd;
	return (p == MAP_FAILED ? errno : 0);
}

static int
map_plain(int dirfd)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)dirfd;
	return (p == MAP_FAILED ? errno : 0);
}

static int
make_link(int dirfd)
{
	return (errno_of(symlinkat("/etc/passwd", dirfd, "trap")));
}

static int
make_directory(int dirfd)
{
	return (errno_of(mkdirat(dirfd, "made", 0700)));
}

static int
grow_a_file(int dirfd)
{
	static const char page[65537];
	int fd = openat(dirfd, "big", O_WRONLY | O_CREAT, 0600);
	ssize_t n;

	(void)signal(SIGXFSZ, SIG_IGN);
	n = write(fd, page, sizeof(page));
	/* The limit cuts it short. */
	return (n < 0 ? errno : n == sizeof(page) ? 0 : EFBIG);
}

ATF_TC_WITHOUT_HEAD(sandbox_enter__denies_all_that_is_not_the_sessions_work);
ATF_TC_BODY(sandbox_enter__denies_all_that_is_not_the_sessions_work, tc)
{
	static const struct {
		const char *what;
		attempt_fn *attempt;
		int want;
	} rows[] = {
		{ "open /etc/passwd", open_passwd, EACCES },
		{ "open the directory above", open_parent, EACCES },
		{ "open a file above", open_above, EACCES },
		{ "create a file above", create_above, EACCES },
		{ "follow a link out of the spool", follow_link, EACCES },
		{ "make a TCP socket", make_socket, EPERM },
		{ "make a Unix socket", make_unix_socket, EPERM },
		{ "execute a program", execute, EPERM },
		{ "fork", duplicate, EPERM },
		{ "become root", become_root, EPERM },
		{ "trace another process", trace_parent, EPERM },
		{ "send a signal", signal_parent, EPERM },
		{ "own a descriptor", own_a_descriptor, EPERM },
		{ "choose a signal", choose_a_signal, EPERM },
		{ "cut the log", cut_the_log, EPERM },
		{ "make another user's files", be_another_in_files, EPERM },
		{ "map executable memory", map_executable, EPERM },
		{ "make a symbolic link", make_link, EPERM },
		{ "make a directory", make_directory, EPERM },
		{ "let a file grow beyond its limit", grow_a_file, EFBIG }
	};
	size_t i;
	int fd;

	ATF_REQUIRE_EQ(0, mkdir("spool", 0700));
	ATF_REQUIRE_EQ(0, symlink("/etc/passwd", "spool/link"));
	fd = open("secret", O_WRONLY | O_CREAT, 0644);
	ATF_REQUIRE(fd >= 0);
	(void)close(fd);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		int got = try_inside(rows[i].attempt);

		ATF_CHECK_EQ_MSG(rows[i].want, got, "%s: %s", rows[i].what,
		    got == 0 ? "allowed" : strerror(got));
	}
	ATF_CHECK_MSG(access("made", F_OK) != 0, "a file above was made");
}

/* A whole message, the counter's creation and its renewal: 0 if all worked. */
static int
receive_messages(int dirfd)
{
	struct spool s = { .dirfd = dirfd };
	int i;

	memset(s.boot, 'x', sizeof(s.boot));
	for (i = 0; i < 3; i++) {
		struct spool_msg m;
		struct fault why = { .err = 0 };
		struct bytes text = bytes_of("From: a@b\nTo: c@d\n");

		if (spool_begin(&s, &m, text,
		        sysclock_after(sysclock_ms(), 5), &why) != RES_OK ||
		    spool_append(&m, text, &why) != RES_OK ||
		    spool_commit(&m, &why) != RES_OK)
			return (why.err == 0 ? 1 : why.err);
	}
	return (errno_of(write(STDERR_FILENO, "", 0)));
}

ATF_TC_WITHOUT_HEAD(sandbox_enter__leaves_the_sessions_work_alone);
ATF_TC_BODY(sandbox_enter__leaves_the_sessions_work_alone, tc)
{
	ATF_CHECK_EQ(0, try_inside(map_plain));
	ATF_CHECK_EQ(0, try_inside(receive_messages));
	ATF_CHECK_EQ(0, access("spool/3.WRK", F_OK));
}

static int
core_limit(int dirfd)
{
	struct rlimit limit;

	(void)dirfd;
	/* prlimit(2) is forbidden by then, which is an answer, too. */
	return (getrlimit(RLIMIT_CORE, &limit) != 0 ? errno
	                                             : (int)limit.rlim_max);
}

ATF_TC_WITHOUT_HEAD(sandbox_enter__limits_cannot_be_changed_again);
ATF_TC_BODY(sandbox_enter__limits_cannot_be_changed_again, tc)
{
	ATF_CHECK_EQ(EPERM, try_inside(core_limit));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(
	    tp, sandbox_enter__denies_all_that_is_not_the_sessions_work);
	ATF_TP_ADD_TC(tp, sandbox_enter__leaves_the_sessions_work_alone);
	ATF_TP_ADD_TC(tp, sandbox_enter__limits_cannot_be_changed_again);
	return (atf_no_error());
}
