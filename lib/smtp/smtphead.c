/* SPDX-License-Identifier: ISC */
#include "smtp/smtphead.h"

enum {
	FIRST_LINE, /* nothing yet */
	LINE_START,
	NAME,  /* of a field */
	BLANK, /* between a name and its colon, as of old */
	VALUE, /* to the line's end */
	DONE   /* the header is over, or damaged */
};

static const struct bytes DATE = { "date", 4 };
static const struct bytes MESSAGE_ID = { "message-id", 10 };

void
smtphead_init(struct smtphead *h)
{
	*h = (struct smtphead){ .state = FIRST_LINE };
}

static bool
goes_on(struct bytes name, size_t n, struct bytes one)
{
	return (bytes_same_nocase(one, bytes_cut(name, n, 1)));
}

/* A byte of a name: RFC 5322 2.2 has them printable, without colon. */
static int
take_name(struct smtphead *h, struct bytes one)
{
	if (one.p[0] <= ' ' || one.p[0] > '~')
		return (DONE);
	h->may_date = h->may_date && goes_on(DATE, h->n, one);
	h->may_message_id = h->may_message_id && goes_on(MESSAGE_ID, h->n, one);
	h->n++;
	return (NAME);
}

/* The colon behind a name. */
static int
end_name(struct smtphead *h)
{
	if (h->may_date && h->n == DATE.n)
		h->has_date = true;
	if (h->may_message_id && h->n == MESSAGE_ID.n)
		h->has_message_id = true;
	return (h->n == 0 ? DONE : VALUE);
}

static bool
is_blank(char c)
{
	return (c == ' ' || c == '\t');
}

/* The first byte of a line that is not empty. */
static int
begin_line(struct smtphead *h, struct bytes one)
{
	if (is_blank(one.p[0]))
		return (h->state == FIRST_LINE ? DONE : VALUE);
	h->n = 0;
	h->may_date = true;
	h->may_message_id = true;
	return (one.p[0] == ':' ? DONE : take_name(h, one));
}

static int
step(struct smtphead *h, struct bytes one)
{
	switch (h->state) {
	case FIRST_LINE:
	case LINE_START:
		return (begin_line(h, one));
	case NAME:
	case BLANK:
		if (one.p[0] == ':')
			return (end_name(h));
		if (is_blank(one.p[0]))
			return (BLANK);
		return (h->state == NAME ? take_name(h, one) : DONE);
	default:
		return (one.p[0] == '\n' ? LINE_START : VALUE);
	}
}

bool
smtphead_feed(struct smtphead *h, struct bytes text, size_t *at)
{
	size_t i;

	for (i = 0; i < text.n && h->state != DONE; i++) {
		bool is_start =
		    h->state == LINE_START || h->state == FIRST_LINE;

		/* A CR there begins the end of the line, whatever follows. */
		if (is_start && (text.p[i] == '\n' || text.p[i] == '\r')) {
			h->state = DONE;
			*at = i;
			return (true);
		}
		if (h->state == VALUE) {
			size_t skip = text.n - 1 - i;

			(void)bytes_find(
			    bytes_cut(text, i, text.n), '\n', &skip);
			i += skip;
		}
		h->state = step(h, bytes_cut(text, i, 1));
	}
	return (false);
}

bool
smtphead_is_whole(const struct smtphead *h)
{
	return (h->state == LINE_START);
}
