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
	ALWAYS = IN(SESSION_START) | GREETED | TRANSACTION
};

static void
greet_back(struct session *s, const struct smtp_cmd *cmd, bool is_esmtp)
{
	message_forget(s);
	/* The parser holds it to the size of s->helo. */
	memcpy(s->helo, cmd->argument.p, cmd->argument.n);
	s->helo[cmd->argument.n] = '\0';
	s->is_esmtp = is_esmtp;
	message_enter(s, SESSION_GREETED);
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
	if (s->tls.is_offered)
		smtpreply_part(out, 250, true, bytes_of("STARTTLS"));
	put_keyword(out, "SIZE ", s->limits->max_size);
	put_keyword(out, "LIMITS RCPTMAX=", s->limits->max_rcpt);
	if (auth_is_offered(s))
		smtpreply_part(out, 250, true, bytes_of("AUTH PLAIN LOGIN"));
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
	message_enter(s, SESSION_MAIL);
	return (&SMTPREPLY_SENDER_OK);
}

static const struct smtp_reply *
do_rcpt(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	const struct smtp_reply *no;

	(void)out;
	if (cmd->path.is_utf8 && !s->smtputf8)
		return (&SMTPREPLY_NEEDS_UTF8);
	no = s->ports->recipient(s->ctx, s, cmd->path.mailbox);
	if (no != NULL)
		return (no);
	if (s->envelope.nrcpt >= s->limits->max_rcpt ||
	    !envelope_add_rcpt(&s->envelope, cmd->path.mailbox))
		return (&SMTPREPLY_TOO_MANY_RCPTS);
	message_enter(s, SESSION_RCPT);
	return (&SMTPREPLY_RCPT_OK);
}

static const struct smtp_reply *
do_data(struct session *s, const struct smtp_cmd *cmd, struct smtpreply *out)
{
	const struct smtp_reply *no = message_begin(s);

	(void)cmd;
	(void)out;
	return (no == NULL ? &SMTPREPLY_GO_AHEAD : no);
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
	{ SMTP_AUTH, ALWAYS, true, false, false, do_auth },
	{ SMTP_RSET, ALWAYS, false, true, false, do_rset },
	{ SMTP_NOOP, ALWAYS, true, true, false, do_noop },
	{ SMTP_QUIT, ALWAYS, true, false, true, do_quit },
	{ SMTP_VRFY, ALWAYS, true, true, false, do_vrfy },
	{ SMTP_HELP, ALWAYS, true, true, false, do_help },
	{ SMTP_STARTTLS, ALWAYS, true, false, false, do_starttls },
	{ SMTP_BDAT, ALWAYS, true, false, true, do_absent },
	{ SMTP_ABSENT, ALWAYS, true, false, false, do_absent },
	{ SMTP_UNKNOWN, ALWAYS, true, false, false, do_unknown },
};

const struct verb *
verbs_row(enum smtp_verb verb)
{
	size_t i = 0;

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
