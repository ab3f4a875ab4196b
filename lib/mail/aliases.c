/* SPDX-License-Identifier: ISC */
#include "mail/aliases.h"

#include "mail/address.h"

static bool
is_blank(char c)
{
	return (c == ' ' || c == '\t' || c == '\r');
}

/* With its line end, if it has one. */
static struct bytes
first_line(struct bytes text)
{
	size_t end = text.n;

	if (bytes_find(text, '\n', &end))
		end++;
	return (bytes_cut(text, 0, end));
}

static struct bytes
trim(struct bytes b)
{
	while (b.n > 0 && (is_blank(b.p[0]) || b.p[0] == '\n'))
		b = bytes_cut(b, 1, b.n);
	while (b.n > 0 && (is_blank(b.p[b.n - 1]) || b.p[b.n - 1] == '\n'))
		b.n--;
	return (b);
}

static bool
says_nothing(struct bytes line)
{
	return (trim(line).n == 0 || line.p[0] == '#');
}

/* The text of one entry, with what goes on with its first line. */
static struct bytes
logical_line(struct bytes text)
{
	size_t n = first_line(text).n;
	size_t end = n;

	while (n < text.n) {
		struct bytes line = first_line(bytes_cut(text, n, text.n));

		if (!says_nothing(line) && !is_blank(line.p[0]))
			break;
		n += line.n;
		if (!says_nothing(line))
			end = n;
	}
	return (bytes_cut(text, 0, end));
}

/* The name before the colon.  False: there is none. */
static bool
take_name(struct bytes line, struct aliases_entry *e)
{
	size_t end;

	if (line.p[0] == '"') {
		struct bytes rest = bytes_cut(line, 1, line.n);

		if (!bytes_find(rest, '"', &end))
			return (false);
		e->name = bytes_cut(rest, 0, end);
		rest = trim(bytes_cut(rest, end + 1, rest.n));
		if (rest.n == 0 || rest.p[0] != ':')
			return (false);
		e->items = bytes_cut(rest, 1, rest.n);
	} else {
		if (!bytes_find(first_line(line), ':', &end))
			return (false);
		e->name = trim(bytes_cut(line, 0, end));
		e->items = bytes_cut(line, end + 1, line.n);
	}
	return (e->name.n > 0);
}

bool
aliases_next(struct bytes *rest, struct aliases_entry *e)
{
	struct bytes line = first_line(*rest);

	for (; rest->n > 0 && says_nothing(line); line = first_line(*rest))
		*rest = bytes_cut(*rest, line.n, rest->n);
	if (rest->n == 0)
		return (false);
	line = logical_line(*rest);
	*rest = bytes_cut(*rest, line.n, rest->n);
	e->is_bad = is_blank(line.p[0]) || !take_name(line, e);
	if (e->is_bad) {
		e->name = trim(first_line(line));
		e->items = bytes_cut(line, line.n, 0);
	}
	return (true);
}

bool
aliases_find(struct bytes text, struct bytes name, struct bytes *items)
{
	struct aliases_entry e;

	while (aliases_next(&text, &e))
		if (!e.is_bad && bytes_same_nocase(e.name, name)) {
			*items = e.items;
			return (true);
		}
	return (false);
}

/* To the comma that ends an item, or the end. */
static size_t
item_length(struct bytes text)
{
	bool is_quoted = false;
	size_t i;

	for (i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\\')
			i++;
		else if (c == '"')
			is_quoted = !is_quoted;
		else if (c == ',' && !is_quoted)
			return (i);
	}
	return (text.n);
}

/* An item in quotes, or without; a fold becomes a blank.  False: a bad byte. */
static bool
unquote(struct bytes item, struct buf *out)
{
	bool is_quoted = false;
	size_t i;

	buf_reset(out);
	for (i = 0; i < item.n; i++) {
		char c = item.p[i];

		if (c == '"') {
			is_quoted = !is_quoted;
			continue;
		}
		if (c == '\\' && is_quoted && i + 1 < item.n)
			c = item.p[++i];
		if (c == '\n' || c == '\r')
			c = ' ';
		if (((unsigned char)c < ' ' && c != '\t') || c == 0x7f)
			return (false);
		/* Blanks before a command or a path do not count. */
		if (buf_view(out).n > 0 || !is_blank(c))
			(void)buf_putc(out, c);
	}
	return (!is_quoted && !buf_overflowed(out));
}

static bool
take_address(struct bytes item, struct buf *out)
{
	struct bytes list = item;

	/* \name: sendmail means the mailbox of that name by it. */
	if (list.n > 0 && list.p[0] == '\\')
		list = bytes_cut(list, 1, list.n);
	return (address_next(&list, out) == ADDRESS_FOUND && trim(list).n == 0);
}

/* Where its text begins, in an item without quotes. */
static enum aliases_kind
kind_of(struct bytes text, size_t *begin)
{
	static const struct bytes include = { ":include:", 9 };

	*begin = 0;
	if (text.n > 0 && text.p[0] == '/')
		return (ALIASES_FILE);
	if (text.n > 0 && text.p[0] == '|') {
		*begin = 1;
		return (ALIASES_COMMAND);
	}
	if (!bytes_starts_nocase(text, include))
		return (ALIASES_ADDRESS);
	*begin = include.n;
	return (ALIASES_INCLUDE);
}

enum aliases_kind
aliases_item(struct bytes *items, struct buf *room, struct bytes *text)
{
	enum aliases_kind kind;
	struct bytes item;
	size_t begin;
	size_t n;

	*items = trim(*items);
	while (items->n > 0 && (items->p[0] == ',' || items->p[0] == '#'))
		*items = trim(bytes_cut(*items,
		    items->p[0] == ',' ? 1 : first_line(*items).n, items->n));
	*text = bytes_cut(*items, 0, 0);
	if (items->n == 0)
		return (ALIASES_END);
	n = item_length(*items);
	item = trim(bytes_cut(*items, 0, n));
	*text = item;
	*items = bytes_cut(*items, n + 1, items->n);
	if (!unquote(item, room))
		return (ALIASES_BAD);
	kind = kind_of(buf_view(room), &begin);
	if (kind == ALIASES_ADDRESS && !take_address(item, room))
		return (ALIASES_BAD);
	item = buf_view(room);
	item = trim(bytes_cut(item, begin, item.n));
	if (item.n == 0)
		return (ALIASES_BAD);
	*text = item;
	return (kind);
}
