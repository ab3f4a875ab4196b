/* SPDX-License-Identifier: ISC */
#include "bytes/utf8.h"

/*
 * The length of a character that begins with this byte; 0: no character does.
 */
static size_t
announced(unsigned char first)
{
	if (first >= 0xc2 && first <= 0xdf)
		return (2);
	if (first >= 0xe0 && first <= 0xef)
		return (3);
	if (first >= 0xf0 && first <= 0xf4)
		return (4);
	return (0);
}

static bool
is_harmless(uint32_t c)
{
	return (c >= 0xa0 && c != 0x2028 && c != 0x2029);
}

size_t
utf8_decode(struct bytes text, uint32_t *decoded)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = text.n > 0 ? announced((unsigned char)text.p[0]) : 0;
	uint32_t c;
	size_t i;

	if (n == 0 || text.n < n)
		return (0);
	c = (unsigned char)text.p[0] & (0xffU >> (n + 1));
	for (i = 1; i < n; i++) {
		unsigned char next = (unsigned char)text.p[i];

		if ((next & 0xc0) != 0x80)
			return (0);
		c = c << 6 | (next & 0x3fU);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ||
	    !is_harmless(c))
		return (0);
	*decoded = c;
	return (n);
}

size_t
utf8_char(struct bytes text)
{
	uint32_t c;

	return (utf8_decode(text, &c));
}

void
utf8_put(struct buf *out, uint32_t c)
{
	static const struct {
		uint32_t least;
		uint32_t mark;
		unsigned int shift;
	} rows[] = { { 0x10000, 0xf0, 18 }, { 0x800, 0xe0, 12 },
		{ 0x80, 0xc0, 6 }, { 0, 0, 0 } };
	size_t i = 0;
	unsigned int shift;

	while (c < rows[i].least)
		i++;
	shift = rows[i].shift;
	(void)buf_putc(out, (char)(rows[i].mark | c >> shift));
	for (; shift > 0; shift -= 6)
		(void)buf_putc(out, (char)(0x80U | (c >> (shift - 6) & 0x3fU)));
}

bool
utf8_is_good(struct bytes text)
{
	while (text.n > 0) {
		size_t n = 1;

		if ((unsigned char)text.p[0] > 127)
			n = utf8_char(text);
		if (n == 0)
			return (false);
		text = bytes_cut(text, n, text.n);
	}
	return (true);
}

bool
utf8_is_needed(struct bytes text)
{
	size_t i;

	for (i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] > 127)
			return (true);
	return (false);
}
