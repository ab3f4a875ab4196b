/* SPDX-License-Identifier: ISC */
#include "envelope/envelope.h"

#include <string.h>

enum {
	/*
	 * "To: " and a mailbox of the longest path, "Notify: " with all that
	 * can be asked for, "Orcpt: " with the longest address; line ends.
	 */
	RCPT_BYTES = 4 + 256 + 1 + 8 + 21 + 1 + 7 + 500 + 1,
	/* The sender, and the facts of smtp.envelope=full. */
	OTHER_BYTES = 4096
};

size_t
envelope_store_size(size_t nrcpt)
{
	return (nrcpt * RCPT_BYTES + OTHER_BYTES);
}

void
envelope_init(struct envelope *e, char *store, size_t cap)
{
	buf_init(&e->text, store, cap);
	e->nrcpt = 0;
}

static bool
add_line(struct envelope *e, const char *name, struct bytes value)
{
	size_t before = buf_view(&e->text).n;

	if (bytes_has_control(value))
		return (false);
	(void)buf_puts(&e->text, name);
	(void)buf_puts(&e->text, ": ");
	(void)buf_put(&e->text, value);
	(void)buf_putc(&e->text, '\n');
	if (!buf_overflowed(&e->text))
		return (true);
	buf_cut(&e->text, before);
	return (false);
}

bool
envelope_set_sender(struct envelope *e, struct bytes mailbox)
{
	buf_reset(&e->text);
	e->nrcpt = 0;
	return (add_line(e, "From", mailbox));
}

bool
envelope_add_rcpt_dsn(struct envelope *e, struct bytes mailbox,
    struct bytes notify, struct bytes orcpt)
{
	size_t before = buf_view(&e->text).n;

	if (add_line(e, "To", mailbox) &&
	    (notify.n == 0 || add_line(e, "Notify", notify)) &&
	    (orcpt.n == 0 || add_line(e, "Orcpt", orcpt))) {
		e->nrcpt++;
		return (true);
	}
	buf_cut(&e->text, before);
	return (false);
}

/* Do these lines, of one recipient, stand in the text already? */
static bool
is_there(struct bytes text, struct bytes lines)
{
	static const struct bytes TO = { "To: ", 4 };
	struct bytes rest = bytes_cut(text, 0, ENVELOPE_ONCE_MAX);
	const char *at;

	while ((at = memmem(rest.p, rest.n, lines.p, lines.n)) != NULL) {
		size_t from = (size_t)(at - text.p);
		struct bytes behind = bytes_cut(text, from + lines.n, text.n);

		/* All that is theirs, and not the end of another line. */
		if (text.p[from - 1] == '\n' &&
		    (behind.n == 0 || bytes_starts_nocase(behind, TO)))
			return (true);
		rest = bytes_cut(rest, (size_t)(at - rest.p) + 1, rest.n);
	}
	return (false);
}

bool
envelope_add_rcpt_once(struct envelope *e, struct bytes mailbox,
    struct bytes notify, struct bytes orcpt)
{
	size_t before = buf_view(&e->text).n;
	struct bytes text;

	if (!envelope_add_rcpt_dsn(e, mailbox, notify, orcpt))
		return (false);
	text = buf_view(&e->text);
	if (is_there(
		bytes_cut(text, 0, before), bytes_cut(text, before, text.n)))
		buf_cut(&e->text, before);
	return (true);
}

bool
envelope_add_rcpt(struct envelope *e, struct bytes mailbox)
{
	struct bytes none = { NULL, 0 };

	return (envelope_add_rcpt_dsn(e, mailbox, none, none));
}

bool
envelope_add_fact(struct envelope *e, const char *name, struct bytes value)
{
	return (add_line(e, name, value));
}

struct bytes
envelope_sender(const struct envelope *e)
{
	struct bytes text = buf_view(&e->text);
	size_t end = text.n;

	(void)bytes_find(text, '\n', &end);
	return (bytes_cut(text, strlen("From: "), end - strlen("From: ")));
}

struct bytes
envelope_text(const struct envelope *e)
{
	return (buf_view(&e->text));
}

enum envelope_status
envelope_next(struct bytes *rest, struct bytes *name, struct bytes *value)
{
	struct bytes line = *rest;
	size_t at;

	if (rest->n == 0)
		return (ENVELOPE_END);
	if (!bytes_find(*rest, '\n', &at))
		return (ENVELOPE_NOT_ENDED);
	line.n = at;
	*rest = bytes_cut(*rest, at + 1, rest->n);
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (bytes_has_control(line) || !bytes_find(line, ':', &at) || at == 0)
		return (ENVELOPE_BAD_LINE);
	*name = bytes_cut(line, 0, at);
	*value = bytes_cut(line, at + 1, line.n);
	/* Exactly one blank; what else there is belongs to the value. */
	if (value->n > 0 && value->p[0] == ' ')
		*value = bytes_cut(*value, 1, value->n);
	return (ENVELOPE_LINE);
}
