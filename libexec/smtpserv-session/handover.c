/* SPDX-License-Identifier: ISC */
#include "handover.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "envelope/envelope.h"
#include "qmail/qqenv.h"
#include "sys/sysclock.h"
#include "sys/sysio.h"

enum {
	/*
	 * Seconds more than the helper gives a program: it may have to end one
	 * that was given up before, and to hold back a refusal.
	 */
	GRACE = 15
};

void
handover_init(struct handover *h, int fd, uint32_t seconds, int64_t ends_at,
    const sigset_t *waiting)
{
	h->fd = fd;
	h->seconds = seconds + GRACE;
	h->ends_at = ends_at;
	h->waiting = waiting;
	h->is_stopped = false;
}

bool
handover_is_stopped(const struct handover *h)
{
	return (h->is_stopped);
}

static int64_t
deadline(const struct handover *h)
{
	return (sysclock_after(sysclock_ms(), h->seconds));
}

static int64_t
until(const struct handover *h)
{
	int64_t until_ms = deadline(h);

	return (until_ms < h->ends_at ? until_ms : h->ends_at);
}

/*
 * Did the wait end because we are to stop, and not because the helper failed?
 * Then the helper is told that nothing more comes: if its program has not read
 * all by then, it is given up.
 */
static bool
stops(struct handover *h, enum sysio_status status)
{
	if (status != SYSIO_SIGNAL &&
	    !(status == SYSIO_TIMEOUT && sysclock_ms() >= h->ends_at))
		return (false);
	h->is_stopped = true;
	return (shutdown(h->fd, SHUT_WR) == 0);
}

static bool
send_record(struct handover *h, size_t n)
{
	struct bytes record = { h->record, n };
	enum sysio_status status;

	if (h->fd < 0)
		return (false);
	status = sysio_write(h->fd, record, until(h), h->waiting);
	if (status == SYSIO_OK)
		return (true);
	/* In both cases nothing more can be sent. */
	(void)stops(h, status);
	h->fd = -1;
	return (false);
}

static bool
send_kind(struct handover *h, enum broker_kind kind)
{
	h->record[0] = (char)kind;
	return (send_record(h, 1));
}

static bool
get_answer(struct handover *h, struct broker_answer *a)
{
	enum sysio_status status;
	size_t got = 0;
	bool good;

	if (h->fd < 0)
		return (false);
	status = sysio_read(
	    h->fd, h->record, sizeof(h->record), &got, until(h), h->waiting);
	/* The helper answers all the same, and soon if nothing was done yet. */
	if (stops(h, status))
		status = sysio_read(h->fd, h->record, sizeof(h->record), &got,
		    deadline(h), NULL);
	good = status == SYSIO_OK &&
	    broker_parse_answer((struct bytes){ h->record, got }, a);
	if (!good || h->is_stopped)
		h->fd = -1;
	return (good);
}

bool
handover_login(struct handover *h, struct bytes user, struct bytes password,
    struct broker_answer *a)
{
	struct buf out;
	bool sent;

	buf_init(&out, h->record, sizeof(h->record));
	if (!broker_put_login(&out, user, password))
		return (false);
	sent = send_record(h, buf_view(&out).n);
	explicit_bzero(h->record, buf_view(&out).n);
	return (sent && get_answer(h, a));
}

bool
handover_begin(struct handover *h)
{
	return (send_kind(h, BROKER_BEGIN));
}

static bool
send_pieces(struct handover *h, enum broker_kind kind, struct bytes text)
{
	bool good = true;

	while (text.n > 0 && good) {
		struct bytes part = bytes_cut(text, 0, sizeof(h->record) - 1);

		h->record[0] = (char)kind;
		memcpy(h->record + 1, part.p, part.n);
		good = send_record(h, part.n + 1);
		text = bytes_cut(text, part.n, text.n);
	}
	return (good);
}

bool
handover_whole(struct handover *h, struct bytes lines)
{
	return (send_pieces(h, BROKER_WHOLE, lines));
}

bool
handover_text(struct handover *h, struct bytes text)
{
	return (send_pieces(h, BROKER_TEXT, text));
}

void
handover_abort(struct handover *h)
{
	/* A helper that is dead has given the message up already. */
	(void)send_kind(h, BROKER_ABORT);
}

/* Sender and recipients; a record has no place for the other facts. */
static bool
send_envelope(struct handover *h, struct bytes lines)
{
	struct bytes name;
	struct bytes mailbox;
	struct buf out;

	buf_init(&out, h->record, sizeof(h->record));
	(void)buf_putc(&out, BROKER_ENVELOPE);
	while (envelope_next(&lines, &name, &mailbox) == ENVELOPE_LINE) {
		char kind = bytes_same(name, bytes_of("From")) ? 'F' : 'T';

		if (kind == 'T' && !bytes_same(name, bytes_of("To")))
			continue;
		if (qqenv_put(&out, kind, mailbox))
			continue;
		if (!send_record(h, buf_view(&out).n))
			return (false);
		buf_cut(&out, 1);
		if (!qqenv_put(&out, kind, mailbox))
			return (false);
	}
	return (send_record(h, buf_view(&out).n));
}

bool
handover_commit(struct handover *h, struct bytes lines, struct broker_answer *a)
{
	return (send_envelope(h, lines) && send_kind(h, BROKER_COMMIT) &&
	    get_answer(h, a));
}
