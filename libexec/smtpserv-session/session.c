/* SPDX-License-Identifier: ISC */
#include "session.h"

#include <string.h>

#include "alien.h"
#include "auth.h"
#include "message.h"
#include "secure.h"
#include "verbs.h"

enum {
	/*
	 * Commands between two messages that bring no message closer: enough
	 * for any client, but a limit for one that only keeps us busy.
	 */
	IDLE_COMMANDS_MAX = 100
};

/* NOLINTBEGIN(readability-function-size): one call wires it all. */
void
session_init(struct session *s, const char *host,
    const struct session_limits *limits, const struct session_ports *ports,
    void *ctx, struct buf envelope_store, struct buf text_store)
{
	*s = (struct session){ .state = SESSION_START,
		.host = host,
		.limits = limits,
		.ports = ports,
		.ctx = ctx,
		.piece = text_store,
		.envelope_store = envelope_store,
		.tx.envelope.text = envelope_store };
	smtpline_init(&s->lines);
}

/* NOLINTEND(readability-function-size) */

void
session_offer_tls(struct session *s)
{
	s->tls.is_offered = true;
}

static void
copy_word(char *into, size_t cap, const char *word)
{
	size_t n = strlen(word);

	if (n >= cap)
		n = 0;
	memcpy(into, word, n);
	into[n] = '\0';
}

void
session_secure(struct session *s, const char *protocol, const char *cipher)
{
	s->tls = (struct session_tls){ .is_active = true };
	copy_word(s->tls.protocol, sizeof(s->tls.protocol), protocol);
	copy_word(s->tls.cipher, sizeof(s->tls.cipher), cipher);
	s->client = (struct session_client){ .is_esmtp = false };
	message_forget(s);
}

void
session_greet(struct session *s, struct smtpreply *out)
{
	char store[SMTPREPLY_LINE_MAX];
	struct buf text;

	buf_init(&text, store, sizeof(store));
	(void)buf_printf(&text, "%s %s SMTPSERV", s->host,
	    s->limits->lmtp ? "LMTP" : "ESMTP");
	smtpreply_part(out, 220, false, buf_view(&text));
}

/* The reply to a line whose form is wrong. */
static const struct smtp_reply *
syntax_reply(enum smtpcmd_status status, enum smtp_verb verb)
{
	bool is_mail = verb == SMTP_MAIL;

	switch (status) {
	case SMTPCMD_LINE_TOO_LONG:
		return (&SMTPREPLY_LINE_TOO_LONG);
	case SMTPCMD_BAD_BYTE:
		return (&SMTPREPLY_BAD_BYTE);
	case SMTPCMD_BAD_ARGUMENT:
		return (&SMTPREPLY_BAD_ARGUMENT);
	case SMTPCMD_BAD_PATH:
		return (is_mail ? &SMTPREPLY_BAD_SENDER : &SMTPREPLY_BAD_RCPT);
	case SMTPCMD_PATH_TOO_LONG:
		return (&SMTPREPLY_PATH_TOO_LONG);
	case SMTPCMD_PATH_NO_DOMAIN:
		return (is_mail ? &SMTPREPLY_SENDER_NO_DOMAIN
				: &SMTPREPLY_RCPT_NO_DOMAIN);
	case SMTPCMD_BAD_PARAMETER:
		return (&SMTPREPLY_BAD_PARAMETER);
	case SMTPCMD_UNKNOWN_PARAMETER:
		return (&SMTPREPLY_UNKNOWN_PARAMETER);
	case SMTPCMD_OK:
		break;
	}
	return (NULL);
}

/* The end of the word AUTH, anywhere in the line; not MAIL's `AUTH=`. */
static bool
find_auth(struct bytes line, size_t *end)
{
	struct bytes auth = bytes_of("AUTH");

	for (*end = auth.n; *end <= line.n; ++*end)
		if (bytes_same_nocase(
			bytes_cut(line, *end - auth.n, auth.n), auth) &&
		    (*end == line.n || (unsigned char)line.p[*end] <= ' '))
			return (true);
	return (false);
}

/*
 * The part of a line that the log may show: never one that may be a password.
 * Some clients send theirs even if AUTH was refused, or by another protocol.
 * So of a line that is not a command only the first word is shown, and behind
 * an AUTH not even that.
 */
static struct bytes
shown(const struct session *s, enum smtp_verb verb, struct bytes line)
{
	struct bytes auth = bytes_of("AUTH");
	size_t end = 0;

	if (verb == SMTP_UNKNOWN && s->is_after_auth)
		return (bytes_cut(line, 0, 0));
	if (bytes_starts_nocase(line, auth))
		return (bytes_cut(line, 0, auth.n));
	if (verb != SMTP_UNKNOWN)
		return (find_auth(line, &end) ? bytes_cut(line, 0, end) : line);
	while (end < line.n && (unsigned char)line.p[end] <= ' ')
		end++;
	while (end < line.n && (unsigned char)line.p[end] > ' ')
		end++;
	return (bytes_cut(line, 0, end));
}

/* Remember whether a line that is not a command may now be a password. */
static void
heed_auth(struct session *s, enum smtp_verb verb, struct bytes line)
{
	size_t end;

	if (verb == SMTP_AUTH || find_auth(line, &end))
		s->is_after_auth = true;
	else if (verb != SMTP_UNKNOWN)
		s->is_after_auth = false;
	s->has_secret = s->has_secret || s->is_after_auth;
}

/* A reply that is due, if any.  True: it is the last. */
static bool
answer(struct session *s, const struct smtp_reply *reply, struct bytes line,
    struct smtpreply *out)
{
	if (reply == NULL)
		return (false);
	if (reply->code >= 400)
		return (state_refuse(s, reply, line, out));
	smtpreply_put(out, reply);
	return (false);
}

/*
 * A client sends octets behind a BDAT; if its size cannot be read, we cannot
 * know where they end.  A BDAT with blanks before it is not a command, but its
 * octets come all the same.
 */
static bool
loses_count(struct bytes line)
{
	while (line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t'))
		line = bytes_cut(line, 1, line.n);
	return (bytes_starts_nocase(line, bytes_of("BDAT")));
}

/* The reply that refuses a command, or NULL: it can be carried out. */
static const struct smtp_reply *
judge(struct session *s, const struct verb *verb, enum smtpcmd_status status,
    const struct smtp_cmd *cmd)
{
	bool is_idle = (verb->flags & VERB_IDLE) != 0 ||
	    (cmd->verb == SMTP_BDAT && cmd->chunk == 0 && !cmd->is_last_chunk);

	if (s->broken)
		return (&SMTPREPLY_BROKEN);
	if (is_idle && ++s->patience.idle_commands > IDLE_COMMANDS_MAX)
		return (&SMTPREPLY_JUNK);
	/* If a verb is not known, its argument is not looked at. */
	if (status != SMTPCMD_OK &&
	    !(verb->verb == SMTP_UNKNOWN && status == SMTPCMD_BAD_ARGUMENT))
		return (syntax_reply(status, cmd->verb));
	return (verbs_welcome(verb, s) ? NULL : &SMTPREPLY_BAD_SEQUENCE);
}

/* One command line, whole. */
static enum session_next
obey(struct session *s, struct bytes line, struct smtpreply *out)
{
	struct smtp_cmd cmd;
	enum smtpcmd_status status = smtpcmd_parse(line, &cmd);
	const struct verb *verb = verbs_row(s, cmd.verb);
	const struct smtp_reply *reply = judge(s, verb, status, &cmd);
	bool hang_up =
	    (status == SMTPCMD_OK && (verb->flags & VERB_HANGS_UP) != 0) ||
	    reply == &SMTPREPLY_BROKEN || reply == &SMTPREPLY_JUNK;
	struct bytes seen = shown(s, cmd.verb, line);
	size_t none = 0;

	if (reply == NULL)
		reply = verbs_run(verb, s, &cmd, out);
	heed_auth(s, cmd.verb, line);
	if (answer(s, reply, seen, out) || (reply != NULL && loses_count(line)))
		hang_up = true;
	if (hang_up) {
		session_drop(s);
		return (SESSION_HANG_UP);
	}
	if (secure_begins(s))
		return (SESSION_START_TLS);
	/* A chunk of no octets is over at once. */
	if (s->state == SESSION_CHUNK && s->text.chunk_left == 0)
		return (message_feed(s, bytes_of(""), &none, out));
	return ((verb->flags & VERB_FLUSH) != 0 ? SESSION_FLUSH : SESSION_READ);
}

/*
 * Does another protocol begin here?  Requests and fields are looked for only
 * where an EHLO is due: later such a line may be part of a message whose DATA
 * was refused.
 */
static const struct smtp_reply *
find_alien(
    const struct session *s, enum smtpline_status status, struct bytes in)
{
	const struct smtp_reply *no = alien_hello(in);

	if (no == NULL && status != SMTPLINE_MORE && s->client.helo[0] == '\0')
		no = alien_line(in);
	return (no);
}

/* The line is malformed, or another protocol's. */
static enum session_next
refuse_line(struct session *s, const struct smtp_reply *no, struct bytes line,
    struct bytes in, struct smtpreply *out)
{
	/* It may have been an AUTH. */
	s->is_after_auth = true;
	s->has_secret = true;
	/* A client that is told 421 is not heard any further. */
	if (state_refuse(s, no, line, out) || no->code == 421 ||
	    loses_count(in)) {
		session_drop(s);
		return (SESSION_HANG_UP);
	}
	return (SESSION_FLUSH);
}

static enum session_next
feed_line(
    struct session *s, struct bytes in, size_t *used, struct smtpreply *out)
{
	struct bytes line = { NULL, 0 };
	enum smtpline_status status = smtpline_take(&s->lines, in, used, &line);
	bool is_line = status == SMTPLINE_LINE;
	struct bytes rest = is_line ? line : bytes_cut(in, *used, in.n);
	const struct smtp_reply *no = find_alien(s, status, rest);

	if (no == NULL && is_line)
		return (obey(s, line, out));
	if (no == NULL && status == SMTPLINE_MORE)
		return (SESSION_READ);
	/* Of TLS's hello nothing is shown: how much has come is chance. */
	if (is_line && no != &SMTPREPLY_ALIEN_TLS)
		line = shown(s, SMTP_UNKNOWN, line);
	else
		line.n = 0;
	if (no == NULL)
		no = status == SMTPLINE_BARE_LF ? &SMTPREPLY_BARE_LF
						: &SMTPREPLY_LINE_TOO_LONG;
	return (refuse_line(s, no, line, rest, out));
}

static enum session_next
feed_auth(
    struct session *s, struct bytes in, size_t *used, struct smtpreply *out)
{
	struct bytes none = { NULL, 0 };
	const struct smtp_reply *reply = auth_feed(s, in, used, out);

	if (reply == NULL)
		return (SESSION_READ);
	return (answer(s, reply, none, out) ? SESSION_HANG_UP : SESSION_FLUSH);
}

/* By the state, the input is a command, a text, or an answer to 334. */
static enum session_next
feed(struct session *s, struct bytes in, size_t *used, struct smtpreply *out)
{
	if (s->state == SESSION_DATA || s->state == SESSION_CHUNK)
		return (message_feed(s, in, used, out));
	if (s->state == SESSION_AUTH)
		return (feed_auth(s, in, used, out));
	return (feed_line(s, in, used, out));
}

enum session_next
session_feed(
    struct session *s, struct bytes in, size_t *used, struct smtpreply *out)
{
	size_t at = 0;
	size_t n;
	enum session_next next;

	/* Until the input ends, or replies must be sent first. */
	do {
		struct bytes rest = bytes_cut(in, at, in.n);

		if (message_owes(s, out)) {
			next = SESSION_AGAIN;
			break;
		}
		if (!smtpreply_has_room(out)) {
			next = SESSION_FLUSH;
			break;
		}
		n = 0;
		next = feed(s, rest, &n, out);
		at += n;
	} while (next == SESSION_READ && n > 0 && at < in.n);
	*used = at;
	/* Replies that are owed must be sent even if nothing more comes. */
	return (
	    s->text.owed > 0 && next != SESSION_HANG_UP ? SESSION_AGAIN : next);
}

void
session_stop(
    struct session *s, const struct smtp_reply *why, struct smtpreply *out)
{
	session_drop(s);
	smtpreply_put(out, why);
}

void
session_drop(struct session *s)
{
	message_forget(s);
}
