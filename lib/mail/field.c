/* SPDX-License-Identifier: ISC */
#include "mail/field.h"

/* ftext: printable, no blank, no colon. */
static size_t
name_length(struct bytes line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] > ' ' && line.p[n] <= '~' &&
	    line.p[n] != ':')
		n++;
	return (n);
}

static size_t
colon_at(struct bytes line, size_t n)
{
	while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
		n++;
	return (n);
}

bool
field_begins(struct bytes line)
{
	size_t n = name_length(line);
	size_t at = colon_at(line, n);

	return (n > 0 && at < line.n && line.p[at] == ':');
}

bool
field_continues(struct bytes line)
{
	return (line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t'));
}

static size_t
line_length(struct bytes text)
{
	size_t lf = text.n;

	return (bytes_find(text, '\n', &lf) ? lf + 1 : lf);
}

bool
field_next(struct bytes *rest, struct field *f)
{
	size_t n = line_length(*rest);
	size_t name = name_length(*rest);

	if (!field_begins(bytes_cut(*rest, 0, n)))
		return (false);
	while (field_continues(bytes_cut(*rest, n, rest->n)))
		n += line_length(bytes_cut(*rest, n, rest->n));
	f->whole = bytes_cut(*rest, 0, n);
	f->name = bytes_cut(*rest, 0, name);
	f->body = bytes_cut(f->whole, colon_at(*rest, name) + 1, n);
	*rest = bytes_cut(*rest, n, rest->n);
	return (true);
}

bool
field_is(const struct field *f, const char *name)
{
	return (bytes_same_nocase(f->name, bytes_of(name)));
}
