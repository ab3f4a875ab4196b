/* SPDX-License-Identifier: ISC */
#include "submit/submit.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "bytes/num.h"
#include "mail/joint.h"
#include "sys/sysclock.h"
#include "sys/sysio.h"

enum {
	/* Seconds for all of it, as qmail-queue has it. */
	LIFE = 86400
};

static int
refuse(struct submit *s, int code, const char *status, const char *text)
{
	return (refusal_set(&s->no, code, status, text));
}

/* More of a descriptor.  *got is 0 at its end. */
static int
fill(struct submit *s, int fd, size_t *got)
{
	*got = 0;
	return (refusal_of_read(&s->no,
	    sysio_read(fd, s->in, sizeof(s->in), got, s->ends_at, s->waiting),
	    fd == s->message ? "the message" : "the envelope"));
}

/* Exact bytes are for spools whose lines end as SMTP's do. */
static const char *
eol_of(const struct submit *s)
{
	return (s->settings->spool.eol == SETTINGS_CRLF ? "\r\n" : "\n");
}

/* Its place, and the trace header. */
static int
begin(struct submit *s)
{
	struct fault why;
	struct trace_facts facts = { .host = bytes_of(s->host), .now = s->now };

	s->is_binary = s->full >= 0 && given_is_binary(&s->given);
	if (s->is_binary && s->settings->spool.eol != SETTINGS_CRLF)
		return (refuse(s, QQEXIT_ENVELOPE, "6.1",
		    "binary messages are for smtp.eol=crlf"));
	if (s->sink->begin(s->ctx, &facts, &why) != RES_OK)
		return (refusal_fault(&s->no, &why, s->sink->no_place));
	if (!trace_local(&s->out, &facts, s->comment, eol_of(s)))
		return (refuse(
		    s, QQEXIT_BUG, "3.0", "the trace header is too long"));
	s->top = buf_view(&s->out).n;
	return (QQEXIT_ACCEPTED);
}

static int
append(struct submit *s, struct bytes text)
{
	struct fault why;

	smtphops_feed(&s->hops, text);
	/* When it is found, the rest goes by. */
	(void)messageid_feed(&s->id, text);
	if (s->hops.count > SMTPHOPS_MAX)
		return (refuse(s, QQEXIT_REFUSED, "4.6",
		    "too many hops, this message is looping"));
	if (s->sink->text(s->ctx, text, &why) != RES_OK)
		return (refusal_fault(&s->no, &why, QQEXIT_WRITE));
	return (QQEXIT_ACCEPTED);
}

/* The bytes in `out` go on, unless the message was refused. */
static int
pass_text_on(struct submit *s)
{
	int code = QQEXIT_ACCEPTED;
	struct bytes part[3];
	size_t n;
	size_t i;

	if (s->settings->session.maxsize > 0 &&
	    s->text.size > s->settings->session.maxsize)
		return (refuse(s, QQEXIT_REFUSED, "3.4", "message too big"));
	if (s->text.irregular &&
	    s->settings->session.bareeol == SETTINGS_REJECT)
		return (refuse(
		    s, QQEXIT_REFUSED, "6.0", "bare CR or NUL in message"));
	n = joint_split(buf_view(&s->out), s->top, eol_of(s), part);
	s->top = 0;
	for (i = 0; i < n && code == QQEXIT_ACCEPTED; i++)
		code = append(s, part[i]);
	buf_reset(&s->out);
	return (code);
}

/* As much as there is room for. */
static size_t
take_bytes(struct submit *s, struct bytes in)
{
	struct bytes part = bytes_cut(in, 0, buf_room(&s->out));

	(void)buf_put(&s->out, part);
	s->text.size += part.n;
	return (part.n);
}

static int
take_text(struct submit *s, struct bytes in)
{
	int code = QQEXIT_ACCEPTED;

	while (in.n > 0 && code == QQEXIT_ACCEPTED) {
		size_t used = 0;

		if (s->is_binary)
			used = take_bytes(s, in);
		else
			qqtext_feed(&s->text, in, &used, &s->out);
		in = bytes_cut(in, used, in.n);
		if (in.n > 0)
			code = pass_text_on(s);
	}
	return (code);
}

static int
read_message(struct submit *s)
{
	size_t got;
	int code = fill(s, s->message, &got);

	/* A caller that never gets so far does not use up a number. */
	if (code == QQEXIT_ACCEPTED)
		code = begin(s);
	while (code == QQEXIT_ACCEPTED && got > 0) {
		code = take_text(s, (struct bytes){ s->in, got });
		if (code == QQEXIT_ACCEPTED)
			code = fill(s, s->message, &got);
	}
	if (code != QQEXIT_ACCEPTED)
		return (code);
	/* Room for the end of the last line. */
	code = pass_text_on(s);
	if (code != QQEXIT_ACCEPTED || s->is_binary)
		return (code);
	if (!qqtext_end(&s->text, &s->out))
		return (refuse(s, QQEXIT_BUG, "3.0", "no room for a line end"));
	return (pass_text_on(s));
}

static int
read_envelope(struct submit *s)
{
	bool is_whole = false;
	size_t got;
	int code = QQEXIT_ACCEPTED;

	if (s->full >= 0)
		code = refusal_of_read(&s->no,
		    given_open(&s->given, s->ends_at, s->waiting),
		    "the whole envelope");
	while (code == QQEXIT_ACCEPTED && !is_whole) {
		code = fill(s, s->envelope, &got);
		if (code == QQEXIT_ACCEPTED && got == 0)
			return (refuse(s, QQEXIT_READ, "3.0",
			    "the envelope ended early: given up"));
		if (code == QQEXIT_ACCEPTED)
			code = lines_feed(
			    &s->lines, (struct bytes){ s->in, got }, &is_whole);
	}
	return (code);
}

static int
add_some(struct submit *s, const char *name, struct bytes value)
{
	return (
	    value.n == 0 ? QQEXIT_ACCEPTED : lines_add(&s->lines, name, value));
}

/* What is ours to say of the message, if nobody has given it. */
static int
add_facts(struct submit *s)
{
	bool is_full = s->settings->spool.envelope == SETTINGS_FULL;
	char when_store[32];
	char size_store[NUM_DIGITS_MAX];
	struct buf when;
	int code = add_some(
	    s, "Smtputf8", bytes_of(s->lines.reader.is_utf8 ? "yes" : ""));

	buf_init(&when, when_store, sizeof(when_store));
	if (code == QQEXIT_ACCEPTED)
		code = add_some(s, "Envid", s->envid);
	if (code == QQEXIT_ACCEPTED)
		code = add_some(s, "Ret", s->ret);
	if (code != QQEXIT_ACCEPTED || !is_full)
		return (code);
	if (!trace_timestamp(&when, s->now))
		return (refuse(s, QQEXIT_BUG, "3.0", "no room for the time"));
	code = lines_add(&s->lines, "Received-At", buf_view(&when));
	if (code != QQEXIT_ACCEPTED)
		return (code);
	return (
	    lines_add(&s->lines, "Size", num_print(size_store, s->text.size)));
}

static int
finish_envelope(struct submit *s)
{
	int code = s->full >= 0 ? lines_finish_given(&s->lines) : add_facts(s);

	return (code == QQEXIT_ACCEPTED ? lines_pass_on(&s->lines) : code);
}

int
submit_take(struct submit *s)
{
	int code;

	s->ends_at = sysclock_after(sysclock_ms(), LIFE);
	s->now = time(NULL);
	s->no.code = QQEXIT_ACCEPTED;
	s->top = 0;
	s->is_binary = false;
	qqtext_init(&s->text,
	    s->settings->spool.eol == SETTINGS_CRLF ? SMTPDATA_CRLF
						    : SMTPDATA_LF);
	smtphops_init(&s->hops);
	messageid_init(&s->id);
	given_init(&s->given, s->full);
	s->lines.sink = s->sink;
	s->lines.ctx = s->ctx;
	s->lines.no = &s->no;
	s->lines.given = s->full >= 0 ? &s->given : NULL;
	s->lines.notify = s->notify;
	s->lines.is_strangers = s->is_strangers;
	lines_init(&s->lines);
	buf_init(&s->out, s->text_store, sizeof(s->text_store));
	code = read_message(s);
	if (code == QQEXIT_ACCEPTED)
		code = read_envelope(s);
	return (code == QQEXIT_ACCEPTED ? finish_envelope(s) : code);
}

struct bytes
submit_sender(const struct submit *s)
{
	return ((struct bytes){ s->lines.sender, s->lines.nsender });
}
