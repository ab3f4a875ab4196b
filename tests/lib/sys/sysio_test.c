/* SPDX-License-Identifier: ISC */
#include "sys/sysio.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "sys/sysclock.h"

enum { LARGE = 1 << 20 };

static char large[LARGE];

static void
fill_large(void)
{
	size_t i;

	for (i = 0; i < sizeof(large); i++)
		large[i] = (char)(i * 7 + i / 251);
}

/* A pipe (is_socket false) or a stream socket: [0] reads, [1] writes. */
static void
make_pair(bool is_socket, int fds[2])
{
	if (is_socket)
		ATF_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	else
		ATF_REQUIRE(pipe(fds) == 0);
}

static sigset_t
no_signals(void)
{
	sigset_t set;

	ATF_REQUIRE(sigemptyset(&set) == 0);
	return (set);
}

/* The mask that lets nothing through, for cases without signals. */
static sigset_t
all_signals(void)
{
	sigset_t set;

	ATF_REQUIRE(sigfillset(&set) == 0);
	return (set);
}

static int64_t
in_ms(int64_t ms)
{
	return (sysclock_ms() + ms);
}

static volatile sig_atomic_t alarms;

static void
count_alarm(int sig)
{
	(void)sig;
	alarms++;
}

/*
 * From now on SIGALRM comes every 10 ms, but is blocked; *open lets it
 * through.  It repeats, because one alone could come before the wait.
 */
static void
start_alarms(sigset_t *open)
{
	struct sigaction action = { .sa_handler = count_alarm };
	struct itimerval often = { { 0, 10000 }, { 0, 10000 } };
	sigset_t block;

	*open = no_signals();
	block = no_signals();
	ATF_REQUIRE(sigaddset(&block, SIGALRM) == 0);
	ATF_REQUIRE(sigprocmask(SIG_BLOCK, &block, NULL) == 0);
	ATF_REQUIRE(sigaction(SIGALRM, &action, NULL) == 0);
	ATF_REQUIRE(setitimer(ITIMER_REAL, &often, NULL) == 0);
}

ATF_TC_WITHOUT_HEAD(sysio_read__gives_what_is_there);
ATF_TC_BODY(sysio_read__gives_what_is_there, tc)
{
	sigset_t open = all_signals();
	int is_socket;

	for (is_socket = 0; is_socket < 2; is_socket++) {
		char got[8];
		size_t n = 0;
		int fds[2];

		make_pair(is_socket == 1, fds);
		ATF_REQUIRE_EQ(5, write(fds[1], "hello", 5));
		ATF_REQUIRE_EQ(SYSIO_OK, sysio_read(fds[0], got, 3, &n,
		    SYSCLOCK_NEVER, &open));
		ATF_CHECK_EQ(3, n);
		ATF_CHECK(memcmp(got, "hel", 3) == 0);
		ATF_REQUIRE_EQ(SYSIO_OK, sysio_read(fds[0], got, sizeof(got),
		    &n, in_ms(60000), &open));
		ATF_CHECK_EQ(2, n);
		ATF_CHECK(memcmp(got, "lo", 2) == 0);
	}
}

ATF_TC_WITHOUT_HEAD(sysio_read__peer_that_closed_is_eof);
ATF_TC_BODY(sysio_read__peer_that_closed_is_eof, tc)
{
	sigset_t open = all_signals();
	int is_socket;

	for (is_socket = 0; is_socket < 2; is_socket++) {
		char got[8];
		size_t n = 0;
		int fds[2];

		make_pair(is_socket == 1, fds);
		ATF_REQUIRE_EQ(1, write(fds[1], "x", 1));
		ATF_REQUIRE(close(fds[1]) == 0);
		ATF_CHECK_EQ(SYSIO_OK, sysio_read(fds[0], got, 8, &n,
		    SYSCLOCK_NEVER, &open));
		ATF_CHECK_EQ(SYSIO_EOF, sysio_read(fds[0], got, 8, &n,
		    SYSCLOCK_NEVER, &open));
	}
}

ATF_TC(sysio_read__silent_peer_is_timeout_and_not_before);
ATF_TC_HEAD(sysio_read__silent_peer_is_timeout_and_not_before, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(sysio_read__silent_peer_is_timeout_and_not_before, tc)
{
	sigset_t open = all_signals();
	int64_t before = sysclock_ms();
	char got[8];
	size_t n = 0;
	int fds[2];

	make_pair(true, fds);
	ATF_CHECK_EQ(SYSIO_TIMEOUT,
	    sysio_read(fds[0], got, 8, &n, before + 60, &open));
	ATF_CHECK(sysclock_ms() >= before + 60);
	ATF_CHECK_EQ(SYSIO_TIMEOUT,
	    sysio_read(fds[0], got, 8, &n, before - 1, &open));
}

ATF_TC_WITHOUT_HEAD(sysio_read__deadline_wins_over_a_busy_peer);
ATF_TC_BODY(sysio_read__deadline_wins_over_a_busy_peer, tc)
{
	sigset_t open = all_signals();
	char got[8];
	size_t n = 77;
	int fds[2];

	/* Or a peer that always has one more byte could hold us for ever. */
	make_pair(true, fds);
	ATF_REQUIRE_EQ(5, write(fds[1], "hello", 5));
	ATF_CHECK_EQ(SYSIO_TIMEOUT,
	    sysio_read(fds[0], got, 8, &n, in_ms(0), &open));
	ATF_CHECK_EQ(77, n);
}

ATF_TC(sysio_read__signal_is_let_through_only_while_waiting);
ATF_TC_HEAD(sysio_read__signal_is_let_through_only_while_waiting, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(sysio_read__signal_is_let_through_only_while_waiting, tc)
{
	sigset_t open;
	char got[8];
	size_t n = 0;
	int fds[2];

	make_pair(true, fds);
	start_alarms(&open);
	sysclock_sleep_ms(50);
	ATF_CHECK_EQ_MSG(0, alarms, "the mask outside is not ours");
	ATF_CHECK_EQ(SYSIO_SIGNAL,
	    sysio_read(fds[0], got, 8, &n, SYSCLOCK_NEVER, &open));
	ATF_CHECK(alarms >= 1);
}

ATF_TC_WITHOUT_HEAD(sysio_read__signal_is_heard_beside_a_busy_peer);
ATF_TC_BODY(sysio_read__signal_is_heard_beside_a_busy_peer, tc)
{
	sigset_t open;
	char got[8];
	size_t n = 77;
	int fds[2];

	make_pair(true, fds);
	start_alarms(&open);
	ATF_REQUIRE_EQ(5, write(fds[1], "hello", 5));
	/* One is pending when there is something to read, too. */
	ATF_REQUIRE(raise(SIGALRM) == 0);
	ATF_CHECK_EQ(0, alarms);
	ATF_CHECK_EQ(SYSIO_SIGNAL,
	    sysio_read(fds[0], got, 8, &n, in_ms(60000), &open));
	ATF_CHECK(alarms >= 1);
	ATF_CHECK_EQ_MSG(77, n, "what came is still there");
}

ATF_TC_WITHOUT_HEAD(sysio_look__tells_of_deadline_and_signal);
ATF_TC_BODY(sysio_look__tells_of_deadline_and_signal, tc)
{
	sigset_t open = all_signals();

	ATF_CHECK_EQ(SYSIO_OK, sysio_look(SYSCLOCK_NEVER, &open));
	ATF_CHECK_EQ(SYSIO_OK, sysio_look(in_ms(60000), NULL));
	ATF_CHECK_EQ(SYSIO_TIMEOUT, sysio_look(in_ms(0), &open));
	start_alarms(&open);
	ATF_REQUIRE(raise(SIGALRM) == 0);
	ATF_CHECK_EQ(SYSIO_SIGNAL, sysio_look(SYSCLOCK_NEVER, &open));
	ATF_CHECK(alarms >= 1);
}

ATF_TC_WITHOUT_HEAD(sysio_read__bad_descriptor_fails_with_errno);
ATF_TC_BODY(sysio_read__bad_descriptor_fails_with_errno, tc)
{
	sigset_t open = all_signals();
	char got[8];
	size_t n = 0;
	int fd = dup(STDIN_FILENO);

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE(close(fd) == 0);
	errno = 0;
	ATF_CHECK_EQ(SYSIO_FAILED,
	    sysio_read(fd, got, 8, &n, SYSCLOCK_NEVER, &open));
	ATF_CHECK_EQ(EBADF, errno);
}

/* A child that reads fd to its end and exits 0 if it was `large`. */
static pid_t
start_reader(int fd, int other)
{
	pid_t pid = fork();
	char got[4096];
	size_t n = 0;
	ssize_t r;

	ATF_REQUIRE(pid >= 0);
	if (pid > 0)
		return (pid);
	(void)close(other);
	while ((r = read(fd, got, sizeof(got))) > 0) {
		if (n + (size_t)r > sizeof(large) ||
		    memcmp(got, large + n, (size_t)r) != 0)
			_exit(1);
		n += (size_t)r;
	}
	_exit(n == sizeof(large) ? 0 : 2);
}

ATF_TC(sysio_write__all_of_it_arrives_in_order);
ATF_TC_HEAD(sysio_write__all_of_it_arrives_in_order, tc)
{
	atf_tc_set_md_var(tc, "timeout", "60");
}
ATF_TC_BODY(sysio_write__all_of_it_arrives_in_order, tc)
{
	sigset_t open = all_signals();
	int is_socket;

	fill_large();
	for (is_socket = 0; is_socket < 2; is_socket++) {
		int fds[2];
		int status;
		pid_t pid;

		make_pair(is_socket == 1, fds);
		pid = start_reader(fds[0], fds[1]);
		ATF_REQUIRE(close(fds[0]) == 0);
		ATF_CHECK_EQ(SYSIO_OK,
		    sysio_write(fds[1], (struct bytes) { large, LARGE },
		        in_ms(30000), &open));
		ATF_REQUIRE(close(fds[1]) == 0);
		ATF_REQUIRE(waitpid(pid, &status, 0) == pid);
		ATF_CHECK_EQ_MSG(0, status, "socket %d", is_socket);
	}
}

ATF_TC(sysio_write__peer_that_reads_nothing_is_timeout);
ATF_TC_HEAD(sysio_write__peer_that_reads_nothing_is_timeout, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(sysio_write__peer_that_reads_nothing_is_timeout, tc)
{
	sigset_t open = all_signals();
	int is_socket;

	/* Both are blocking descriptors, as a super-server hands them out. */
	for (is_socket = 0; is_socket < 2; is_socket++) {
		int64_t before = sysclock_ms();
		int fds[2];

		make_pair(is_socket == 1, fds);
		ATF_CHECK_EQ_MSG(SYSIO_TIMEOUT,
		    sysio_write(fds[1], (struct bytes) { large, LARGE },
		        before + 60, &open),
		    "socket %d", is_socket);
		ATF_CHECK(sysclock_ms() >= before + 60);
	}
}

ATF_TC_WITHOUT_HEAD(sysio_write__closed_socket_is_epipe_without_sigpipe);
ATF_TC_BODY(sysio_write__closed_socket_is_epipe_without_sigpipe, tc)
{
	sigset_t open = no_signals();
	int fds[2];

	ATF_REQUIRE(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
	make_pair(true, fds);
	ATF_REQUIRE(close(fds[0]) == 0);
	ATF_CHECK_EQ(SYSIO_FAILED, sysio_write(fds[1], bytes_of("x"),
	    SYSCLOCK_NEVER, &open));
	ATF_CHECK_EQ(EPIPE, errno);
}

ATF_TC(sysio_write__signal_ends_the_wait);
ATF_TC_HEAD(sysio_write__signal_ends_the_wait, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(sysio_write__signal_ends_the_wait, tc)
{
	sigset_t open;
	int fds[2];

	make_pair(true, fds);
	start_alarms(&open);
	ATF_CHECK_EQ(SYSIO_SIGNAL,
	    sysio_write(fds[1], (struct bytes) { large, LARGE },
	        SYSCLOCK_NEVER, &open));
}

ATF_TC_WITHOUT_HEAD(sysio_write__what_has_room_needs_no_time);
ATF_TC_BODY(sysio_write__what_has_room_needs_no_time, tc)
{
	sigset_t open;
	int is_socket;

	start_alarms(&open);
	/* A reply that is late is one all the same. */
	for (is_socket = 0; is_socket < 2; is_socket++) {
		char got[8];
		int fds[2];

		make_pair(is_socket == 1, fds);
		ATF_REQUIRE(raise(SIGALRM) == 0);
		ATF_CHECK_EQ(SYSIO_OK, sysio_write(fds[1], bytes_of("250"),
		    in_ms(-1), &open));
		ATF_CHECK_EQ(0, alarms);
		ATF_CHECK_EQ(3, read(fds[0], got, sizeof(got)));
	}
}

ATF_TC_WITHOUT_HEAD(sysio_write__nothing_is_nothing_to_wait_for);
ATF_TC_BODY(sysio_write__nothing_is_nothing_to_wait_for, tc)
{
	sigset_t open = all_signals();

	ATF_CHECK_EQ(SYSIO_OK, sysio_write(-1, (struct bytes) { NULL, 0 },
	    SYSCLOCK_NEVER, &open));
}

static int
open_file(const char *name, int flags)
{
	int fd = open(name, flags | O_CLOEXEC, 0600);

	ATF_REQUIRE_MSG(fd >= 0, "%s: %s", name, strerror(errno));
	return (fd);
}

ATF_TC_WITHOUT_HEAD(sysio_write_file__reads_back_by_read_file);
ATF_TC_BODY(sysio_write_file__reads_back_by_read_file, tc)
{
	static char back[LARGE];
	size_t n = 0;
	int fd = open_file("f", O_RDWR | O_CREAT);

	fill_large();
	ATF_REQUIRE_EQ(SYSIO_OK,
	    sysio_write_file(fd, (struct bytes) { large, LARGE }));
	ATF_REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
	ATF_REQUIRE_EQ(SYSIO_OK,
	    sysio_read_file(fd, back, sizeof(back), &n));
	ATF_CHECK_EQ((size_t)LARGE, n);
	ATF_CHECK(memcmp(large, back, LARGE) == 0);
}

ATF_TC_WITHOUT_HEAD(sysio_write_file__full_disk_fails_with_errno);
ATF_TC_BODY(sysio_write_file__full_disk_fails_with_errno, tc)
{
	int fd = open_file("/dev/full", O_WRONLY);

	ATF_CHECK_EQ(SYSIO_FAILED, sysio_write_file(fd, bytes_of("x")));
	ATF_CHECK_EQ(ENOSPC, errno);
}

ATF_TC_WITHOUT_HEAD(sysio_read_file__one_byte_more_than_cap_is_efbig);
ATF_TC_BODY(sysio_read_file__one_byte_more_than_cap_is_efbig, tc)
{
	static const struct {
		size_t size;
		bool good;
	} rows[] = {
		{ 0, true },
		{ 9, true },
		{ 10, true },
		{ 11, false },
		{ 4000, false },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		/* What is behind cap must stay as it is. */
		char got[11];
		size_t n = 77;
		int fd = open_file("f", O_RDWR | O_CREAT | O_TRUNC);

		got[10] = 'G';
		ATF_REQUIRE(sysio_write_file(fd,
		    (struct bytes) { large, rows[i].size }) == SYSIO_OK);
		ATF_REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
		errno = 0;
		ATF_CHECK_EQ_MSG(rows[i].good ? SYSIO_OK : SYSIO_FAILED,
		    sysio_read_file(fd, got, 10, &n), "row %zu", i);
		ATF_CHECK_EQ_MSG(rows[i].good ? 0 : EFBIG, errno,
		    "row %zu", i);
		ATF_CHECK_EQ_MSG(rows[i].good ? rows[i].size : 77, n,
		    "row %zu", i);
		ATF_CHECK_EQ_MSG('G', got[10], "row %zu", i);
		ATF_REQUIRE(close(fd) == 0);
	}
}

ATF_TC_WITHOUT_HEAD(sysio_read_file__directory_fails);
ATF_TC_BODY(sysio_read_file__directory_fails, tc)
{
	char got[10];
	size_t n = 0;
	int fd = open_file(".", O_RDONLY);

	ATF_CHECK_EQ(SYSIO_FAILED, sysio_read_file(fd, got, 10, &n));
	ATF_CHECK_EQ(EISDIR, errno);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, sysio_read__gives_what_is_there);
	ATF_TP_ADD_TC(tp, sysio_read__peer_that_closed_is_eof);
	ATF_TP_ADD_TC(tp, sysio_read__silent_peer_is_timeout_and_not_before);
	ATF_TP_ADD_TC(tp, sysio_read__deadline_wins_over_a_busy_peer);
	ATF_TP_ADD_TC(tp,
	    sysio_read__signal_is_let_through_only_while_waiting);
	ATF_TP_ADD_TC(tp, sysio_read__signal_is_heard_beside_a_busy_peer);
	ATF_TP_ADD_TC(tp, sysio_look__tells_of_deadline_and_signal);
	ATF_TP_ADD_TC(tp, sysio_read__bad_descriptor_fails_with_errno);
	ATF_TP_ADD_TC(tp, sysio_write__all_of_it_arrives_in_order);
	ATF_TP_ADD_TC(tp, sysio_write__peer_that_reads_nothing_is_timeout);
	ATF_TP_ADD_TC(tp,
	    sysio_write__closed_socket_is_epipe_without_sigpipe);
	ATF_TP_ADD_TC(tp, sysio_write__signal_ends_the_wait);
	ATF_TP_ADD_TC(tp, sysio_write__what_has_room_needs_no_time);
	ATF_TP_ADD_TC(tp, sysio_write__nothing_is_nothing_to_wait_for);
	ATF_TP_ADD_TC(tp, sysio_write_file__reads_back_by_read_file);
	ATF_TP_ADD_TC(tp, sysio_write_file__full_disk_fails_with_errno);
	ATF_TP_ADD_TC(tp, sysio_read_file__one_byte_more_than_cap_is_efbig);
	ATF_TP_ADD_TC(tp, sysio_read_file__directory_fails);
	return (atf_no_error());
}
