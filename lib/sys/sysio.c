/* SPDX-License-Identifier: ISC */
#include "sys/sysio.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sys/sysclock.h"

/*
 * A ppoll(2) that finds something ready does not let signals in.  One that has
 * nothing to look at and no time to wait still lets a pending one in, so that a
 * busy peer does not keep it out.
 */
static enum sysio_status
signal_of(const sigset_t *open)
{
	static const struct timespec no_time = { 0, 0 };

	if (open == NULL || ppoll(NULL, 0, &no_time, open) == 0)
		return (SYSIO_OK);
	return (errno == EINTR ? SYSIO_SIGNAL : SYSIO_FAILED);
}

/* Wait until fd is ready for `events`, or has failed; read then tells. */
static enum sysio_status
wait_for(int fd, short events, int64_t until_ms, const sigset_t *open)
{
	struct pollfd pfd = { fd, events, 0 };
	struct timespec left;
	struct timespec *timeout = NULL;
	int n;

	if (until_ms != SYSCLOCK_NEVER) {
		int64_t ms = until_ms - sysclock_ms();

		/* Even if fd is ready: a busy peer is not a reason to go on. */
		if (ms <= 0)
			return (SYSIO_TIMEOUT);
		left.tv_sec = (time_t)(ms / 1000);
		left.tv_nsec = (long)(ms % 1000) * 1000000L;
		timeout = &left;
	}
	n = ppoll(&pfd, 1, timeout, open);
	if (n > 0)
		return (signal_of(open));
	if (n == 0)
		return (SYSIO_TIMEOUT);
	return (errno == EINTR ? SYSIO_SIGNAL : SYSIO_FAILED);
}

enum sysio_status
sysio_look(int64_t until_ms, const sigset_t *open)
{
	if (until_ms != SYSCLOCK_NEVER && sysclock_ms() >= until_ms)
		return (SYSIO_TIMEOUT);
	return (signal_of(open));
}

enum sysio_status
sysio_read(int fd, char *into, size_t n, size_t *got, int64_t until_ms,
    const sigset_t *open)
{
	for (;;) {
		enum sysio_status ready = wait_for(fd, POLLIN, until_ms, open);
		ssize_t r;

		if (ready != SYSIO_OK)
			return (ready);
		r = read(fd, into, n);
		if (r > 0) {
			*got = (size_t)r;
			return (SYSIO_OK);
		}
		if (r == 0)
			return (SYSIO_EOF);
		if (errno != EINTR && errno != EAGAIN)
			return (SYSIO_FAILED);
	}
}

/*
 * As much as goes at once.  A socket is told not to wait; a pipe that poll(2)
 * calls writable takes PIPE_BUF bytes.
 */
static ssize_t
try_to_write(int fd, struct bytes text, bool *is_socket)
{
	static const struct timespec no_time = { 0, 0 };
	struct pollfd pfd = { fd, POLLOUT, 0 };
	ssize_t n;

	if (*is_socket) {
		n = send(fd, text.p, text.n, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n >= 0 || errno != ENOTSOCK)
			return (n);
		*is_socket = false;
	}
	if (ppoll(&pfd, 1, &no_time, NULL) == 0) {
		errno = EAGAIN;
		return (-1);
	}
	return (write(fd, text.p, text.n < PIPE_BUF ? text.n : PIPE_BUF));
}

/*
 * It tries before it waits.  Nearly always there is room, and then a reply goes
 * out even if a signal has come or the time is over.
 */
enum sysio_status
sysio_write(int fd, struct bytes text, int64_t until_ms, const sigset_t *open)
{
	bool is_socket = true;

	while (text.n > 0) {
		enum sysio_status ready;
		ssize_t n = try_to_write(fd, text, &is_socket);

		if (n >= 0)
			text = bytes_cut(text, (size_t)n, text.n);
		else if (errno != EAGAIN && errno != EINTR)
			return (SYSIO_FAILED);
		if (text.n == 0)
			break;
		ready = wait_for(fd, POLLOUT, until_ms, open);
		if (ready != SYSIO_OK)
			return (ready);
	}
	return (SYSIO_OK);
}

enum sysio_status
sysio_write_file(int fd, struct bytes text)
{
	while (text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);

		if (n > 0) {
			text = bytes_cut(text, (size_t)n, text.n);
		} else if (n == 0) {
			/* No file does this; but if one did, we would spin. */
			errno = EIO;
			return (SYSIO_FAILED);
		} else if (errno != EINTR) {
			return (SYSIO_FAILED);
		}
	}
	return (SYSIO_OK);
}

enum sysio_status
sysio_read_file(int fd, char *into, size_t cap, size_t *got)
{
	size_t n = 0;

	for (;;) {
		char extra;
		ssize_t r =
		    n < cap ? read(fd, into + n, cap - n) : read(fd, &extra, 1);

		if (r == 0) {
			*got = n;
			return (SYSIO_OK);
		}
		if (r > 0 && n == cap) {
			errno = EFBIG;
			return (SYSIO_FAILED);
		}
		if (r > 0)
			n += (size_t)r;
		else if (errno != EINTR)
			return (SYSIO_FAILED);
	}
}
