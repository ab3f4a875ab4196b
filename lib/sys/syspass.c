/* SPDX-License-Identifier: ISC */
#include "sys/syspass.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* Two, so that one too many is seen and not just cut off. */
	FDS_MAX = 2
};

union control {
	struct cmsghdr first; /* for its alignment */
	char store[CMSG_SPACE(FDS_MAX * sizeof(int))];
};

static void
add_fd(struct msghdr *m, union control *control, int fd)
{
	struct cmsghdr *c;

	m->msg_control = control->store;
	m->msg_controllen = CMSG_SPACE(sizeof(fd));
	c = CMSG_FIRSTHDR(m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
}

bool
syspass_send(int sock, struct bytes record, int fd)
{
	union control control = { .store = "" };
	struct iovec piece;
	struct msghdr m = { .msg_iov = &piece, .msg_iovlen = 1 };
	ssize_t n;

	/* sendmsg(2) reads it only, but its type cannot say so. */
	memcpy(&piece.iov_base, &record.p, sizeof(piece.iov_base));
	piece.iov_len = record.n;
	if (fd >= 0)
		add_fd(&m, &control, fd);
	do
		n = sendmsg(sock, &m, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return (n >= 0);
}

/* Keep the first; how many there are. */
static size_t
take_fds(struct msghdr *m, int *fd)
{
	struct cmsghdr *c;
	size_t got = 0;

	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		size_t i;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (i = 0; CMSG_LEN((i + 1) * sizeof(int)) <= c->cmsg_len;
		     i++) {
			int one;

			memcpy(
			    &one, CMSG_DATA(c) + i * sizeof(int), sizeof(one));
			if (got++ == 0)
				*fd = one;
			else
				(void)close(one);
		}
	}
	return (got);
}

ssize_t
syspass_receive(int sock, char *into, size_t cap, int *fd)
{
	union control control;
	struct iovec piece = { into, cap };
	struct msghdr m = { .msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = control.store,
		.msg_controllen = sizeof(control.store) };
	ssize_t n;

	*fd = -1;
	do
		n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return (n);
	if (take_fds(&m, fd) <= 1 &&
	    (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0)
		return (n);
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	errno = EMSGSIZE;
	return (-1);
}
