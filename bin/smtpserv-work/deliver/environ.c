/* SPDX-License-Identifier: ISC */
#include "deliver/environ.h"

#include "bytes/buf.h"

struct variables {
	environ_put_fn *put;
	void *ctx;
	char store[ENVIRON_VALUE_MAX];
	struct buf value;
};

static struct buf *
begin(struct variables *v)
{
	buf_init(&v->value, v->store, sizeof(v->store));
	return (&v->value);
}

static bool
end(struct variables *v, const char *name)
{
	const char *value = buf_cstr(&v->value);

	return (value != NULL && v->put(v->ctx, name, value));
}

static bool
put_text(struct variables *v, const char *name, struct bytes value)
{
	(void)buf_put(begin(v), value);
	return (end(v, name));
}

/* NAME, NAME2, NAME3, NAME4: without what comes before each next dash. */
static bool
put_extensions(struct variables *v, struct bytes ext)
{
	static const char *const NAMES[] = { "EXT", "EXT2", "EXT3", "EXT4" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(NAMES); i++) {
		size_t at = ext.n;

		if (!put_text(v, NAMES[i], ext))
			return (false);
		(void)bytes_find(ext, '-', &at);
		ext = bytes_cut(ext, at + 1, ext.n);
	}
	return (true);
}

/* HOST, and without its last label, and so on. */
static bool
put_hosts(struct variables *v, struct bytes host)
{
	static const char *const NAMES[] = { "HOST", "HOST2", "HOST3",
		"HOST4" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(NAMES); i++) {
		if (!put_text(v, NAMES[i], host))
			return (false);
		while (host.n > 0 && host.p[host.n - 1] != '.')
			host.n--;
		if (host.n > 0)
			host.n--;
	}
	return (true);
}

/* Lines to put on top of the message, with their line ends. */
static bool
put_lines(struct variables *v, const struct delivery *d, time_t now)
{
	static const char *const DAYS[] = { "Sun", "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat" };
	static const char *const MONTHS[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct tm tm;
	struct buf *b = begin(v);
	size_t i;

	(void)buf_puts(b, "Delivered-To: ");
	(void)buf_put(b, d->recipient);
	(void)buf_putc(b, '\n');
	if (!end(v, "DTLINE"))
		return (false);
	b = begin(v);
	(void)buf_puts(b, "Return-Path: <");
	(void)buf_put(b, d->sender);
	(void)buf_puts(b, ">\n");
	if (!end(v, "RPLINE") || gmtime_r(&now, &tm) == NULL)
		return (false);
	b = begin(v);
	(void)buf_puts(b, "From ");
	/* An mbox's separator is parsed by its blanks. */
	for (i = 0; i < d->sender.n; i++)
		(void)buf_put(b,
		    d->sender.p[i] == ' ' ? bytes_of("-")
					  : bytes_cut(d->sender, i, 1));
	if (d->sender.n == 0)
		(void)buf_puts(b, "MAILER-DAEMON");
	(void)buf_printf(b, " %s %s %2d %02d:%02d:%02d %d\n", DAYS[tm.tm_wday],
	    MONTHS[tm.tm_mon], tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
	    1900 + tm.tm_year);
	return (end(v, "UFLINE"));
}

static bool
put_default(struct variables *v, struct bytes deflt)
{
	if (deflt.n == 0)
		return (v->put(v->ctx, "DEFAULT", NULL));
	return (put_text(v, "DEFAULT", deflt));
}

bool
environ_make(
    const struct delivery *d, time_t now, environ_put_fn *put, void *ctx)
{
	struct variables v = { .put = put, .ctx = ctx };

	(void)buf_put_number(begin(&v), d->number);
	return (end(&v, "SMTPSERV_NUMBER") &&
	    put(ctx, "SMTPSERV_TXT", d->txt_path) &&
	    put_text(&v, "SENDER", d->sender) &&
	    put_text(&v, "NEWSENDER", d->sender) &&
	    put_text(&v, "RECIPIENT", d->recipient) &&
	    put_text(&v, "LOCAL", d->local) && put_extensions(&v, d->ext) &&
	    put_hosts(&v, d->domain) && put_default(&v, d->deflt) &&
	    put_lines(&v, d, now));
}
