/* SPDX-License-Identifier: ISC */
#include "qmail/qqenv.h"

/* Named by what is expected or being read. */
enum {
	WANT_SENDER,
	IN_SENDER,
	WANT_RCPT, /* or the last NUL */
	IN_RCPT,
	ENDED
};

void
qqenv_init(struct qqenv *e)
{
	e->is_utf8 = false;
	e->state = WANT_SENDER;
	e->nrcpt = 0;
	e->n = 0;
}

/* A mailbox has ended. */
static enum qqenv_status
take_mailbox(struct qqenv *e, struct bytes *mailbox)
{
	enum qqenv_status status =
	    e->state == IN_SENDER ? QQENV_SENDER : QQENV_RCPT;

	*mailbox = (struct bytes){ e->mailbox, e->n };
	e->n = 0;
	e->state = WANT_RCPT;
	if (!smtppath_is_harmless(*mailbox, &e->is_utf8))
		return (QQENV_BAD_BYTE);
	if (status == QQENV_SENDER)
		return (status);
	/* <> is a sender only. */
	if (mailbox->n == 0)
		return (QQENV_BAD);
	e->nrcpt++;
	return (status);
}

static enum qqenv_status
step(struct qqenv *e, char c, struct bytes *mailbox)
{
	switch (e->state) {
	case WANT_SENDER:
		e->state = IN_SENDER;
		return (c == 'F' ? QQENV_MORE : QQENV_BAD);
	case WANT_RCPT:
		if (c == '\0') {
			e->state = ENDED;
			return (e->nrcpt > 0 ? QQENV_END : QQENV_BAD);
		}
		e->state = IN_RCPT;
		return (c == 'T' ? QQENV_MORE : QQENV_BAD);
	case IN_SENDER:
	case IN_RCPT:
		if (c == '\0')
			return (take_mailbox(e, mailbox));
		if (e->n == sizeof(e->mailbox))
			return (QQENV_TOO_LONG);
		e->mailbox[e->n++] = c;
		return (QQENV_MORE);
	default:
		return (QQENV_BAD);
	}
}

enum qqenv_status
qqenv_feed(
    struct qqenv *e, struct bytes in, size_t *used, struct bytes *mailbox)
{
	enum qqenv_status status = QQENV_MORE;
	size_t at = 0;

	while (at < in.n && status == QQENV_MORE)
		status = step(e, in.p[at++], mailbox);
	*used = at;
	return (status);
}

bool
qqenv_put(struct buf *out, char kind, struct bytes mailbox)
{
	if (buf_room(out) < mailbox.n + 2)
		return (false);
	(void)buf_putc(out, kind);
	(void)buf_put(out, mailbox);
	return (buf_putc(out, '\0'));
}
