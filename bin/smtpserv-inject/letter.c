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

/* Read more behind the text that is there; LETTER_END: it has ended. */
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

/* The line that mailboxes have before a message, quoted or not. */
static bool
is_mailboxes(struct bytes line)
{
	if (line.n > 0 && line.p[0] == '>')
		line = bytes_cut(line, 1, line.n);
	return (bytes_same(bytes_cut(line, 0, 5), bytes_of("From ")));
}

enum letter_status
letter_read_header(struct letter *l)
{
	bool was_in_line = false;
	bool is_first = true;
	struct bytes piece;

	for (;;) {
		enum letter_status status = letter_next(l, &piece);
		struct bytes line = without_end(piece);

		if (status == LETTER_END)
			return (LETTER_OK);
		if (status != LETTER_OK)
			return (status);
		if (!was_in_line && line.n == 0)
			return (LETTER_OK);
		if (is_first && !l->in_line && is_mailboxes(line))
			continue;
		is_first = false;
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
put_message_id(
    struct buf *out, const char *name, const struct letter_facts *facts)
{
	(void)buf_printf(out, "%s: <%lld.%016llx@%s>\n", name,
	    (long long)facts->now, facts->chance, facts->host);
}

static void
put_date(struct buf *out, const char *name, const struct letter_facts *facts)
{
	(void)buf_puts(out, name);
	(void)buf_puts(out, ": ");
	(void)trace_date(out, facts->now);
	(void)buf_putc(out, '\n');
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

static bool
is_any(const struct field *f, const char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (field_is(f, names[i]))
			return (true);
	return (false);
}

/* Put the field with domains in its addresses, unless it is dropped. */
static void
put_field(
    struct buf *out, const struct field *f, const struct letter_facts *facts)
{
	static const char *const dropped[] = { "Bcc", "Resent-Bcc",
		"Return-Path" };
	static const char *const lists[] = { "From", "Sender", "Reply-To", "To",
		"Cc", "Resent-From", "Resent-Sender", "Resent-To",
		"Resent-Cc" };

	if (is_any(f, dropped, ARRAY_LEN(dropped)))
		return;
	if (!is_any(f, lists, ARRAY_LEN(lists))) {
		(void)buf_put(out, f->whole);
		return;
	}
	(void)buf_put(out, bytes_cut(f->whole, 0, f->whole.n - f->body.n));
	/* Whether there was room, `out` knows. */
	(void)address_qualify(f->body, facts->host, out);
}

static bool
is_resent(const struct field *f)
{
	return (bytes_starts_nocase(f->name, bytes_of("Resent-")));
}

/*
 * Add the fields that a message sent again lacks (RFC 5322 3.6.6), before the
 * Resent- fields that it has: one block, above those of earlier times.
 */
static void
put_resent(
    struct buf *out, struct bytes block, const struct letter_facts *facts)
{
	struct bytes rest = block;
	bool has_date = false;
	bool has_id = false;
	struct field f;

	while (field_next(&rest, &f) && is_resent(&f)) {
		has_date = has_date || field_is(&f, "Resent-Date");
		has_id = has_id || field_is(&f, "Resent-Message-ID");
	}
	if (!has_date)
		put_date(out, "Resent-Date", facts);
	if (!has_id)
		put_message_id(out, "Resent-Message-ID", facts);
}

bool
letter_put_header(
    const struct letter *l, const struct letter_facts *facts, struct buf *out)
{
	struct bytes rest = buf_view(&l->header);
	struct bytes here = rest;
	bool was_resent = false;
	struct field f;

	for (; field_next(&rest, &f); here = rest) {
		if (is_resent(&f) && !was_resent)
			put_resent(out, here, facts);
		was_resent = was_resent || is_resent(&f);
		put_field(out, &f, facts);
	}
	if (!has_field(l, "From"))
		put_from(out, facts);
	if (!has_field(l, "Date"))
		put_date(out, "Date", facts);
	if (!has_field(l, "Message-ID"))
		put_message_id(out, "Message-ID", facts);
	return (buf_putc(out, '\n'));
}

/* take() gets each mailbox; refuse() gets other text as it stands. */
static bool
take_list(struct bytes list, const struct letter_rcpts *to)
{
	char store[MAILBOX_MAX];
	enum address_status status = ADDRESS_FOUND;
	struct buf mailbox;
	bool goes_on = true;

	buf_init(&mailbox, store, sizeof(store));
	while (goes_on && status != ADDRESS_END) {
		struct bytes before = list;

		status = address_next(&list, &mailbox);
		if (status == ADDRESS_FOUND)
			goes_on = to->take(to->ctx, buf_view(&mailbox));
		else if (status == ADDRESS_BAD)
			to->refuse(
			    to->ctx, bytes_cut(before, 0, before.n - list.n));
	}
	return (goes_on);
}

bool
letter_each_rcpt(const struct letter *l, const struct letter_rcpts *to)
{
	static const char *const names[2][3] = { { "To", "Cc", "Bcc" },
		{ "Resent-To", "Resent-Cc", "Resent-Bcc" } };
	bool is_resent_mail = has_field(l, names[1][0]) ||
	    has_field(l, names[1][1]) || has_field(l, names[1][2]);
	struct bytes rest = buf_view(&l->header);
	struct field f;

	while (field_next(&rest, &f))
		if (is_any(&f, names[is_resent_mail ? 1 : 0],
			ARRAY_LEN(names[0])) &&
		    !take_list(f.body, to))
			return (false);
	return (true);
}
