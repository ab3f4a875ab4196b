/* SPDX-License-Identifier: ISC */
#include "deliver/lookup.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "conf/keys.h"
#include "mail/mailbox.h"
#include "sys/sysio.h"

enum {
	/* An alias may include a list: at most so many are looked at. */
	INSTRUCTIONS_MAX = 16
};

void
lookup_init(struct lookup *l, const struct settings *settings, const char *host)
{
	table_init(&l->table);
	l->settings = settings;
	l->host = host;
	l->is_open = false;
	l->mounts_n = 0;
}

void
lookup_close(struct lookup *l)
{
	table_close(&l->table);
	l->is_open = false;
}

void
lookup_fault(const struct fault *why, struct outcome *out)
{
	outcome_set(out, OUTCOME_TRY_AGAIN, "4.3.0", "unable to %s %s%s%s",
	    why->op, why->name, why->err == 0 ? "" : ": ",
	    why->err == 0 ? "" : strerror(why->err));
}

bool
lookup_open(struct lookup *l, struct outcome *out)
{
	const struct settings *s = l->settings;
	struct fault why;

	if (table_open(&l->table, s->who.deliver, &why) != RES_OK) {
		lookup_fault(&why, out);
		return (false);
	}
	table_set_postmaster(&l->table, l->host, s->who.postmaster);
	l->is_open = true;
	/* Before it is read: a change meanwhile is seen the next time. */
	if (s->who.aliases[0] == '\0' ||
	    stat(s->who.aliases, &l->aliases_st) != 0)
		memset(&l->aliases_st, 0, sizeof(l->aliases_st));
	if (s->who.aliases[0] == '\0' ||
	    table_load_aliases(&l->table, s->who.aliases, l->aliases, &why) ==
		RES_OK)
		return (true);
	lookup_fault(&why, out);
	lookup_close(l);
	return (false);
}

static bool
is_aliases_stale(const struct lookup *l)
{
	struct stat st;

	if (l->settings->who.aliases[0] == '\0')
		return (false);
	return (stat(l->settings->who.aliases, &st) != 0 ||
	    st.st_ino != l->aliases_st.st_ino ||
	    st.st_dev != l->aliases_st.st_dev ||
	    st.st_size != l->aliases_st.st_size ||
	    st.st_mtim.tv_sec != l->aliases_st.st_mtim.tv_sec ||
	    st.st_mtim.tv_nsec != l->aliases_st.st_mtim.tv_nsec);
}

bool
lookup_refresh(struct lookup *l)
{
	if (!l->is_open ||
	    (!table_is_stale(&l->table, l->settings->who.deliver) &&
		!is_aliases_stale(l)))
		return (false);
	lookup_close(l);
	return (true);
}

bool
lookup_find(struct lookup *l, struct bytes recipient, struct table_match *match,
    struct outcome *out)
{
	enum table_answer answer = table_find(&l->table, recipient, match);
	struct mailbox parts;

	/* NOS leaves out the domain where it is its own. */
	if (answer == TABLE_MISS && mailbox_split(&parts, recipient) &&
	    parts.host.n == 0) {
		struct buf b;

		buf_init(&b, l->qualified, sizeof(l->qualified));
		(void)buf_put(&b, recipient);
		(void)buf_putc(&b, '@');
		(void)buf_puts(&b, l->host);
		recipient = buf_view(&b);
		answer = table_find(&l->table, recipient, match);
	}
	/* The server that accepted it knew that its sender may relay. */
	if (answer == TABLE_MISS)
		answer = table_route(&l->table, recipient, match);
	if (answer == TABLE_HIT)
		return (true);
	if (answer == TABLE_FAILED)
		lookup_fault(&l->table.file.why, out);
	else
		outcome_set(out, OUTCOME_FAILED, "5.1.1",
		    "there is nobody here by that name, and no route (@) to "
		    "elsewhere");
	return (false);
}

/* The mount points; without them all directories count as one file system. */
static void
read_mounts(struct lookup *l)
{
	int fd = open("/proc/self/mounts", O_RDONLY | O_CLOEXEC);
	ssize_t n = 1;

	l->mounts_n = 0;
	while (fd >= 0 && n > 0 && l->mounts_n < sizeof(l->mounts)) {
		n = read(fd, l->mounts + l->mounts_n,
		    sizeof(l->mounts) - l->mounts_n);
		if (n > 0)
			l->mounts_n += (size_t)n;
	}
	if (fd >= 0)
		(void)close(fd);
}

/* Cut *rest behind its first blank; returns the text before it. */
static struct bytes
word_of(struct bytes *rest)
{
	struct bytes word = *rest;

	(void)bytes_find(*rest, ' ', &word.n);
	*rest = bytes_cut(*rest, word.n + 1, rest->n);
	return (word);
}

static bool
is_above(struct bytes mount, struct bytes path)
{
	return (mount.n <= path.n && memcmp(mount.p, path.p, mount.n) == 0 &&
	    (mount.n == 1 || mount.n == path.n || path.p[mount.n] == '/'));
}

/*
 * The file system of a path, by its name alone: a look at the file system could
 * take as long as the wait that we want to spare others.
 */
static struct bytes
mount_of(const struct lookup *l, struct bytes path)
{
	struct bytes rest = { l->mounts, l->mounts_n };
	struct bytes best = { "/", 1 };

	while (rest.n > 0) {
		struct bytes line = rest;
		struct bytes mount;

		(void)bytes_find(rest, '\n', &line.n);
		rest = bytes_cut(rest, line.n + 1, rest.n);
		(void)word_of(&line);
		mount = word_of(&line);
		if (mount.n >= best.n && is_above(mount, path))
			best = mount;
	}
	return (best);
}

/* FNV-1a; never 0. */
static uint64_t
hash(struct bytes text)
{
	uint64_t h = UINT64_C(14695981039346656037);
	size_t i;

	for (i = 0; i < text.n; i++)
		h = (h ^ (unsigned char)text.p[i]) * UINT64_C(1099511628211);
	return (h | 1);
}

static void
name_place(struct lookup_place *place, enum lookup_kind kind, struct bytes name)
{
	struct buf store;

	buf_init(&store, place->store, sizeof(place->store));
	(void)buf_put(&store, bytes_cut(name, 0, sizeof(place->store)));
	place->kind = kind;
	place->name = buf_view(&store);
}

/* The hop of a recipient whose instruction this is. */
static void
name_hop(struct lookup *l, struct lookup_place *place,
    const struct instruction *in, struct bytes recipient)
{
	struct mailbox parts;
	struct bytes host = in->target;
	struct buf store;
	size_t i;

	if (in->kind == INSTRUCTION_SMTP_MX) {
		if (!mailbox_split(&parts, recipient))
			return;
		host = parts.host.n > 0 ? parts.host : bytes_of(l->host);
	}
	buf_init(&store, place->store, sizeof(place->store));
	(void)buf_puts(
	    &store, in->kind == INSTRUCTION_SMTP_MX ? "mx:" : "relay:");
	for (i = 0; i < host.n; i++)
		(void)buf_putc(&store, bytes_lower(host.p[i]));
	if (in->kind == INSTRUCTION_SMTP_RELAY)
		(void)buf_printf(&store, ":%u", (unsigned int)in->port);
	place->kind = LOOKUP_HOP;
	place->name = buf_view(&store);
}

/* Look at an instruction.  True: there is no need to look at more. */
static bool
look_at(struct lookup *l, struct lookup_place *place, struct bytes text,
    struct bytes recipient)
{
	struct instruction in;

	if (instruction_parse(text, &in) != NULL)
		return (true);
	switch (in.kind) {
	case INSTRUCTION_COMMAND:
	case INSTRUCTION_LMTP_UNIX:
	case INSTRUCTION_LMTP_INET:
		name_place(place, LOOKUP_SERVICE, bytes_trim_end(text));
		place->is_shared = in.kind != INSTRUCTION_COMMAND;
		return (true);
	case INSTRUCTION_MAILDIR:
	case INSTRUCTION_PEGASUS:
		if (place->kind == LOOKUP_NOWHERE)
			name_place(place, LOOKUP_DISK, mount_of(l, in.target));
		if (in.kind == INSTRUCTION_MAILDIR)
			place->maildir = hash(in.target);
		return (false);
	case INSTRUCTION_SMTP_MX:
	case INSTRUCTION_SMTP_RELAY:
		name_hop(l, place, &in, recipient);
		place->is_shared = true;
		return (true);
	case INSTRUCTION_FORWARD:
		return (false);
	}
	return (true);
}

void
lookup_place(
    struct lookup *l, struct bytes recipient, struct lookup_place *place)
{
	struct outcome out;
	struct bytes text;
	size_t n = 0;
	bool is_more = true;
	bool is_only;

	place->kind = LOOKUP_NOWHERE;
	place->is_shared = false;
	place->maildir = 0;
	if (!l->is_open) {
		if (!lookup_open(l, &out))
			return;
		read_mounts(l);
	}
	if (!lookup_find(l, recipient, &place->match, &out))
		return;
	while (n < INSTRUCTIONS_MAX &&
	    (is_more = table_next(&place->match, &text) == TABLE_HIT)) {
		n++;
		if (look_at(l, place, text, recipient))
			break;
	}
	/* Shared only if it is the first instruction, without a second. */
	is_only = n == 1 &&
	    (!is_more || table_next(&place->match, &text) == TABLE_MISS);
	place->is_shared = place->is_shared && is_only;
	if (!is_only)
		place->maildir = 0;
	/* Beside others it is an agent's, as they are. */
	if (place->kind == LOOKUP_HOP && !place->is_shared)
		place->kind = LOOKUP_SERVICE;
}
