/* SPDX-License-Identifier: ISC */
#include "message.h"

enum {
	/* Received: fields, with our own (RFC 5321 6.3: at least 100). */
	HOPS_MAX = 100
};

void
message_enter(struct session *s, enum session_state state)
{
	s->state = state;
}

void
message_forget(struct session *s)
{
	if (s->state == SESSION_DATA)
		s->ports->abort(s->ctx);
	s->smtputf8 = false;
	s->body = SMTP_BODY_UNSAID;
	if (s->state != SESSION_START)
		message_enter(s, SESSION_GREETED);
}

/* The lines of the envelope that only some messages have. */
static bool
add_facts(struct session *s)
{
	bool good = true;

	if (s->body == SMTP_BODY_8BITMIME)
		good = envelope_add_fact(
		    &s->envelope, "Body", bytes_of("8BITMIME"));
	if (s->smtputf8)
		good = good &&
		    envelope_add_fact(
			&s->envelope, "Smtputf8", bytes_of("yes"));
	return (good);
}

const struct smtp_reply *
message_begin(struct session *s)
{
	const struct smtp_reply *no = &SMTPREPLY_LOCAL_FAULT;

	buf_reset(&s->text);
	if (add_facts(s))
		no = s->ports->begin(s->ctx, s, &s->text);
	if (no != NULL) {
		s->broken = no == &SMTPREPLY_DISK_FAULT;
		message_forget(s);
		return (no);
	}
	smtpdata_init(&s->data, s->limits->eol);
	smtphops_init(&s->hops);
	s->doom = NULL;
	message_enter(s, SESSION_DATA);
	return (NULL);
}

/* The message will not be accepted: free its place at once. */
static void
doom(struct session *s, const struct smtp_reply *why)
{
	if (s->doom != NULL)
		return;
	s->doom = why;
	s->broken = s->broken || why == &SMTPREPLY_DISK_FAULT;
	s->ports->abort(s->ctx);
}

/* What was unstuffed so far goes to the spool, or nowhere. */
static void
pass_text_on(struct session *s)
{
	const struct smtp_reply *no = NULL;

	smtphops_feed(&s->hops, buf_view(&s->text));
	if (s->hops.count > HOPS_MAX)
		doom(s, &SMTPREPLY_TOO_MANY_HOPS);
	if (s->limits->max_size > 0 && s->data.size > s->limits->max_size)
		doom(s, &SMTPREPLY_TOO_BIG);
	if (s->data.irregular && s->limits->reject_bareeol)
		doom(s, &SMTPREPLY_BARE_EOL);
	if (s->doom == NULL)
		no = s->ports->append(s->ctx, buf_view(&s->text));
	if (no != NULL)
		doom(s, no);
	buf_reset(&s->text);
}

static void
put_accepted(struct smtpreply *out, uint32_t number)
{
	char store[32];
	struct buf text;

	buf_init(&text, store, sizeof(store));
	(void)buf_putc(&text, 'A');
	(void)buf_put_number(&text, number);
	(void)buf_puts(&text, " accepted");
	smtpreply_line(out, 250, "2.0.0", buf_view(&text));
}

/* CR LF dot CR LF has come. */
static void
end_message(struct session *s, struct smtpreply *out)
{
	const struct smtp_reply *no;
	uint32_t number = 0;

	pass_text_on(s);
	s->size = s->data.size;
	if (s->doom == NULL) {
		no = s->ports->commit(s->ctx, s, &number);
		if (no != NULL)
			doom(s, no);
	}
	if (s->doom == NULL) {
		s->idle_commands = 0;
		put_accepted(out, number);
	} else {
		s->ports->refused(s->ctx, s->doom, (struct bytes){ NULL, 0 });
		smtpreply_put(out, s->doom);
	}
	/* Committed or aborted: there is nothing left to abort. */
	message_enter(s, SESSION_GREETED);
	message_forget(s);
}

enum session_next
message_feed(
    struct session *s, struct bytes in, size_t *used, struct smtpreply *out)
{
	enum smtpdata_status status;
	size_t at = 0;

	do {
		size_t n;

		status = smtpdata_feed(
		    &s->data, bytes_cut(in, at, in.n), &n, &s->text);
		at += n;
		if (status == SMTPDATA_MORE && at < in.n)
			pass_text_on(s);
	} while (status == SMTPDATA_MORE && at < in.n);
	*used = at;
	if (status == SMTPDATA_MORE)
		return (SESSION_READ);
	end_message(s, out);
	return (SESSION_FLUSH);
}
