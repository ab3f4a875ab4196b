/* SPDX-License-Identifier: ISC */
#include "smtp/smtpparam.h"

#include "base/base.h"
#include "bytes/num.h"
#include "smtp/smtpnotify.h"
#include "smtp/smtpxtext.h"

/* A parameter's reader: false if the value is not what it should be.  The
 * value holds no control byte and no blank. */
typedef bool parameter_fn(struct smtp_cmd *cmd, struct bytes value);

bool
smtpparam_octets(struct bytes value, uint64_t *octets)
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
	cmd->has_size = smtpparam_octets(value, &cmd->size);
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
	if (value.n == 0 || value.n > SMTPCMD_ENVID_MAX ||
	    !smtpxtext_decode(value, NULL))
		return (false);
	cmd->envid = value;
	return (true);
}

/*
 * The submitter of the message.  It is not used here, so every value counts as
 * AUTH=<> (RFC 4954 5).
 */
static bool
read_submitter(struct smtp_cmd *cmd, struct bytes value)
{
	(void)cmd;
	(void)value;
	return (true);
}

static bool
read_notify(struct smtp_cmd *cmd, struct bytes value)
{
	cmd->notify = value;
	return (smtpnotify_is_valid(value));
}

/* An address that is not xtext: keep RFC 6533's form, if it has one. */
static bool
keep_unicode(struct smtp_cmd *cmd, struct bytes type, struct bytes address)
{
	struct buf b;

	buf_init(&b, cmd->orcpt_store, sizeof(cmd->orcpt_store));
	if (!(bytes_same_nocase(type, bytes_of("rfc822")) ||
		bytes_same_nocase(type, bytes_of("utf-8"))) ||
	    !buf_puts(&b, "utf-8;") || !smtpxtext_escape(address, &b))
		return (false);
	cmd->orcpt = buf_view(&b);
	return (true);
}

/* type;address, the type an atom, the address xtext. */
static bool
read_orcpt(struct smtp_cmd *cmd, struct bytes value)
{
	struct bytes type;
	struct bytes address;
	size_t semicolon;

	if (value.n > SMTPCMD_ORCPT_MAX || !bytes_find(value, ';', &semicolon))
		return (false);
	type = bytes_cut(value, 0, semicolon);
	address = bytes_cut(value, semicolon + 1, value.n);
	if (!smtppath_is_atom(type) || address.n == 0)
		return (false);
	if (!smtpxtext_decode(address, NULL))
		return (keep_unicode(cmd, type, address));
	cmd->orcpt = value;
	return (true);
}

/*
 * A parameter that steers is refused if it cannot be read: the message would
 * not be treated as the sender wants.  The others only label the message, and
 * are not a reason to lose it.
 */
static const struct parameter {
	const char *keyword;
	parameter_fn *read;
	enum smtp_verb verb;
	bool steers;
} PARAMETERS[] = {
	{ "SIZE", read_size, SMTP_MAIL, true },
	{ "BODY", read_body, SMTP_MAIL, true },
	{ "SMTPUTF8", read_smtputf8, SMTP_MAIL, true },
	{ "REQUIRETLS", read_requiretls, SMTP_MAIL, true },
	{ "RET", read_ret, SMTP_MAIL, true },
	{ "ENVID", read_envid, SMTP_MAIL, false },
	{ "AUTH", read_submitter, SMTP_MAIL, false },
	{ "NOTIFY", read_notify, SMTP_RCPT, true },
	{ "ORCPT", read_orcpt, SMTP_RCPT, false },
};

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

/* The row of a parameter; ARRAY_LEN(PARAMETERS): there is none. */
static size_t
find_parameter(enum smtp_verb verb, struct bytes keyword)
{
	size_t i = 0;

	while (i < ARRAY_LEN(PARAMETERS) &&
	    !(PARAMETERS[i].verb == verb &&
		bytes_same_nocase(keyword, bytes_of(PARAMETERS[i].keyword))))
		i++;
	return (i);
}

enum smtpcmd_status
smtpparam_read(struct bytes word, struct smtp_cmd *cmd, unsigned int *seen)
{
	struct bytes keyword = word;
	struct bytes value = { NULL, 0 };
	size_t i;

	if (bytes_find(word, '=', &keyword.n))
		value = bytes_cut(word, keyword.n + 1, word.n);
	if (!is_keyword(keyword))
		return (SMTPCMD_BAD_PARAMETER);
	i = find_parameter(cmd->verb, keyword);
	if (i == ARRAY_LEN(PARAMETERS))
		return (SMTPCMD_UNKNOWN_PARAMETER);
	if ((*seen & 1U << i) != 0)
		return (SMTPCMD_BAD_PARAMETER);
	*seen |= 1U << i;
	if (PARAMETERS[i].read(cmd, value))
		return (SMTPCMD_OK);
	if (PARAMETERS[i].steers)
		return (SMTPCMD_BAD_PARAMETER);
	if (cmd->dropped.n == 0)
		cmd->dropped = word;
	return (SMTPCMD_OK);
}
