/* SPDX-License-Identifier: ISC */
#include "request.h"

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "envelope/plan.h"
#include "sys/sysclock.h"
#include "sys/syspass.h"

enum {
	MESSAGE,
	ENVELOPE,
	PIECE = 32768,
	POLL_MAX = 60000,
	/* What the programs on the way add to a message, such as Received:. */
	MARGIN = 1024 * 1024
};

/* How far an envelope was looked at. */
struct lines {
	size_t column;
	bool is_to;  /* this line begins as To: does, so far */
	bool is_bad; /* a line is empty */
	uint64_t rcpts;
};

static bool
wait_for(int client, int64_t until_ms)
{
	struct pollfd p = { .fd = client, .events = POLLIN };
	int64_t left;
	int n;

	do {
		left = until_ms - sysclock_ms();
		if (left > POLL_MAX)
			left = POLL_MAX;
		n = poll(&p, 1, left > 0 ? (int)left : 0);
	} while (n < 0 && errno == EINTR);
	return (n > 0);
}

static void
close_all(const int *fds, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		(void)close(fds[i]);
}

/*
 * A piece of the line.  The descriptors come with its first octet; those that
 * come with a later one are too many.
 */
static enum request_status
read_piece(struct request *r, int client, size_t *used)
{
	int fds[SYSPASS_FDS_MAX];
	size_t nfds = SYSPASS_FDS_MAX;
	ssize_t n = syspass_receive_all(
	    client, r->line + *used, sizeof(r->line) - *used, fds, &nfds);

	if (n < 0)
		return (errno == EMSGSIZE ? REQUEST_UNREADABLE : REQUEST_GONE);
	if (n > 0 && *used == 0 && nfds == HANDOVER_FDS) {
		r->fds[MESSAGE] = fds[0];
		r->fds[ENVELOPE] = fds[1];
	} else {
		close_all(fds, nfds);
		if (n == 0)
			return (REQUEST_GONE);
		if (*used == 0 || nfds > 0)
			return (REQUEST_UNREADABLE);
	}
	*used += (size_t)n;
	return (REQUEST_GOOD);
}

static enum request_status
read_line(struct request *r, int client, int64_t until_ms,
    struct handover_request *parsed)
{
	enum request_status status = REQUEST_GOOD;
	size_t used = 0;

	while (status == REQUEST_GOOD) {
		switch (handover_parse_request(
		    (struct bytes){ r->line, used }, parsed)) {
		case HANDOVER_DONE:
			return (REQUEST_GOOD);
		case HANDOVER_BAD:
			return (REQUEST_BAD);
		case HANDOVER_MORE:
			break;
		}
		if (!wait_for(client, until_ms))
			return (REQUEST_GONE);
		status = read_piece(r, client, &used);
	}
	return (status);
}

static bool
is_as_said(int fd, uint64_t size)
{
	struct stat st;

	return (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    (uint64_t)st.st_size == size);
}

static bool
pread_all(int fd, uint64_t at, char *into, size_t n)
{
	size_t got = 0;

	while (got < n) {
		ssize_t more =
		    pread(fd, into + got, n - got, (off_t)(at + got));

		if (more < 0 && errno == EINTR)
			continue;
		if (more <= 0)
			return (false);
		got += (size_t)more;
	}
	return (true);
}

static void
look_at(struct lines *l, struct bytes piece)
{
	static const char to[] = "To:";
	size_t i;

	for (i = 0; i < piece.n; i++) {
		if (piece.p[i] == '\n') {
			l->is_bad = l->is_bad || l->column == 0;
			l->column = 0;
			continue;
		}
		if (l->column < sizeof(to) - 1) {
			l->is_to = (l->column == 0 || l->is_to) &&
			    piece.p[i] == to[l->column];
			if (l->is_to && l->column == sizeof(to) - 2)
				l->rcpts++;
		}
		l->column++;
	}
}

/*
 * An empty line in it would make a part of it text, so that a reader of the
 * queue would find other recipients than the client meant.
 */
static bool
is_envelope(struct request *r)
{
	struct lines l = { .column = 0 };
	char piece[PIECE];
	uint64_t at = 0;

	while (at < r->envelope) {
		size_t n = sizeof(piece);

		if (n > r->envelope - at)
			n = (size_t)(r->envelope - at);
		if (!pread_all(r->fds[ENVELOPE], at, piece, n))
			return (false);
		look_at(&l, (struct bytes){ piece, n });
		at += n;
	}
	r->rcpts = l.rcpts;
	return (l.column == 0 && !l.is_bad && at > 0);
}

enum request_status
request_read(struct request *r, int client, uint64_t most, int64_t until_ms)
{
	struct handover_request parsed;
	enum request_status status;

	r->fds[MESSAGE] = r->fds[ENVELOPE] = -1;
	r->id = (struct bytes){ r->line, 0 };
	r->rcpts = 0;
	status = read_line(r, client, until_ms, &parsed);
	if (status != REQUEST_GOOD)
		return (status);
	r->id = parsed.id;
	r->message = parsed.message;
	r->envelope = parsed.envelope;
	r->ends_ms = (int64_t)parsed.ends_ms;
	if (!is_as_said(r->fds[MESSAGE], r->message) ||
	    !is_as_said(r->fds[ENVELOPE], r->envelope) ||
	    r->envelope > PLAN_TEXT_MAX ||
	    (most > 0 && r->message > most + MARGIN))
		return (REQUEST_UNREADABLE);
	return (is_envelope(r) ? REQUEST_GOOD : REQUEST_UNREADABLE);
}

void
request_close(struct request *r)
{
	size_t i;

	for (i = 0; i < HANDOVER_FDS; i++)
		if (r->fds[i] >= 0)
			(void)close(r->fds[i]);
	r->fds[MESSAGE] = r->fds[ENVELOPE] = -1;
}

uint64_t
request_size(const struct request *r)
{
	return (r->envelope + 1 + r->message);
}

/* Of one file, at most n octets, which it has. */
static bool
take(int fd, uint64_t size, uint64_t at, struct buf *out)
{
	size_t n = buf_room(out);

	if (n > size - at)
		n = (size_t)(size - at);
	if (!pread_all(fd, at, buf_end(out), n))
		return (false);
	buf_wrote(out, n);
	return (true);
}

bool
request_piece(
    const struct request *r, uint64_t at, char *into, size_t cap, size_t *n)
{
	struct buf out;

	buf_init(&out, into, cap);
	if (at < r->envelope && !take(r->fds[ENVELOPE], r->envelope, at, &out))
		return (false);
	at += buf_view(&out).n;
	if (at == r->envelope && buf_room(&out) > 0 && buf_putc(&out, '\n'))
		at++;
	if (at > r->envelope && buf_room(&out) > 0 &&
	    !take(r->fds[MESSAGE], r->message, at - r->envelope - 1, &out))
		return (false);
	*n = buf_view(&out).n;
	return (true);
}
