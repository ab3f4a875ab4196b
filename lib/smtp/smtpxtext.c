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

/* One byte off the front, whichever it is; -1: no two digits behind a `+`. */
static int
decode_byte(struct bytes *rest)
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
	}
	*rest = bytes_cut(*rest, used, rest->n);
	return (c);
}

/*
 * Take one character off the front; -1: there is none, or it is not printable.
 */
static int
decode_one(struct bytes *rest)
{
	bool is_xtext = rest->p[0] != '=' && rest->p[0] != ' ';
	int c = is_xtext ? decode_byte(rest) : -1;

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

static bool
put_escaped(struct buf *out, uint32_t c)
{
	bool is_plain =
	    c > ' ' && c <= '~' && c != '+' && c != '=' && c != '\\';

	return (is_plain ? buf_putc(out, (char)c)
			 : buf_printf(out, "\\x{%lX}", (unsigned long)c));
}

/* A text of harmless UTF-8; false: it is not, or does not fit. */
static bool
put_all_escaped(struct buf *out, struct bytes text)
{
	while (text.n > 0) {
		uint32_t c = (unsigned char)text.p[0];
		size_t n = c >= ' ' && c <= '~' ? 1 : utf8_decode(text, &c);

		if (n == 0 || !put_escaped(out, c))
			return (false);
		text = bytes_cut(text, n, text.n);
	}
	return (true);
}

bool
smtpxtext_escape(struct bytes text, struct buf *out)
{
	size_t before = buf_view(out).n;
	char store[SMTPXTEXT_ESCAPE_MAX];
	struct buf raw;
	int c = 0;

	buf_init(&raw, store, sizeof(store));
	while (text.n > 0 && c >= 0) {
		c = decode_byte(&text);
		(void)buf_putc(&raw, (char)c);
	}
	if (c >= 0 && !buf_overflowed(&raw) &&
	    put_all_escaped(out, buf_view(&raw)))
		return (true);
	buf_cut(out, before);
	return (false);
}
