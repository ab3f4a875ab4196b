/* SPDX-License-Identifier: ISC */
#include "sys/syspass.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* So that one too many is seen and not just cut off. */
	ROOM = SYSPASS_FDS_MAX + 1
};

union control {
	struct cmsghdr first; /* for its alignment */
	char store[CMSG_SPACE(ROOM * sizeof(int))];
};

static void
add_fds(struct msghdr *m, union control *control, const int *fds, size_t n)
{
	struct cmsghdr *c = &control->first;

	m->msg_control = control->store;
	m->msg_controllen = (socklen_t)CMSG_SPACE(n * sizeof(*fds));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = (socklen_t)CMSG_LEN(n * sizeof(*fds));
	memcpy(CMSG_DATA(c), fds, n * sizeof(*fds));
}

bool
syspass_send_all(int sock, struct bytes record, const int *fds, size_t nfds)
{
	union control control = { .store = "" };
	struct iovec piece;
	struct msghdr m = { .msg_iov = &piece, .msg_iovlen = 1 };
	ssize_t n;

	/* sendmsg(2) reads it only, but its type cannot say so. */
	memcpy(&piece.iov_base, &record.p, sizeof(piece.iov_base));
	piece.iov_len = record.n;
	if (nfds > SYSPASS_FDS_MAX) {
		errno = EINVAL;
		return (false);
	}
	if (nfds > 0)
		add_fds(&m, &control, fds, nfds);
	do
		n = sendmsg(sock, &m, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	/* A stream takes part of one that is longer than its buffer. */
	if (n >= 0 && (size_t)n < record.n)
		errno = EMSGSIZE;
	return (n >= 0 && (size_t)n == record.n);
}

bool
syspass_send(int sock, struct bytes record, int fd)
{
	return (syspass_send_all(sock, record, &fd, fd >= 0 ? 1 : 0));
}

/* CMSG_NXTHDR(), which in musl's header compares numbers of unlike signs. */
static struct cmsghdr *
next_of(const struct msghdr *m, struct cmsghdr *c)
{
	char *store = m->msg_control;
	size_t left = m->msg_controllen - (size_t)((char *)c - store);

	/* A length that is too small would not lead on. */
	if (c->cmsg_len < CMSG_LEN(0) ||
	    left < CMSG_ALIGN(c->cmsg_len) + sizeof(*c))
		return (NULL);
	/* The store is aligned, and so is each length in it. */
	return ((void *)((char *)c + CMSG_ALIGN(c->cmsg_len)));
}

/* Keep as many as there is room for; how many there are. */
static size_t
take_fds(struct msghdr *m, int *fds, size_t most)
{
	struct cmsghdr *c;
	size_t got = 0;

	for (c = CMSG_FIRSTHDR(m); c != NULL; c = next_of(m, c)) {
		size_t i;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (i = 0; CMSG_LEN((i + 1) * sizeof(int)) <= c->cmsg_len;
		     i++) {
			int one;

			memcpy(
			    &one, CMSG_DATA(c) + i * sizeof(int), sizeof(one));
			if (got < most)
				fds[got] = one;
			else
				(void)close(one);
			got++;
		}
	}
	return (got);
}

ssize_t
syspass_receive_all(
    int sock, char *into, size_t cap, int fds[SYSPASS_FDS_MAX], size_t *nfds)
{
	size_t most = *nfds < SYSPASS_FDS_MAX ? *nfds : SYSPASS_FDS_MAX;
	union control control;
	struct iovec piece = { into, cap };
	struct msghdr m = { .msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = control.store,
		.msg_controllen = sizeof(control.store) };
	ssize_t n;
	size_t got;

	*nfds = 0;
	do
		n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return (n);
	got = take_fds(&m, fds, most);
	if (got <= most && (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0) {
		*nfds = got;
		return (n);
	}
	while (got > 0)
		if (--got < most)
			(void)close(fds[got]);
	errno = EMSGSIZE;
	return (-1);
}

ssize_t
syspass_receive(int sock, char *into, size_t cap, int *fd)
{
	int fds[SYSPASS_FDS_MAX];
	size_t nfds = 1;
	ssize_t n = syspass_receive_all(sock, into, cap, fds, &nfds);

	*fd = nfds > 0 ? fds[0] : -1;
	return (n);
}
