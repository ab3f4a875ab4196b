/* SPDX-License-Identifier: ISC */
#include "message.h"

#include "mail/joint.h"

enum {
	/* A Date and a Message-ID, at the name of a host. */
	SUPPLY_MAX = 512
};

static bool
is_under_way(const struct session *s)
{
	switch (s->state) {
	case SESSION_DATA:
	case SESSION_CHUNK:
	case SESSION_CHUNKS:
		return (s->text.doom == NULL);
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
	s->tx = (struct session_tx){ .envelope.text = s->envelope_store };
	state_enter(
	    s, s->client.helo[0] == '\0' ? SESSION_START : SESSION_GREETED);
}

static bool
add_fact(struct session *s, const char *name, const char *value)
{
	return (value == NULL ||
	    envelope_add_fact(&s->tx.envelope, name, bytes_of(value)));
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

	return (add_fact(s, "Body", body[s->tx.body]) &&
	    add_fact(s, "Smtputf8", s->tx.smtputf8 ? "yes" : NULL) &&
	    add_fact(s, "Envid", s->tx.envid[0] == '\0' ? NULL : s->tx.envid) &&
	    add_fact(s, "Ret", ret[s->tx.ret]) &&
	    add_fact(s, "Requiretls", s->tx.requiretls ? "yes" : NULL));
}

/* The envelope and the number, and the trace on top of the text. */
static const struct smtp_reply *
open_message(struct session *s)
{
	const struct smtp_reply *no;

	buf_reset(&s->piece);
	s->text = (struct session_text){ .doom = NULL };
	smtphops_init(&s->text.hops);
	smtphead_init(&s->text.head);
	messageid_init(&s->text.id);
	if (!add_facts(s))
		return (&SMTPREPLY_LOCAL_FAULT);
	no = s->ports->begin(s->ctx, s, &s->piece);
	s->text.top = buf_view(&s->piece).n;
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
	smtpdata_init(&s->text.data, s->limits->eol);
	state_enter(s, SESSION_DATA);
	return (NULL);
}

/* The message will not be accepted: free its place at once. */
static void
doom(struct session *s, const struct smtp_reply *why)
{
	if (s->text.doom != NULL)
		return;
	s->text.doom = why;
	s->broken = s->broken || why == &SMTPREPLY_DISK_FAULT;
	s->ports->abort(s->ctx);
}

/* The fields that RFC 6409 8 lets us add, where the header ends. */
static const struct smtp_reply *
supply_fields(struct session *s)
{
	char store[SUPPLY_MAX];
	struct buf fields;

	if (s->text.head.has_date && s->text.head.has_message_id)
		return (NULL);
	buf_init(&fields, store, sizeof(store));
	s->ports->supply(s->ctx, s, !s->text.head.has_date,
	    !s->text.head.has_message_id, &fields);
	if (!s->text.head.has_message_id) {
		messageid_init(&s->text.id);
		/* All that there is of it. */
		(void)messageid_feed(&s->text.id, buf_view(&fields));
	}
	return (s->ports->append(s->ctx, buf_view(&fields)));
}

/* Text for the spool; a submitted message has its header watched. */
static const struct smtp_reply *
append(struct session *s, struct bytes text)
{
	const struct smtp_reply *no = NULL;
	size_t end;

	smtphops_feed(&s->text.hops, text);
	/* When it is found, the rest goes by. */
	(void)messageid_feed(&s->text.id, text);
	if (s->text.hops.count > SMTPHOPS_MAX)
		return (&SMTPREPLY_TOO_MANY_HOPS);
	if (!s->limits->submission || !smtphead_feed(&s->text.head, text, &end))
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
	const struct smtp_reply *no = NULL;
	struct bytes part[3];
	size_t n =
	    joint_split(buf_view(&s->piece), s->text.top, state_eol(s), part);
	size_t i;

	s->text.top = 0;
	for (i = 0; i < n && no == NULL; i++)
		no = append(s, part[i]);
	return (no);
}

/* Unstuffed text goes to the spool, or nowhere. */
static void
pass_text_on(struct session *s)
{
	const struct smtp_reply *no = NULL;

	if (s->limits->max_size > 0 && s->text.data.size > s->limits->max_size)
		no = &SMTPREPLY_TOO_BIG;
	else if (s->text.data.irregular && s->limits->reject_bareeol)
		no = &SMTPREPLY_BARE_EOL;
	else if (s->text.doom == NULL)
		no = append_all(s);
	if (no != NULL)
		doom(s, no);
	buf_reset(&s->piece);
}

void
message_begin_chunk(struct session *s, uint64_t octets, bool is_last)
{
	uint64_t max = s->limits->max_size;

	if (s->state == SESSION_RCPT) {
		const struct smtp_reply *no = open_message(s);

		smtpdata_init_chunks(&s->text.data, s->limits->eol);
		s->text.doom = no;
		s->broken = no == &SMTPREPLY_DISK_FAULT;
	} else if (s->state != SESSION_CHUNKS) {
		s->text.doom = &SMTPREPLY_BAD_SEQUENCE;
		s->text.is_told = false;
	}
	state_enter(s, SESSION_CHUNK);
	s->text.chunk_left = octets;
	s->text.is_last_chunk = is_last;
	if (s->text.doom == NULL && max > 0 && octets > max - s->text.data.size)
		doom(s, &SMTPREPLY_TOO_BIG);
}

static void
put_accepted(const struct session *s, struct smtpreply *out, uint32_t number)
{
	char store[32];
	struct buf text;

	buf_init(&text, store, sizeof(store));
	(void)buf_puts(&text, s->ports->before_number);
	(void)buf_put_number(&text, number);
	(void)buf_puts(&text, s->ports->behind_number);
	smtpreply_line(out, 250, "2.0.0", buf_view(&text));
}

bool
message_owes(struct session *s, struct smtpreply *out)
{
	while (s->text.owed > 0 && smtpreply_has_room(out)) {
		if (s->text.doom == NULL)
			put_accepted(s, out, s->text.number);
		else
			smtpreply_put(out, s->text.doom);
		s->text.owed--;
	}
	return (s->text.owed > 0);
}

/*
 * Tell the client why the message is not accepted, and the log once.  A wrong
 * order of commands is the client's fault, and is counted.  True: that was once
 * too often.
 */
static bool
refuse(struct session *s, struct smtpreply *out)
{
	bool is_first = !s->text.is_told;

	s->text.is_told = true;
	if (is_first && s->text.doom == &SMTPREPLY_BAD_SEQUENCE)
		return (state_refuse(s, s->text.doom, bytes_of("BDAT"), out));
	if (is_first)
		s->ports->refused(
		    s->ctx, s->text.doom, (struct bytes){ NULL, 0 });
	smtpreply_put(out, s->text.doom);
	return (false);
}

static void
commit(struct session *s)
{
	const struct smtp_reply *no = NULL;

	/* In a text that is all header, the end of the text ends it. */
	if (s->limits->submission && smtphead_is_whole(&s->text.head))
		no = supply_fields(s);
	if (no == NULL)
		no = s->ports->commit(s->ctx, s, &s->text.number);
	if (no != NULL)
		doom(s, no);
}

/* All of it has come. */
static enum session_next
end_message(struct session *s, struct smtpreply *out)
{
	bool is_last_word = false;

	if (s->text.doom == NULL)
		pass_text_on(s);
	if (s->text.doom == NULL)
		commit(s);
	/* RFC 2033 4.2: a reply for each recipient that was accepted. */
	if (s->limits->lmtp && s->tx.envelope.nrcpt > 0)
		s->text.owed = s->tx.envelope.nrcpt - 1;
	if (s->text.doom == NULL) {
		s->patience.idle_commands = 0;
		put_accepted(s, out, s->text.number);
	} else {
		is_last_word = refuse(s, out);
	}
	/* Committed or aborted: there is nothing left to abort. */
	state_enter(s, SESSION_GREETED);
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
		    &s->text.data, bytes_cut(in, at, in.n), &n, &s->piece);
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
		struct bytes part = bytes_cut(in, 0, buf_room(&s->piece));

		(void)buf_put(&s->piece, part);
		s->text.data.size += part.n;
		in = bytes_cut(in, part.n, in.n);
		if (in.n > 0)
			pass_text_on(s);
	}
}

static enum session_next
end_chunk(struct session *s, struct smtpreply *out)
{
	bool is_last_word = false;

	if (s->text.is_last_chunk && s->text.doom == NULL &&
	    s->tx.body != SMTP_BODY_BINARYMIME) {
		if (buf_room(&s->piece) < SMTPDATA_FINISH)
			pass_text_on(s);
		smtpdata_finish(&s->text.data, &s->piece);
	}
	if (s->text.is_last_chunk)
		return (end_message(s, out));
	state_enter(
	    s, s->client.helo[0] == '\0' ? SESSION_START : SESSION_CHUNKS);
	if (s->text.doom == NULL)
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

	if (part.n > s->text.chunk_left)
		part.n = (size_t)s->text.chunk_left;
	if (s->text.doom == NULL && s->tx.body == SMTP_BODY_BINARYMIME)
		take_bytes(s, part);
	else if (s->text.doom == NULL)
		/* Its end is not looked for: in a chunk a dot is text. */
		(void)take_text(s, part, &part.n);
	s->text.chunk_left -= part.n;
	*used = part.n;
	return (s->text.chunk_left > 0 ? SESSION_READ : end_chunk(s, out));
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
