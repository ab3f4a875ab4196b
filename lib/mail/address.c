/* SPDX-License-Identifier: ISC */
#include "mail/address.h"

enum {
	/* Longer ones than RFC 5321 has are left as they are. */
	MAILBOX_MAX = 512
};

/* Where in one element of the list. */
enum place {
	BARE,  /* a mailbox, or a name of what follows */
	ANGLE, /* within < > */
	BEHIND /* after that */
};

struct reader {
	struct bytes in;
	size_t at;
	size_t end; /* behind the last byte of the mailbox */
	struct buf *out;
	enum place place;
	bool has_gap;   /* a blank or comment since the last byte */
	bool has_words; /* more than one: a name, unless < follows */
	bool has_at;    /* an `@` that is in no quotes or brackets */
};

static bool
is_blank(char c)
{
	return (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

static bool
is_empty(const struct reader *r)
{
	return (buf_view(r->out).n == 0);
}

/* A blank beside a dot or an at-sign does not part two words. */
static bool
joins(char c)
{
	return (c == '.' || c == '@');
}

/* A byte of the mailbox, or of a name, which may be longer than it. */
static void
put(struct reader *r, char c)
{
	struct bytes have = buf_view(r->out);

	if (r->has_gap && have.n > 0 && !joins(c) && !joins(have.p[have.n - 1]))
		r->has_words = true;
	r->has_gap = false;
	if (r->has_words)
		return;
	(void)buf_putc(r->out, c);
	r->end = r->at + 1;
}

/* From ( to its ), with those in it.  False: it has none. */
static bool
skip_comment(struct reader *r)
{
	size_t depth = 0;

	for (; r->at < r->in.n; r->at++) {
		char c = r->in.p[r->at];

		if (c == '\\')
			r->at++;
		else if (c == '(')
			depth++;
		else if (c == ')' && --depth == 0)
			return (true);
	}
	return (false);
}

/* From a quote or bracket to the one that closes it, which is the last put. */
static bool
copy_until(struct reader *r, char end)
{
	bool is_quoted = false;

	put(r, r->in.p[r->at]);
	while (++r->at < r->in.n) {
		char c = r->in.p[r->at];

		if (c == '\0')
			return (false);
		/* A fold is not part of the string. */
		if (c == '\r' || c == '\n')
			continue;
		put(r, c);
		if (c == end && !is_quoted)
			return (true);
		is_quoted = c == '\\' && !is_quoted;
	}
	return (false);
}

static void
forget(struct reader *r)
{
	buf_reset(r->out);
	r->has_words = false;
	r->has_gap = false;
	r->has_at = false;
}

/* < begins the mailbox, whatever was before; > ends it. */
static bool
take_angle(struct reader *r, char c)
{
	if (c == '<') {
		if (r->place != BARE)
			return (false);
		forget(r);
		r->place = ANGLE;
		return (true);
	}
	if (r->place != ANGLE || is_empty(r) || r->has_words)
		return (false);
	r->place = BEHIND;
	return (true);
}

/* The end of a group's name, or of a route: <@a,@b:user@host> */
static bool
take_colon(struct reader *r)
{
	if (r->place == BEHIND ||
	    (r->place == ANGLE && !is_empty(r) && buf_view(r->out).p[0] != '@'))
		return (false);
	forget(r);
	return (true);
}

/* True: go on; false: this is no address. */
static bool
take(struct reader *r, char c)
{
	if (is_blank(c)) {
		r->has_gap = true;
		return (true);
	}
	switch (c) {
	case '(':
		r->has_gap = true;
		return (skip_comment(r));
	case '<':
	case '>':
		return (take_angle(r, c));
	case ':':
		return (take_colon(r));
	case ')':
	case ']':
	case '\\':
	case '\0':
		return (false);
	default:
		break;
	}
	if (r->place == BEHIND)
		return (false);
	if (c == '"')
		return (copy_until(r, '"'));
	if (c == '[')
		return (copy_until(r, ']'));
	put(r, c);
	r->has_at = r->has_at || c == '@';
	return (true);
}

/* Does this byte end the element?  In < > a comma is a route's. */
static bool
ends(const struct reader *r, char c)
{
	return ((c == ',' && r->place != ANGLE) || c == ';');
}

/* The element is whole; is there a mailbox in it? */
static enum address_status
judge(struct reader *r)
{
	if (r->place == ANGLE || (r->place == BARE && r->has_words) ||
	    buf_overflowed(r->out))
		return (ADDRESS_BAD);
	return (is_empty(r) ? ADDRESS_END : ADDRESS_FOUND);
}

/* Behind a mistake, to where the next element may begin. */
static void
skip_element(struct reader *r)
{
	bool is_quoted = false;

	for (; r->at < r->in.n; r->at++) {
		char c = r->in.p[r->at];

		if (c == '\\')
			r->at++;
		else if (c == '"')
			is_quoted = !is_quoted;
		else if (!is_quoted && (c == ',' || c == ';'))
			break;
	}
	r->at++;
}

/* The next element of r->in that is not empty; r->at is behind it. */
static enum address_status
next_element(struct reader *r)
{
	enum address_status status = ADDRESS_END;

	buf_reset(r->out);
	while (r->at < r->in.n && status == ADDRESS_END) {
		char c = r->in.p[r->at];

		if (ends(r, c)) {
			status = judge(r);
			if (status == ADDRESS_END)
				r->place = BARE;
			r->at++;
		} else if (take(r, c)) {
			r->at++;
		} else {
			status = ADDRESS_BAD;
			skip_element(r);
		}
	}
	return (status == ADDRESS_END ? judge(r) : status);
}

enum address_status
address_next(struct bytes *rest, struct buf *out)
{
	struct reader r = { .in = *rest, .out = out, .place = BARE };
	enum address_status status = next_element(&r);

	*rest = bytes_cut(*rest, r.at, rest->n);
	return (status);
}

bool
address_qualify(struct bytes list, const char *host, struct buf *out)
{
	char store[MAILBOX_MAX];
	enum address_status status = ADDRESS_FOUND;
	struct buf mailbox;

	buf_init(&mailbox, store, sizeof(store));
	while (status != ADDRESS_END) {
		struct reader r = {
			.in = list, .out = &mailbox, .place = BARE
		};
		size_t end = 0;

		status = next_element(&r);
		if (status == ADDRESS_FOUND && !r.has_at) {
			end = r.end;
			(void)buf_put(out, bytes_cut(list, 0, end));
			(void)buf_putc(out, '@');
			(void)buf_puts(out, host);
		}
		(void)buf_put(out, bytes_cut(list, end, r.at - end));
		list = bytes_cut(list, r.at, list.n);
	}
	return (!buf_overflowed(out));
}
