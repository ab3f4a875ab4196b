/* SPDX-License-Identifier: ISC */
#include "bytes/bytes.h"

#include <string.h>

struct bytes
bytes_of(const char *cstr)
{
	return ((struct bytes){ cstr, strlen(cstr) });
}

struct bytes
bytes_cut(struct bytes b, size_t from, size_t n)
{
	if (from > b.n)
		from = b.n;
	if (n > b.n - from)
		n = b.n - from;
	return ((struct bytes){ b.p + from, n });
}

bool
bytes_same(struct bytes a, struct bytes b)
{
	return (a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0));
}

char
bytes_lower(char c)
{
	if (c >= 'A' && c <= 'Z')
		return ((char)(c - 'A' + 'a'));
	return (c);
}

bool
bytes_same_nocase(struct bytes a, struct bytes b)
{
	return (a.n == b.n && bytes_starts_nocase(a, b));
}

bool
bytes_starts_nocase(struct bytes b, struct bytes start)
{
	size_t i;

	if (b.n < start.n)
		return (false);
	for (i = 0; i < start.n; i++)
		if (bytes_lower(b.p[i]) != bytes_lower(start.p[i]))
			return (false);
	return (true);
}

bool
bytes_find(struct bytes b, char c, size_t *at)
{
	const char *hit = b.n > 0 ? memchr(b.p, c, b.n) : NULL;

	if (hit == NULL)
		return (false);
	*at = (size_t)(hit - b.p);
	return (true);
}

bool
bytes_find_last(struct bytes b, char c, size_t *at)
{
	size_t n = b.n;

	while (n > 0 && b.p[n - 1] != c)
		n--;
	if (n == 0)
		return (false);
	*at = n - 1;
	return (true);
}

bool
bytes_take(struct bytes *rest, char c, struct bytes *part)
{
	size_t at;

	if (!bytes_find(*rest, c, &at))
		return (false);
	*part = bytes_cut(*rest, 0, at);
	*rest = bytes_cut(*rest, at + 1, rest->n);
	return (true);
}

bool
bytes_has_control(struct bytes b)
{
	size_t i;

	for (i = 0; i < b.n; i++)
		if ((unsigned char)b.p[i] < ' ' || b.p[i] == 0x7f)
			return (true);
	return (false);
}

struct bytes
bytes_trim_end(struct bytes b)
{
	while (b.n > 0 && (b.p[b.n - 1] == ' ' || b.p[b.n - 1] == '\t'))
		b.n--;
	return (b);
}
