/* SPDX-License-Identifier: ISC */
#include "mapcall.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "reach.h"
#include "sys/sysio.h"

enum {
	QUESTION_MAX = 1024
};

/* False: errno. */
static bool
connect_path(struct bytes path, int *fd)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int err;

	if (path.n >= sizeof(to.sun_path)) {
		errno = ENAMETOOLONG;
		return (false);
	}
	memcpy(to.sun_path, path.p, path.n);
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return (false);
	if (connect(*fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
		return (true);
	err = errno;
	(void)close(*fd);
	errno = err;
	return (false);
}

/*
 * Names are for the resolver, which is another program's; but everybody knows
 * this one.
 */
static bool
read_address(struct bytes host, uint16_t port, union reach_address *to)
{
	unsigned char ip[sizeof(struct in6_addr)];
	char store[INET6_ADDRSTRLEN];
	struct buf text;
	bool is_v6;

	if (bytes_same_nocase(host, bytes_of("localhost")))
		host = bytes_of("127.0.0.1");
	buf_init(&text, store, sizeof(store));
	(void)buf_put(&text, host);
	if (buf_cstr(&text) == NULL)
		return (false);
	is_v6 = inet_pton(AF_INET6, store, ip) == 1;
	if (!is_v6 && inet_pton(AF_INET, store, ip) != 1)
		return (false);
	reach_set(to, is_v6, ip, port);
	return (true);
}

static bool
connect_to(const struct mapcall *call, int *fd)
{
	const struct settings_policy *where = call->where;
	union reach_address to;

	if (!where->is_inet)
		return (connect_path(where->place, fd));
	errno = EADDRNOTAVAIL;
	if (!read_address(where->place, (uint16_t)where->port, &to))
		return (false);
	switch (reach(&to, NULL, call->watch, call->until_ms, fd)) {
	case REACH_OK:
		return (true);
	case REACH_GIVEN_UP:
		errno = ECANCELED;
		return (false);
	case REACH_FAILED:
	case REACH_NO_SOURCE:
		break;
	}
	return (false);
}

static enum sysio_status
send_question(const struct mapcall *call, int fd, struct bytes key)
{
	char store[QUESTION_MAX];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	errno = EMSGSIZE;
	if (!socketmap_put_question(&out, call->where->name, key))
		return (SYSIO_FAILED);
	return (sysio_write(fd, buf_view(&out), call->until_ms, NULL));
}

static enum socketmap_word
fail(const struct mapcall *call, const char *what)
{
	(void)buf_puts(call->why, "smtp.remote.policy: ");
	(void)buf_puts(call->why, what);
	return (SOCKETMAP_FAILED);
}

static enum socketmap_word
fail_io(const struct mapcall *call, enum sysio_status got)
{
	if (got == SYSIO_EOF)
		return (fail(call, "no answer"));
	return (fail(call,
	    got == SYSIO_TIMEOUT ? "no answer in time" : strerror(errno)));
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
		enum sysio_status got;
		size_t more = 0;

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
		got = sysio_read(fd, call->store + came.n, call->cap - came.n,
		    &more, call->until_ms, NULL);
		if (got != SYSIO_OK)
			return (fail_io(call, got));
		came.n += more;
	}
}

enum socketmap_word
mapcall_ask(const struct mapcall *call, struct bytes key, struct bytes *text)
{
	enum socketmap_word word;
	enum sysio_status sent;
	int fd;

	if (!connect_to(call, &fd))
		return (fail(call, strerror(errno)));
	sent = send_question(call, fd, key);
	word = sent == SYSIO_OK ? hear(call, fd, text) : fail_io(call, sent);
	(void)close(fd);
	return (word);
}
