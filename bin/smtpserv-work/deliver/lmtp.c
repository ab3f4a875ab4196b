/* SPDX-License-Identifier: ISC */
#include "deliver/lmtp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "deliver/lmtpdialog.h"
#include "smtp/smtpstuff.h"
#include "sys/sysclock.h"
#include "sys/sysio.h"

enum {
	/* Seconds; RFC 5321 4.5.3.2, and half of it where we just wait. */
	CONNECT_SECONDS = 30,
	REPLY_SECONDS = 300,
	TEXT_SECONDS = 600,
	SERVER_MAX = 300,
	PIECE = 16384
};

/* A conversation, from the socket to the verdict. */
struct talk {
	const struct delivery *d;
	struct lmtpdialog dialog;
	struct smtpanswer answer;
	int fd;
	size_t at; /* what of in is used */
	size_t n;
	char in[PIECE];
};

/* The sooner of so many seconds from now and the delivery's end. */
static int64_t
deadline(const struct talk *t, uint32_t seconds)
{
	int64_t at = sysclock_after(sysclock_ms(), seconds);

	return (at < t->d->until_ms ? at : t->d->until_ms);
}

static const char *
word_for(enum sysio_status status)
{
	if (status == SYSIO_TIMEOUT)
		return ("no answer in time");
	if (status == SYSIO_FAILED)
		return (strerror(errno));
	return ("connection closed");
}

/* Wait for connect(2) to come to an end.  An errno, or 0. */
static int
finish_connect(int fd, int64_t until_ms)
{
	struct pollfd pfd = { fd, POLLOUT, 0 };
	int err = 0;
	socklen_t n = sizeof(err);
	int ready;

	do {
		int64_t left = until_ms - sysclock_ms();

		ready = poll(&pfd, 1, left > 0 ? (int)left : 0);
	} while (ready < 0 && errno == EINTR);
	if (ready == 0)
		return (ETIMEDOUT);
	if (ready < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &n) != 0)
		return (errno);
	return (err);
}

/* 0 and a socket, or an errno. */
static int
connect_to(
    struct talk *t, int family, const struct sockaddr *address, socklen_t n)
{
	int err = 0;

	t->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (t->fd < 0)
		return (errno);
	if (connect(t->fd, address, n) != 0)
		err = errno;
	if (err == EINPROGRESS)
		err = finish_connect(t->fd, deadline(t, CONNECT_SECONDS));
	if (err == 0)
		return (0);
	/* Nothing was sent, so nothing can be lost by its end. */
	(void)close(t->fd);
	t->fd = -1;
	return (err);
}

static int
connect_unix(struct talk *t, struct bytes path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (path.n >= sizeof(address.sun_path))
		return (ENAMETOOLONG);
	memcpy(address.sun_path, path.p, path.n);
	return (connect_to(
	    t, AF_UNIX, (const struct sockaddr *)&address, sizeof(address)));
}

/* Every address of the host, in its order.  0, an errno, or -1: *why. */
static int
connect_inet(struct talk *t, const struct instruction *in, const char **why)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *list;
	struct addrinfo *a;
	char host[SERVER_MAX];
	char port[16];
	int err;

	if (in->target.n >= sizeof(host))
		return (ENAMETOOLONG);
	memcpy(host, in->target.p, in->target.n);
	host[in->target.n] = '\0';
	(void)snprintf(port, sizeof(port), "%u", (unsigned int)in->port);
	err = getaddrinfo(host, port, &hints, &list);
	if (err != 0) {
		*why = gai_strerror(err);
		return (-1);
	}
	err = EADDRNOTAVAIL;
	for (a = list; a != NULL && err != 0; a = a->ai_next)
		err = connect_to(t, a->ai_family, a->ai_addr, a->ai_addrlen);
	freeaddrinfo(list);
	/* We write whole groups: the kernel would wait for more in vain. */
	if (err == 0)
		(void)setsockopt(
		    t->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	return (err);
}

/* More of what the server sends. */
static enum sysio_status
fill(struct talk *t, int64_t until_ms)
{
	enum sysio_status got =
	    sysio_read(t->fd, t->in, sizeof(t->in), &t->n, until_ms, NULL);

	t->at = 0;
	if (got != SYSIO_OK)
		t->n = 0;
	return (got);
}

/* One line of a reply, in whatever pieces it comes. */
static enum lmtpdialog_next
read_line(struct talk *t, int64_t until_ms)
{
	enum smtpanswer_status status = SMTPANSWER_MORE;

	while (status == SMTPANSWER_MORE) {
		enum sysio_status got = SYSIO_OK;
		size_t used;

		if (t->at == t->n)
			got = fill(t, until_ms);
		if (got != SYSIO_OK) {
			lmtpdialog_lost(&t->dialog, word_for(got));
			return (LMTPDIALOG_DONE);
		}
		status = smtpanswer_feed(&t->answer,
		    (struct bytes){ t->in + t->at, t->n - t->at }, &used);
		t->at += used;
	}
	return (lmtpdialog_line(&t->dialog, status, &t->answer));
}

/* Send all that is ready. */
static bool
send_ready(struct talk *t, struct buf *out)
{
	bool ok = sysio_write(t->fd, buf_view(out), deadline(t, REPLY_SECONDS),
		      NULL) == SYSIO_OK;

	buf_reset(out);
	return (ok);
}

/* A piece of the text; only what fills `out` is sent. */
static bool
send_piece(
    struct talk *t, struct smtpstuff *s, struct bytes in, struct buf *out)
{
	while (in.n > 0) {
		size_t used = smtpstuff_feed(s, in, out);

		in = bytes_cut(in, used, in.n);
		if (in.n > 0 && !send_ready(t, out))
			return (false);
	}
	return (true);
}

/*
 * The text's end goes with its last piece.  Sent alone it would wait until the
 * peer has acknowledged that piece, and so would the peer's server.
 */
static bool
send_end(struct talk *t, struct smtpstuff *s, struct buf *out)
{
	if (!smtpstuff_end(s, out) &&
	    (!send_ready(t, out) || !smtpstuff_end(s, out)))
		return (false);
	return (send_ready(t, out));
}

/*
 * If the server takes no more, the read that follows tells why.  If we fail
 * ourselves, half a text must not be ended like a whole one.
 */
static enum lmtpdialog_next
send_text(struct talk *t)
{
	char store[PIECE];
	char piece[PIECE];
	struct smtpstuff s;
	struct buf out;
	off_t at = 0;
	ssize_t n = 1;

	buf_init(&out, store, sizeof(store));
	smtpstuff_init(&s);
	while (n != 0) {
		n = pread(t->d->txt_fd, piece, sizeof(piece), at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			lmtpdialog_lost(&t->dialog, strerror(errno));
			return (LMTPDIALOG_DONE);
		}
		at += n;
		if (n > 0 &&
		    !send_piece(
			t, &s, (struct bytes){ piece, (size_t)n }, &out))
			return (LMTPDIALOG_READ);
	}
	(void)send_end(t, &s, &out);
	return (LMTPDIALOG_READ);
}

static void
converse(struct talk *t)
{
	enum lmtpdialog_next next = LMTPDIALOG_READ;
	uint32_t seconds = REPLY_SECONDS;

	while (next != LMTPDIALOG_DONE) {
		if (next == LMTPDIALOG_SEND)
			/* A failure is told by the read that follows. */
			(void)sysio_write(t->fd,
			    lmtpdialog_commands(&t->dialog),
			    deadline(t, REPLY_SECONDS), NULL);
		if (next == LMTPDIALOG_TEXT) {
			seconds = TEXT_SECONDS;
			next = send_text(t);
		}
		if (next != LMTPDIALOG_DONE)
			next = read_line(t, deadline(t, seconds));
	}
}

/* The verdict is known: this is politeness, and nobody waits for its answer. */
static void
take_leave(struct talk *t)
{
	static const struct bytes quit = { "QUIT\r\n", 6 };

	if (!t->dialog.wants_text)
		(void)sysio_write(t->fd, quit, sysclock_ms(), NULL);
	(void)close(t->fd);
}

/* REQUIRETLS (RFC 8689) does not let it out of the machine in clear. */
static bool
is_on_this_machine(const struct instruction *in)
{
	return (in->kind == INSTRUCTION_LMTP_UNIX ||
	    bytes_starts_nocase(in->target, bytes_of("127.")) ||
	    bytes_same(in->target, bytes_of("::1")) ||
	    bytes_same_nocase(in->target, bytes_of("localhost")));
}

/* False, and out says why: there is no connection. */
static bool
begin(struct talk *t, const struct instruction *in, const char *server,
    struct outcome *out)
{
	const char *why = NULL;
	int err = in->kind == INSTRUCTION_LMTP_UNIX
	    ? connect_unix(t, in->target)
	    : connect_inet(t, in, &why);

	if (err == 0)
		return (true);
	outcome_down(out, "4.4.1", "unable to connect: %s (%s)",
	    why != NULL ? why : strerror(err), server);
	return (false);
}

/* One outcome for all recipients, without a conversation. */
static void
settle_all(struct lmtpdialog_rcpt *rcpt, size_t n, const struct outcome *out)
{
	size_t i;

	for (i = 0; i < n; i++) {
		rcpt[i].is_known = true;
		rcpt[i].outcome = *out;
	}
}

void
lmtp_deliver(const struct delivery *d, const struct instruction *in,
    struct lmtpdialog_rcpt *rcpt, size_t n)
{
	char server[SERVER_MAX];
	struct lmtpdialog_mail mail = {
		.server = server,
		.host = bytes_of(d->host),
		.sender = d->sender,
		.rcpt = rcpt,
		.nrcpt = n,
		.envid = d->envid,
		.ret = d->ret,
		.body = d->body,
		.smtputf8 = d->smtputf8,
	};
	struct talk t = { .d = d, .fd = -1 };
	struct outcome out;
	struct stat st;

	if (in->kind == INSTRUCTION_LMTP_UNIX)
		(void)snprintf(server, sizeof(server), "lmtp:unix:%.*s",
		    (int)in->target.n, in->target.p);
	else
		(void)snprintf(server, sizeof(server), "lmtp:[%.*s]:%u",
		    (int)in->target.n, in->target.p, (unsigned int)in->port);
	if (d->requiretls && !is_on_this_machine(in)) {
		outcome_set(&out, OUTCOME_FAILED, "5.7.30",
		    "REQUIRETLS: there is no TLS here (%s)", server);
		settle_all(rcpt, n, &out);
		return;
	}
	if (fstat(d->txt_fd, &st) == 0)
		mail.size = (uint64_t)st.st_size;
	if (!begin(&t, in, server, &out)) {
		settle_all(rcpt, n, &out);
		return;
	}
	smtpanswer_init(&t.answer);
	lmtpdialog_init(&t.dialog, &mail);
	converse(&t);
	take_leave(&t);
}
