/* SPDX-License-Identifier: ISC */
#include "verbs.h"

#include <string.h>

#include "auth.h"
#include "message.h"
#include "secure.h"

#define IN(state) (1U << (state))

enum {
	GREETED = IN(SESSION_GREETED),
	TRANSACTION = IN(SESSION_MAIL) | IN(SESSION_RCPT),
	ALWAYS = IN(SESSION_START) | GREETED | TRANSACTION | IN(SESSION_CHUNKS)
};

static void
greet_back(struct session *s, const struct smtp_cmd *cmd, bool is_esmtp)
{
	message_forget(s);
	/* The parser holds it to the size of s->client.helo. */
	memcpy(s->client.helo, cmd->argument.p, cmd->argument.n);
	s->client.helo[cmd->argument.n] = '\0';
	s->client.is_esmtp = is_esmtp;
	state_enter(s, SESSION_GREETED);
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

/* Exact bytes are not for a spool of Unix texts. */
static bool
keeps_binary(const struct session *s)
{
	return (s->limits->keeps_binary);
}

static bool
offers_tls(const struct session *s)
{
	return (s->tls.is_offered);
}

static bool
keeps_facts(const struct session *s)
{
	return (s->limits->keeps_facts);
}

/* A client that asks for it must be under TLS itself (RFC 8689 2). */
static bool
can_require_tls(const struct session *s)
{
	return (s->tls.is_active && s->limits->keeps_facts);
}

/* The extensions that have no parameters, and where they can be honoured. */
static const struct {
	const char *keyword;
	bool (*is_offered)(const struct session *s); /* NULL: always */
} EXTENSIONS[] = {
	{ "PIPELINING", NULL },
	{ "8BITMIME", NULL },
	{ "SMTPUTF8", NULL },
	{ "ENHANCEDSTATUSCODES", NULL },
	{ "CHUNKING", NULL },
	{ "BINARYMIME", keeps_binary },
	{ "DSN", keeps_facts },
	{ "REQUIRETLS", can_require_tls },
	{ "STARTTLS", offers_tls },
};

static const struct smtp_reply *
do_ehlo(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	size_t i;

	greet_back(s, cmd, true);
	smtpreply_part(out, 250, true, bytes_of(s->host));
	for (i = 0; i < ARRAY_LEN(EXTENSIONS); i++)
		if (EXTENSIONS[i].is_offered == NULL ||
		    EXTENSIONS[i].is_offered(s))
			smtpreply_part(
			    out, 250, true, bytes_of(EXTENSIONS[i].keyword));
	put_keyword(out, "SIZE ", s->limits->max_size);
	put_keyword(out, "LIMITS RCPTMAX=", s->limits->max_rcpt);
	if (auth_is_offered(s))
		smtpreply_part(out, 250, true, bytes_of("AUTH PLAIN LOGIN"));
	smtpreply_part(out, 250, false, bytes_of("HELP"));
	return (NULL);
}

/* Parameters of extensions that this client was not offered. */
static const struct smtp_reply *
unoffered(const struct session *s, const struct smtp_cmd *cmd)
{
	bool is_dsn = cmd->ret != SMTP_RET_UNSAID || cmd->envid.n > 0 ||
	    cmd->notify.n > 0 || cmd->orcpt.n > 0;

	if (is_dsn && !(s->client.is_esmtp && keeps_facts(s)))
		return (&SMTPREPLY_UNKNOWN_PARAMETER);
	if (cmd->requiretls && !keeps_facts(s))
		return (&SMTPREPLY_UNKNOWN_PARAMETER);
	if (cmd->requiretls && !can_require_tls(s))
		return (&SMTPREPLY_NEEDS_TLS);
	if (cmd->body == SMTP_BODY_BINARYMIME &&
	    !(s->client.is_esmtp && keeps_binary(s)))
		return (&SMTPREPLY_BAD_PARAMETER);
	return (NULL);
}

/* A client with ten thousand recipients is worth one line. */
static void
tell_dropped(struct session *s, const struct smtp_cmd *cmd)
{
	if (cmd->dropped.n > 0 && !s->tx.has_dropped)
		s->ports->dropped(s->ctx, cmd->dropped);
	s->tx.has_dropped = s->tx.has_dropped || cmd->dropped.n > 0;
}

/* What MAIL says about the message, kept until its envelope is written. */
static void
keep_facts(struct session *s, const struct smtp_cmd *cmd)
{
	s->tx.body = cmd->body;
	s->tx.smtputf8 = cmd->smtputf8;
	s->tx.requiretls = cmd->requiretls;
	s->tx.ret = cmd->ret;
	/* The parser holds it to the size of s->tx.envid. */
	if (cmd->envid.n > 0)
		memcpy(s->tx.envid, cmd->envid.p, cmd->envid.n);
	s->tx.envid[cmd->envid.n] = '\0';
}

static const struct smtp_reply *
do_mail(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	uint64_t max = s->limits->max_size;
	const struct smtp_reply *no = unoffered(s, cmd);

	(void)out;
	if (s->limits->submission && !s->client.authenticated)
		return (&SMTPREPLY_NEEDS_AUTH);
	if (no != NULL)
		return (no);
	if (cmd->path.is_utf8 && !cmd->smtputf8)
		return (&SMTPREPLY_NEEDS_UTF8);
	if (cmd->has_size && max > 0 && cmd->size > max)
		return (&SMTPREPLY_TOO_BIG);
	if (cmd->has_size && cmd->size > s->ports->space(s->ctx))
		return (&SMTPREPLY_NO_SPACE);
	if (!envelope_set_sender(&s->tx.envelope, cmd->path.mailbox))
		return (&SMTPREPLY_LOCAL_FAULT);
	keep_facts(s, cmd);
	tell_dropped(s, cmd);
	state_enter(s, SESSION_MAIL);
	return (&SMTPREPLY_SENDER_OK);
}

static const struct smtp_reply *
do_rcpt(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	const struct smtp_reply *no = unoffered(s, cmd);

	(void)out;
	if (no != NULL)
		return (no);
	if (cmd->path.is_utf8 && !s->tx.smtputf8)
		return (&SMTPREPLY_NEEDS_UTF8);
	no = s->ports->recipient(s->ctx, s, cmd->path.mailbox);
	if (no != NULL)
		return (no);
	if (s->tx.envelope.nrcpt >= s->limits->max_rcpt ||
	    !envelope_add_rcpt_once(
		&s->tx.envelope, cmd->path.mailbox, cmd->notify, cmd->orcpt))
		return (&SMTPREPLY_TOO_MANY_RCPTS);
	tell_dropped(s, cmd);
	state_enter(s, SESSION_RCPT);
	return (&SMTPREPLY_RCPT_OK);
}

static const struct smtp_reply *
do_data(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	const struct smtp_reply *no;

	(void)cmd;
	(void)out;
	/* RFC 3030 3: a dot in it could not be told from the end. */
	if (s->tx.body == SMTP_BODY_BINARYMIME)
		return (&SMTPREPLY_BAD_SEQUENCE);
	no = message_begin(s);
	return (no == NULL ? &SMTPREPLY_GO_AHEAD : no);
}

/* Its reply is due when the chunk has come. */
static const struct smtp_reply *
do_bdat(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	(void)out;
	message_begin_chunk(s, cmd->chunk, cmd->is_last_chunk);
	return (NULL);
}

static const struct smtp_reply *
do_auth(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	return (auth_begin(s, cmd->argument, out));
}

static const struct smtp_reply *
do_rset(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	(void)cmd;
	(void)out;
	message_forget(s);
	return (NULL);
}

static const struct smtp_reply *
do_starttls(
    struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	(void)cmd;
	(void)out;
	return (secure_starttls(s));
}

static const struct smtp_reply *
do_quit(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	(void)cmd;
	(void)out;
	s->quit = true;
	return (NULL);
}

/* All verbs that this session knows. */
static const struct smtp_reply *
do_help(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	char store[SMTPREPLY_LINE_MAX];
	struct buf text;
	int verb;

	(void)cmd;
	buf_init(&text, store, sizeof(store));
	for (verb = SMTP_EHLO; verb < SMTP_UNKNOWN; verb++) {
		const char *name = verbs_row(s, (enum smtp_verb)verb)->name;

		if (name == NULL || (verb == SMTP_STARTTLS && !offers_tls(s)) ||
		    (verb == SMTP_AUTH && !auth_is_offered(s)))
			continue;
		if (buf_view(&text).n > 0)
			(void)buf_putc(&text, ' ');
		(void)buf_puts(&text, name);
	}
	smtpreply_line(out, 214, "2.0.0", buf_view(&text));
	return (NULL);
}

/*
 * When each verb is welcome, and the function that serves it.  A verb that is
 * not welcome gets 503; but BDAT is always run, for it must take its chunk.
 */
static const struct verb VERBS[] = {
	{ SMTP_EHLO, "EHLO", ALWAYS, VERB_FLUSH | VERB_IDLE, do_ehlo, NULL },
	{ SMTP_HELO, "HELO", ALWAYS, VERB_FLUSH | VERB_IDLE, do_helo, NULL },
	{ SMTP_LHLO, "LHLO", ALWAYS, VERB_FLUSH | VERB_IDLE, do_ehlo, NULL },
	{ SMTP_MAIL, "MAIL", GREETED, 0, do_mail, NULL },
	{ SMTP_RCPT, "RCPT", TRANSACTION, 0, do_rcpt, NULL },
	{ SMTP_DATA, "DATA", IN(SESSION_RCPT), VERB_FLUSH, do_data, NULL },
	{ SMTP_BDAT, "BDAT", ALWAYS, 0, do_bdat, NULL },
	{ SMTP_AUTH, "AUTH", ALWAYS, VERB_FLUSH, do_auth, NULL },
	{ SMTP_RSET, "RSET", ALWAYS, VERB_IDLE, do_rset, &SMTPREPLY_OK },
	{ SMTP_NOOP, "NOOP", ALWAYS, VERB_FLUSH | VERB_IDLE, NULL,
	    &SMTPREPLY_OK },
	{ SMTP_QUIT, "QUIT", ALWAYS, VERB_FLUSH | VERB_HANGS_UP, do_quit,
	    &SMTPREPLY_BYE },
	{ SMTP_VRFY, "VRFY", ALWAYS, VERB_FLUSH | VERB_IDLE, NULL,
	    &SMTPREPLY_VRFY },
	{ SMTP_HELP, "HELP", ALWAYS, VERB_FLUSH | VERB_IDLE, do_help, NULL },
	{ SMTP_STARTTLS, "STARTTLS", ALWAYS, VERB_FLUSH, do_starttls, NULL },
	{ SMTP_ABSENT, NULL, ALWAYS, VERB_FLUSH, NULL, &SMTPREPLY_ABSENT },
	{ SMTP_UNKNOWN, NULL, ALWAYS, VERB_FLUSH, NULL, &SMTPREPLY_UNKNOWN },
};

/* RFC 2033 4.1: LMTP has LHLO only, SMTP has EHLO and HELO only. */
static bool
is_known(const struct session *s, enum smtp_verb verb)
{
	if (verb == SMTP_EHLO || verb == SMTP_HELO)
		return (!s->limits->lmtp);
	return (verb != SMTP_LHLO || s->limits->lmtp);
}

const struct verb *
verbs_row(const struct session *s, enum smtp_verb verb)
{
	size_t i = 0;

	if (!is_known(s, verb))
		verb = SMTP_UNKNOWN;
	/* The last row is SMTP_UNKNOWN's. */
	while (i + 1 < ARRAY_LEN(VERBS) && VERBS[i].verb != verb)
		i++;
	return (&VERBS[i]);
}

bool
verbs_welcome(const struct verb *verb, const struct session *s)
{
	return ((verb->allowed_in & IN(s->state)) != 0);
}

const struct smtp_reply *
verbs_run(const struct verb *verb, struct session *s,
    const struct smtp_cmd *cmd, struct smtpreply *out)
{
	const struct smtp_reply *reply = NULL;

	if (verb->run != NULL)
		reply = verb->run(s, cmd, out);
	return (reply != NULL ? reply : verb->reply);
}
