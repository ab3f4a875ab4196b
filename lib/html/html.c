/* SPDX-License-Identifier: ISC */
#include "html/html.h"

#include <stdint.h>

#include "bytes/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd"
#define ELLIPSIS    "\xe2\x80\xa6"

/* Embeddings, overrides and isolates: they could reverse what we wrote. */
static bool
reorders(uint32_t c)
{
	return ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069));
}

static const char *
entity_of(char c)
{
	switch (c) {
	case '&':
		return ("&amp;");
	case '<':
		return ("&lt;");
	case '>':
		return ("&gt;");
	case '"':
		return ("&quot;");
	case '\'':
		return ("&#39;");
	default:
		return (NULL);
	}
}

static void
put_ascii(struct buf *out, char c)
{
	const char *entity = entity_of(c);

	if (entity != NULL)
		(void)buf_puts(out, entity);
	else if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f)
		(void)buf_puts(out, REPLACEMENT);
	else
		(void)buf_putc(out, c);
}

/* The character at the beginning; returns its length. */
static size_t
put_character(struct buf *out, struct bytes text)
{
	uint32_t c = 0;
	size_t n;

	if (text.n > 1 && text.p[0] == '\r' && text.p[1] == '\n')
		return (1);
	if ((unsigned char)text.p[0] < 0x80) {
		put_ascii(out, text.p[0]);
		return (1);
	}
	n = utf8_decode(text, &c);
	if (n == 0 || reorders(c)) {
		(void)buf_puts(out, REPLACEMENT);
		return (n == 0 ? 1 : n);
	}
	(void)buf_put(out, bytes_cut(text, 0, n));
	return (n);
}

void
html_put_cut(struct buf *out, struct bytes text, size_t most)
{
	size_t i;

	for (i = 0; text.n > 0 && i < most; i++) {
		size_t n = put_character(out, text);

		text.p += n;
		text.n -= n;
	}
	if (text.n > 0)
		(void)buf_puts(out, ELLIPSIS);
}

void
html_put(struct buf *out, struct bytes text)
{
	html_put_cut(out, text, text.n);
}

void
html_puts(struct buf *out, const char *text)
{
	html_put(out, bytes_of(text));
}
