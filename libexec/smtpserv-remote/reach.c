/* SPDX-License-Identifier: ISC */
#include "reach.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/sysclock.h"

void
reach_set(
    union reach_address *a, bool is_v6, const unsigned char *ip, uint16_t port)
{
	memset(a, 0, sizeof(*a));
	if (is_v6) {
		a->in6.sin6_family = AF_INET6;
		a->in6.sin6_port = htons(port);
		memcpy(&a->in6.sin6_addr, ip, sizeof(a->in6.sin6_addr));
	} else {
		a->in4.sin_family = AF_INET;
		a->in4.sin_port = htons(port);
		memcpy(&a->in4.sin_addr, ip, sizeof(a->in4.sin_addr));
	}
}

static socklen_t
length_of(const union reach_address *a)
{
	return (a->any.sa_family == AF_INET6 ? sizeof(a->in6) : sizeof(a->in4));
}

/* Wait for connect(2) to come to an end. */
static enum reach_status
finish(int fd, int watch, int64_t until_ms)
{
	struct pollfd list[2] = { { fd, POLLOUT, 0 }, { watch, 0, 0 } };
	int err = 0;
	socklen_t n = sizeof(err);
	int ready;

	do {
		int64_t left = until_ms - sysclock_ms();

		ready = poll(list, 2, left > 0 ? (int)left : 0);
	} while (ready < 0 && errno == EINTR);
	if (ready > 0 && (list[1].revents & (POLLHUP | POLLERR)) != 0)
		return (REACH_GIVEN_UP);
	if (ready == 0) {
		errno = ETIMEDOUT;
		return (REACH_FAILED);
	}
	if (ready < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &n) != 0)
		return (REACH_FAILED);
	errno = err;
	return (err == 0 ? REACH_OK : REACH_FAILED);
}

static enum reach_status
try_to(int fd, const union reach_address *to, const union reach_address *from,
    int watch, int64_t until_ms)
{
	if (from != NULL && bind(fd, &from->any, length_of(from)) != 0)
		return (REACH_NO_SOURCE);
	if (setsockopt(
		fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int)) != 0)
		return (REACH_FAILED);
	if (connect(fd, &to->any, length_of(to)) == 0)
		return (REACH_OK);
	if (errno != EINPROGRESS && errno != EINTR)
		return (REACH_FAILED);
	return (finish(fd, watch, until_ms));
}

enum reach_status
reach(const union reach_address *to, const union reach_address *from, int watch,
    int64_t until_ms, int *fd)
{
	enum reach_status got;
	int err;

	*fd = socket(
	    to->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return (REACH_FAILED);
	got = try_to(*fd, to, from, watch, until_ms);
	if (got == REACH_OK)
		return (got);
	err = errno;
	(void)close(*fd);
	*fd = -1;
	errno = err;
	return (got);
}
