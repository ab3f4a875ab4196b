/* SPDX-License-Identifier: ISC */
#include "report/wording.h"

#include <string.h>

#include "bytes/buf.h"
#include "bytes/utf8.h"
#include "trace/trace.h"

enum {
	FOLD_AT = 76,  /* columns */
	WORD_MAX = 900 /* a longer word is broken: RFC 5322 2.1.1 */
};

void
wording_bytes(struct wording *w, struct bytes text)
{
	if (w->good && text.n > 0)
		w->good = w->port->put(w->port->ctx, text);
}

void
wording_put(struct wording *w, const char *text)
{
	struct bytes rest = bytes_of(text);

	while (rest.n > 0) {
		size_t end = rest.n;
		bool has_lf = bytes_find(rest, '\n', &end);

		wording_bytes(w, bytes_cut(rest, 0, end));
		if (has_lf)
			wording_bytes(w, bytes_of(w->eol));
		rest = bytes_cut(rest, end + 1, rest.n);
	}
}

/* How many bytes at the beginning may stand in a report; 0: not one. */
static size_t
good_start(const struct wording *w, struct bytes text)
{
	unsigned char c = (unsigned char)text.p[0];

	if (c > 127)
		return (w->is_utf8 ? utf8_char(text) : 0);
	return (c >= ' ' && c != 0x7f ? 1 : 0);
}

void
wording_clean(struct wording *w, struct bytes text)
{
	struct bytes rest = bytes_cut(text, 0, WORDING_VALUE_MAX);
	size_t good = 0;

	while (good < rest.n) {
		size_t n = good_start(w, bytes_cut(rest, good, rest.n));

		good += n;
		if (n > 0)
			continue;
		wording_bytes(w, bytes_cut(rest, 0, good));
		wording_put(w, "?");
		rest = bytes_cut(rest, good + 1, rest.n);
		good = 0;
	}
	wording_bytes(w, rest);
}

/* Up to the next blank, which goes with it. */
static struct bytes
take_word(struct bytes *text)
{
	struct bytes word = *text;
	size_t end = text->n;

	(void)bytes_find(*text, ' ', &end);
	if (end > WORD_MAX)
		end = WORD_MAX;
	word.n = end;
	if (end < text->n && text->p[end] == ' ')
		end++;
	*text = bytes_cut(*text, end, text->n);
	return (word);
}

void
wording_folded(
    struct wording *w, struct bytes text, size_t column, const char *indent)
{
	bool is_first = true;

	text = bytes_cut(text, 0, WORDING_VALUE_MAX);
	while (text.n > 0) {
		struct bytes word = take_word(&text);

		if (word.n == 0)
			continue;
		if (!is_first && column + 1 + word.n > FOLD_AT) {
			wording_put(w, "\n");
			wording_put(w, indent);
			column = strlen(indent);
		} else if (!is_first) {
			wording_put(w, " ");
			column++;
		}
		wording_clean(w, word);
		column += word.n;
		is_first = false;
	}
}

void
wording_number(struct wording *w, uint64_t n)
{
	char store[24];
	struct buf b;

	buf_init(&b, store, sizeof(store));
	(void)buf_put_number(&b, n);
	wording_bytes(w, buf_view(&b));
}

void
wording_date(struct wording *w, const char *name, time_t when)
{
	char store[64];
	struct buf b;

	buf_init(&b, store, sizeof(store));
	if (!trace_date(&b, when))
		return;
	wording_put(w, name);
	wording_bytes(w, buf_view(&b));
	wording_put(w, "\n");
}
