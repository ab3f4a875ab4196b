/* SPDX-License-Identifier: ISC */
#include "mail/messageid.h"

enum state {
	LINE_START,
	NAME,  /* so far it is that of the field */
	COLON, /* blanks may stand before it */
	OTHER, /* the rest of another field's line */
	BEFORE,
	FOLD, /* a line may go on with the field, which is empty so far */
	ID,
	DONE
};

static const struct bytes WANTED = { "message-id", 10 };

void
messageid_init(struct messageid *m)
{
	m->state = LINE_START;
	m->n = 0;
}

static bool
is_blank(char c)
{
	return (c == ' ' || c == '\t');
}

static int
begin_line(struct messageid *m, char c)
{
	m->n = 0;
	if (c == '\n' || c == '\r')
		return (DONE);
	m->n = bytes_lower(c) == WANTED.p[0] ? 1 : 0;
	return (m->n == 1 ? NAME : OTHER);
}

static int
take_name(struct messageid *m, char c)
{
	if (m->n < WANTED.n && bytes_lower(c) == WANTED.p[m->n]) {
		m->n++;
		return (NAME);
	}
	if (m->n == WANTED.n && c == ':') {
		m->n = 0;
		return (BEFORE);
	}
	return (m->n == WANTED.n && is_blank(c) ? COLON : OTHER);
}

static int
take_id(struct messageid *m, char c)
{
	/* A control byte ends it, as a blank does. */
	if ((c >= 0 && c <= ' ') || c == 0x7f)
		return (DONE);
	m->text[m->n++] = c;
	return (c == '>' || m->n == MESSAGEID_MAX ? DONE : ID);
}

static int
step(struct messageid *m, char c)
{
	switch ((enum state)m->state) {
	case LINE_START:
		return (begin_line(m, c));
	case NAME:
	case COLON:
		return (c == '\n' ? LINE_START : take_name(m, c));
	case BEFORE:
		if (c == '\n')
			return (FOLD);
		return (is_blank(c) || c == '\r' ? BEFORE : take_id(m, c));
	case FOLD:
		return (is_blank(c) ? BEFORE : DONE);
	case ID:
		return (take_id(m, c));
	case OTHER:
	case DONE:
		break;
	}
	return (c == '\n' ? LINE_START : OTHER);
}

bool
messageid_feed(struct messageid *m, struct bytes text)
{
	size_t i;

	for (i = 0; i < text.n && m->state != DONE; i++) {
		if (m->state == OTHER) {
			size_t skip = text.n - 1 - i;

			(void)bytes_find(
			    bytes_cut(text, i, text.n), '\n', &skip);
			i += skip;
		}
		m->state = step(m, text.p[i]);
	}
	return (m->state != DONE);
}

struct bytes
messageid_view(const struct messageid *m)
{
	bool is_id = m->state == ID || m->state == DONE;

	return ((struct bytes){ m->text, is_id ? m->n : 0 });
}
