/* SPDX-License-Identifier: ISC */
#include "report/statusfields.h"

#include <string.h>

#include "bytes/buf.h"
#include "bytes/utf8.h"
#include "smtp/smtppath.h"
#include "smtp/smtpxtext.h"

static bool
is_digits(struct bytes text, size_t max)
{
	size_t i;

	for (i = 0; i < text.n; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return (false);
	return (text.n > 0 && text.n <= max);
}

/* RFC 3463: class, subject and detail; the class must suit the action. */
static bool
is_status(struct bytes status, const char *classes)
{
	struct bytes tail;
	size_t dot;

	if (status.n < 5 || !bytes_find(bytes_of(classes), status.p[0], &dot) ||
	    status.p[1] != '.')
		return (false);
	tail = bytes_cut(status, 2, status.n);
	return (bytes_find(tail, '.', &dot) &&
	    is_digits(bytes_cut(tail, 0, dot), 3) &&
	    is_digits(bytes_cut(tail, dot + 1, tail.n), 3));
}

static void
put_status(struct wording *out, const struct plan_rcpt *r)
{
	static const struct {
		const char *classes;
		const char *otherwise;
	} by_state[] = {
		[PLAN_WAITING] = { "4", "4.0.0" },
		/* 4.4.7: tried for too long. */
		[PLAN_FAILED] = { "45", "5.0.0" },
		[PLAN_DELIVERED] = { "2", "2.0.0" },
	};

	wording_put(out, "Status: ");
	if (is_status(r->status, by_state[r->state].classes))
		wording_bytes(out, r->status);
	else
		wording_put(out, by_state[r->state].otherwise);
	wording_put(out, "\n");
}

const char *
statusfields_action(const struct plan_rcpt *r)
{
	static const char *const by_state[] = {
		[PLAN_WAITING] = "delayed",
		[PLAN_FAILED] = "failed",
		[PLAN_DELIVERED] = "delivered",
	};

	if (r->state == PLAN_DELIVERED &&
	    bytes_same_nocase(r->action, bytes_of("relayed")))
		return ("relayed");
	if (r->state == PLAN_DELIVERED &&
	    bytes_same_nocase(r->action, bytes_of("expanded")))
		return ("expanded");
	return (by_state[r->state]);
}

static void
put_action(struct wording *out, const struct plan_rcpt *r)
{
	wording_put(out, "Action: ");
	wording_put(out, statusfields_action(r));
	wording_put(out, "\n");
}

/* A value that is not xtext is repeated as it is: it, too, is in one line. */
static void
put_decoded(struct wording *out, struct bytes xtext)
{
	char store[WORDING_VALUE_MAX];
	struct buf b;

	buf_init(&b, store, sizeof(store));
	if (smtpxtext_decode(xtext, &b))
		xtext = buf_view(&b);
	wording_clean(out, xtext);
	wording_put(out, "\n");
}

void
statusfields_xtext(struct wording *out, const char *name, struct bytes xtext)
{
	wording_put(out, name);
	put_decoded(out, xtext);
}

/* type;xtext */
static void
put_original_recipient(struct wording *out, struct bytes orcpt)
{
	size_t semicolon;

	if (!bytes_find(orcpt, ';', &semicolon))
		return;
	wording_put(out, "Original-Recipient: ");
	wording_clean(out, bytes_cut(orcpt, 0, semicolon));
	wording_put(out, ";");
	put_decoded(out, bytes_cut(orcpt, semicolon + 1, orcpt.n));
}

/*
 * Is the text a server's own?  Our own words about a success are not worth
 * repeating.
 */
static bool
is_reply(struct bytes text)
{
	return (is_digits(bytes_cut(text, 0, 3), 3) && text.n > 3 &&
	    text.p[3] == ' ');
}

static void
put_diagnostic(struct wording *out, const struct plan_rcpt *r)
{
	const char *type = is_reply(r->diagnostic)
	    ? "Diagnostic-Code: smtp; "
	    : "Diagnostic-Code: x-smtpserv; ";

	if (r->diagnostic.n == 0 ||
	    (r->state == PLAN_DELIVERED && !is_reply(r->diagnostic)))
		return;
	wording_put(out, type);
	wording_folded(out, r->diagnostic, strlen(type), "\t");
	wording_put(out, "\n");
}

/* ` (HOST [ADDRESS])`, at the end of what a host has said to us: its name. */
static bool
find_host(struct bytes text, struct bytes *host, struct bytes *address)
{
	size_t from = text.n;
	size_t at;

	if (text.n < 2 || text.p[text.n - 1] != ')' ||
	    text.p[text.n - 2] != ']')
		return (false);
	while (from > 0 && text.p[from - 1] != '(')
		from--;
	*host = bytes_cut(text, from, text.n - from - 2);
	if (from < 2 || !bytes_find(*host, ' ', &at) || at + 1 >= host->n ||
	    host->p[at + 1] != '[')
		return (false);
	*address = bytes_cut(*host, at + 2, host->n);
	host->n = at;
	return (smtppath_is_ipv4(*address) || smtppath_is_ipv6(*address));
}

static void
put_remote(struct wording *out, struct bytes text)
{
	struct bytes host;
	struct bytes address;
	bool is_named;

	if (!find_host(text, &host, &address))
		return;
	is_named = smtppath_is_domain(host);
	wording_put(out, "Remote-MTA: dns; ");
	if (!is_named)
		wording_put(out, smtppath_is_ipv6(address) ? "[IPv6:" : "[");
	wording_bytes(out, is_named ? host : address);
	wording_put(out, is_named ? "\n" : "]\n");
}

void
statusfields_recipient(struct wording *out, const struct plan_rcpt *r,
    time_t attempted, time_t expires)
{
	wording_put(out, "\n");
	put_original_recipient(out, r->orcpt);
	wording_put(out, "Final-Recipient: ");
	wording_put(out, utf8_is_needed(r->mailbox) ? "utf-8; " : "rfc822; ");
	wording_clean(out, r->mailbox);
	wording_put(out, "\n");
	put_action(out, r);
	put_status(out, r);
	put_remote(out, r->diagnostic);
	put_diagnostic(out, r);
	wording_date(out, "Last-Attempt-Date: ", attempted);
	if (r->state == PLAN_WAITING)
		wording_date(out, "Will-Retry-Until: ", expires);
}
