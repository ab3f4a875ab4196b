/* SPDX-License-Identifier: ISC */
/*
 * Each denial is proved from inside: a child is confined, tries the forbidden,
 * and exits with what came of it.
 */
#include "sys/sysconfine.h"

#include <arpa/inet.h>
#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"

/* What a child tries: 0, or the errno of the refusal. */
typedef int attempt_fn(int dirfd);

enum {
	FILE_MAX = 65536,
	MEMORY_MAX = 64 << 20,
	NOT_CONFINED = 200 /* no errno is that */
};

static const unsigned int CALLS[] = {
	SYS_openat,
	SYS_write,
	SYS_close,
	SYS_unlinkat,
	SYS_mkdirat,
	SYS_ftruncate,
	SYS_socket,
	SYS_bind,
	SYS_connect,
	SYS_kill,
	SYS_getppid,
	SYS_prlimit64,
	SYS_prctl,
	SYS_rt_sigaction,
	SYS_exit_group,
};

static int
errno_of(long result)
{
	return (result < 0 ? errno : 0);
}

/* In a child that is confined to dirfd; only what is asked for is missing. */
static int
try_inside(attempt_fn *attempt, int dirfd, unsigned int missing,
    const struct sysconfine *c)
{
	int status;
	pid_t pid = fork();

	ATF_REQUIRE(pid >= 0);
	if (pid == 0) {
		if (sysconfine_enter(c) != missing)
			_exit(NOT_CONFINED);
		_exit(attempt(dirfd));
	}
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	ATF_REQUIRE_MSG(WIFEXITED(status), "died: status %x", status);
	return (WEXITSTATUS(status));
}

static long
landlock_abi(void)
{
	return (syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION));
}

/* All of it, or the case has nothing to look at. */
static void
need_a_whole_one(void)
{
#if defined(__SANITIZE_ADDRESS__)
	atf_tc_skip("a program with sanitizers is not confined");
#endif
	if (landlock_abi() < 1)
		atf_tc_skip("this kernel has no Landlock");
}

static int
open_room(void)
{
	int fd;

	ATF_REQUIRE_EQ(0, mkdir("room", 0700));
	fd = open("room/old", O_WRONLY | O_CREAT, 0600);
	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ(0, close(fd));
	fd = open("room", O_RDONLY | O_DIRECTORY);
	ATF_REQUIRE(fd >= 0);
	return (fd);
}

static int
make_file(int dirfd)
{
	return (errno_of(openat(dirfd, "new", O_RDWR | O_CREAT, 0600)));
}

static int
read_file(int dirfd)
{
	return (errno_of(openat(dirfd, "old", O_RDONLY)));
}

static int
cut_file(int dirfd)
{
	int fd = openat(dirfd, "old", O_WRONLY | O_TRUNC);

	return (fd < 0 ? errno : errno_of(ftruncate(fd, 0)));
}

static int
remove_file(int dirfd)
{
	return (errno_of(unlinkat(dirfd, "old", 0)));
}

static int
make_directory(int dirfd)
{
	return (errno_of(mkdirat(dirfd, "sub", 0700)));
}

static int
open_above(int dirfd)
{
	return (errno_of(openat(dirfd, "..", O_RDONLY | O_DIRECTORY)));
}

static int
open_elsewhere(int dirfd)
{
	(void)dirfd;
	return (errno_of(open("/etc/passwd", O_RDONLY)));
}

static int
call_unnamed(int dirfd)
{
	(void)dirfd;
	return (errno_of(syscall(SYS_getpid)));
}

ATF_TC_WITHOUT_HEAD(sysconfine_enter__leaves_one_directorys_files);
ATF_TC_BODY(sysconfine_enter__leaves_one_directorys_files, tc)
{
	static const struct {
		const char *what;
		attempt_fn *attempt;
		int want;
		int want_without; /* where no directory is left */
		int want_reader;
	} rows[] = {
		{ "make a file", make_file, 0, EACCES, EACCES },
		{ "read a file", read_file, 0, EACCES, 0 },
		{ "cut a file", cut_file, 0, EACCES, EACCES },
		{ "remove a file", remove_file, 0, EACCES, EACCES },
		{ "make a directory", make_directory, EACCES, EACCES, EACCES },
		{ "open the directory above", open_above, EACCES, EACCES, EACCES },
		{ "open /etc/passwd", open_elsewhere, EACCES, EACCES, EACCES },
		{ "make a call that is not named", call_unnamed, EPERM, EPERM, EPERM },
	};
	struct sysconfine c = { .calls = CALLS, .n = ARRAY_LEN(CALLS) };
	int dirfd;
	size_t i;

	need_a_whole_one();
	dirfd = open_room();
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		c.dirfd = -1;
		ATF_CHECK_EQ_MSG(rows[i].want_without,
		    try_inside(rows[i].attempt, dirfd, 0, &c), "%s, without",
		    rows[i].what);
		c.dirfd = dirfd;
		c.is_reader = true;
		ATF_CHECK_EQ_MSG(rows[i].want_reader,
		    try_inside(rows[i].attempt, dirfd, 0, &c), "%s, reading",
		    rows[i].what);
		c.is_reader = false;
		ATF_CHECK_EQ_MSG(rows[i].want,
		    try_inside(rows[i].attempt, dirfd, 0, &c), "%s",
		    rows[i].what);
	}
}

/* To any port. */
static int
bind_tcp(int dirfd)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)dirfd;
	return (fd < 0
		? errno
		: errno_of(bind(fd, (const struct sockaddr *)&a, sizeof(a))));
}

static int
signal_parent(int dirfd)
{
	(void)dirfd;
	return (errno_of(kill(getppid(), 0)));
}

static int shelf;

static int
read_shelf(int dirfd)
{
	(void)dirfd;
	return (errno_of(openat(shelf, "old", O_RDONLY)));
}

static int
write_shelf(int dirfd)
{
	(void)dirfd;
	return (errno_of(openat(shelf, "old", O_WRONLY)));
}

static int
make_on_shelf(int dirfd)
{
	(void)dirfd;
	return (errno_of(openat(shelf, "new", O_RDWR | O_CREAT, 0600)));
}

ATF_TC_WITHOUT_HEAD(sysconfine_enter__leaves_other_directories_as_it_is_told);
ATF_TC_BODY(sysconfine_enter__leaves_other_directories_as_it_is_told, tc)
{
	int readable[] = { -1, -1 };
	struct sysconfine c = { .calls = CALLS, .n = ARRAY_LEN(CALLS) };

	need_a_whole_one();
	shelf = open_room();
	ATF_REQUIRE_EQ(0, mkdir("spool", 0700));
	c.dirfd = open("spool", O_RDONLY | O_DIRECTORY);
	ATF_REQUIRE(c.dirfd >= 0);
	ATF_CHECK_EQ(EACCES, try_inside(read_shelf, c.dirfd, 0, &c));
	readable[1] = shelf;
	c.readable = readable;
	c.nreadable = ARRAY_LEN(readable);
	ATF_CHECK_EQ(0, try_inside(read_shelf, c.dirfd, 0, &c));
	ATF_CHECK_EQ(EACCES, try_inside(write_shelf, c.dirfd, 0, &c));
	ATF_CHECK_EQ(EACCES, try_inside(make_on_shelf, c.dirfd, 0, &c));
	ATF_CHECK_EQ(0, try_inside(make_file, c.dirfd, 0, &c));
	c.other = shelf;
	ATF_CHECK_EQ(0, try_inside(write_shelf, c.dirfd, 0, &c));
	ATF_CHECK_EQ(0, try_inside(make_on_shelf, c.dirfd, 0, &c));
}

ATF_TC_WITHOUT_HEAD(sysconfine_enter__forbids_ports_and_signals_by_landlock);
ATF_TC_BODY(sysconfine_enter__forbids_ports_and_signals_by_landlock, tc)
{
	struct sysconfine c = {
		.dirfd = -1, .calls = CALLS, .n = ARRAY_LEN(CALLS)
	};

	need_a_whole_one();
	ATF_CHECK_EQ(
	    landlock_abi() >= 4 ? EACCES : 0, try_inside(bind_tcp, -1, 0, &c));
	ATF_CHECK_EQ(landlock_abi() >= 6 ? EPERM : 0,
	    try_inside(signal_parent, -1, 0, &c));
}

/* To a port where nobody listens: ECONNREFUSED, if it may be tried at all. */
static int
connect_tcp(unsigned short port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return (errno_of(
	    fd < 0 ? fd : connect(fd, (const struct sockaddr *)&a, sizeof(a))));
}

enum {
	FREE_PORT = 1,
	OTHER_PORT = 2
};

static int
connect_named(int dirfd)
{
	(void)dirfd;
	return (connect_tcp(FREE_PORT));
}

static int
connect_other(int dirfd)
{
	(void)dirfd;
	return (connect_tcp(OTHER_PORT));
}

/* OB-184 */
ATF_TC_WITHOUT_HEAD(sysconfine_enter__leaves_the_ports_that_were_named);
ATF_TC_BODY(sysconfine_enter__leaves_the_ports_that_were_named, tc)
{
	static const unsigned int port = FREE_PORT;
	struct sysconfine c = { .dirfd = -1,
		.calls = CALLS,
		.n = ARRAY_LEN(CALLS),
		.ports = &port,
		.nports = 1 };

	need_a_whole_one();
	ATF_CHECK_EQ(ECONNREFUSED, try_inside(connect_named, -1, 0, &c));
	ATF_CHECK_EQ(landlock_abi() >= 4 ? EACCES : ECONNREFUSED,
	    try_inside(connect_other, -1, 0, &c));
}

static int
leave_no_core(int dirfd)
{
	struct rlimit limit;

	(void)dirfd;
	if (getrlimit(RLIMIT_CORE, &limit) != 0)
		return (errno);
	return (limit.rlim_cur == 0 && limit.rlim_max == 0 ? 0 : ERANGE);
}

static int
grow_file(int dirfd)
{
	static const char page[FILE_MAX + 1];
	int fd = openat(dirfd, "big", O_WRONLY | O_CREAT, 0600);
	ssize_t n;

	(void)signal(SIGXFSZ, SIG_IGN);
	n = write(fd, page, sizeof(page));
	/* The limit cuts it short. */
	return (n < 0 ? errno : n == sizeof(page) ? 0 : EFBIG);
}

static int
take_memory(int dirfd)
{
	struct rlimit limit;
	void *p = mmap(NULL, 2 * (size_t)MEMORY_MAX, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)dirfd;
	if (p == MAP_FAILED)
		return (errno);
	/* SIGXCPU comes before SIGKILL. */
	return (getrlimit(RLIMIT_CPU, &limit) == 0 && limit.rlim_cur == 1000 &&
		    limit.rlim_max == 1001
		? EDOM
		: 0);
}

static int
gain_privileges(int dirfd)
{
	(void)dirfd;
	return (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? EPERM : 0);
}

ATF_TC_WITHOUT_HEAD(sysconfine_enter__limits_files_cores_and_privileges);
ATF_TC_BODY(sysconfine_enter__limits_files_cores_and_privileges, tc)
{
	struct sysconfine c = {
		.dirfd = -1, .calls = CALLS, .n = ARRAY_LEN(CALLS)
	};

	need_a_whole_one();
	c.dirfd = open_room();
	ATF_CHECK_EQ(0, try_inside(grow_file, c.dirfd, 0, &c));
	c.file_max = FILE_MAX;
	ATF_CHECK_EQ(EFBIG, try_inside(grow_file, c.dirfd, 0, &c));
	ATF_CHECK_EQ(0, try_inside(take_memory, c.dirfd, 0, &c));
	c.work_max = 1000;
	ATF_CHECK_EQ(EDOM, try_inside(take_memory, c.dirfd, 0, &c));
	c.memory_max = MEMORY_MAX;
	ATF_CHECK_EQ(ENOMEM, try_inside(take_memory, c.dirfd, 0, &c));
	ATF_CHECK_EQ(0, try_inside(leave_no_core, c.dirfd, 0, &c));
	ATF_CHECK_EQ(EPERM, try_inside(gain_privileges, c.dirfd, 0, &c));
}

/* Where one part fails, the caller learns which, and the others are done. */
ATF_TC_WITHOUT_HEAD(sysconfine_enter__tells_what_is_missing_and_does_the_rest);
ATF_TC_BODY(sysconfine_enter__tells_what_is_missing_and_does_the_rest, tc)
{
	struct sysconfine too_many = {
		.dirfd = -1, .calls = CALLS, .n = SIZE_MAX
	};
	struct sysconfine no_directory = {
		.dirfd = 9999, .calls = CALLS, .n = ARRAY_LEN(CALLS)
	};

	need_a_whole_one();
	ATF_CHECK_EQ(EACCES,
	    try_inside(open_elsewhere, -1, SYSCONFINE_NO_SECCOMP, &too_many));
	ATF_CHECK_EQ(EPERM,
	    try_inside(
		call_unnamed, -1, SYSCONFINE_NO_LANDLOCK, &no_directory));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, sysconfine_enter__leaves_one_directorys_files);
	ATF_TP_ADD_TC(
	    tp, sysconfine_enter__leaves_other_directories_as_it_is_told);
	ATF_TP_ADD_TC(
	    tp, sysconfine_enter__forbids_ports_and_signals_by_landlock);
	ATF_TP_ADD_TC(tp, sysconfine_enter__leaves_the_ports_that_were_named);
	ATF_TP_ADD_TC(tp, sysconfine_enter__limits_files_cores_and_privileges);
	ATF_TP_ADD_TC(
	    tp, sysconfine_enter__tells_what_is_missing_and_does_the_rest);
	return (atf_no_error());
}
