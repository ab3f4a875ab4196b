/* SPDX-License-Identifier: ISC */
#include "listing.h"

#include "look/each.h"
#include "rows.h"

struct listing {
	struct page *page;
	uint64_t first; /* of those that are shown, counted from 0 */
	uint64_t n;     /* messages so far */
	uint64_t shown;
};

static bool
show_one(void *ctx, uint32_t number, enum scan_kind kind)
{
	struct listing *l = ctx;
	uint64_t place = l->n++;
	struct mail m;

	if (place < l->first || l->shown == LISTING_ROWS ||
	    !mail_read(l->page->dirfd, number, kind, &m))
		return (true);
	if (l->shown++ == 0)
		rows_begin(&l->page->out, "Messages");
	rows_put(l->page, &l->page->out, &m);
	mail_free(&m);
	return (true);
}

static void
put_link(struct buf *out, uint64_t part, const char *name)
{
	(void)buf_printf(out, "<a href=\"/messages/%llu\">%s</a>\n",
	    (unsigned long long)part, name);
}

static void
put_links(struct buf *out, uint64_t part, uint64_t parts)
{
	if (parts < 2)
		return;
	(void)buf_puts(
	    out, "<nav class=\"pages\" aria-label=\"Parts of the list\">\n");
	if (part > 1) {
		put_link(out, 1, "First");
		put_link(out, part - 1 < parts ? part - 1 : parts, "Previous");
	}
	(void)buf_puts(out, "<span>Page ");
	layout_put_count(out, part);
	(void)buf_puts(out, " of ");
	layout_put_count(out, parts);
	(void)buf_puts(out, "</span>\n");
	if (part < parts) {
		put_link(out, part + 1, "Next");
		put_link(out, parts, "Last");
	}
	(void)buf_puts(out, "</nav>\n");
}

enum result
listing_put(struct page *p, uint32_t part, struct fault *why)
{
	struct listing l = { p, (uint64_t)(part - 1) * LISTING_ROWS, 0, 0 };
	char store[48];
	struct buf title;
	enum result r;

	buf_init(&title, store, sizeof(store));
	(void)buf_puts(&title, "Messages, page ");
	(void)buf_put_number(&title, part);
	layout_begin(p, buf_cstr(&title), LAYOUT_LIST);
	r = each_run(p->dirfd, EACH_MESSAGE, show_one, &l, why);
	if (r != RES_OK)
		return (r);
	if (l.shown > 0)
		rows_end(&p->out);
	else
		(void)buf_puts(&p->out,
		    l.n == 0 ? "<p>No message waits.</p>\n"
			     : "<p>The list has no such page.</p>\n");
	put_links(&p->out, part, (l.n + LISTING_ROWS - 1) / LISTING_ROWS);
	layout_end(p);
	return (RES_OK);
}
