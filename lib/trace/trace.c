/* SPDX-License-Identifier: ISC */
#include "trace/trace.h"

enum {
	IDENT_MAX = 40 /* octets that are shown */
};

bool
trace_date(struct buf *out, time_t when)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL)
		return (false);
	return (buf_printf(out, "%s, %d %s %d %02d:%02d:%02d +0000",
	    days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
	    tm.tm_hour, tm.tm_min, tm.tm_sec));
}

bool
trace_timestamp(struct buf *out, time_t when)
{
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL)
		return (false);
	return (
	    buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec));
}

/* [192.0.2.7], [IPv6:2001:db8::7] */
static void
put_literal(struct buf *out, struct bytes address)
{
	size_t colon;

	(void)buf_puts(out, bytes_find(address, ':', &colon) ? "[IPv6:" : "[");
	(void)buf_put(out, address);
	(void)buf_putc(out, ']');
}

/* What the client called itself, or what stands in for that. */
static void
put_name(struct buf *out, const struct trace_facts *facts)
{
	if (facts->helo.n > 0)
		(void)buf_put(out, facts->helo);
	else if (facts->peer.n > 0)
		put_literal(out, facts->peer);
	else
		(void)buf_puts(out, "unknown");
}

/* TCP-info: ([192.0.2.7]), (name [192.0.2.7]), ([IPv6:2001:db8::7]) */
static void
put_peer(struct buf *out, const struct trace_facts *facts)
{
	if (facts->peer.n == 0)
		return;
	(void)buf_puts(out, " (");
	if (facts->peername.n > 0) {
		(void)buf_put(out, facts->peername);
		(void)buf_putc(out, ' ');
	}
	put_literal(out, facts->peer);
	(void)buf_putc(out, ')');
}

/* The fold, and what all trace headers end in; where it is depends. */
static bool
put_id_and_date(
    struct buf *out, const struct trace_facts *facts, const char *eol)
{
	bool has_id = facts->number > 0 || facts->id.n > 0;

	if (has_id) {
		(void)buf_puts(out, eol);
		(void)buf_puts(out, facts->id.n > 0 ? "\tid " : "\tid A");
		if (facts->id.n > 0)
			(void)buf_put(out, facts->id);
		else
			(void)buf_put_number(out, facts->number);
	}
	/* RFC 8314 4.3. */
	if (facts->cipher != NULL && facts->cipher[0] != '\0') {
		(void)buf_puts(out, " tls ");
		(void)buf_puts(out, facts->cipher);
	}
	(void)buf_puts(out, has_id ? "; " : ";");
	if (!has_id) {
		(void)buf_puts(out, eol);
		(void)buf_putc(out, '\t');
	}
	(void)trace_date(out, facts->now);
	(void)buf_puts(out, eol);
	return (!buf_overflowed(out));
}

bool
trace_local(struct buf *out, const struct trace_facts *facts,
    const char *comment, const char *eol)
{
	(void)buf_puts(out, "Received: by ");
	(void)buf_put(out, facts->host);
	(void)buf_puts(out, " (");
	(void)buf_puts(out, comment);
	(void)buf_putc(out, ')');
	return (put_id_and_date(out, facts, eol));
}

/*
 * A comment with a stranger's words: none of its bytes can end the comment or
 * the line, and it is not long.
 */
static void
put_ident(struct buf *out, struct bytes ident)
{
	size_t i;

	if (ident.n == 0)
		return;
	(void)buf_puts(out, " (ident ");
	for (i = 0; i < ident.n && i < IDENT_MAX; i++) {
		char c = ident.p[i];

		if (c == '(' || c == ')' || c == '\\')
			(void)buf_putc(out, '\\');
		(void)buf_putc(out, (char)(c >= ' ' && c <= '~' ? c : '?'));
	}
	(void)buf_puts(out, ")");
}

bool
trace_received(
    struct buf *out, const struct trace_facts *facts, const char *eol)
{
	(void)buf_puts(out, "Received: from ");
	put_name(out, facts);
	put_peer(out, facts);
	put_ident(out, facts->ident);
	(void)buf_puts(out, " by ");
	(void)buf_put(out, facts->host);
	(void)buf_puts(out, " with ");
	(void)buf_puts(out, facts->protocol);
	return (put_id_and_date(out, facts, eol));
}
