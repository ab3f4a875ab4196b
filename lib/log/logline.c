/* SPDX-License-Identifier: ISC */
#include "log/logline.h"

#include <string.h>

bool
logline_next(struct bytes *rest, struct bytes *key, struct bytes *value)
{
	size_t n = 0;
	size_t at;

	while (rest->n > 0 && rest->p[0] == ' ')
		*rest = bytes_cut(*rest, 1, rest->n);
	if (!bytes_find(*rest, '=', &at) || at == 0)
		return (false);
	*key = bytes_cut(*rest, 0, at);
	if (bytes_find(*key, ' ', &n))
		return (false);
	*rest = bytes_cut(*rest, at + 1, rest->n);
	if (rest->n == 0 || rest->p[0] != '"') {
		n = rest->n;
		(void)bytes_find(*rest, ' ', &n);
	} else {
		for (n = 1; n < rest->n && rest->p[n] != '"'; n++)
			if (rest->p[n] == '\\')
				n++;
		/* Its end was cut off. */
		if (n >= rest->n)
			return (false);
		n++;
	}
	*value = bytes_cut(*rest, 0, n);
	*rest = bytes_cut(*rest, n, rest->n);
	return (true);
}

/* The field of that name, if it is the next. */
static bool
take(struct bytes *rest, const char *name, struct bytes *value)
{
	struct bytes key;

	return (
	    logline_next(rest, &key, value) && bytes_same(key, bytes_of(name)));
}

bool
logline_begin(struct bytes line, struct bytes *event, struct bytes *fields)
{
	size_t at;

	while (line.n > 0) {
		struct bytes value;

		*fields = line;
		if (take(fields, "ip", &value) && take(fields, "pid", &value) &&
		    take(fields, "event", event))
			return (true);
		/* What stands before is in words. */
		if (!bytes_find(line, ' ', &at))
			return (false);
		line = bytes_cut(line, at + 1, line.n);
	}
	return (false);
}

bool
logline_find(struct bytes fields, const char *name, struct bytes *value)
{
	struct bytes key;

	while (logline_next(&fields, &key, value))
		if (bytes_same(key, bytes_of(name)))
			return (true);
	return (false);
}

static int
hex(char c)
{
	static const char DIGITS[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(DIGITS, c);

	return (at == NULL ? -1 : (int)(at - DIGITS));
}

/* What stands behind a backslash, and how many bytes of it. */
static size_t
unescape(struct bytes rest, char *c)
{
	*c = rest.p[0];
	if (*c != 'x' || rest.n < 3 || hex(rest.p[1]) < 0 || hex(rest.p[2]) < 0)
		return (1);
	*c = (char)(hex(rest.p[1]) * 16 + hex(rest.p[2]));
	return (3);
}

bool
logline_unquote(struct bytes value, struct buf *out)
{
	size_t i = 0;

	if (value.n >= 2 && value.p[0] == '"')
		value = bytes_cut(value, 1, value.n - 2);
	while (i < value.n) {
		char c = value.p[i++];

		if (c == '\\' && i < value.n)
			i += unescape(bytes_cut(value, i, value.n), &c);
		(void)buf_putc(out, c);
	}
	return (!buf_overflowed(out));
}
