/* SPDX-License-Identifier: ISC */
#include "handover.h"

#include <stddef.h>
#include <string.h>

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
handover_init(struct handover *h, int fd, uint32_t seconds)
{
	h->fd = fd;
	h->seconds = seconds + GRACE;
}

static int64_t
deadline(const struct handover *h)
{
	return (sysclock_after(sysclock_ms(), h->seconds));
}

/* Signals wait: what the session is asked to stop for is not lost. */
static bool
send_record(struct handover *h, size_t n)
{
	struct bytes record = { h->record, n };

	if (h->fd < 0)
		return (false);
	if (sysio_write(h->fd, record, deadline(h), NULL) == SYSIO_OK)
		return (true);
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
	size_t got = 0;

	if (h->fd >= 0 &&
	    sysio_read(h->fd, h->record, sizeof(h->record), &got, deadline(h),
		NULL) == SYSIO_OK &&
	    broker_parse_answer((struct bytes){ h->record, got }, a))
		return (true);
	h->fd = -1;
	return (false);
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

bool
handover_text(struct handover *h, struct bytes text)
{
	bool good = true;

	while (text.n > 0 && good) {
		struct bytes part = bytes_cut(text, 0, sizeof(h->record) - 1);

		h->record[0] = BROKER_TEXT;
		memcpy(h->record + 1, part.p, part.n);
		good = send_record(h, part.n + 1);
		text = bytes_cut(text, part.n, text.n);
	}
	return (good);
}

void
handover_abort(struct handover *h)
{
	/* One that is dead has given it up by that. */
	(void)send_kind(h, BROKER_ABORT);
}

/* Sender and recipients; the facts behind them have no place there. */
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
