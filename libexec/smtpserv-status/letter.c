/* SPDX-License-Identifier: ISC */
#include "letter.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "html/html.h"
#include "rows.h"

enum {
	RCPTS_MAX = 200,
	FIELD_MAX = 1000, /* characters */
	NAME_MAX_CHARS = 120
};

int
letter_open(const struct page *p, uint32_t number)
{
	char name[SCAN_NAME_MAX];
	struct stat st;
	int fd;

	scan_name(name, number, SCAN_TXT);
	fd = openat(
	    p->dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
		(void)close(fd);
		return (-1);
	}
	return (fd);
}

static void
begin_field(struct buf *out, const char *name)
{
	(void)buf_printf(out, "<dt>%s</dt><dd>", name);
}

static void
end_field(struct buf *out)
{
	(void)buf_puts(out, "</dd>\n");
}

static void
put_state(struct page *p, const struct mail *m)
{
	struct buf *out = &p->out;

	(void)buf_puts(out, "<dl class=\"fields\">\n");
	begin_field(out, "State");
	layout_put_state(out, m->state);
	end_field(out);
	begin_field(out, "Accepted");
	layout_put_time(out, m->born);
	(void)buf_puts(out, ", ");
	layout_put_span(out, mail_age(m, p->now));
	(void)buf_puts(out, " ago");
	end_field(out);
	begin_field(out, "Next try");
	layout_put_next(p, out, m);
	end_field(out);
	begin_field(out, "Size");
	layout_put_count(out, m->size);
	(void)buf_puts(out, " octets");
	end_field(out);
	begin_field(out, "From");
	(void)buf_puts(out, "<bdi>");
	layout_put_sender(out, m->plan.sender, FIELD_MAX);
	(void)buf_puts(out, "</bdi>");
	end_field(out);
	begin_field(out, "To");
	rows_put_rcpts(out, m, RCPTS_MAX);
	end_field(out);
	(void)buf_puts(out, "</dl>\n");
}

static void
put_fields(struct buf *out, const struct mime *mime)
{
	static const char *const names[] = { "Subject", "From", "To", "Cc",
		"Date", "Message-ID" };
	bool is_open = false;
	size_t i;

	(void)buf_puts(out, "<h2>Header</h2>\n");
	for (i = 0; i < ARRAY_LEN(names); i++) {
		struct bytes value = mime_field(mime, names[i]);

		if (value.n == 0)
			continue;
		(void)buf_puts(out, is_open ? "" : "<dl class=\"fields\">\n");
		is_open = true;
		begin_field(out, names[i]);
		(void)buf_puts(out, "<bdi>");
		html_put_cut(out, value, FIELD_MAX);
		(void)buf_puts(out, "</bdi>");
		end_field(out);
	}
	(void)buf_puts(out, is_open ? "</dl>\n" : "");
}

/* The whole header as it lies there, up to the first empty line. */
static void
put_head(struct buf *out, int fd)
{
	static char store[LETTER_HEAD_MAX];
	ssize_t n = pread(fd, store, sizeof(store), 0);
	size_t end = 0;

	if (n <= 0)
		return;
	while (end < (size_t)n &&
	    !(store[end] == '\n' &&
		(store[end + 1 < (size_t)n ? end + 1 : end] == '\n' ||
		    store[end + 1 < (size_t)n ? end + 1 : end] == '\r') &&
		end + 1 < (size_t)n))
		end++;
	(void)buf_puts(
	    out, "<details>\n<summary>The whole header</summary>\n<pre>");
	html_put(out, (struct bytes){ store, end });
	(void)buf_puts(out,
	    end == sizeof(store) ? "</pre>\n<p>It goes on.</p>\n</details>\n"
				 : "</pre>\n</details>\n");
}

/* A text as far as there is room for it. */
struct text {
	char store[LETTER_TEXT_MAX];
	size_t n;
	bool is_cut;
};

static bool
keep(void *ctx, struct bytes piece)
{
	struct text *t = ctx;
	size_t room = sizeof(t->store) - t->n;

	if (piece.n > room) {
		t->is_cut = true;
		piece.n = room;
	}
	memcpy(t->store + t->n, piece.p, piece.n);
	t->n += piece.n;
	return (!t->is_cut);
}

static void
put_text(struct buf *out, const struct mime *mime, size_t i, struct text *t)
{
	t->n = 0;
	t->is_cut = false;
	if (!mime_decode_text(mime, i, keep, t) && !t->is_cut)
		(void)buf_puts(out, "<p>It cannot be read to its end.</p>\n");
	(void)buf_puts(out, "<pre tabindex=\"0\" aria-label=\"Text\">");
	html_put(out, (struct bytes){ t->store, t->n });
	(void)buf_puts(out,
	    t->is_cut ? "</pre>\n<p>It goes on; the download has all of "
			"it.</p>\n"
		      : "</pre>\n");
}

/* The first of the kind; false: there is none. */
static bool
find_kind(const struct mime *mime, enum mime_kind kind, size_t *i)
{
	for (*i = 0; *i < mime_count(mime); ++*i)
		if (mime_part(mime, *i).kind == kind)
			return (true);
	return (false);
}

/* HTML is never shown as such: its source is a text like any other. */
static void
put_body(struct buf *out, const struct mime *mime)
{
	static struct text text;
	size_t i;

	(void)buf_puts(out, "<h2>Text</h2>\n");
	if (find_kind(mime, MIME_TEXT, &i))
		put_text(out, mime, i, &text);
	else if (find_kind(mime, MIME_HTML, &i)) {
		(void)buf_puts(out,
		    "<p>There is no plain text. This is the source of the "
		    "HTML, which is not shown as a page.</p>\n");
		put_text(out, mime, i, &text);
	} else
		(void)buf_puts(out, "<p>There is no text.</p>\n");
}

static void
put_part(struct buf *out, const struct mime_part *part, uint32_t number)
{
	(void)buf_printf(out, "<li><a href=\"/message/%lu/part/%lu\" download>",
	    (unsigned long)number, (unsigned long)part->number);
	if (part->name.n > 0) {
		(void)buf_puts(out, "<bdi>");
		html_put_cut(out, part->name, NAME_MAX_CHARS);
		(void)buf_puts(out, "</bdi>");
	} else {
		(void)buf_printf(out, "Part %lu", (unsigned long)part->number);
	}
	(void)buf_puts(out, "</a> <span class=\"soft\">");
	html_put_cut(out, part->type, NAME_MAX_CHARS);
	(void)buf_putc(out, '/');
	html_put_cut(out, part->subtype, NAME_MAX_CHARS);
	(void)buf_puts(out, "</span></li>\n");
}

static void
put_parts(struct buf *out, const struct mime *mime, uint32_t number)
{
	size_t i;

	(void)buf_puts(out, "<h2>Downloads</h2>\n<ul class=\"files\">\n");
	for (i = 0; i < mime_count(mime); i++) {
		struct mime_part part = mime_part(mime, i);

		put_part(out, &part, number);
	}
	(void)buf_printf(out,
	    "<li><a href=\"/message/%lu/text\" download>The whole message</a>"
	    "</li>\n</ul>\n",
	    (unsigned long)number);
	if (mime_is_cut(mime))
		(void)buf_puts(out,
		    "<p>It has more parts than are shown.</p>"
		    "\n");
}

static bool
find_mail(const struct page *p, uint32_t number, struct mail *m)
{
	return (mail_read(p->dirfd, number, SCAN_WRK, m) ||
	    mail_read(p->dirfd, number, SCAN_HELD, m) ||
	    mail_read(p->dirfd, number, SCAN_BAD, m));
}

bool
letter_put(struct page *p, uint32_t number)
{
	struct mime *mime = NULL;
	char title[32];
	struct buf name;
	struct mail m;
	int fd;

	if (!find_mail(p, number, &m))
		return (false);
	buf_init(&name, title, sizeof(title));
	(void)buf_printf(&name, "Message %lu", (unsigned long)number);
	layout_begin(p, buf_cstr(&name), LAYOUT_ELSEWHERE);
	put_state(p, &m);
	mail_free(&m);
	fd = letter_open(p, number);
	if (fd >= 0)
		mime = mime_open(fd);
	if (mime != NULL) {
		put_fields(&p->out, mime);
		put_head(&p->out, fd);
		put_body(&p->out, mime);
		put_parts(&p->out, mime, number);
	} else {
		(void)buf_puts(&p->out, "<p>Its text cannot be read.</p>\n");
	}
	layout_end(p);
	return (true);
}
