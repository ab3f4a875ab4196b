/* SPDX-License-Identifier: ISC */
#include "report/original.h"

/* Where the search for the Message-ID is. */
enum {
	ID_SOUGHT,
	ID_INSIDE,     /* in its field */
	ID_LINE_ENDED, /* a continuation may follow */
	ID_DONE
};

static const struct bytes ID_NAME = { "message-id:", 11 };

void
original_init(struct original *o, struct bytes boundary)
{
	*o = (struct original){ .boundary = boundary, .id_state = ID_SOUGHT };
}

/* A byte of the field; one that is longer than any real one does not count. */
static void
collect_id(struct original *o, char c)
{
	if (o->id_n == sizeof(o->id)) {
		o->id_n = 0;
		o->id_state = ID_DONE;
		return;
	}
	o->id[o->id_n++] = c;
}

static void
seek_id(struct original *o, char c)
{
	struct bytes one = { &c, 1 };

	if (o->id_state == ID_LINE_ENDED && o->column == 0)
		o->id_state = c == ' ' || c == '\t' ? ID_INSIDE : ID_DONE;
	if (o->id_state == ID_INSIDE)
		collect_id(o, c);
	if (o->id_state != ID_SOUGHT || o->named != o->column ||
	    !bytes_same_nocase(one, bytes_cut(ID_NAME, o->named, 1)))
		return;
	if (++o->named == ID_NAME.n)
		o->id_state = ID_INSIDE;
}

/* Does the line, so far and with this byte, begin like a delimiter? */
static void
seek_boundary(struct original *o, char c)
{
	struct bytes dashes = { "--", 2 };
	struct bytes want = bytes_cut(dashes, o->dashed, 1);

	if (o->dashed != o->column || o->holds_boundary)
		return;
	if (o->dashed >= dashes.n)
		want = bytes_cut(o->boundary, o->dashed - dashes.n, 1);
	if (!bytes_same((struct bytes){ &c, 1 }, want))
		return;
	o->dashed++;
	o->holds_boundary = o->dashed == dashes.n + o->boundary.n;
}

static void
end_header_line(struct original *o)
{
	if (o->column == 0) {
		o->header_ended = true;
		return;
	}
	if (o->size <= ORIGINAL_HEADER_MAX) {
		o->header = o->size;
		o->header_is_8bit = o->header_is_8bit || o->line_is_8bit;
	}
	if (o->id_state == ID_INSIDE)
		o->id_state = ID_LINE_ENDED;
}

static void
end_line(struct original *o)
{
	if (!o->header_ended)
		end_header_line(o);
	o->column = 0;
	o->dashed = 0;
	o->named = 0;
	o->line_is_8bit = false;
}

void
original_feed(struct original *o, struct bytes text)
{
	size_t i;

	for (i = 0; i < text.n; i++) {
		char c = text.p[i];

		o->size++;
		if (c == '\n') {
			end_line(o);
			continue;
		}
		/* The CR of a CR LF; a bare one does not matter here. */
		if (c == '\r')
			continue;
		if ((unsigned char)c > 127)
			o->is_8bit = o->line_is_8bit = true;
		if (!o->header_ended)
			seek_id(o, c);
		seek_boundary(o, c);
		o->column++;
	}
}

struct bytes
original_id(const struct original *o)
{
	static const struct bytes none = { "", 0 };
	struct bytes id = bytes_trim_end((struct bytes){ o->id, o->id_n });
	bool has_at = false;
	size_t i;

	while (id.n > 0 && (id.p[0] == ' ' || id.p[0] == '\t'))
		id = bytes_cut(id, 1, id.n);
	if (id.n < 5 || id.p[0] != '<' || id.p[id.n - 1] != '>')
		return (none);
	for (i = 1; i < id.n - 1; i++) {
		if (id.p[i] <= ' ' || id.p[i] > '~' || id.p[i] == '<' ||
		    id.p[i] == '>')
			return (none);
		has_at = has_at || id.p[i] == '@';
	}
	return (has_at ? id : none);
}

void
original_copy_init(struct original_copy *c, const char *eol)
{
	*c = (struct original_copy){ .eol = eol };
}

size_t
original_copy_feed(struct original_copy *c, struct bytes in, struct buf *out)
{
	size_t i = 0;

	/* There is room for all that one step writes. */
	while (i < in.n && buf_room(out) >= ORIGINAL_GROWTH) {
		char byte = in.p[i];

		if (byte == '\r') {
			c->crs++;
		} else if (byte == '\n') {
			(void)buf_puts(out, c->eol);
			c->crs = 0;
		} else if (c->crs > 0) {
			/* It was bare, and the byte's turn comes later. */
			(void)buf_putc(out, ' ');
			c->crs--;
			continue;
		} else {
			(void)buf_putc(out, (char)(byte == '\0' ? ' ' : byte));
		}
		i++;
	}
	return (i);
}
