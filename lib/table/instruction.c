/* SPDX-License-Identifier: ISC */
#include "table/instruction.h"

#include <string.h>

#include "base/base.h"
#include "bytes/num.h"
#include "smtp/smtppath.h"

enum {
	/* sizeof(((struct sockaddr_un *)0)->sun_path), with its NUL. */
	SOCKET_PATH_SIZE = 108,
	SMTP_PORT = 25
};

typedef const char *parse_fn(struct bytes rest, struct instruction *in);

static const char *
parse_command(struct bytes rest, struct instruction *in)
{
	while (rest.n > 0 && (rest.p[0] == ' ' || rest.p[0] == '\t'))
		rest = bytes_cut(rest, 1, rest.n);
	if (rest.n == 0)
		return ("no command behind `|'");
	in->target = rest;
	return (NULL);
}

static bool
is_blank(char c)
{
	return (c == ' ' || c == '\t');
}

/* NAME |command: with that user's rights. */
static const char *
parse_user(struct bytes rest, struct instruction *in)
{
	size_t n = 0;

	while (n < rest.n && !is_blank(rest.p[n]) && rest.p[n] != '|')
		n++;
	in->user = bytes_cut(rest, 0, n);
	if (n == 0 || n > INSTRUCTION_USER_MAX)
		return ("want user:NAME |command");
	while (n < rest.n && is_blank(rest.p[n]))
		n++;
	if (n == rest.n || rest.p[n] != '|')
		return ("want user:NAME |command: other instructions need no "
			"user");
	return (parse_command(bytes_cut(rest, n + 1, rest.n), in));
}

static bool
is_directory(struct bytes path)
{
	return (path.n > 1 && path.p[0] == '/' && path.p[path.n - 1] == '/');
}

static const char *
parse_directory(struct bytes path, struct instruction *in)
{
	if (!is_directory(path))
		return ("a directory is a full path that ends with `/'");
	if (path.n > INSTRUCTION_PATH_MAX)
		return ("path too long");
	in->target = path;
	return (NULL);
}

static const char *
parse_forward(struct bytes rest, struct instruction *in)
{
	char store[SMTPPATH_MAX];
	struct bytes text = { store, rest.n + 2 };
	struct smtppath path;
	size_t used;

	if (text.n > sizeof(store))
		return ("address too long");
	store[0] = '<';
	if (rest.n > 0)
		memcpy(store + 1, rest.p, rest.n);
	store[rest.n + 1] = '>';
	/* Nothing is before the mailbox, and behind it a last dot at most. */
	if (smtppath_parse(text, &path, &used) != SMTPPATH_OK ||
	    used != text.n || path.mailbox.n == 0 ||
	    path.mailbox.p != store + 1 || path.mailbox.n + 1 < rest.n ||
	    (path.mailbox.n < rest.n && rest.p[path.mailbox.n] != '.'))
		return ("want &user@host");
	in->target = bytes_cut(rest, 0, path.mailbox.n);
	return (NULL);
}

static const char *
parse_socket(struct bytes path, struct instruction *in)
{
	if (path.n == 0 || path.p[0] != '/' || path.p[path.n - 1] == '/')
		return ("want lmtp:unix:/path, the full path of a socket");
	if (path.n >= SOCKET_PATH_SIZE)
		return ("path too long for a socket");
	in->target = path;
	return (NULL);
}

/* host]:port, and *port is what stands behind the bracket. */
static bool
take_host(struct bytes rest, struct bytes *host, struct bytes *port)
{
	size_t end;

	if (!bytes_find(rest, ']', &end))
		return (false);
	*host = bytes_cut(rest, 0, end);
	*port = bytes_cut(rest, end + 1, rest.n);
	return (smtppath_is_ipv4(*host) || smtppath_is_ipv6(*host) ||
	    smtppath_is_domain(*host));
}

static bool
set_port(struct instruction *in, struct bytes port)
{
	uint64_t n;

	if (port.n == 0 || port.p[0] != ':' ||
	    !num_parse(bytes_cut(port, 1, port.n), 65535, &n) || n == 0)
		return (false);
	in->port = (uint32_t)n;
	return (true);
}

static const char *
parse_server(struct bytes rest, struct instruction *in)
{
	struct bytes port;

	if (!take_host(rest, &in->target, &port) || !set_port(in, port))
		return ("want lmtp:[host]:port, host being a name or an "
			"address");
	return (NULL);
}

static const char *
parse_relay(struct bytes rest, struct instruction *in)
{
	struct bytes tag = bytes_of("IPv6:");
	/* As an address literal of a mailbox has it. */
	bool is_tagged = bytes_starts_nocase(rest, tag);
	struct bytes port;

	if (is_tagged)
		rest = bytes_cut(rest, tag.n, rest.n);
	in->port = SMTP_PORT;
	if (!take_host(rest, &in->target, &port) ||
	    (is_tagged && !smtppath_is_ipv6(in->target)) ||
	    (port.n > 0 && !set_port(in, port)))
		return ("want smtp:[host]:port, host being a name or an "
			"address");
	return (NULL);
}

static const char *
parse_lmtp(struct bytes rest, struct instruction *in)
{
	(void)rest;
	(void)in;
	return ("want lmtp:unix:/path or lmtp:[host]:port");
}

static const char *
parse_smtp(struct bytes rest, struct instruction *in)
{
	in->target = rest;
	return (rest.n == 0 ? NULL : "want smtp: alone, or smtp:[host]:port");
}

/* The first row that begins as the text does; longer ones come first. */
static const struct {
	const char *begin;
	bool is_target; /* the beginning is part of the target */
	enum instruction_kind kind;
	parse_fn *parse;
} FORMS[] = {
	{ "|", false, INSTRUCTION_COMMAND, parse_command },
	{ "user:", false, INSTRUCTION_COMMAND, parse_user },
	{ "/", true, INSTRUCTION_MAILDIR, parse_directory },
	{ "&", false, INSTRUCTION_FORWARD, parse_forward },
	{ "lmtp:unix:", false, INSTRUCTION_LMTP_UNIX, parse_socket },
	{ "lmtp:[", false, INSTRUCTION_LMTP_INET, parse_server },
	{ "lmtp:", false, INSTRUCTION_LMTP_INET, parse_lmtp },
	{ "pegasus:", false, INSTRUCTION_PEGASUS, parse_directory },
	{ "smtp:[", false, INSTRUCTION_SMTP_RELAY, parse_relay },
	{ "smtp:", false, INSTRUCTION_SMTP_MX, parse_smtp },
};

/* A command may have tabs. */
static bool
is_command(struct bytes text)
{
	return (
	    text.p[0] == '|' || bytes_starts_nocase(text, bytes_of("user:")));
}

static bool
has_bad_byte(struct bytes text, bool with_tabs)
{
	size_t i;

	for (i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if ((c < ' ' && (c != '\t' || !with_tabs)) || c == 0x7f)
			return (true);
	}
	return (false);
}

const char *
instruction_parse(struct bytes text, struct instruction *in)
{
	size_t i;

	*in = (struct instruction){ .port = 0 };
	while (text.n > 0 && is_blank(text.p[0]))
		text = bytes_cut(text, 1, text.n);
	text = bytes_trim_end(text);
	if (text.n == 0)
		return ("no instruction behind the key");
	if (text.n > INSTRUCTION_MAX)
		return ("instruction too long");
	if (has_bad_byte(text, is_command(text)))
		return ("control byte in the instruction");
	for (i = 0; i < ARRAY_LEN(FORMS); i++) {
		struct bytes begin = bytes_of(FORMS[i].begin);

		if (!bytes_starts_nocase(text, begin))
			continue;
		in->kind = FORMS[i].kind;
		if (!FORMS[i].is_target)
			text = bytes_cut(text, begin.n, text.n);
		return (FORMS[i].parse(text, in));
	}
	return ("no instruction: want |command, /directory/, &user@host, "
		"lmtp:unix:/path, lmtp:[host]:port, smtp:, smtp:[host]:port or "
		"pegasus:/directory/");
}
