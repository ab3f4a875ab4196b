/* SPDX-License-Identifier: ISC */
#include "policy/mapcall.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sys/sysclock.h"

enum {
	QUESTION_MAX = 1024
};

union address {
	struct sockaddr any;
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

static bool
set_path(struct bytes path, union address *to, socklen_t *n)
{
	*to = (union address){ .un = { .sun_family = AF_UNIX } };
	*n = sizeof(to->un);
	errno = ENAMETOOLONG;
	if (path.n >= sizeof(to->un.sun_path))
		return (false);
	memcpy(to->un.sun_path, path.p, path.n);
	return (true);
}

/*
 * Names are for the resolver, which is another program's; but everybody knows
 * this one.
 */
static bool
set_host(struct bytes host, uint16_t port, union address *to, socklen_t *n)
{
	char store[INET6_ADDRSTRLEN];
	struct buf text;

	if (bytes_same_nocase(host, bytes_of("localhost")))
		host = bytes_of("127.0.0.1");
	buf_init(&text, store, sizeof(store));
	(void)buf_put(&text, host);
	errno = EADDRNOTAVAIL;
	if (buf_cstr(&text) == NULL)
		return (false);
	*to = (union address){ .in6 = { .sin6_family = AF_INET6 } };
	to->in6.sin6_port = htons(port);
	*n = sizeof(to->in6);
	if (inet_pton(AF_INET6, store, &to->in6.sin6_addr) == 1)
		return (true);
	*to = (union address){ .in4 = { .sin_family = AF_INET } };
	to->in4.sin_port = htons(port);
	*n = sizeof(to->in4);
	return (inet_pton(AF_INET, store, &to->in4.sin_addr) == 1);
}

/* A socket that may be on its way yet, or -1 and errno. */
static int
start(const struct settings_policy *where)
{
	union address to;
	socklen_t n;
	int err;
	int fd;

	if (!(where->is_inet
		    ? set_host(where->place, (uint16_t)where->port, &to, &n)
		    : set_path(where->place, &to, &n)))
		return (-1);
	fd = socket(
	    to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, &to.any, n) == 0 || errno == EINPROGRESS)
		return (fd);
	err = errno;
	(void)close(fd);
	errno = err;
	return (-1);
}

/* Until there is something to do.  False: errno. */
static bool
wait_for(const struct mapcall *call, int fd, short events)
{
	struct pollfd fds[] = { { fd, events, 0 }, { call->watch, 0, 0 } };
	int n;

	do {
		int64_t left = call->until_ms - sysclock_ms();

		n = poll(fds, 2, left > 0 ? (int)left : 0);
	} while (n < 0 && errno == EINTR);
	if (n == 0)
		errno = ETIMEDOUT;
	else if (n > 0 && fds[1].revents != 0)
		errno = ECANCELED;
	else
		return (n > 0);
	return (false);
}

static bool
send_question(const struct mapcall *call, int fd, struct bytes key)
{
	char store[QUESTION_MAX];
	struct bytes rest;
	struct buf out;

	buf_init(&out, store, sizeof(store));
	errno = EMSGSIZE;
	if (!socketmap_put_question(&out, call->where->name, key))
		return (false);
	for (rest = buf_view(&out); rest.n > 0;) {
		ssize_t n = -1;

		if (wait_for(call, fd, POLLOUT))
			n = send(fd, rest.p, rest.n, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN)
			return (false);
		if (n > 0)
			rest = bytes_cut(rest, (size_t)n, rest.n);
	}
	return (true);
}

static enum socketmap_word
fail(const struct mapcall *call, const char *what)
{
	(void)buf_puts(call->why, "smtp.remote.policy: ");
	(void)buf_puts(call->why, what);
	return (SOCKETMAP_FAILED);
}

static enum socketmap_word
take_answer(const struct mapcall *call, struct bytes answer, struct bytes *text)
{
	enum socketmap_word word = socketmap_parse_answer(answer, text);

	if (word != SOCKETMAP_FAILED)
		return (word);
	(void)fail(call, "it says ");
	(void)buf_put_text(call->why, bytes_cut(answer, 0, 200));
	return (word);
}

static enum socketmap_word
hear(const struct mapcall *call, int fd, struct bytes *text)
{
	struct bytes came = { call->store, 0 };
	struct bytes answer;

	for (;;) {
		ssize_t n = -1;

		switch (socketmap_take(came, &answer)) {
		case SOCKETMAP_WHOLE:
			return (take_answer(call, answer, text));
		case SOCKETMAP_JUNK:
			return (fail(call, "the answer is not a netstring"));
		case SOCKETMAP_MORE:
			break;
		}
		if (came.n == call->cap)
			return (fail(call, "the answer is too long"));
		if (wait_for(call, fd, POLLIN))
			n = recv(
			    fd, call->store + came.n, call->cap - came.n, 0);
		if (n == 0)
			return (fail(call, "it has closed without an answer"));
		if (n < 0 && errno != EAGAIN)
			return (fail(call, strerror(errno)));
		if (n > 0)
			came.n += (size_t)n;
	}
}

enum socketmap_word
mapcall_ask(const struct mapcall *call, struct bytes key, struct bytes *text)
{
	enum socketmap_word word;
	int fd = start(call->where);

	if (fd < 0)
		return (fail(call, strerror(errno)));
	word = send_question(call, fd, key) ? hear(call, fd, text)
					    : fail(call, strerror(errno));
	(void)close(fd);
	return (word);
}
