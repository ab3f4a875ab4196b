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

/* The next character of a text that may be xtext; 0: none that may stand. */
static uint32_t
take_char(struct bytes *rest)
{
	uint32_t c = '=';
	size_t n = rest->p[0] == '=' ? 1 : utf8_decode(*rest, &c);
	int decoded;

	if (n == 0) {
		decoded = decode_one(rest);
		return (decoded < 0 ? 0 : (uint32_t)decoded);
	}
	*rest = bytes_cut(*rest, n, rest->n);
	return (c);
}

bool
smtpxtext_escape(struct bytes text, struct buf *out)
{
	size_t before = buf_view(out).n;

	while (text.n > 0) {
		uint32_t c = take_char(&text);
		bool is_plain =
		    c > ' ' && c <= '~' && c != '+' && c != '=' && c != '\\';

		if (c != 0 &&
		    (is_plain ? buf_putc(out, (char)c)
			      : buf_printf(out, "\\x{%lX}", (unsigned long)c)))
			continue;
		buf_cut(out, before);
		return (false);
	}
	return (true);
}
