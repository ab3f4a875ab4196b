/* SPDX-License-Identifier: ISC */
#include "message.h"

#include "mail/joint.h"

enum {
	/* A Date and a Message-ID, at the name of a host. */
	SUPPLY_MAX = 512
};

void
message_enter(struct session *s, enum session_state state)
{
	s->state = state;
}

static bool
is_under_way(const struct session *s)
{
	switch (s->state) {
	case SESSION_DATA:
	case SESSION_CHUNK:
	case SESSION_CHUNKS:
		return (s->doom == NULL);
	case SESSION_START:
	case SESSION_GREETED:
	case SESSION_AUTH:
	case SESSION_MAIL:
	case SESSION_RCPT:
		break;
	}
	return (false);
}

void
message_forget(struct session *s)
{
	if (is_under_way(s))
		s->ports->abort(s->ctx);
	s->smtputf8 = false;
	s->body = SMTP_BODY_UNSAID;
	s->requiretls = false;
	s->ret = SMTP_RET_UNSAID;
	s->envid[0] = '\0';
	s->envelope.nrcpt = 0;
	message_enter(s, s->helo[0] == '\0' ? SESSION_START : SESSION_GREETED);
}

static bool
add_fact(struct session *s, const char *name, const char *value)
{
	return (value == NULL ||
	    envelope_add_fact(&s->envelope, name, bytes_of(value)));
}

/* The lines of the envelope that only some messages have. */
static bool
add_facts(struct session *s)
{
	static const char *const body[] = { [SMTP_BODY_8BITMIME] = "8BITMIME",
		[SMTP_BODY_BINARYMIME] = "BINARYMIME" };
	static const char *const ret[] = {
		[SMTP_RET_FULL] = "FULL", [SMTP_RET_HDRS] = "HDRS"
	};

	return (add_fact(s, "Body", body[s->body]) &&
	    add_fact(s, "Smtputf8", s->smtputf8 ? "yes" : NULL) &&
	    add_fact(s, "Envid", s->envid[0] == '\0' ? NULL : s->envid) &&
	    add_fact(s, "Ret", ret[s->ret]) &&
	    add_fact(s, "Requiretls", s->requiretls ? "yes" : NULL));
}

/* The envelope and the number, and the trace on top of the text. */
static const struct smtp_reply *
open_message(struct session *s)
{
	const struct smtp_reply *no;

	buf_reset(&s->text);
	smtphops_init(&s->hops);
	smtphead_init(&s->head);
	s->doom = NULL;
	s->is_told = false;
	if (!add_facts(s))
		return (&SMTPREPLY_LOCAL_FAULT);
	no = s->ports->begin(s->ctx, s, &s->text);
	s->top = buf_view(&s->text).n;
	return (no);
}

const struct smtp_reply *
message_begin(struct session *s)
{
	const struct smtp_reply *no = open_message(s);

	if (no != NULL) {
		s->broken = no == &SMTPREPLY_DISK_FAULT;
		message_forget(s);
		return (no);
	}
	smtpdata_init(&s->data, s->limits->eol);
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

/* The fields that RFC 6409 8 lets us add, where the header ends. */
static const struct smtp_reply *
supply_fields(struct session *s)
{
	char store[SUPPLY_MAX];
	struct buf fields;

	if (s->head.has_date && s->head.has_message_id)
		return (NULL);
	buf_init(&fields, store, sizeof(store));
	s->ports->supply(
	    s->ctx, !s->head.has_date, !s->head.has_message_id, &fields);
	return (s->ports->append(s->ctx, buf_view(&fields)));
}

/* Text for the spool; a submitted message has its header watched. */
static const struct smtp_reply *
append(struct session *s, struct bytes text)
{
	const struct smtp_reply *no = NULL;
	size_t end;

	smtphops_feed(&s->hops, text);
	if (s->hops.count > SMTPHOPS_MAX)
		return (&SMTPREPLY_TOO_MANY_HOPS);
	if (!s->limits->submission || !smtphead_feed(&s->head, text, &end))
		return (s->ports->append(s->ctx, text));
	if (end > 0)
		no = s->ports->append(s->ctx, bytes_cut(text, 0, end));
	if (no == NULL)
		no = supply_fields(s);
	return (no != NULL
		? no
		: s->ports->append(s->ctx, bytes_cut(text, end, text.n)));
}

/* What was unstuffed so far, with our fields on top if it is the first. */
static const struct smtp_reply *
append_all(struct session *s)
{
	const char *eol = s->limits->eol == SMTPDATA_LF ? "\n" : "\r\n";
	const struct smtp_reply *no = NULL;
	struct bytes part[3];
	size_t n = joint_split(buf_view(&s->text), s->top, eol, part);
	size_t i;

	s->top = 0;
	for (i = 0; i < n && no == NULL; i++)
		no = append(s, part[i]);
	return (no);
}

/* That goes to the spool, or nowhere. */
static void
pass_text_on(struct session *s)
{
	const struct smtp_reply *no = NULL;

	if (s->limits->max_size > 0 && s->data.size > s->limits->max_size)
		no = &SMTPREPLY_TOO_BIG;
	else if (s->data.irregular && s->limits->reject_bareeol)
		no = &SMTPREPLY_BARE_EOL;
	else if (s->doom == NULL)
		no = append_all(s);
	if (no != NULL)
		doom(s, no);
	buf_reset(&s->text);
}

void
message_begin_chunk(struct session *s, uint64_t octets, bool is_last)
{
	uint64_t max = s->limits->max_size;

	if (s->state == SESSION_RCPT) {
		const struct smtp_reply *no = open_message(s);

		smtpdata_init_chunks(&s->data, s->limits->eol);
		s->doom = no;
		s->broken = no == &SMTPREPLY_DISK_FAULT;
	} else if (s->state != SESSION_CHUNKS) {
		s->doom = &SMTPREPLY_BAD_SEQUENCE;
		s->is_told = false;
	}
	message_enter(s, SESSION_CHUNK);
	s->chunk_left = octets;
	s->is_last_chunk = is_last;
	if (s->doom == NULL && max > 0 && octets > max - s->data.size)
		doom(s, &SMTPREPLY_TOO_BIG);
}

static void
put_accepted(const struct session *s, struct smtpreply *out, uint32_t number)
{
	char store[32];
	struct buf text;

	buf_init(&text, store, sizeof(store));
	(void)buf_puts(&text, s->limits->is_queued ? "ok qp " : "A");
	(void)buf_put_number(&text, number);
	if (!s->limits->is_queued)
		(void)buf_puts(&text, " accepted");
	smtpreply_line(out, 250, "2.0.0", buf_view(&text));
}

bool
message_owes(struct session *s, struct smtpreply *out)
{
	while (s->owed > 0 && smtpreply_has_room(out)) {
		if (s->doom == NULL)
			put_accepted(s, out, s->number);
		else
			smtpreply_put(out, s->doom);
		s->owed--;
	}
	return (s->owed > 0);
}

/*
 * Say why the message is not accepted, once to the log.  Order is the
 * client's affair, and how often it gets that wrong is counted.  True: that
 * was once too often.
 */
static bool
refuse(struct session *s, struct smtpreply *out)
{
	bool is_first = !s->is_told;

	s->is_told = true;
	if (is_first && s->doom == &SMTPREPLY_BAD_SEQUENCE)
		return (session_refuse(s, s->doom, bytes_of("BDAT"), out));
	if (is_first)
		s->ports->refused(s->ctx, s->doom, (struct bytes){ NULL, 0 });
	smtpreply_put(out, s->doom);
	return (false);
}

static void
commit(struct session *s)
{
	const struct smtp_reply *no = NULL;

	/* A text that is all header ends it, too. */
	if (s->limits->submission && smtphead_is_whole(&s->head))
		no = supply_fields(s);
	if (no == NULL)
		no = s->ports->commit(s->ctx, s, &s->number);
	if (no != NULL)
		doom(s, no);
}

/* All of it has come. */
static enum session_next
end_message(struct session *s, struct smtpreply *out)
{
	bool is_last_word = false;

	if (s->doom == NULL)
		pass_text_on(s);
	s->size = s->data.size;
	if (s->doom == NULL)
		commit(s);
	/* RFC 2033 4.2: a reply for each recipient that was accepted. */
	if (s->limits->lmtp && s->envelope.nrcpt > 0)
		s->owed = s->envelope.nrcpt - 1;
	if (s->doom == NULL) {
		s->idle_commands = 0;
		put_accepted(s, out, s->number);
	} else {
		is_last_word = refuse(s, out);
	}
	/* Committed or aborted: there is nothing left to abort. */
	message_enter(s, SESSION_GREETED);
	message_forget(s);
	return (is_last_word ? SESSION_HANG_UP : SESSION_FLUSH);
}

/* More text, up to its end, if that is there. */
static enum smtpdata_status
take_text(struct session *s, struct bytes in, size_t *used)
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
	return (status);
}

/* More of what is to be kept as it is. */
static void
take_bytes(struct session *s, struct bytes in)
{
	while (in.n > 0) {
		struct bytes part = bytes_cut(in, 0, buf_room(&s->text));

		(void)buf_put(&s->text, part);
		s->data.size += part.n;
		in = bytes_cut(in, part.n, in.n);
		if (in.n > 0)
			pass_text_on(s);
	}
}

static enum session_next
end_chunk(struct session *s, struct smtpreply *out)
{
	bool is_last_word = false;

	if (s->is_last_chunk && s->doom == NULL &&
	    s->body != SMTP_BODY_BINARYMIME) {
		if (buf_room(&s->text) < SMTPDATA_FINISH)
			pass_text_on(s);
		smtpdata_finish(&s->data, &s->text);
	}
	if (s->is_last_chunk)
		return (end_message(s, out));
	message_enter(s, s->helo[0] == '\0' ? SESSION_START : SESSION_CHUNKS);
	if (s->doom == NULL)
		smtpreply_put(out, &SMTPREPLY_CHUNK_OK);
	else
		is_last_word = refuse(s, out);
	return (is_last_word ? SESSION_HANG_UP : SESSION_READ);
}

static enum session_next
feed_chunk(
    struct session *s, struct bytes in, size_t *used, struct smtpreply *out)
{
	struct bytes part = in;

	if (part.n > s->chunk_left)
		part.n = (size_t)s->chunk_left;
	if (s->doom == NULL && s->body == SMTP_BODY_BINARYMIME)
		take_bytes(s, part);
	else if (s->doom == NULL)
		/* Its end is not asked for: in a chunk a dot is text. */
		(void)take_text(s, part, &part.n);
	s->chunk_left -= part.n;
	*used = part.n;
	return (s->chunk_left > 0 ? SESSION_READ : end_chunk(s, out));
}

enum session_next
message_feed(
    struct session *s, struct bytes in, size_t *used, struct smtpreply *out)
{
	if (s->state == SESSION_CHUNK)
		return (feed_chunk(s, in, used, out));
	return (take_text(s, in, used) == SMTPDATA_END ? end_message(s, out)
						       : SESSION_READ);
}
