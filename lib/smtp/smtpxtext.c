/* SPDX-License-Identifier: ISC */
#include "smtp/smtpxtext.h"

#include "bytes/utf8.h"

/* A digit of base 16, in capitals only; -1: none. */
static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	if (c >= 'A' && c <= 'F')
		return (c - 'A' + 10);
	return (-1);
}

/* One character off the front; -1: it is none, or not printable. */
static int
decode_one(struct bytes *rest)
{
	int c = (unsigned char)rest->p[0];
	size_t used = 1;

	if (c == '+') {
		int high = rest->n < 3 ? -1 : hex_digit(rest->p[1]);
		int low = rest->n < 3 ? -1 : hex_digit(rest->p[2]);

		if (high < 0 || low < 0)
			return (-1);
		c = high * 16 + low;
		used = 3;
	} else if (c == '=' || c == ' ') {
		return (-1);
	}
	*rest = bytes_cut(*rest, used, rest->n);
	return (c >= ' ' && c <= '~' ? c : -1);
}

bool
smtpxtext_decode(struct bytes xtext, struct buf *out)
{
	size_t before = out == NULL ? 0 : buf_view(out).n;

	while (xtext.n > 0) {
		int c = decode_one(&xtext);

		if (c >= 0 && (out == NULL || buf_putc(out, (char)c)))
			continue;
		if (out != NULL)
			buf_cut(out, before);
		return (false);
	}
	return (true);
}

/* A character over 127 as a number; n is how many bytes it has. */
static unsigned long
code_of(struct bytes text, size_t n)
{
	unsigned long c = (unsigned char)text.p[0] & (0xffUL >> (n + 1));
	size_t i;

	for (i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)text.p[i] & 0x3fUL);
	return (c);
}

/* The next character of a text that may be xtext; 0: none that may stand. */
static unsigned long
take_char(struct bytes *rest)
{
	size_t n = utf8_char(*rest);
	unsigned long c;
	int decoded;

	if (n == 0) {
		bool is_equals = rest->p[0] == '=';

		decoded = is_equals ? '=' : decode_one(rest);
		if (is_equals)
			*rest = bytes_cut(*rest, 1, rest->n);
		return (decoded < 0 ? 0 : (unsigned long)decoded);
	}
	c = code_of(*rest, n);
	*rest = bytes_cut(*rest, n, rest->n);
	return (c);
}

bool
smtpxtext_escape(struct bytes text, struct buf *out)
{
	size_t before = buf_view(out).n;

	while (text.n > 0) {
		unsigned long c = take_char(&text);
		bool is_plain =
		    c > ' ' && c <= '~' && c != '+' && c != '=' && c != '\\';

		if (c != 0 &&
		    (is_plain ? buf_putc(out, (char)c)
			      : buf_printf(out, "\\x{%lX}", c)))
			continue;
		buf_cut(out, before);
		return (false);
	}
	return (true);
}
