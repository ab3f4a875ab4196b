/* SPDX-License-Identifier: ISC */
#include "layout.h"

#include <string.h>

#include "bytes/num.h"
#include "html/html.h"
#include "look/units.h"

static void
put_link(struct buf *out, const char *path, const char *name, bool is_here)
{
	(void)buf_printf(out, "<a href=\"%s\"%s>%s</a>\n", path,
	    is_here ? " aria-current=\"page\"" : "", name);
}

void
layout_begin(struct page *p, const char *title, enum layout_place place)
{
	struct buf *out = &p->out;

	(void)buf_puts(out,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
	html_puts(out, title);
	(void)buf_puts(out,
	    " &middot; smtpserv</title>\n"
	    "<link rel=\"stylesheet\" href=\"/style.css\">\n"
	    "</head>\n<body>\n"
	    "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n"
	    "<header>\n<p class=\"name\">smtpserv</p>\n"
	    "<nav aria-label=\"Pages\">\n");
	put_link(out, "/", "Overview", place == LAYOUT_OVERVIEW);
	put_link(out, "/messages/1", "Messages", place == LAYOUT_LIST);
	(void)buf_puts(out, "</nav>\n</header>\n<main id=\"main\">\n<h1>");
	html_puts(out, title);
	(void)buf_puts(out, "</h1>\n");
}

void
layout_end(struct page *p)
{
	struct buf *out = &p->out;

	(void)buf_puts(out, "</main>\n<footer>\n<p>Seen ");
	layout_put_time(out, p->now);
	(void)buf_puts(out, " in <code>");
	html_puts(out, p->dir);
	(void)buf_puts(out, "</code></p>\n</footer>\n</body>\n</html>\n");
}

void
layout_note(struct page *p, const char *title, const char *text)
{
	layout_begin(p, title, LAYOUT_ELSEWHERE);
	(void)buf_puts(&p->out, "<p>");
	html_puts(&p->out, text);
	(void)buf_puts(&p->out, "</p>\n");
	layout_end(p);
}

void
layout_put_count(struct buf *out, uint64_t n)
{
	char store[NUM_DIGITS_MAX];
	struct bytes digits = num_print(store, n);
	size_t i;

	for (i = 0; i < digits.n; i++) {
		if (i > 0 && (digits.n - i) % 3 == 0)
			(void)buf_putc(out, ',');
		(void)buf_putc(out, digits.p[i]);
	}
}

void
layout_put_time(struct buf *out, time_t when)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL) {
		(void)buf_puts(out, "at no time");
		return;
	}
	(void)buf_printf(out,
	    "<time datetime=\"%04d-%02d-%02dT%02d:%02d:%02dZ\">"
	    "%d %s %d, %02d:%02d UTC</time>",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
	    tm.tm_sec, tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
	    tm.tm_hour, tm.tm_min);
}

void
layout_put_span(struct buf *out, uint64_t seconds)
{
	char store[UNITS_SIZE];

	(void)buf_printf(out, "<time datetime=\"PT%lluS\">%s</time>",
	    (unsigned long long)seconds, units_time(seconds, store));
}

void
layout_put_size(struct buf *out, uint64_t octets)
{
	char store[UNITS_SIZE];

	(void)buf_puts(out, units_size(octets, store));
}

void
layout_put_next(const struct page *p, struct buf *out, const struct mail *m)
{
	uint64_t seconds;

	if (!mail_next(m, p->queuelife, p->now, &seconds))
		(void)buf_puts(out, "never");
	else if (seconds == 0)
		(void)buf_puts(out, "now");
	else
		layout_put_span(out, seconds);
}

void
layout_put_state(struct buf *out, enum mail_state state)
{
	const char *word = mail_state_word(state);

	(void)buf_printf(out, "<span class=\"state %s\">%s</span>", word, word);
}

void
layout_put_sender(struct buf *out, struct bytes sender, size_t most)
{
	if (sender.n == 0)
		(void)buf_puts(out, "<span class=\"none\">nobody</span>");
	else
		html_put_cut(out, sender, most);
}

void
layout_put_reason(struct buf *out, const struct plan_rcpt *r, size_t most)
{
	html_put_cut(out, r->status, most);
	if (r->status.n > 0 && r->diagnostic.n > 0)
		(void)buf_putc(out, ' ');
	html_put_cut(out, r->diagnostic, most);
}
