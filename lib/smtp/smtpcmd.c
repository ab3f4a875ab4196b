/* SPDX-License-Identifier: ISC */
#include "smtp/smtpcmd.h"

#include "base/base.h"
#include "bytes/num.h"
#include "smtp/smtpline.h"
#include "smtp/smtpnotify.h"
#include "smtp/smtpxtext.h"

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
	    SMTPCMD_ENVID_MAX + SMTPCMD_SUBMITTER_MAX,
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

/* A parameter's reader: false if the value is not what it should be. */
typedef bool parameter_fn(struct smtp_cmd *cmd, struct bytes value);

/* Up to 20 digits: what no 64 bits can hold is the most that they can. */
static bool
read_octets(struct bytes value, uint64_t *octets)
{
	size_t i;

	if (value.n == 0 || value.n > NUM_DIGITS_MAX)
		return (false);
	for (i = 0; i < value.n; i++)
		if (value.p[i] < '0' || value.p[i] > '9')
			return (false);
	if (!num_parse(value, UINT64_MAX, octets))
		*octets = UINT64_MAX;
	return (true);
}

static bool
read_size(struct smtp_cmd *cmd, struct bytes value)
{
	cmd->has_size = read_octets(value, &cmd->size);
	return (cmd->has_size);
}

static bool
read_body(struct smtp_cmd *cmd, struct bytes value)
{
	if (bytes_same_nocase(value, bytes_of("7BIT")))
		cmd->body = SMTP_BODY_7BIT;
	else if (bytes_same_nocase(value, bytes_of("8BITMIME")))
		cmd->body = SMTP_BODY_8BITMIME;
	else if (bytes_same_nocase(value, bytes_of("BINARYMIME")))
		cmd->body = SMTP_BODY_BINARYMIME;
	return (cmd->body != SMTP_BODY_UNSAID);
}

static bool
read_smtputf8(struct smtp_cmd *cmd, struct bytes value)
{
	cmd->smtputf8 = value.p == NULL;
	return (cmd->smtputf8);
}

static bool
read_requiretls(struct smtp_cmd *cmd, struct bytes value)
{
	cmd->requiretls = value.p == NULL;
	return (cmd->requiretls);
}

static bool
read_ret(struct smtp_cmd *cmd, struct bytes value)
{
	if (bytes_same_nocase(value, bytes_of("FULL")))
		cmd->ret = SMTP_RET_FULL;
	else if (bytes_same_nocase(value, bytes_of("HDRS")))
		cmd->ret = SMTP_RET_HDRS;
	return (cmd->ret != SMTP_RET_UNSAID);
}

static bool
read_envid(struct smtp_cmd *cmd, struct bytes value)
{
	cmd->envid = value;
	return (value.n > 0 && value.n <= SMTPCMD_ENVID_MAX &&
	    smtpxtext_decode(value, NULL));
}

static bool
read_submitter(struct smtp_cmd *cmd, struct bytes value)
{
	cmd->submitter = value;
	return (value.n > 0 && value.n <= SMTPCMD_SUBMITTER_MAX &&
	    smtpxtext_decode(value, NULL));
}

static bool
read_notify(struct smtp_cmd *cmd, struct bytes value)
{
	cmd->notify = value;
	return (smtpnotify_is_valid(value));
}

/* type;address, the type an atom, the address xtext. */
static bool
read_orcpt(struct smtp_cmd *cmd, struct bytes value)
{
	size_t semicolon;

	cmd->orcpt = value;
	if (value.n > SMTPCMD_ORCPT_MAX ||
	    !bytes_find(value, ';', &semicolon) ||
	    !smtppath_is_atom(bytes_cut(value, 0, semicolon)))
		return (false);
	value = bytes_cut(value, semicolon + 1, value.n);
	return (value.n > 0 && smtpxtext_decode(value, NULL));
}

static const struct {
	enum smtp_verb verb;
	const char *keyword;
	parameter_fn *read;
} PARAMETERS[] = {
	{ SMTP_MAIL, "SIZE", read_size },
	{ SMTP_MAIL, "BODY", read_body },
	{ SMTP_MAIL, "SMTPUTF8", read_smtputf8 },
	{ SMTP_MAIL, "REQUIRETLS", read_requiretls },
	{ SMTP_MAIL, "RET", read_ret },
	{ SMTP_MAIL, "ENVID", read_envid },
	{ SMTP_MAIL, "AUTH", read_submitter },
	{ SMTP_RCPT, "NOTIFY", read_notify },
	{ SMTP_RCPT, "ORCPT", read_orcpt },
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

/* esmtp-keyword of RFC 5321 4.1.2. */
static bool
is_keyword(struct bytes b)
{
	size_t i;

	for (i = 0; i < b.n; i++) {
		char c = b.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			(c >= 'a' && c <= 'z') || (c == '-' && i > 0)))
			return (false);
	}
	return (b.n > 0);
}

/* esmtp-value: printable, no blank (a word has none), no equals sign. */
static bool
is_value(struct bytes b)
{
	size_t at;
	size_t i;

	for (i = 0; i < b.n; i++)
		if ((unsigned char)b.p[i] > '~')
			return (false);
	return (b.n > 0 && !bytes_find(b, '=', &at));
}

static enum smtpcmd_status
parse_parameter(struct bytes word, struct smtp_cmd *cmd, unsigned int *seen)
{
	struct bytes value = { NULL, 0 };
	size_t equals;
	size_t i;

	if (bytes_find(word, '=', &equals)) {
		value = bytes_cut(word, equals + 1, word.n);
		word = bytes_cut(word, 0, equals);
		if (!is_value(value))
			return (SMTPCMD_BAD_PARAMETER);
	}
	if (!is_keyword(word))
		return (SMTPCMD_BAD_PARAMETER);
	for (i = 0; i < ARRAY_LEN(PARAMETERS); i++) {
		if (PARAMETERS[i].verb != cmd->verb ||
		    !bytes_same_nocase(word, bytes_of(PARAMETERS[i].keyword)))
			continue;
		if ((*seen & 1U << i) != 0 || !PARAMETERS[i].read(cmd, value))
			return (SMTPCMD_BAD_PARAMETER);
		*seen |= 1U << i;
		return (SMTPCMD_OK);
	}
	return (SMTPCMD_UNKNOWN_PARAMETER);
}

/* Words, each with one or more blanks before it. */
static enum smtpcmd_status
parse_parameters(struct bytes rest, struct smtp_cmd *cmd)
{
	enum smtpcmd_status status = SMTPCMD_OK;
	unsigned int seen = 0;

	while (rest.n > 0 && status == SMTPCMD_OK) {
		size_t end;

		if (rest.p[0] != ' ')
			return (SMTPCMD_BAD_PATH);
		while (rest.n > 0 && rest.p[0] == ' ')
			rest = bytes_cut(rest, 1, rest.n);
		if (!bytes_find(rest, ' ', &end))
			end = rest.n;
		status = parse_parameter(bytes_cut(rest, 0, end), cmd, &seen);
		rest = bytes_cut(rest, end, rest.n);
	}
	return (status);
}

/*
 * FROM:<path> or TO:<path>, then parameters.  Blanks after the colon are not
 * in the grammar, but scanners and old gateways send them: a deviation that
 * smtpserv-session(8) lists.
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
	rest = bytes_cut(rest, prefix.n, rest.n);
	while (rest.n > 0 && rest.p[0] == ' ')
		rest = bytes_cut(rest, 1, rest.n);
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
	    read_octets(octets, &cmd->chunk));
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
		good = smtppath_is_helo(cmd->argument);
		break;
	case ARG_CHUNK:
		good = parse_chunk(cmd);
		break;
	case ARG_PATH:
		return (parse_path(cmd));
	}
	return (good ? SMTPCMD_OK : SMTPCMD_BAD_ARGUMENT);
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
	if (bytes_has_control(text))
		return (SMTPCMD_BAD_BYTE);
	return (parse_argument(form->argument, cmd));
}
