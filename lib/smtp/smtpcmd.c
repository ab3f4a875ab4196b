/* SPDX-License-Identifier: ISC */
#include "smtp/smtpcmd.h"

#include "smtp/smtpline.h"
#include "smtp/smtpparam.h"

enum {
	/* RFC 5321 4.5.3.1.4, with CR LF. */
	LINE_MAX_BASE = 512,
	/* An initial response that we could accept. */
	LINE_MAX_AUTH = SMTPLINE_MAX,
	/*
	 * More for MAIL: SIZE (RFC 1870), BODY (6152), SMTPUTF8 (6531),
	 * REQUIRETLS (8689), RET and ENVID (3461), AUTH (4954).
	 */
	LINE_MAX_MAIL = LINE_MAX_BASE + 26 + 17 + 10 + 11 + 9 + 7 +
	    SMTPCMD_ENVID_MAX + SMTPCMD_AUTH_MAX,
	/* For RCPT: NOTIFY and ORCPT (RFC 3461). */
	LINE_MAX_RCPT =
	    LINE_MAX_BASE + 8 + SMTPCMD_NOTIFY_MAX + 7 + SMTPCMD_ORCPT_MAX
};

enum argument {
	ARG_NONE,
	ARG_ANY,
	ARG_SOME,
	ARG_HELO,
	ARG_PATH,
	ARG_CHUNK
};

struct verb_form {
	const char *name;
	enum smtp_verb verb;
	enum argument argument;
	size_t line_max;
};

static const struct verb_form VERBS[] = {
	{ "EHLO", SMTP_EHLO, ARG_HELO, LINE_MAX_BASE },
	{ "HELO", SMTP_HELO, ARG_HELO, LINE_MAX_BASE },
	{ "LHLO", SMTP_LHLO, ARG_HELO, LINE_MAX_BASE },
	{ "MAIL", SMTP_MAIL, ARG_PATH, LINE_MAX_MAIL },
	{ "RCPT", SMTP_RCPT, ARG_PATH, LINE_MAX_RCPT },
	{ "DATA", SMTP_DATA, ARG_NONE, LINE_MAX_BASE },
	{ "AUTH", SMTP_AUTH, ARG_SOME, LINE_MAX_AUTH },
	{ "RSET", SMTP_RSET, ARG_NONE, LINE_MAX_BASE },
	{ "NOOP", SMTP_NOOP, ARG_ANY, LINE_MAX_BASE },
	{ "QUIT", SMTP_QUIT, ARG_NONE, LINE_MAX_BASE },
	{ "VRFY", SMTP_VRFY, ARG_SOME, LINE_MAX_BASE },
	{ "HELP", SMTP_HELP, ARG_ANY, LINE_MAX_BASE },
	{ "BDAT", SMTP_BDAT, ARG_CHUNK, LINE_MAX_BASE },
	{ "EXPN", SMTP_ABSENT, ARG_ANY, LINE_MAX_BASE },
	{ "STARTTLS", SMTP_STARTTLS, ARG_NONE, LINE_MAX_BASE },
	{ "ETRN", SMTP_ABSENT, ARG_ANY, LINE_MAX_BASE },
	{ "TURN", SMTP_ABSENT, ARG_ANY, LINE_MAX_BASE },
	{ "SEND", SMTP_ABSENT, ARG_ANY, LINE_MAX_BASE },
	{ "SOML", SMTP_ABSENT, ARG_ANY, LINE_MAX_BASE },
	{ "SAML", SMTP_ABSENT, ARG_ANY, LINE_MAX_BASE },
	{ "", SMTP_UNKNOWN, ARG_ANY, LINE_MAX_BASE },
};

static const struct verb_form *
verb_named(struct bytes name)
{
	size_t i = 0;

	while (VERBS[i].verb != SMTP_UNKNOWN &&
	    !bytes_same_nocase(name, bytes_of(VERBS[i].name)))
		i++;
	return (&VERBS[i]);
}

static bool
is_blank(char c)
{
	return (c == ' ' || c == '\t');
}

static struct bytes
skip_blanks(struct bytes text)
{
	while (text.n > 0 && is_blank(text.p[0]))
		text = bytes_cut(text, 1, text.n);
	return (text);
}

/* Words, each with one or more blanks before it. */
static enum smtpcmd_status
parse_parameters(struct bytes rest, struct smtp_cmd *cmd)
{
	enum smtpcmd_status status = SMTPCMD_OK;
	unsigned int seen = 0;

	while (rest.n > 0 && status == SMTPCMD_OK) {
		size_t end = 0;

		if (!is_blank(rest.p[0]))
			return (SMTPCMD_BAD_PATH);
		rest = skip_blanks(rest);
		while (end < rest.n && !is_blank(rest.p[end]))
			end++;
		status = smtpparam_read(bytes_cut(rest, 0, end), cmd, &seen);
		rest = bytes_cut(rest, end, rest.n);
	}
	return (status);
}

/*
 * FROM:<path> or TO:<path>, then parameters.  Blanks after the colon, and a
 * path without its brackets, are not in the grammar, but scanners, controllers
 * of disks and old gateways send them: deviations that smtpserv-session(8)
 * lists.
 */
static enum smtpcmd_status
parse_path(struct smtp_cmd *cmd)
{
	struct bytes prefix =
	    bytes_of(cmd->verb == SMTP_MAIL ? "FROM:" : "TO:");
	struct bytes rest = cmd->argument;
	size_t used = 0;

	if (!bytes_starts_nocase(rest, prefix))
		return (SMTPCMD_BAD_ARGUMENT);
	rest = skip_blanks(bytes_cut(rest, prefix.n, rest.n));
	switch (smtppath_parse(rest, &cmd->path, &used)) {
	case SMTPPATH_BAD:
		return (SMTPCMD_BAD_PATH);
	case SMTPPATH_TOO_LONG:
		return (SMTPCMD_PATH_TOO_LONG);
	case SMTPPATH_NO_DOMAIN:
		return (SMTPCMD_PATH_NO_DOMAIN);
	case SMTPPATH_OK:
		break;
	}
	/* <> is a reverse-path only. */
	if (cmd->verb == SMTP_RCPT && cmd->path.mailbox.n == 0)
		return (SMTPCMD_BAD_PATH);
	return (parse_parameters(bytes_cut(rest, used, rest.n), cmd));
}

/* Octets, and perhaps LAST. */
static bool
parse_chunk(struct smtp_cmd *cmd)
{
	struct bytes octets = cmd->argument;
	struct bytes rest;

	(void)bytes_find(octets, ' ', &octets.n);
	rest = bytes_cut(cmd->argument, octets.n, cmd->argument.n);
	while (rest.n > 0 && rest.p[0] == ' ')
		rest = bytes_cut(rest, 1, rest.n);
	cmd->is_last_chunk = bytes_same_nocase(rest, bytes_of("LAST"));
	return ((cmd->is_last_chunk || rest.n == 0) &&
	    smtpparam_octets(octets, &cmd->chunk));
}

static enum smtpcmd_status
parse_argument(enum argument form, struct smtp_cmd *cmd)
{
	bool good = true;

	switch (form) {
	case ARG_ANY:
		break;
	case ARG_NONE:
		good = cmd->argument.n == 0;
		break;
	case ARG_SOME:
		good = cmd->argument.n > 0;
		break;
	case ARG_HELO:
		good = smtppath_is_greeting(cmd->argument);
		break;
	case ARG_CHUNK:
		good = parse_chunk(cmd);
		break;
	case ARG_PATH:
		return (parse_path(cmd));
	}
	return (good ? SMTPCMD_OK : SMTPCMD_BAD_ARGUMENT);
}

/* A control byte; a tab is a blank where there are blanks between words. */
static bool
has_bad_byte(struct bytes text, bool has_tabs)
{
	struct bytes rest = text;
	size_t tab;

	while (has_tabs && bytes_find(rest, '\t', &tab)) {
		if (bytes_has_control(bytes_cut(rest, 0, tab)))
			return (true);
		rest = bytes_cut(rest, tab + 1, rest.n);
	}
	return (bytes_has_control(rest));
}

enum smtpcmd_status
smtpcmd_parse(struct bytes line, struct smtp_cmd *cmd)
{
	struct bytes text = bytes_trim_end(line);
	const struct verb_form *form;
	size_t end;

	if (!bytes_find(text, ' ', &end))
		end = text.n;
	form = verb_named(bytes_cut(text, 0, end));
	*cmd = (struct smtp_cmd){ .verb = form->verb };
	cmd->argument = bytes_cut(text, end, text.n);
	while (cmd->argument.n > 0 && cmd->argument.p[0] == ' ')
		cmd->argument = bytes_cut(cmd->argument, 1, text.n);
	if (line.n + 2 > form->line_max)
		return (SMTPCMD_LINE_TOO_LONG);
	if (has_bad_byte(text, form->argument == ARG_PATH))
		return (SMTPCMD_BAD_BYTE);
	return (parse_argument(form->argument, cmd));
}
