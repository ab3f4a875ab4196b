/* SPDX-License-Identifier: ISC */
#include "letter.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "mail/address.h"
#include "mail/field.h"
#include "trace/trace.h"

enum {
	MAILBOX_MAX = 512
};

void
letter_init(struct letter *l, bool dot_ends)
{
	l->dot_ends = dot_ends;
	l->ended = false;
	l->in_line = false;
	l->start = 0;
	l->end = 0;
	buf_init(&l->header, l->header_store, sizeof(l->header_store));
}

/* More behind what is there; LETTER_END: there is no more. */
static enum letter_status
fill(struct letter *l)
{
	ssize_t n;

	memmove(l->in, l->in + l->start, l->end - l->start);
	l->end -= l->start;
	l->start = 0;
	do
		n = read(STDIN_FILENO, l->in + l->end, sizeof(l->in) - l->end);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return (LETTER_FAILED);
	l->end += (size_t)n;
	return (n == 0 ? LETTER_END : LETTER_OK);
}

/* Is this line, the first piece of it, the end of the message? */
static bool
is_end(const struct letter *l, struct bytes piece)
{
	return (l->dot_ends && !l->in_line &&
	    (bytes_same(piece, bytes_of(".\n")) ||
		bytes_same(piece, bytes_of(".\r\n")) ||
		bytes_same(piece, bytes_of("."))));
}

/* A line, or as much of one as there is room for. */
enum letter_status
letter_next(struct letter *l, struct bytes *piece)
{
	size_t lf = 0;

	for (;;) {
		enum letter_status status;

		*piece = (struct bytes){ l->in + l->start, l->end - l->start };
		if (l->ended)
			return (LETTER_END);
		if (bytes_find(*piece, '\n', &lf)) {
			piece->n = lf + 1;
			break;
		}
		if (piece->n == sizeof(l->in))
			break;
		status = fill(l);
		if (status == LETTER_FAILED)
			return (status);
		if (status == LETTER_END) {
			*piece = (struct bytes){ l->in, l->end };
			l->ended = true;
			break;
		}
	}
	l->start += piece->n;
	if (is_end(l, *piece) || piece->n == 0) {
		l->ended = true;
		return (LETTER_END);
	}
	l->in_line = piece->p[piece->n - 1] != '\n';
	return (LETTER_OK);
}

/* Give back a piece: it is the body's. */
static void
unread(struct letter *l, struct bytes piece)
{
	l->start -= piece.n;
	l->ended = false;
	l->in_line = false;
}

static struct bytes
without_end(struct bytes line)
{
	while (line.n > 0 &&
	    (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
		line.n--;
	return (line);
}

/* A line of the header, or a part of one.  False: no room. */
static bool
add_line(struct letter *l, struct bytes piece)
{
	(void)buf_put(&l->header, without_end(piece));
	if (!l->in_line || l->ended)
		(void)buf_putc(&l->header, '\n');
	return (!buf_overflowed(&l->header));
}

enum letter_status
letter_read_header(struct letter *l)
{
	bool was_in_line = false;
	bool is_first = true;
	struct bytes piece;

	for (;; is_first = false) {
		enum letter_status status = letter_next(l, &piece);
		struct bytes line = without_end(piece);

		if (status == LETTER_END)
			return (LETTER_OK);
		if (status != LETTER_OK)
			return (status);
		if (!was_in_line && line.n == 0)
			return (LETTER_OK);
		/* What mailboxes have in front of a message. */
		if (is_first && !l->in_line &&
		    bytes_same(bytes_cut(line, 0, 5), bytes_of("From ")))
			continue;
		if (!was_in_line && !field_begins(line) &&
		    !(field_continues(line) && buf_view(&l->header).n > 0)) {
			unread(l, piece);
			return (LETTER_OK);
		}
		was_in_line = l->in_line;
		if (!add_line(l, piece))
			return (LETTER_TOO_LONG);
	}
}

static bool
has_field(const struct letter *l, const char *name)
{
	struct bytes rest = buf_view(&l->header);
	struct field f;

	while (field_next(&rest, &f))
		if (field_is(&f, name))
			return (true);
	return (false);
}

static void
put_message_id(struct buf *out, const struct letter_facts *facts)
{
	(void)buf_printf(out, "Message-ID: <%lld.%016llx@%s>\n",
	    (long long)facts->now, facts->chance, facts->host);
}

/* A quoted string: no byte of it can end it or the line. */
static void
put_from(struct buf *out, const struct letter_facts *facts)
{
	const char *p;

	(void)buf_puts(out, "From: ");
	if (facts->name[0] != '\0') {
		(void)buf_putc(out, '"');
		for (p = facts->name; *p != '\0'; p++) {
			if (*p == '"' || *p == '\\')
				(void)buf_putc(out, '\\');
			(void)buf_putc(out,
			    (char)((unsigned char)*p < ' ' || *p == 0x7f ? ' '
									 : *p));
		}
		(void)buf_puts(out, "\" ");
	}
	(void)buf_putc(out, '<');
	/* RFC 5321's null sender is nobody's address. */
	if (facts->sender.n == 0)
		(void)buf_printf(out, "MAILER-DAEMON@%s", facts->host);
	else
		(void)buf_put(out, facts->sender);
	(void)buf_puts(out, ">\n");
}

bool
letter_put_header(
    const struct letter *l, const struct letter_facts *facts, struct buf *out)
{
	struct bytes rest = buf_view(&l->header);
	struct field f;

	while (field_next(&rest, &f))
		if (!field_is(&f, "Bcc") && !field_is(&f, "Resent-Bcc") &&
		    !field_is(&f, "Return-Path"))
			(void)buf_put(out, f.whole);
	if (!has_field(l, "From"))
		put_from(out, facts);
	if (!has_field(l, "Date")) {
		(void)buf_puts(out, "Date: ");
		(void)trace_date(out, facts->now);
		(void)buf_putc(out, '\n');
	}
	if (!has_field(l, "Message-ID"))
		put_message_id(out, facts);
	return (buf_putc(out, '\n'));
}

static bool
take_list(struct bytes list, letter_rcpt_fn *take, void *ctx)
{
	char store[MAILBOX_MAX];
	enum address_status status;
	struct buf mailbox;

	buf_init(&mailbox, store, sizeof(store));
	while ((status = address_next(&list, &mailbox)) == ADDRESS_FOUND)
		if (!take(ctx, buf_view(&mailbox)))
			return (false);
	return (status == ADDRESS_END);
}

bool
letter_each_rcpt(const struct letter *l, letter_rcpt_fn *take, void *ctx,
    struct bytes *field)
{
	static const char *const names[2][3] = { { "To", "Cc", "Bcc" },
		{ "Resent-To", "Resent-Cc", "Resent-Bcc" } };
	bool is_resent = has_field(l, names[1][0]) ||
	    has_field(l, names[1][1]) || has_field(l, names[1][2]);
	struct bytes rest = buf_view(&l->header);
	struct field f;
	size_t i;

	while (field_next(&rest, &f))
		for (i = 0; i < ARRAY_LEN(names[0]); i++) {
			*field = f.name;
			if (field_is(&f, names[is_resent ? 1 : 0][i]) &&
			    !take_list(f.body, take, ctx))
				return (false);
		}
	return (true);
}
