/* SPDX-License-Identifier: ISC */
#include "session.h"

#include <string.h>

enum {
	/*
	 * Commands that bring no message closer, between two messages:
	 * enough for any client, an end for one that only keeps us busy.
	 */
	IDLE_COMMANDS_MAX = 100,
	/* Received: fields, with our own (RFC 5321 6.3: at least 100). */
	HOPS_MAX = 100
};

/* What a handler has done about its reply when it returns NULL: written it. */
typedef const struct smtp_reply *verb_fn(
    struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out);

#define IN(state) (1U << (state))

enum {
	GREETED = IN(SESSION_GREETED),
	TRANSACTION = IN(SESSION_MAIL) | IN(SESSION_RCPT),
	ALWAYS = IN(SESSION_START) | GREETED | TRANSACTION
};

struct verb {
	enum smtp_verb verb;
	unsigned int allowed_in;
	bool flush;   /* RFC 2920 3.2: its reply must not wait for others */
	bool is_idle; /* counted by IDLE_COMMANDS_MAX */
	bool hangs_up;
	verb_fn *run;
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
		.text = text_store };
	s->envelope.text = envelope_store;
	smtpline_init(&s->lines);
}

/* NOLINTEND(readability-function-size) */

void
session_greet(struct session *s, struct smtpreply *out)
{
	char store[SMTPREPLY_LINE_MAX];
	struct buf text;

	buf_init(&text, store, sizeof(store));
	(void)buf_printf(&text, "%s ESMTP SMTPSERV", s->host);
	smtpreply_part(out, 220, false, buf_view(&text));
}

const char *
session_protocol(const struct session *s)
{
	if (s->smtputf8)
		return ("UTF8SMTP");
	return (s->is_esmtp ? "ESMTP" : "SMTP");
}

/* The one place where the state changes. */
static void
enter(struct session *s, enum session_state state)
{
	s->state = state;
}

/* Back to where MAIL is welcome, if there was a HELO. */
static void
forget_transaction(struct session *s)
{
	s->smtputf8 = false;
	s->body = SMTP_BODY_UNSAID;
	if (s->state != SESSION_START)
		enter(s, SESSION_GREETED);
}

static void
greet_back(struct session *s, const struct smtp_cmd *cmd, bool is_esmtp)
{
	forget_transaction(s);
	/* The parser holds it to the size of s->helo. */
	memcpy(s->helo, cmd->argument.p, cmd->argument.n);
	s->helo[cmd->argument.n] = '\0';
	s->is_esmtp = is_esmtp;
	enter(s, SESSION_GREETED);
}

static const struct smtp_reply *
do_helo(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	greet_back(s, cmd, false);
	smtpreply_part(out, 250, false, bytes_of(s->host));
	return (NULL);
}

/* A keyword with a number behind it. */
static void
put_keyword(struct smtpreply *out, const char *keyword, uint64_t value)
{
	char store[64];
	struct buf text;

	buf_init(&text, store, sizeof(store));
	(void)buf_puts(&text, keyword);
	(void)buf_put_number(&text, value);
	smtpreply_part(out, 250, true, buf_view(&text));
}

static const struct smtp_reply *
do_ehlo(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	static const char *const plain[] = { "PIPELINING", "8BITMIME",
		"SMTPUTF8", "ENHANCEDSTATUSCODES" };
	size_t i;

	greet_back(s, cmd, true);
	smtpreply_part(out, 250, true, bytes_of(s->host));
	for (i = 0; i < ARRAY_LEN(plain); i++)
		smtpreply_part(out, 250, true, bytes_of(plain[i]));
	put_keyword(out, "SIZE ", s->limits->max_size);
	put_keyword(out, "LIMITS RCPTMAX=", s->limits->max_rcpt);
	smtpreply_part(out, 250, false, bytes_of("HELP"));
	return (NULL);
}

static const struct smtp_reply *
do_mail(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	uint64_t max = s->limits->max_size;

	(void)out;
	if (cmd->path.is_utf8 && !cmd->smtputf8)
		return (&SMTPREPLY_NEEDS_UTF8);
	if (cmd->has_size && max > 0 && cmd->size > max)
		return (&SMTPREPLY_TOO_BIG);
	if (cmd->has_size && cmd->size > s->ports->space(s->ctx))
		return (&SMTPREPLY_NO_SPACE);
	if (!envelope_set_sender(&s->envelope, cmd->path.mailbox))
		return (&SMTPREPLY_LOCAL_FAULT);
	s->body = cmd->body;
	s->smtputf8 = cmd->smtputf8;
	enter(s, SESSION_MAIL);
	return (&SMTPREPLY_SENDER_OK);
}

static const struct smtp_reply *
do_rcpt(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	(void)out;
	if (cmd->path.is_utf8 && !s->smtputf8)
		return (&SMTPREPLY_NEEDS_UTF8);
	if (s->envelope.nrcpt >= s->limits->max_rcpt ||
	    !envelope_add_rcpt(&s->envelope, cmd->path.mailbox))
		return (&SMTPREPLY_TOO_MANY_RCPTS);
	enter(s, SESSION_RCPT);
	return (&SMTPREPLY_RCPT_OK);
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

static const struct smtp_reply *
do_data(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	const struct smtp_reply *no = &SMTPREPLY_LOCAL_FAULT;

	(void)cmd;
	(void)out;
	buf_reset(&s->text);
	if (add_facts(s))
		no = s->ports->begin(s->ctx, s, &s->text);
	if (no != NULL) {
		s->broken = no == &SMTPREPLY_DISK_FAULT;
		forget_transaction(s);
		return (no);
	}
	smtpdata_init(&s->data, s->limits->eol);
	smtphops_init(&s->hops);
	s->doom = NULL;
	enter(s, SESSION_DATA);
	return (&SMTPREPLY_GO_AHEAD);
}

static const struct smtp_reply *
do_rset(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	(void)cmd;
	(void)out;
	forget_transaction(s);
	return (&SMTPREPLY_OK);
}

static const struct smtp_reply *
do_noop(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	(void)s;
	(void)cmd;
	(void)out;
	return (&SMTPREPLY_OK);
}

static const struct smtp_reply *
do_quit(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	(void)cmd;
	(void)out;
	s->quit = true;
	return (&SMTPREPLY_BYE);
}

static const struct smtp_reply *
do_vrfy(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	(void)s;
	(void)cmd;
	(void)out;
	return (&SMTPREPLY_VRFY);
}

static const struct smtp_reply *
do_help(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	(void)s;
	(void)cmd;
	(void)out;
	return (&SMTPREPLY_HELP);
}

static const struct smtp_reply *
do_absent(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	(void)s;
	(void)cmd;
	(void)out;
	return (&SMTPREPLY_ABSENT);
}

static const struct smtp_reply *
do_unknown(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	(void)s;
	(void)cmd;
	(void)out;
	return (&SMTPREPLY_UNKNOWN);
}

/*
 * Which verb is welcome when, and what serves it; what is not welcome gets
 * 503.  BDAT hangs up as long as we do not offer it: what comes behind it is
 * text, and must not be taken for commands.
 */
static const struct verb VERBS[] = {
	{ SMTP_EHLO, ALWAYS, true, true, false, do_ehlo },
	{ SMTP_HELO, ALWAYS, true, true, false, do_helo },
	{ SMTP_MAIL, GREETED, false, false, false, do_mail },
	{ SMTP_RCPT, TRANSACTION, false, false, false, do_rcpt },
	{ SMTP_DATA, IN(SESSION_RCPT), true, false, false, do_data },
	{ SMTP_RSET, ALWAYS, false, true, false, do_rset },
	{ SMTP_NOOP, ALWAYS, true, true, false, do_noop },
	{ SMTP_QUIT, ALWAYS, true, false, true, do_quit },
	{ SMTP_VRFY, ALWAYS, true, true, false, do_vrfy },
	{ SMTP_HELP, ALWAYS, true, true, false, do_help },
	{ SMTP_BDAT, ALWAYS, true, false, true, do_absent },
	{ SMTP_ABSENT, ALWAYS, true, false, false, do_absent },
	{ SMTP_UNKNOWN, ALWAYS, true, false, false, do_unknown },
};

static const struct verb *
verb_row(enum smtp_verb verb)
{
	size_t i = 0;

	/* The last row is SMTP_UNKNOWN's. */
	while (i + 1 < ARRAY_LEN(VERBS) && VERBS[i].verb != verb)
		i++;
	return (&VERBS[i]);
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

/*
 * Refuse a line.  One refusal too many is the last: the answer to it is 421,
 * so that every command has one reply.
 */
static bool
refuse(struct session *s, const struct smtp_reply *no, struct bytes line,
    struct smtpreply *out)
{
	bool is_last = false;

	if (no->code >= 500 && ++s->errors > s->limits->max_errors) {
		no = &SMTPREPLY_ERRORS;
		is_last = true;
	}
	/* A client with ten thousand recipients is worth one line. */
	if (no->code >= 500 || no != s->last_refusal)
		s->ports->refused(s->ctx, no, line);
	s->last_refusal = no;
	smtpreply_put(out, no);
	return (is_last);
}

/* What the log may show of a line: never what might be a password. */
static struct bytes
shown(struct bytes line)
{
	return (bytes_starts_nocase(line, bytes_of("AUTH"))
		? bytes_cut(line, 0, 4)
		: line);
}

/* One command line, whole. */
static enum session_next
obey(struct session *s, struct bytes line, struct smtpreply *out)
{
	struct smtp_cmd cmd;
	enum smtpcmd_status status = smtpcmd_parse(line, &cmd);
	const struct verb *verb = verb_row(cmd.verb);
	const struct smtp_reply *reply = syntax_reply(status, cmd.verb);
	/* Text follows a BDAT of any form. */
	bool hang_up =
	    verb->hangs_up && (status == SMTPCMD_OK || cmd.verb == SMTP_BDAT);

	if (s->broken) {
		reply = &SMTPREPLY_BROKEN;
		hang_up = true;
	} else if (verb->is_idle && ++s->idle_commands > IDLE_COMMANDS_MAX) {
		reply = &SMTPREPLY_JUNK;
		hang_up = true;
	} else if (reply == NULL && (verb->allowed_in & IN(s->state)) == 0) {
		reply = &SMTPREPLY_BAD_SEQUENCE;
	} else if (reply == NULL) {
		reply = verb->run(s, &cmd, out);
	}
	if (reply != NULL && reply->code < 400)
		smtpreply_put(out, reply);
	else if (reply != NULL && refuse(s, reply, shown(line), out))
		hang_up = true;
	if (hang_up) {
		session_drop(s);
		return (SESSION_HANG_UP);
	}
	return (verb->flush ? SESSION_FLUSH : SESSION_READ);
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
	forget_transaction(s);
}

static enum session_next
feed_text(
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

static enum session_next
feed_line(
    struct session *s, struct bytes in, size_t *used, struct smtpreply *out)
{
	struct bytes none = { NULL, 0 };
	struct bytes line;
	bool is_last = false;

	switch (smtpline_take(&s->lines, in, used, &line)) {
	case SMTPLINE_LINE:
		return (obey(s, line, out));
	case SMTPLINE_BARE_LF:
		is_last = refuse(s, &SMTPREPLY_BARE_LF, none, out);
		break;
	case SMTPLINE_TOO_LONG:
		is_last = refuse(s, &SMTPREPLY_LINE_TOO_LONG, none, out);
		break;
	case SMTPLINE_MORE:
		return (SESSION_READ);
	}
	return (is_last ? SESSION_HANG_UP : SESSION_FLUSH);
}

enum session_next
session_feed(
    struct session *s, struct bytes in, size_t *used, struct smtpreply *out)
{
	size_t at = 0;
	size_t n;
	enum session_next next;

	/* As far as the input goes and replies need not be sent. */
	do {
		struct bytes rest = bytes_cut(in, at, in.n);

		if (!smtpreply_has_room(out)) {
			next = SESSION_FLUSH;
			break;
		}
		n = 0;
		next = s->state == SESSION_DATA ? feed_text(s, rest, &n, out)
						: feed_line(s, rest, &n, out);
		at += n;
	} while (next == SESSION_READ && n > 0 && at < in.n);
	*used = at;
	return (next);
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
	if (s->state == SESSION_DATA)
		s->ports->abort(s->ctx);
	forget_transaction(s);
}
