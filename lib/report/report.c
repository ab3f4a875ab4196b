/* SPDX-License-Identifier: ISC */
#include "report/report.h"

#include <string.h>

#include "bytes/buf.h"
#include "bytes/utf8.h"
#include "envelope/plan.h"
#include "report/statusfields.h"
#include "smtp/smtppath.h"
#include "trace/trace.h"

static bool
is_named(struct bytes name, const char *want)
{
	return (bytes_same_nocase(name, bytes_of(want)));
}

/* The next recipient that the report is to name. */
static bool
next_due(struct bytes *rest, enum report_kind kind, struct plan_rcpt *r)
{
	while (plan_next(rest, r))
		if ((r->state == PLAN_WAITING) == (kind == REPORT_DELAY) &&
		    plan_asks_for_report(r))
			return (true);
	return (false);
}

enum report_to
report_due(struct bytes envelope, enum report_kind kind)
{
	enum report_to to = REPORT_TO_NOBODY;
	struct plan_rcpt r;
	struct plan m;

	plan_read(&m, envelope);
	while (next_due(&envelope, kind, &r)) {
		if (m.sender.n > 0)
			return (REPORT_TO_SENDER);
		if (r.state != PLAN_FAILED)
			continue;
		/*
		 * A report of ours to postmaster, and only that, has this
		 * recipient.
		 */
		if (!is_named(r.mailbox, "postmaster"))
			return (REPORT_TO_POSTMASTER);
		to = REPORT_TO_NOWHERE;
	}
	return (to);
}

bool
report_is_full(struct bytes envelope, enum report_kind kind, uint64_t size)
{
	struct plan_rcpt r;
	struct plan m;

	plan_read(&m, envelope);
	/* RFC 3461 6.2: return the whole only if a recipient has not got it. */
	if (kind != REPORT_FINAL || is_named(m.ret, "HDRS") ||
	    is_named(m.body, "BINARYMIME") || size > REPORT_FULL_MAX)
		return (false);
	while (next_due(&envelope, kind, &r))
		if (r.state == PLAN_FAILED)
			return (true);
	return (false);
}

bool
report_is_utf8(struct bytes envelope)
{
	struct plan m;

	plan_read(&m, envelope);
	/* An envelope made by hand may lack the line that says so. */
	return (m.smtputf8 || utf8_is_needed(envelope));
}

/* What is written, where, and how. */
struct writer {
	const struct report_facts *facts;
	struct bytes sender;
	struct bytes envid;
	bool is_utf8;
	bool is_full;
	bool is_cut; /* by its size, not because RET says so */
	struct wording out;
};

static void
put_delimiter(struct writer *w, const char *after)
{
	wording_put(&w->out, "--");
	wording_bytes(&w->out, w->facts->boundary);
	wording_put(&w->out, after);
}

/* The same trace header that every text in the spool begins with. */
static void
put_trace(struct writer *w)
{
	struct trace_facts facts = {
		.helo = w->facts->host,
		.host = w->facts->host,
		.protocol = "local",
		.number = w->facts->number,
		.now = w->facts->now,
	};
	char store[1024];
	struct buf b;

	buf_init(&b, store, sizeof(store));
	w->out.good = w->out.good && trace_received(&b, &facts, w->facts->eol);
	wording_bytes(&w->out, buf_view(&b));
}

/*
 * Is there a dot that does not stand between two other bytes?  A header's
 * grammar has it in quotes only, and with quotes the mailbox is the same.
 */
static bool
has_loose_dot(struct bytes mailbox)
{
	bool is_edge = true;
	size_t i;

	for (i = 0; i < mailbox.n && mailbox.p[i] != '@'; i++) {
		if (mailbox.p[i] == '"' || (mailbox.p[i] == '.' && is_edge))
			return (mailbox.p[i] == '.');
		is_edge = mailbox.p[i] == '.';
	}
	return (is_edge && i > 0);
}

/* In brackets, as a header's address. */
static void
put_mailbox(struct writer *w, struct bytes mailbox)
{
	bool is_quoted = has_loose_dot(mailbox);
	size_t at = mailbox.n;

	(void)bytes_find(mailbox, '@', &at);
	wording_put(&w->out, is_quoted ? "<\"" : "<");
	wording_clean(&w->out, bytes_cut(mailbox, 0, is_quoted ? at : 0));
	wording_put(&w->out, is_quoted ? "\"" : "");
	wording_clean(
	    &w->out, bytes_cut(mailbox, is_quoted ? at : 0, mailbox.n));
	wording_put(&w->out, ">");
}

/*
 * The mailbox as a header's address.  A mailbox made by hand that the grammar
 * does not know would be read as several.
 */
static void
put_addressee(struct writer *w)
{
	char store[WORDING_VALUE_MAX];
	struct smtppath path;
	struct bytes whole;
	struct buf b;
	size_t used = 0;

	wording_put(&w->out, "To: ");
	if (w->sender.n == 0) {
		wording_put(&w->out, "<postmaster@");
		wording_clean(&w->out, w->facts->host);
		wording_put(&w->out, ">\n");
		return;
	}
	buf_init(&b, store, sizeof(store));
	(void)buf_putc(&b, '<');
	(void)buf_put(&b, w->sender);
	(void)buf_putc(&b, '>');
	whole = buf_view(&b);
	if (!buf_overflowed(&b) &&
	    smtppath_parse(whole, &path, &used) == SMTPPATH_OK &&
	    used == whole.n)
		put_mailbox(w, path.mailbox);
	else
		wording_put(&w->out, "undisclosed-recipients:;");
	wording_put(&w->out, "\n");
}

/* Is any of those in the report one of whom that is said? */
static bool
has_action(const struct writer *w, const char *action)
{
	struct bytes rest = w->facts->envelope;
	struct plan_rcpt r;

	while (next_due(&rest, w->facts->kind, &r))
		if (strcmp(statusfields_action(&r), action) == 0)
			return (true);
	return (false);
}

static const char *
subject(const struct writer *w)
{
	if (w->facts->kind == REPORT_DELAY)
		return ("Your mail is delayed");
	if (has_action(w, "failed"))
		return ("Your mail could not be delivered");
	return (has_action(w, "delivered") ? "Your mail was delivered"
					   : "Your mail was sent on");
}

static void
put_header(struct writer *w, const struct original *original)
{
	struct bytes id = original_id(original);

	put_trace(w);
	wording_date(&w->out, "Date: ", w->facts->now);
	wording_put(&w->out, "From: Mail delivery <MAILER-DAEMON@");
	wording_clean(&w->out, w->facts->host);
	wording_put(&w->out, ">\n");
	put_addressee(w);
	wording_put(&w->out, "Subject: ");
	wording_put(&w->out, subject(w));
	wording_put(&w->out, "\nMessage-ID: <A");
	wording_number(&w->out, w->facts->number);
	wording_put(&w->out, ".");
	wording_bytes(&w->out, w->facts->boundary);
	wording_put(&w->out, "@");
	wording_clean(&w->out, w->facts->host);
	wording_put(&w->out, ">\n");
	if (id.n > 0) {
		wording_put(&w->out, "In-Reply-To: ");
		wording_bytes(&w->out, id);
		wording_put(&w->out, "\nReferences: ");
		wording_bytes(&w->out, id);
		wording_put(&w->out, "\n");
	}
	wording_put(&w->out,
	    "Auto-Submitted: auto-replied\n"
	    "MIME-Version: 1.0\n"
	    "Content-Type: multipart/report; report-type=delivery-status;\n"
	    "\tboundary=\"");
	wording_bytes(&w->out, w->facts->boundary);
	wording_put(&w->out, "\"\n");
}

/* One kind of recipients in the part for people. */
static void
put_list(struct writer *w, const char *action, const char *heading)
{
	struct bytes rest = w->facts->envelope;
	struct plan_rcpt r;
	bool is_first = true;

	while (next_due(&rest, w->facts->kind, &r)) {
		if (strcmp(statusfields_action(&r), action) != 0)
			continue;
		wording_put(&w->out, "\n");
		if (is_first)
			wording_put(&w->out, heading);
		is_first = false;
		wording_put(&w->out, "    ");
		wording_clean(&w->out, r.mailbox);
		wording_put(&w->out, "\n");
		if (r.diagnostic.n == 0 || r.state == PLAN_DELIVERED)
			continue;
		wording_put(&w->out, "        ");
		wording_folded(&w->out, r.diagnostic, 8, "        ");
		wording_put(&w->out, "\n");
	}
}

static void
put_lists(struct writer *w)
{
	static const struct {
		const char *action;
		const char *heading;
	} lists[] = {
		{ "failed",
		    "It could not be delivered to these, and will not be tried "
		    "again:\n\n" },
		{ "delayed",
		    "It could not be delivered to these yet.  It will be tried "
		    "again;\nyou need not do anything:\n\n" },
		{ "delivered", "It was delivered to these:\n\n" },
		{ "relayed",
		    "It was relayed for these: it was sent on, and no report "
		    "may tell\nwhether it arrives:\n\n" },
		{ "expanded",
		    "It was sent on for these, to several addresses each; no "
		    "report may\ntell whether it arrives there:\n\n" },
	};
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		put_list(w, lists[i].action, lists[i].heading);
}

static void
put_explanation(struct writer *w)
{
	wording_put(&w->out, "Content-Type: text/plain; charset=");
	wording_put(&w->out, w->is_utf8 ? "utf-8" : "us-ascii");
	wording_put(&w->out, "\nContent-Transfer-Encoding: ");
	wording_put(&w->out, w->is_utf8 ? "8bit" : "7bit");
	wording_put(&w->out, "\n\nThis is the mail system at ");
	wording_clean(&w->out, w->facts->host);
	wording_put(&w->out, ".\n");
	wording_date(&w->out, "It writes about the message that came on\n    ",
	    w->facts->arrived);
	if (w->sender.n == 0)
		wording_put(&w->out, "which has no sender to be told.\n");
	put_lists(w);
	if (w->facts->kind == REPORT_DELAY)
		wording_date(&w->out,
		    "\nIt will be given up if it is still here on\n    ",
		    w->facts->expires);
	if (w->is_cut)
		wording_put(&w->out,
		    "\nIt is too large to be returned: "
		    "only its header follows.\n");
	wording_put(&w->out, "\n");
}

static void
put_delivery_status(struct writer *w)
{
	struct bytes rest = w->facts->envelope;
	struct plan_rcpt r;

	wording_put(&w->out,
	    w->is_utf8 ? "Content-Type: message/global-delivery-status\n"
			 "Content-Transfer-Encoding: 8bit\n\n"
		       : "Content-Type: message/delivery-status\n\n");
	if (w->envid.n > 0)
		statusfields_xtext(&w->out, "Original-Envelope-Id: ", w->envid);
	wording_put(&w->out, "Reporting-MTA: dns; ");
	wording_clean(&w->out, w->facts->host);
	wording_put(&w->out, "\n");
	wording_date(&w->out, "Arrival-Date: ", w->facts->arrived);
	while (next_due(&rest, w->facts->kind, &r))
		statusfields_recipient(
		    &w->out, &r, w->facts->attempted, w->facts->expires);
	wording_put(&w->out, "\n");
}

/* The header of the part that holds the original, or its header. */
static void
put_original_type(struct writer *w, bool is_8bit)
{
	static const char *const types[2][2] = {
		{ "text/rfc822-headers", "message/global-headers" },
		{ "message/rfc822", "message/global" },
	};

	wording_put(&w->out, "Content-Type: ");
	wording_put(&w->out, types[w->is_full][w->is_utf8]);
	wording_put(&w->out,
	    is_8bit ? "\nContent-Transfer-Encoding: 8bit\n\n" : "\n\n");
}

static struct writer
new_writer(const struct report_facts *facts, const struct report_port *port)
{
	bool is_utf8 = report_is_utf8(facts->envelope);
	struct plan m;

	plan_read(&m, facts->envelope);
	return ((struct writer){
	    .facts = facts,
	    .sender = m.sender,
	    .envid = m.envid,
	    .is_utf8 = is_utf8,
	    .is_full =
		report_is_full(facts->envelope, facts->kind, facts->size),
	    .is_cut =
		!report_is_full(facts->envelope, facts->kind, facts->size) &&
		report_is_full(facts->envelope, facts->kind, 0),
	    .out = { port, facts->eol, is_utf8, true },
	});
}

bool
report_head(const struct report_facts *facts, const struct original *original,
    const struct report_port *port)
{
	struct writer w = new_writer(facts, port);
	bool is_8bit = w.is_full ? original->is_8bit : original->header_is_8bit;

	put_header(&w, original);
	if (is_8bit || w.is_utf8)
		wording_put(&w.out, "Content-Transfer-Encoding: 8bit\n");
	wording_put(&w.out, "\n");
	put_delimiter(&w, "\n");
	put_explanation(&w);
	put_delimiter(&w, "\n");
	put_delivery_status(&w);
	put_delimiter(&w, "\n");
	put_original_type(&w, is_8bit);
	return (w.out.good);
}

bool
report_tail(const struct report_facts *facts, const struct report_port *port)
{
	struct writer w = new_writer(facts, port);

	wording_put(&w.out, "\n");
	put_delimiter(&w, "--\n");
	return (w.out.good);
}
