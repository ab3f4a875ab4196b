/* SPDX-License-Identifier: ISC */
/*
 * The report: whatever stands in the envelope and in the original, its header
 * has our fields and no others, it has three parts, and its second part one
 * group of our fields for each recipient that asked.  What is learned and
 * copied of the original does not depend on how that is cut.
 *
 * Options: the knife, final or delay, the line end.  Then the envelope, 0x1d,
 * and the original.
 */
#include "report/report.h"

#include <string.h>

#include "base/base.h"
#include "envelope/envelope.h"
#include "envelope/plan.h"
#include "fuzz.h"

enum {
	REPORT_MAX = 64 * FUZZ_TEXT_MAX,
	LINE_MAX_SENT = 998
};

static char store[REPORT_MAX];
static char copied[3 * FUZZ_TEXT_MAX];

static const struct bytes BOUNDARY = { "b0undary", 8 };

static bool
collect(void *ctx, struct bytes text)
{
	fuzz_must(buf_put(ctx, text), "a report is bounded");
	return (true);
}

/* A line of *rest, without its end, which must be eol. */
static struct bytes
next_line(struct bytes *rest, const char *eol)
{
	struct bytes line = *rest;
	size_t lf = 0;
	size_t cr;

	fuzz_must(bytes_find(*rest, '\n', &lf), "every line is ended");
	line.n = lf;
	*rest = bytes_cut(*rest, lf + 1, rest->n);
	if (strcmp(eol, "\r\n") == 0) {
		fuzz_must(line.n > 0 && line.p[line.n - 1] == '\r', "by CR LF");
		line.n--;
	}
	fuzz_must(!bytes_find(line, '\r', &cr), "and nothing but that");
	return (line);
}

static bool
is_delimiter(struct bytes line)
{
	return (line.n >= 2 + BOUNDARY.n && line.p[0] == '-' &&
	    line.p[1] == '-' &&
	    bytes_same(bytes_cut(line, 2, BOUNDARY.n), BOUNDARY));
}

/* One of these fields, or a continuation. */
static void
must_be_field(struct bytes line, const char *const *names, size_t n)
{
	size_t i;

	fuzz_must(line.n <= LINE_MAX_SENT + 2 * WORDING_VALUE_MAX,
	    "no line is much longer than a value");
	if (line.n > 0 && line.p[0] == '\t')
		return;
	fuzz_must(!bytes_has_control(line), "no control byte");
	for (i = 0; i < n; i++)
		if (bytes_starts_nocase(line, bytes_of(names[i])))
			return;
	fuzz_must(false, "a line is a field of ours");
}

static void
check_header(struct bytes *rest, const char *eol)
{
	static const char *const names[] = { "Received: ", "Date: ", "From: ",
		"To: ", "Subject: ", "Message-ID: ", "In-Reply-To: <",
		"References: <", "Auto-Submitted: ", "MIME-Version: ",
		"Content-Type: multipart/report",
		"Content-Transfer-Encoding: " };
	struct bytes line;

	while ((line = next_line(rest, eol)).n > 0)
		must_be_field(line, names, ARRAY_LEN(names));
}

/* The part's lines up to the next delimiter; returns its groups of fields. */
static size_t
check_status(struct bytes *rest, const char *eol)
{
	static const char *const names[] = { "Content-Type: message/",
		"Content-Transfer-Encoding: 8bit",
		"Original-Envelope-Id: ", "Reporting-MTA: dns; gnat",
		"Arrival-Date: ", "Original-Recipient: ", "Final-Recipient: ",
		"Action: ", "Status: ", "Diagnostic-Code: ",
		"Last-Attempt-Date: ", "Will-Retry-Until: " };
	size_t groups = 0;
	bool in_group = false;
	struct bytes line;

	while (!is_delimiter(line = next_line(rest, eol))) {
		if (line.n > 0 && !in_group)
			groups++;
		in_group = line.n > 0;
		if (in_group)
			must_be_field(line, names, ARRAY_LEN(names));
	}
	return (groups);
}

static size_t
count_due(struct bytes envelope, enum report_kind kind)
{
	struct plan_rcpt r;
	size_t n = 0;

	while (plan_next(&envelope, &r))
		n += (r.state == PLAN_WAITING) == (kind == REPORT_DELAY) &&
		    plan_asks_for_report(&r);
	return (n);
}

static void
check_form(const struct report_facts *f, struct bytes text, struct bytes copy)
{
	struct bytes line;
	const char *eol = f->eol;

	check_header(&text, eol);
	line = next_line(&text, eol);
	fuzz_must(is_delimiter(line) && line.n == 2 + BOUNDARY.n, "a part");
	while (!is_delimiter(line = next_line(&text, eol)))
		fuzz_must(!bytes_has_control(line), "words for people");
	fuzz_must(line.n == 2 + BOUNDARY.n, "a part");
	/* Its own header is a group, and so are the fields of the message. */
	fuzz_must(
	    check_status(&text, eol) == 2 + count_due(f->envelope, f->kind),
	    "a group for each recipient that asked");
	while ((line = next_line(&text, eol)).n > 0)
		fuzz_must(bytes_starts_nocase(line, bytes_of("Content-T")),
		    "the header of the original's part");
	fuzz_must(
	    text.n >= copy.n && bytes_same(bytes_cut(text, 0, copy.n), copy),
	    "the original");
	text = bytes_cut(text, copy.n, text.n);
	fuzz_must(next_line(&text, eol).n == 0, "an end of its line");
	line = next_line(&text, eol);
	fuzz_must(is_delimiter(line) && line.n == 4 + BOUNDARY.n && text.n == 0,
	    "and that is all");
}

static void
learn(struct original *o, struct bytes text, struct fuzz_knife knife)
{
	original_init(o, BOUNDARY);
	while (text.n > 0) {
		size_t n = fuzz_knife_cut(&knife, text.n);

		original_feed(o, bytes_cut(text, 0, n));
		text = bytes_cut(text, n, text.n);
	}
}

static struct bytes
copy_all(struct bytes text, const char *eol, struct fuzz_knife *knife)
{
	struct original_copy c;
	struct buf out;

	buf_init(&out, copied, sizeof(copied));
	original_copy_init(&c, eol);
	while (text.n > 0) {
		size_t n = fuzz_knife_cut(knife, text.n);

		fuzz_must(
		    original_copy_feed(&c, bytes_cut(text, 0, n), &out) == n,
		    "there is room");
		text = bytes_cut(text, n, text.n);
	}
	return (buf_view(&out));
}

static void
check_report(
    const struct report_facts *f, struct bytes text, struct fuzz_knife *knife)
{
	struct original whole;
	struct original cut;
	struct bytes copy;
	struct buf out;
	struct report_port port = { collect, &out };
	bool is_full = report_is_full(f->envelope, f->kind, text.n);

	learn(&cut, text, *knife);
	original_init(&whole, BOUNDARY);
	original_feed(&whole, text);
	fuzz_must(whole.size == cut.size && whole.header == cut.header &&
		whole.header_ended == cut.header_ended &&
		whole.is_8bit == cut.is_8bit &&
		whole.header_is_8bit == cut.header_is_8bit &&
		whole.holds_boundary == cut.holds_boundary &&
		bytes_same(original_id(&whole), original_id(&cut)),
	    "a cut changes nothing");
	if (whole.holds_boundary)
		return;
	copy = copy_all(
	    is_full ? text : bytes_cut(text, 0, whole.header), f->eol, knife);
	buf_init(&out, store, sizeof(store));
	fuzz_must(report_head(f, &whole, &port), "it can be written");
	(void)collect(&out, copy);
	fuzz_must(report_tail(f, &port), "to its end");
	check_form(f, buf_view(&out), copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	struct fuzz_knife knife;
	struct report_facts f = {
		.host = bytes_of("gnat"),
		.number = 2,
		.boundary = BOUNDARY,
		.now = 3600,
	};
	size_t mid = in.n;

	fuzz_knife_init(&knife, &in);
	f.kind = fuzz_option(&in, 2) == 0 ? REPORT_FINAL : REPORT_DELAY;
	f.eol = fuzz_option(&in, 2) == 0 ? "\n" : "\r\n";
	mid = in.n;
	(void)bytes_find(in, 0x1d, &mid);
	f.envelope = bytes_cut(in, 0, mid);
	in = bytes_cut(in, mid + 1, in.n);
	f.size = in.n;
	(void)report_due(f.envelope, f.kind);
	check_report(&f, in, &knife);
	return (0);
}
