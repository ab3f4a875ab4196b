/* SPDX-License-Identifier: ISC */
#include "overview.h"

#include <errno.h>
#include <time.h>

#include "chart.h"
#include "destinations.h"
#include "html/html.h"
#include "look/each.h"
#include "look/totals.h"
#include "rows.h"
#include "spool/samples.h"

/* What is gathered while the envelopes are read. */
struct census {
	struct page *page;
	struct destinations destinations;
	uint64_t read;   /* messages */
	struct buf rows; /* of the oldest messages */
	clock_t until;
	bool is_cut;
};

static void
put_fact(struct buf *out, const char *name, uint64_t n)
{
	(void)buf_printf(out, "<div><dt>%s</dt><dd>", name);
	layout_put_count(out, n);
	(void)buf_puts(out, "</dd></div>\n");
}

static void
put_facts(struct buf *out, const struct totals *t)
{
	(void)buf_puts(out, "<dl class=\"facts\">\n");
	put_fact(out, "Waiting", t->messages);
	(void)buf_puts(out, "<div><dt>Age of the oldest</dt><dd>");
	if (t->messages == 0)
		(void)buf_puts(out, "&ndash;");
	else
		layout_put_span(out, t->oldest);
	(void)buf_puts(out, "</dd></div>\n<div><dt>Size</dt><dd>");
	layout_put_size(out, t->bytes);
	(void)buf_puts(out, "</dd></div>\n");
	put_fact(out, "Held back", t->held);
	put_fact(out, "Set aside", t->aside);
	(void)buf_puts(out, "</dl>\n");
}

static void
put_day(struct page *p)
{
	static struct samples all;
	struct fault why;
	enum result r = samples_read(p->dirfd, p->now, &all, &why);

	(void)buf_puts(&p->out, "<h2>The last day</h2>\n");
	if (r == RES_OK && all.n > 0) {
		chart_put(&p->out, &all, p->now);
		return;
	}
	(void)buf_puts(&p->out,
	    r != RES_OK && why.err != ENOENT
		? "<p><code>" SAMPLES_FILE "</code> in the spool cannot be "
		  "read.</p>\n"
		: "<p>The day is not written down. To have it here as curves, "
		  "run <code>smtpserv-spool sample</code> each minute, by cron "
		  "or a timer, as the user of the spool; or supervised, with "
		  "<code>--forever</code>. smtpserv-status(8) has the "
		  "lines.</p>\n");
}

static bool
count_one(void *ctx, uint32_t number, enum scan_kind kind)
{
	struct census *c = ctx;
	struct mail m;

	if (c->read >= OVERVIEW_LEAST && clock() >= c->until) {
		c->is_cut = true;
		return (false);
	}
	if (!mail_read(c->page->dirfd, number, kind, &m))
		return (true);
	c->read++;
	destinations_add(&c->destinations, &m, mail_age(&m, c->page->now));
	if (c->read <= OVERVIEW_MESSAGES)
		rows_put(c->page, &c->rows, &m);
	mail_free(&m);
	return (true);
}

static void
put_destination(struct buf *out, const struct destination *d)
{
	(void)buf_puts(
	    out, "<tr role=\"row\"><th role=\"rowheader\" scope=\"row\"><bdi>");
	html_put(out, (struct bytes){ d->name, d->name_n });
	(void)buf_puts(out,
	    "</bdi></th>\n"
	    "<td role=\"cell\" data-label=\"Messages\" class=\"n\">");
	layout_put_count(out, d->messages);
	(void)buf_puts(out,
	    "</td>\n<td role=\"cell\" data-label=\"Recipients\" "
	    "class=\"n\">");
	layout_put_count(out, d->rcpts);
	(void)buf_puts(
	    out, "</td>\n<td role=\"cell\" data-label=\"Oldest\" class=\"n\">");
	layout_put_span(out, d->oldest);
	(void)buf_puts(out, "</td>\n<td role=\"cell\" data-label=\"Reason\">");
	if (d->reason_n == 0)
		(void)buf_puts(
		    out, "<span class=\"none\">not tried yet</span>");
	else {
		(void)buf_puts(out, "<bdi>");
		html_put(out, (struct bytes){ d->reason, d->reason_n });
		(void)buf_puts(out, "</bdi>");
	}
	(void)buf_puts(out, "</td></tr>\n");
}

static void
put_table(struct buf *out, struct destinations *d, size_t shown)
{
	size_t i;

	(void)buf_puts(out,
	    "<table role=\"table\" aria-labelledby=\"where\">\n"
	    "<thead role=\"rowgroup\"><tr role=\"row\">\n"
	    "<th role=\"columnheader\" scope=\"col\">Domain</th>\n"
	    "<th role=\"columnheader\" scope=\"col\" class=\"n\">Messages</th>"
	    "\n<th role=\"columnheader\" scope=\"col\" class=\"n\">Recipients"
	    "</th>\n"
	    "<th role=\"columnheader\" scope=\"col\" class=\"n\">Oldest</th>\n"
	    "<th role=\"columnheader\" scope=\"col\">Why, of the one tried "
	    "most</th>\n</tr></thead>\n<tbody role=\"rowgroup\">\n");
	for (i = 0; i < shown; i++)
		put_destination(out, &d->list[i]);
	(void)buf_puts(out, "</tbody>\n</table>\n");
}

static void
put_destinations(struct buf *out, struct census *c, uint64_t messages)
{
	struct destinations *d = &c->destinations;
	uint64_t all = d->n;
	size_t shown = destinations_sort(d, OVERVIEW_DESTINATIONS);

	(void)buf_puts(out, "<h2 id=\"where\">Where it is going</h2>\n");
	if (c->is_cut) {
		(void)buf_puts(out, "<p>Counted in the ");
		layout_put_count(out, c->read);
		(void)buf_puts(out, " oldest of ");
		layout_put_count(out, messages);
		(void)buf_puts(out,
		    " messages; to read them all would take too long.</p>\n");
	}
	if (shown == 0) {
		(void)buf_puts(out, "<p>Nobody waits for mail.</p>\n");
		return;
	}
	put_table(out, d, shown);
	if (all > shown) {
		(void)buf_puts(out, "<p>and ");
		layout_put_count(out, all - shown);
		(void)buf_puts(out,
		    d->rest > 0 ? " more domains, and others.</p>\n"
				: " more domains.</p>\n");
	}
}

static void
put_oldest(struct buf *out, const struct census *c, uint64_t messages)
{
	(void)buf_puts(out, "<h2>The oldest messages</h2>\n");
	if (messages == 0) {
		(void)buf_puts(out, "<p>No message waits.</p>\n");
		return;
	}
	rows_begin(out, "The oldest messages");
	(void)buf_put(out, buf_view(&c->rows));
	rows_end(out);
	if (messages <= OVERVIEW_MESSAGES)
		return;
	(void)buf_puts(out, "<p><a href=\"/messages/1\">All ");
	layout_put_count(out, messages);
	(void)buf_puts(out, " messages</a></p>\n");
}

enum result
overview_put(struct page *p, struct fault *why)
{
	static struct census c;
	static char store[ROWS_MAX * OVERVIEW_MESSAGES];
	struct totals t;
	uint64_t all;
	enum result r = totals_take(p->dirfd, p->now, &t, why);

	if (r != RES_OK)
		return (r);
	all = t.messages + t.held + t.aside;
	c.page = p;
	c.until = clock() + OVERVIEW_WORK_MS * (CLOCKS_PER_SEC / 1000);
	layout_begin(p, "What waits", LAYOUT_OVERVIEW);
	put_facts(&p->out, &t);
	put_day(p);
	buf_init(&c.rows, store, sizeof(store));
	r = each_run(p->dirfd, EACH_MESSAGE, count_one, &c, why);
	if (r != RES_OK)
		return (r);
	if (all > 0)
		put_destinations(&p->out, &c, all);
	put_oldest(&p->out, &c, all);
	layout_end(p);
	return (RES_OK);
}
