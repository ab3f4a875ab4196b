/* SPDX-License-Identifier: ISC */
#include "feed/feed.h"

#include "bytes/num.h"

/* A field, and the NUL behind it. */
static bool
put_field(struct buf *out, struct bytes field)
{
	size_t at;

	if (bytes_find(field, '\0', &at))
		return (false);
	(void)buf_put(out, field);
	return (buf_putc(out, '\0'));
}

static bool
put_number(struct buf *out, uint64_t n)
{
	(void)buf_put_number(out, n);
	return (buf_putc(out, '\0'));
}

static bool
take_short(struct bytes *rest, struct bytes *field, size_t max)
{
	return (bytes_take(rest, '\0', field) && field->n <= max);
}

static bool
take_number(struct bytes *rest, uint64_t max, uint64_t *n)
{
	struct bytes field;

	/* A number has one form. */
	return (bytes_take(rest, '\0', &field) &&
	    (field.n == 1 || field.p[0] != '0') && num_parse(field, max, n));
}

static bool
take_u32(struct bytes *rest, uint32_t max, uint32_t *n)
{
	uint64_t wide;

	if (!take_number(rest, max, &wide))
		return (false);
	*n = (uint32_t)wide;
	return (true);
}

/* Flags are words, in this order, each with a blank behind it. */
static bool
take_flag(struct bytes *flags, const char *word)
{
	struct bytes want = bytes_of(word);

	if (!bytes_same(bytes_cut(*flags, 0, want.n), want))
		return (false);
	*flags = bytes_cut(*flags, want.n, flags->n);
	return (true);
}

#define UTF8       "utf8 "
#define REQUIRETLS "requiretls "
#define TLSNO      "tlsno "
#define DSN        "dsn "

static bool
put_message(struct buf *out, const struct feed_message *m)
{
	bool good = put_field(out, m->sender);

	good = good && put_number(out, m->size) && put_field(out, m->body);
	if (m->smtputf8)
		(void)buf_puts(out, UTF8);
	if (m->requiretls)
		(void)buf_puts(out, REQUIRETLS);
	if (m->tlsno)
		(void)buf_puts(out, TLSNO);
	return (good && buf_putc(out, '\0') && put_field(out, m->envid) &&
	    put_field(out, m->ret));
}

static bool
parse_message(struct bytes *rest, struct feed_message *m)
{
	struct bytes flags;

	if (!bytes_take(rest, '\0', &m->sender) ||
	    !take_number(rest, UINT64_MAX, &m->size) ||
	    !bytes_take(rest, '\0', &m->body) ||
	    !bytes_take(rest, '\0', &flags))
		return (false);
	m->smtputf8 = take_flag(&flags, UTF8);
	m->requiretls = take_flag(&flags, REQUIRETLS);
	m->tlsno = take_flag(&flags, TLSNO);
	return (flags.n == 0 && bytes_take(rest, '\0', &m->envid) &&
	    bytes_take(rest, '\0', &m->ret));
}

static bool
put_credit(struct buf *out, const struct feed_credit *c)
{
	if (c->n > FEED_CREDIT_MAX || c->port > 65535 ||
	    c->host.n > FEED_NAME_MAX || c->address.n > FEED_NAME_MAX ||
	    c->tls.n > FEED_TEXT_MAX)
		return (false);
	return (put_number(out, c->n) && put_field(out, c->host) &&
	    put_field(out, c->address) && put_number(out, c->port) &&
	    put_field(out, c->tls) &&
	    put_field(out, bytes_of(c->offers_dsn ? DSN : "")));
}

static bool
parse_credit(struct bytes *rest, struct feed_credit *c)
{
	struct bytes flags;

	if (!take_u32(rest, FEED_CREDIT_MAX, &c->n) ||
	    !take_short(rest, &c->host, FEED_NAME_MAX) ||
	    !take_short(rest, &c->address, FEED_NAME_MAX) ||
	    !take_u32(rest, 65535, &c->port) ||
	    !take_short(rest, &c->tls, FEED_TEXT_MAX) ||
	    !bytes_take(rest, '\0', &flags))
		return (false);
	c->offers_dsn = take_flag(&flags, DSN);
	return (flags.n == 0);
}

static bool
has_index(enum feed_kind kind)
{
	return (kind == FEED_RCPT_FAILED || kind == FEED_RCPT_LATER);
}

/* The class of a status that goes with the kind; 0: either failure's. */
static char
class_of(enum feed_kind kind)
{
	if (kind == FEED_DELIVERED)
		return ('2');
	if (kind == FEED_RCPT_FAILED || kind == FEED_FAILED)
		return ('5');
	if (kind == FEED_BROKEN)
		return ('\0');
	return ('4');
}

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

/* One to three digits from *at on, which moves behind them. */
static bool
skip_digits(struct bytes text, size_t *at)
{
	size_t n = 0;

	while (*at < text.n && is_digit(text.p[*at])) {
		++*at;
		n++;
	}
	return (n >= 1 && n <= 3);
}

/* 2.y.z, 4.y.z or 5.y.z (RFC 3463 2), of the class. */
static bool
is_status(struct bytes text, char class)
{
	size_t at = 2;

	if (text.n < 5 || text.p[1] != '.' ||
	    (class == '\0' ? text.p[0] != '4' && text.p[0] != '5'
			   : text.p[0] != class))
		return (false);
	if (!skip_digits(text, &at) || at == text.n || text.p[at++] != '.')
		return (false);
	return (skip_digits(text, &at) && at == text.n);
}

static bool
is_text(struct bytes text)
{
	return (text.n <= FEED_TEXT_MAX && !bytes_has_control(text));
}

static bool
put_result(struct buf *out, enum feed_kind kind, const struct feed_result *r)
{
	if (!is_text(r->text) ||
	    (kind != FEED_UNTRIED && !is_status(r->status, class_of(kind))) ||
	    r->index >= FEED_RCPTS_MAX)
		return (false);
	if (has_index(kind) && !put_number(out, r->index))
		return (false);
	if (kind == FEED_BROKEN &&
	    !put_field(out, bytes_of(r->scope == FEED_HOST ? "host" : "hop")))
		return (false);
	if (kind != FEED_UNTRIED && !put_field(out, r->status))
		return (false);
	return (put_field(out, r->text));
}

static bool
parse_result(struct bytes *rest, enum feed_kind kind, struct feed_result *r)
{
	struct bytes scope;

	if (has_index(kind) && !take_u32(rest, FEED_RCPTS_MAX - 1, &r->index))
		return (false);
	if (kind == FEED_BROKEN) {
		if (!bytes_take(rest, '\0', &scope))
			return (false);
		r->scope =
		    bytes_same(scope, bytes_of("host")) ? FEED_HOST : FEED_HOP;
		if (r->scope == FEED_HOP && !bytes_same(scope, bytes_of("hop")))
			return (false);
	}
	if (kind != FEED_UNTRIED &&
	    (!bytes_take(rest, '\0', &r->status) ||
		!is_status(r->status, class_of(kind))))
		return (false);
	return (bytes_take(rest, '\0', &r->text) && is_text(r->text));
}

static bool
has_tag(enum feed_kind kind)
{
	return (
	    kind != FEED_QUIT && kind != FEED_CREDIT && kind != FEED_BROKEN);
}

bool
feed_put(struct buf *out, const struct feed_record *r)
{
	bool good = buf_putc(out, (char)r->kind);

	good = good && (!has_tag(r->kind) || put_number(out, r->tag));
	switch (r->kind) {
	case FEED_MESSAGE:
		good = good && put_message(out, &r->message);
		break;
	case FEED_RCPT:
		good = good && r->rcpt.mailbox.n > 0 &&
		    put_field(out, r->rcpt.mailbox) &&
		    put_field(out, r->rcpt.notify) &&
		    put_field(out, r->rcpt.orcpt);
		break;
	case FEED_CREDIT:
		good = good && put_credit(out, &r->credit);
		break;
	case FEED_RCPT_FAILED:
	case FEED_RCPT_LATER:
	case FEED_DELIVERED:
	case FEED_LATER:
	case FEED_FAILED:
	case FEED_UNTRIED:
	case FEED_BROKEN:
		good = good && put_result(out, r->kind, &r->result);
		break;
	case FEED_END:
	case FEED_GIVE_UP:
	case FEED_QUIT:
	case FEED_DOUBT:
		break;
	}
	return (
	    good && !buf_overflowed(out) && buf_view(out).n <= FEED_RECORD_MAX);
}

/* What stands behind the kind and the tag. */
static bool
parse_rest(struct bytes *rest, struct feed_record *r)
{
	switch (r->kind) {
	case FEED_MESSAGE:
		return (parse_message(rest, &r->message));
	case FEED_RCPT:
		return (bytes_take(rest, '\0', &r->rcpt.mailbox) &&
		    r->rcpt.mailbox.n > 0 &&
		    bytes_take(rest, '\0', &r->rcpt.notify) &&
		    bytes_take(rest, '\0', &r->rcpt.orcpt));
	case FEED_CREDIT:
		return (parse_credit(rest, &r->credit));
	case FEED_RCPT_FAILED:
	case FEED_RCPT_LATER:
	case FEED_DELIVERED:
	case FEED_LATER:
	case FEED_FAILED:
	case FEED_UNTRIED:
	case FEED_BROKEN:
		return (parse_result(rest, r->kind, &r->result));
	case FEED_END:
	case FEED_GIVE_UP:
	case FEED_QUIT:
	case FEED_DOUBT:
		return (true);
	}
	return (false);
}

bool
feed_parse(struct bytes record, struct feed_record *r)
{
	struct bytes rest = bytes_cut(record, 1, record.n);

	*r = (struct feed_record){ .tag = 0 };
	if (record.n == 0 || record.n > FEED_RECORD_MAX)
		return (false);
	/* What is none of them, parse_rest() refuses. */
	r->kind = (enum feed_kind)(unsigned char)record.p[0];
	if (has_tag(r->kind) && !take_u32(&rest, UINT32_MAX, &r->tag))
		return (false);
	return (parse_rest(&rest, r) && rest.n == 0);
}

bool
feed_is_workers(enum feed_kind kind)
{
	return (kind == FEED_MESSAGE || kind == FEED_RCPT || kind == FEED_END ||
	    kind == FEED_GIVE_UP || kind == FEED_QUIT);
}

bool
feed_is_final(enum feed_kind kind)
{
	return (kind == FEED_DELIVERED || kind == FEED_LATER ||
	    kind == FEED_FAILED || kind == FEED_UNTRIED);
}

void
feed_put_reply(struct buf *out, struct bytes reply, struct bytes host,
    struct bytes address)
{
	/* " (HOST [ADDRESS])" */
	size_t tail = 6 + host.n + address.n;
	size_t max = FEED_TEXT_MAX > tail ? FEED_TEXT_MAX - tail : 0;
	size_t i;

	reply = bytes_trim_end(bytes_cut(reply, 0, max));
	for (i = 0; i < reply.n; i++) {
		unsigned char c = (unsigned char)reply.p[i];

		if (c == '\n' || c == '\r' || c == '\t')
			(void)buf_putc(out, ' ');
		else if (c < ' ' || c >= 0x7f)
			(void)buf_putc(out, '?');
		else
			(void)buf_putc(out, reply.p[i]);
	}
	(void)buf_puts(out, " (");
	(void)buf_put(out, host);
	(void)buf_puts(out, " [");
	(void)buf_put(out, address);
	(void)buf_puts(out, "])");
}
