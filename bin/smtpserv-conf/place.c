/* SPDX-License-Identifier: ISC */
#include "place.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "smtp/smtppath.h"

/* Does "<text>" have the form of a mailbox's path? */
static bool
is_mailbox(struct bytes local, struct bytes domain)
{
	char store[SMTPPATH_MAX + 1];
	struct smtppath path;
	struct buf text;
	size_t used;

	buf_init(&text, store, sizeof(store));
	(void)buf_putc(&text, '<');
	(void)buf_put(&text, local);
	(void)buf_putc(&text, '@');
	(void)buf_put(&text, domain);
	(void)buf_putc(&text, '>');
	return (!buf_overflowed(&text) &&
	    smtppath_parse(buf_view(&text), &path, &used) == SMTPPATH_OK &&
	    used == buf_view(&text).n && path.mailbox.n + 2 == used);
}

static bool
has_upper(struct bytes key)
{
	size_t i;

	for (i = 0; i < key.n; i++)
		if (key.p[i] != bytes_lower(key.p[i]))
			return (true);
	return (false);
}

/* Why an address can never equal the key; NULL: one can. */
const char *
place_key_problem(struct bytes key)
{
	struct bytes local = key;
	struct bytes domain;

	while (local.n > 0 && local.p[local.n - 1] != '@')
		local.n--;
	if (local.n == 0)
		return ("never found: want local@domain, @domain or @");
	domain = bytes_cut(key, local.n, key.n);
	local.n--;
	if (key.n == 1)
		return (NULL);
	if (has_upper(key))
		return ("never found: keys are looked up in lower case");
	if (domain.n > 1 && domain.p[domain.n - 1] == '.')
		return ("never found: domains are looked up without a last "
			"dot");
	if (!is_mailbox(bytes_of("x"), domain))
		return ("never found: no domain behind the `@'");
	if (local.n == 0)
		return (NULL);
	if (local.n + 1 + domain.n + 2 > SMTPPATH_MAX)
		return ("never found: no address is as long");
	if (bytes_has_control(local))
		return ("never found: no address has such a local part");
	if (local.n > 1 && local.p[0] == '"' && local.p[local.n - 1] == '"')
		return ("never found: addresses are looked up without quotes");
	return (NULL);
}

/* How the shell sees the next byte of a command. */
struct shell {
	char quote; /* that is open, or 0 */
	bool is_escaped;
};

/* True: the byte is a quote or a backslash that the shell takes away. */
static bool
shell_step(struct shell *sh, char c)
{
	if (sh->is_escaped) {
		sh->is_escaped = false;
		return (false);
	}
	if (c == '\\' && sh->quote != '\'') {
		sh->is_escaped = true;
		return (true);
	}
	if (sh->quote == 0 && (c == '"' || c == '\'')) {
		sh->quote = c;
		return (true);
	}
	if (sh->quote == 0 || c != sh->quote)
		return (false);
	sh->quote = 0;
	return (true);
}

/* The command's first word, without its quotes; false: it is not plain. */
static bool
first_word(struct bytes command, char *word, size_t cap)
{
	struct shell sh = { 0, false };
	size_t n = 0;
	size_t i;

	for (i = 0; i < command.n && n + 1 < cap; i++) {
		bool is_quoted = sh.quote != 0 || sh.is_escaped;
		char c = command.p[i];

		if (shell_step(&sh, c))
			continue;
		if (!is_quoted && strchr(" \t;&|<>)", c) != NULL)
			break;
		if ((!is_quoted && strchr("(*?[#~={}!", c) != NULL) ||
		    (sh.quote != '\'' && (c == '$' || c == '`')))
			return (false);
		word[n++] = c;
	}
	word[n] = '\0';
	return (sh.quote == 0 && n + 1 < cap);
}

/* A program that is named by its full path, as far as that can be told. */
static const char *
command_problem(struct bytes command, bool is_worker, enum conf_weight *weight)
{
	char path[INSTRUCTION_MAX + 1];

	if (!first_word(command, path, sizeof(path)) || path[0] != '/')
		return (NULL);
	if (access(path, X_OK) == 0)
		return (NULL);
	if (errno == ENOENT || errno == ENOTDIR)
		return ("no such program");
	if (errno != EACCES)
		return (NULL);
	if (!is_worker && access(path, F_OK) != 0)
		*weight = CONF_NOTE;
	return (is_worker ? "cannot be executed by the worker's user"
			  : "cannot be executed, by you at least");
}

const char *
place_user_problem(
    struct bytes user, bool is_roots_table, enum conf_weight *weight)
{
	char name[INSTRUCTION_USER_MAX + 1];
	const struct passwd *pw;

	if (user.n == 0)
		return (NULL);
	(void)snprintf(name, sizeof(name), "%.*s", (int)user.n, user.p);
	pw = getpwnam(name);
	if (pw == NULL)
		return ("there is no such user");
	if (pw->pw_uid == 0)
		return ("never run: mail is not for root to run");
	if (pw->pw_uid == geteuid())
		return (NULL);
	if (!is_roots_table)
		return ("never run: others than root can write to the table");
	/* Whether the worker is root is not known here. */
	if (geteuid() != 0)
		*weight = CONF_NOTE;
	return (geteuid() == 0 ? NULL : "only run by a worker that is root");
}

/* Variables whose value a client chooses, or a program that it writes to. */
static const char *const VARIABLES[] = { "DEFAULT", "EXT", "EXT2", "EXT3",
	"EXT4", "HOST", "LOCAL", "NEWSENDER", "RECIPIENT", "SENDER", "USER" };

static bool
is_variable(struct bytes name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(VARIABLES); i++)
		if (bytes_same(name, bytes_of(VARIABLES[i])))
			return (true);
	return (false);
}

/* The name behind a `$`, with or without braces. */
static struct bytes
variable_at(struct bytes text)
{
	size_t from = text.n > 0 && text.p[0] == '{' ? 1 : 0;
	size_t n = from;

	while (n < text.n &&
	    (text.p[n] == '_' || (text.p[n] >= 'A' && text.p[n] <= 'Z') ||
		(text.p[n] >= '0' && text.p[n] <= '9')))
		n++;
	return (bytes_cut(text, from, n - from));
}

bool
place_has_bare_variable(struct bytes command, struct bytes *name)
{
	struct shell sh = { 0, false };
	bool is_value = false; /* of x=$EXT, which the shell keeps whole */
	size_t i;

	for (i = 0; i < command.n; i++) {
		bool is_escaped = sh.is_escaped;
		char c = command.p[i];

		if (shell_step(&sh, c) || sh.quote != 0 || is_escaped)
			continue;
		if (strchr(" \t;&|<>()", c) != NULL)
			is_value = false;
		if (c == '=')
			is_value = true;
		*name =
		    variable_at(bytes_cut(command, i + 1, command.n - i - 1));
		if (c == '$' && !is_value && is_variable(*name))
			return (true);
	}
	return (false);
}

/* What kind of file the path names; 0: none, and errno says why. */
static mode_t
kind_of(struct bytes path)
{
	char store[INSTRUCTION_PATH_MAX + 1];
	struct stat st;

	(void)snprintf(store, sizeof(store), "%.*s", (int)path.n, path.p);
	return (stat(store, &st) == 0 ? st.st_mode & S_IFMT : 0);
}

/* Can files be made there?  True where there is no such directory. */
static bool
is_writable(struct bytes path, const char *part)
{
	char store[INSTRUCTION_PATH_MAX + 8];

	(void)snprintf(
	    store, sizeof(store), "%.*s%s", (int)path.n, path.p, part);
	return (access(store, W_OK | X_OK) == 0 || errno != EACCES);
}

/* The directory above, which must be there for a Maildir to be made. */
static struct bytes
above(struct bytes path)
{
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	while (path.n > 1 && path.p[path.n - 1] != '/')
		path.n--;
	return (path);
}

/* Denied to us; if we are not the worker, it may be open to the worker. */
static const char *
denied(const char *text, bool is_worker, enum conf_weight *weight)
{
	if (!is_worker)
		*weight = CONF_NOTE;
	return (text);
}

static const char *
directory_problem(
    const struct instruction *in, bool is_worker, enum conf_weight *weight)
{
	mode_t kind = kind_of(in->target);

	if (kind == S_IFDIR)
		return (is_writable(in->target, "") &&
			    is_writable(in->target, "tmp") &&
			    is_writable(in->target, "new")
			? NULL
			: denied("cannot be written", is_worker, weight));
	if (kind != 0 || errno == ENOTDIR)
		return ("not a directory");
	if (errno != ENOENT)
		return (denied(strerror(errno), is_worker, weight));
	if (in->kind != INSTRUCTION_MAILDIR)
		return ("no such directory");
	if (kind_of(above(in->target)) != S_IFDIR)
		return ("cannot be made: the directory above it is not there");
	return (is_writable(above(in->target), "")
		? NULL
		: denied("cannot be made: the directory above it cannot be "
			 "written",
		      is_worker, weight));
}

static const char *
socket_problem(const struct instruction *in, enum conf_weight *weight)
{
	mode_t kind = kind_of(in->target);

	if (kind == S_IFSOCK)
		return (NULL);
	if (kind != 0)
		return ("not a socket");
	/* Its server may be down just now. */
	*weight = CONF_NOTE;
	return (strerror(errno));
}

const char *
place_problem(
    const struct instruction *in, bool is_worker, enum conf_weight *weight)
{
	switch (in->kind) {
	case INSTRUCTION_COMMAND:
		return (command_problem(in->target, is_worker, weight));
	case INSTRUCTION_MAILDIR:
	case INSTRUCTION_PEGASUS:
		return (directory_problem(in, is_worker, weight));
	case INSTRUCTION_LMTP_UNIX:
		return (socket_problem(in, weight));
	case INSTRUCTION_FORWARD:
	case INSTRUCTION_LMTP_INET:
	case INSTRUCTION_SMTP_MX:
	case INSTRUCTION_SMTP_RELAY:
		break;
	}
	return (NULL);
}
