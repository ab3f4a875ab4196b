/* SPDX-License-Identifier: ISC */
#include "rows.h"

#include "html/html.h"

enum {
	MAILBOX_MAX = 120, /* characters */
	REASON_MAX = 200,
	RCPTS_MAX = 3
};

void
rows_begin(struct buf *out, const char *caption)
{
	static const struct {
		const char *name;
		const char *class;
	} heads[] = { { "Number", "" }, { "State", "" }, { "Age", "n" },
		{ "Size", "n" }, { "Next try", "n" }, { "From", "" },
		{ "To, and why it waits", "" } };
	size_t i;

	(void)buf_printf(out,
	    "<table role=\"table\" aria-label=\"%s\">\n"
	    "<thead role=\"rowgroup\"><tr role=\"row\">\n",
	    caption);
	for (i = 0; i < ARRAY_LEN(heads); i++)
		(void)buf_printf(out,
		    "<th role=\"columnheader\" scope=\"col\"%s>%s</th>\n",
		    heads[i].class[0] == 'n' ? " class=\"n\"" : "",
		    heads[i].name);
	(void)buf_puts(out, "</tr></thead>\n<tbody role=\"rowgroup\">\n");
}

void
rows_end(struct buf *out)
{
	(void)buf_puts(out, "</tbody>\n</table>\n");
}

static void
put_rcpt(struct buf *out, const struct plan_rcpt *r)
{
	(void)buf_puts(out, "<li><bdi>");
	html_put_cut(out, r->mailbox, MAILBOX_MAX);
	(void)buf_puts(out, "</bdi>");
	if (r->state == PLAN_FAILED)
		(void)buf_puts(out, ", failed");
	else if (r->state == PLAN_DELIVERED)
		(void)buf_puts(out, ", delivered");
	else if (r->tries > 0)
		(void)buf_printf(out, ", %lu&nbsp;%s", (unsigned long)r->tries,
		    r->tries == 1 ? "try" : "tries");
	if (r->status.n + r->diagnostic.n > 0) {
		(void)buf_puts(out, "<bdi class=\"reason\">");
		layout_put_reason(out, r, REASON_MAX);
		(void)buf_puts(out, "</bdi>");
	}
	(void)buf_puts(out, "</li>\n");
}

void
rows_put_rcpts(struct buf *out, const struct mail *m, size_t most)
{
	size_t shown = 0;
	size_t i;

	(void)buf_puts(out, "<ul>\n");
	for (i = 0; i < m->plan.nrcpt; i++) {
		if (m->plan.rcpt[i].state == PLAN_GONE)
			continue;
		if (shown++ < most)
			put_rcpt(out, &m->plan.rcpt[i]);
	}
	if (shown > most) {
		(void)buf_puts(out, "<li>and ");
		layout_put_count(out, shown - most);
		(void)buf_puts(out, " more</li>\n");
	}
	if (m->wrong != NULL) {
		(void)buf_puts(out, "<li class=\"damaged\">");
		html_puts(out, m->wrong);
		(void)buf_puts(out, "</li>\n");
	}
	(void)buf_puts(out, "</ul>");
}

static void
begin_cell(struct buf *out, const char *label, const char *class)
{
	(void)buf_printf(
	    out, "<td role=\"cell\" data-label=\"%s\"%s>", label, class);
}

static void
end_cell(struct buf *out)
{
	(void)buf_puts(out, "</td>\n");
}

void
rows_put(const struct page *p, struct buf *out, const struct mail *m)
{
	(void)buf_printf(out,
	    "<tr role=\"row\"><th role=\"rowheader\" scope=\"row\">"
	    "<a href=\"/message/%lu\">%lu</a></th>\n",
	    (unsigned long)m->number, (unsigned long)m->number);
	begin_cell(out, "State", "");
	layout_put_state(out, m->state);
	end_cell(out);
	begin_cell(out, "Age", " class=\"n\"");
	layout_put_span(out, mail_age(m, p->now));
	end_cell(out);
	begin_cell(out, "Size", " class=\"n\"");
	layout_put_size(out, m->size);
	end_cell(out);
	begin_cell(out, "Next try", " class=\"n\"");
	layout_put_next(p, out, m);
	end_cell(out);
	begin_cell(out, "From", "");
	(void)buf_puts(out, "<bdi>");
	layout_put_sender(out, m->plan.sender, MAILBOX_MAX);
	(void)buf_puts(out, "</bdi>");
	end_cell(out);
	begin_cell(out, "To", "");
	rows_put_rcpts(out, m, RCPTS_MAX);
	end_cell(out);
	(void)buf_puts(out, "</tr>\n");
}
