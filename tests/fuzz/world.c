/* SPDX-License-Identifier: ISC */
#include "world.h"

#include <string.h>

#include "base/base.h"
#include "envelope/plan.h"

void
world_plan(struct world *w, struct bytes *in)
{
	static const uint64_t sizes[] = { 0, 33554432, 1, 20, 70, 300 };
	static const uint64_t spaces[] = { UINT64_MAX, 0, 100 };
	/* With room for the trace and the beginning of a field. */
	static const size_t texts[] = { 16384, 40, 41, 64, 124 };
	unsigned int bits;

	w->limits.max_size = sizes[fuzz_option(in, ARRAY_LEN(sizes))];
	w->limits.max_rcpt = WORLD_RCPTS_MAX - fuzz_option(in, WORLD_RCPTS_MAX);
	w->limits.max_errors = 20U - fuzz_option(in, 20);
	bits = fuzz_option(in, 128);
	w->limits.eol = (bits & 1U) != 0 ? SMTPDATA_CRLF : SMTPDATA_LF;
	w->limits.keeps_binary = w->limits.eol == SMTPDATA_CRLF;
	w->limits.reject_bareeol = (bits & 2U) != 0;
	w->refuse_is_broken = (bits & 4U) != 0;
	w->stop_at_end = (bits & 8U) != 0;
	w->offers_tls = (bits & 16U) != 0;
	w->refuses_tls = (bits & 32U) != 0;
	w->limits.auth =
	    (bits & 64U) != 0 ? SESSION_AUTH_ALWAYS : SESSION_AUTH_NEVER;
	w->refuse_at = fuzz_option(in, 32);
	bits = fuzz_option(in, 32);
	w->refuse_for = bits & 1U;
	w->limits.keeps_facts = (bits & 2U) == 0;
	w->limits.lmtp = (bits & 4U) != 0;
	w->limits.submission = (bits & 8U) != 0;
	w->is_known = (bits & 16U) != 0;
	w->space = spaces[fuzz_option(in, ARRAY_LEN(spaces))];
	w->has_table = w->refuse_at % 2U == 1;
	w->text_size = texts[fuzz_option(in, ARRAY_LEN(texts))];
}

void
world_restart(struct world *w)
{
	w->phase = WORLD_NO_MESSAGE;
	w->is_broken = false;
	w->calls = 0;
	w->begins = 0;
	w->commits = 0;
	w->number = 4294967295U;
	buf_init(&w->log, w->log_store, sizeof(w->log_store));
	buf_init(&w->body, w->body_store, sizeof(w->body_store));
	buf_init(&w->envelope, w->envelope_store, sizeof(w->envelope_store));
}

void
world_check_end(const struct world *w)
{
	fuzz_must(w->phase == WORLD_NO_MESSAGE || w->phase == WORLD_ABORTED,
	    "no message is left half done");
	fuzz_must(!buf_overflowed(&w->log), "the log has room");
}

/* One line of the log: the call, a number, and a text. */
static void
note(struct world *w, const char *call, uint64_t n, struct bytes text)
{
	(void)buf_puts(&w->log, call);
	(void)buf_putc(&w->log, ' ');
	(void)buf_put_number(&w->log, n);
	(void)buf_putc(&w->log, ' ');
	(void)buf_put(&w->log, text);
	(void)buf_putc(&w->log, '\n');
}

/* The plan's refusal, if this is the call. */
static const struct smtp_reply *
refusal(struct world *w)
{
	if (++w->calls != w->refuse_at)
		return (NULL);
	w->is_broken = w->refuse_is_broken;
	if (w->is_broken)
		return (&SMTPREPLY_DISK_FAULT);
	return (
	    w->refuse_for == 0 ? &SMTPREPLY_LOCAL_FAULT : &SMTPREPLY_NO_SPACE);
}

static uint64_t
port_space(void *ctx)
{
	struct world *w = ctx;

	note(w, "space", w->space, bytes_of(""));
	return (w->space);
}

static const struct smtp_reply *
port_recipient(void *ctx, const struct session *s, struct bytes mailbox)
{
	struct world *w = ctx;
	struct bytes start = bytes_cut(mailbox, 0, 1);
	const struct smtp_reply *no = NULL;

	fuzz_must(s->state == SESSION_MAIL || s->state == SESSION_RCPT,
	    "a recipient is of a transaction");
	fuzz_must(mailbox.n > 0 && !bytes_has_control(mailbox),
	    "a recipient's mailbox");
	if (w->has_table && bytes_same(start, bytes_of("n")))
		no = &SMTPREPLY_NOBODY;
	if (w->has_table && bytes_same(start, bytes_of("t")))
		no = &SMTPREPLY_NO_TABLE;
	note(w, "recipient", no == NULL ? 0 : no->code, mailbox);
	return (no);
}

/* What may stand in the file that is made of it. */
static void
check_envelope(const struct session *s)
{
	struct bytes text = envelope_text(&s->tx.envelope);
	struct bytes sender;
	size_t nrcpt = 0;

	fuzz_must(plan_check(text, &sender, &nrcpt) == NULL,
	    "the envelope is in order");
	/* Whoever is named twice is in it once. */
	fuzz_must(nrcpt <= s->tx.envelope.nrcpt && nrcpt > 0 &&
		s->tx.envelope.nrcpt <= s->limits->max_rcpt,
	    "no more To: than recipients");
	fuzz_must(bytes_same(sender, envelope_sender(&s->tx.envelope)),
	    "the sender is the first line's");
	fuzz_must(memchr(text.p, '\r', text.n) == NULL &&
		memchr(text.p, '\0', text.n) == NULL,
	    "no CR, no NUL");
}

static const struct smtp_reply *
port_begin(void *ctx, struct session *s, struct buf *text)
{
	struct world *w = ctx;
	const struct smtp_reply *no = refusal(w);

	fuzz_must(w->phase == WORLD_NO_MESSAGE || w->phase == WORLD_ABORTED,
	    "one message at a time");
	fuzz_must(s->state == SESSION_RCPT, "begin is for a transaction");
	fuzz_must(buf_view(text).n == 0, "nothing is before the trace");
	check_envelope(s);
	buf_reset(&w->envelope);
	fuzz_must(buf_put(&w->envelope, envelope_text(&s->tx.envelope)),
	    "the envelope is bounded");
	note(w, "begin", no == NULL ? 0 : no->code,
	    envelope_text(&s->tx.envelope));
	if (no != NULL)
		return (no);
	w->begins++;
	w->phase = WORLD_UNDER_WAY;
	buf_reset(&w->body);
	(void)buf_puts(text, "Trace: ");
	(void)buf_put_number(text, w->begins);
	(void)buf_putc(text, '\n');
	fuzz_must(!buf_overflowed(text), "the trace has room");
	w->trace_size = buf_view(text).n;
	return (NULL);
}

static const struct smtp_reply *
port_append(void *ctx, struct bytes text)
{
	struct world *w = ctx;
	const struct smtp_reply *no = refusal(w);

	fuzz_must(w->phase == WORLD_UNDER_WAY, "append after begin");
	note(w, "append", no == NULL ? 0 : no->code, text);
	if (no == NULL)
		fuzz_must(buf_put(&w->body, text), "the text is bounded");
	return (no);
}

static void
port_supply(void *ctx, const struct session *s, bool date, bool message_id,
    struct buf *text)
{
	struct world *w = ctx;

	(void)s;
	fuzz_must(w->phase == WORLD_UNDER_WAY && w->limits.submission &&
		(date || message_id),
	    "supply for a reason");
	(void)buf_puts(text, date ? "Date: \n" : "");
	(void)buf_puts(text, message_id ? "Message-ID: \n" : "");
}

static const struct smtp_reply *
port_commit(void *ctx, const struct session *s, uint32_t *number)
{
	struct world *w = ctx;
	const struct smtp_reply *no = refusal(w);

	fuzz_must(w->phase == WORLD_UNDER_WAY, "commit after begin");
	note(w, "commit", no == NULL ? 0 : no->code, bytes_of(""));
	note(w, "size", s->text.data.size, bytes_of(state_protocol(s)));
	w->size = s->text.data.size;
	if (no != NULL) {
		w->phase = WORLD_COMMIT_FAILED;
		return (no);
	}
	w->phase = WORLD_NO_MESSAGE;
	w->commits++;
	*number = w->number--;
	return (NULL);
}

static void
port_abort(void *ctx)
{
	struct world *w = ctx;

	fuzz_must(w->phase != WORLD_NO_MESSAGE, "abort of a message");
	note(w, "abort", 0, bytes_of(""));
	w->phase = WORLD_ABORTED;
}

static const struct smtp_reply *
port_starttls(void *ctx)
{
	struct world *w = ctx;

	fuzz_must(w->offers_tls, "TLS is asked for where it is offered");
	note(w, "starttls", w->refuses_tls ? 454 : 0, bytes_of(""));
	return (w->refuses_tls ? &SMTPREPLY_NO_TLS_NOW : NULL);
}

static const struct smtp_reply *
port_authenticate(void *ctx, struct bytes user, struct bytes password)
{
	struct world *w = ctx;
	bool utf8 = false;
	bool good = bytes_same(user, password);

	fuzz_must(
	    w->limits.auth != SESSION_AUTH_NEVER, "only if it is offered");
	fuzz_must(user.n > 0 && password.n > 0 &&
		user.n + password.n <= SMTPAUTH_SECRET_MAX &&
		memchr(user.p, '\0', user.n) == NULL &&
		memchr(password.p, '\0', password.n) == NULL &&
		smtppath_is_harmless(user, &utf8),
	    "what checkpassword can be asked about");
	note(w, "user", user.n, user);
	note(w, "password", good, password);
	return (good ? NULL : &SMTPREPLY_AUTH_WRONG);
}

static void
port_dropped(void *ctx, struct bytes parameter)
{
	struct world *w = ctx;

	fuzz_must(parameter.n >= 5 && !bytes_has_control(parameter) &&
		(bytes_starts_nocase(parameter, bytes_of("ENVID")) ||
		    bytes_starts_nocase(parameter, bytes_of("ORCPT"))),
	    "what labels a message may be dropped");
	note(w, "dropped", parameter.n, parameter);
}

static void
port_refused(void *ctx, const struct smtp_reply *reply, struct bytes line)
{
	struct world *w = ctx;

	fuzz_must(reply->code >= 400 && reply->code < 600, "a refusal");
	note(w, "refused", reply->code, line);
}

const struct session_ports WORLD_PORTS = { .before_number = "A",
	.behind_number = " accepted",
	.space = port_space,
	.recipient = port_recipient,
	.begin = port_begin,
	.append = port_append,
	.supply = port_supply,
	.commit = port_commit,
	.abort = port_abort,
	.starttls = port_starttls,
	.authenticate = port_authenticate,
	.dropped = port_dropped,
	.refused = port_refused };

/* ^[2-5][0-9][0-9][ -][ -~]*\r\n$ and no more than 512 octets. */
static void
check_reply_line(struct bytes line)
{
	size_t i;

	fuzz_must(line.n >= 6 && line.n <= SMTPREPLY_LINE_MAX &&
		line.p[line.n - 2] == '\r',
	    "length of a reply's line");
	fuzz_must(line.p[0] >= '2' && line.p[0] <= '5' && line.p[1] >= '0' &&
		line.p[1] <= '9' && line.p[2] >= '0' && line.p[2] <= '9' &&
		(line.p[3] == ' ' || line.p[3] == '-'),
	    "a reply's code");
	for (i = 4; i < line.n - 2; i++)
		fuzz_must(line.p[i] >= ' ' && line.p[i] <= '~',
		    "a reply is printable");
}

size_t
world_count_replies(struct bytes text, unsigned int *code)
{
	struct bytes first = { NULL, 0 };
	size_t n = 0;
	size_t lf;

	while (bytes_find(text, '\n', &lf)) {
		struct bytes line = bytes_cut(text, 0, lf + 1);

		check_reply_line(line);
		if (first.n == 0)
			first = bytes_cut(line, 0, 3);
		fuzz_must(bytes_same(first, bytes_cut(line, 0, 3)),
		    "all lines of a reply have its code");
		if (line.p[3] == ' ') {
			*code = 100U * (unsigned int)(line.p[0] - '0') +
			    10U * (unsigned int)(line.p[1] - '0') +
			    (unsigned int)(line.p[2] - '0');
			first.n = 0;
			n++;
		}
		text = bytes_cut(text, lf + 1, text.n);
	}
	fuzz_must(text.n == 0 && first.n == 0, "whole replies");
	return (n);
}
