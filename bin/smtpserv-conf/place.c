/* SPDX-License-Identifier: ISC */
#include "place.h"

#include <errno.h>
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

/* Why nobody's address equals the key; NULL: one may. */
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

/* A program that is named by its full path, as far as that can be told. */
static const char *
command_problem(struct bytes command)
{
	char path[INSTRUCTION_MAX + 1];
	size_t n = 0;

	while (n < command.n && n < INSTRUCTION_MAX &&
	    strchr(" \t;&|<>()'\"$`\\*?[#~={}!", command.p[n]) == NULL) {
		path[n] = command.p[n];
		n++;
	}
	path[n] = '\0';
	/* What goes on is none, or none that is easy to tell. */
	if (path[0] != '/' ||
	    (n < command.n && strchr(" \t;&|<>)", command.p[n]) == NULL))
		return (NULL);
	if (access(path, F_OK) != 0)
		return (errno == ENOENT || errno == ENOTDIR ? "no such program"
							    : NULL);
	return (access(path, X_OK) != 0 && errno == EACCES
		? "cannot be executed, by you at least"
		: NULL);
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

/* A Maildir is made, in a directory that is there. */
static bool
can_be_made(struct bytes path)
{
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	while (path.n > 1 && path.p[path.n - 1] != '/')
		path.n--;
	return (kind_of(path) == S_IFDIR);
}

static const char *
directory_problem(const struct instruction *in, enum conf_weight *weight)
{
	mode_t kind = kind_of(in->target);

	if (kind == S_IFDIR)
		return (NULL);
	if (kind != 0 || errno == ENOTDIR)
		return ("not a directory");
	if (errno != ENOENT) {
		/* It may be open to the worker. */
		*weight = CONF_NOTE;
		return (strerror(errno));
	}
	if (in->kind != INSTRUCTION_MAILDIR)
		return ("no such directory");
	return (can_be_made(in->target)
		? NULL
		: "cannot be made: the directory above it is not there");
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
place_problem(const struct instruction *in, enum conf_weight *weight)
{
	switch (in->kind) {
	case INSTRUCTION_COMMAND:
		return (command_problem(in->target));
	case INSTRUCTION_MAILDIR:
	case INSTRUCTION_PEGASUS:
		return (directory_problem(in, weight));
	case INSTRUCTION_LMTP_UNIX:
		return (socket_problem(in, weight));
	case INSTRUCTION_FORWARD:
	case INSTRUCTION_LMTP_INET:
		break;
	}
	return (NULL);
}
