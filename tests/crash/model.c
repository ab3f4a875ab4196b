/* SPDX-License-Identifier: ISC */
#include "model.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

enum {
	MODEL_DIR = -2
};

static const struct model_text *
last_version(const struct model_inode *i)
{
	return (&i->version[i->n - 1]);
}

static int
new_inode(struct model *m, const char *p, size_t n)
{
	struct model_inode *i = &m->inode[m->ninode];

	if (m->ninode == MODEL_INODES)
		die("model: too many files");
	i->version[0] = (struct model_text){ p, n };
	i->n = 1;
	i->doubt_from = i->doubt_to = 0;
	return ((int)m->ninode++);
}

void
model_init(struct model *m, const char *dir, const struct state *start,
    struct arena *arena)
{
	size_t i;

	memset(m, 0, sizeof(*m));
	m->arena = arena;
	m->dir = dir;
	for (i = 0; i < MODEL_FDS; i++)
		m->fd[i].inode = -1;
	for (i = 0; i < start->n; i++) {
		struct model_name *name = &m->now[m->nnow++];

		(void)snprintf(
		    name->name, sizeof(name->name), "%s", start->file[i].name);
		name->inode = new_inode(m, start->file[i].p, start->file[i].n);
	}
	memcpy(m->durable, m->now, sizeof(m->now));
	m->ndurable = m->nnow;
}

static size_t
find_name(const struct model_name *list, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			break;
	return (i);
}

static void
forget(struct model_name *list, size_t *n, const char *name)
{
	size_t at = find_name(list, *n, name);

	if (at < *n)
		list[at] = list[--*n];
}

void
model_apply(struct model_name *list, size_t *n, const struct model_edit *e)
{
	size_t at;

	forget(list, n, e->adds ? e->gone : e->what.name);
	if (!e->adds)
		return;
	at = find_name(list, *n, e->what.name);
	if (at == *n && ++*n > MODEL_NAMES)
		die("model: too many names");
	list[at] = e->what;
}

static void
edit(struct model *m, bool adds, const char *name, int inode, const char *gone)
{
	struct model_edit *e = &m->edit[m->nedit];

	if (m->nedit == MODEL_EDITS)
		die("model: too many names under way");
	memset(e, 0, sizeof(*e));
	e->adds = adds;
	(void)snprintf(e->what.name, sizeof(e->what.name), "%s", name);
	(void)snprintf(e->gone, sizeof(e->gone), "%s", gone);
	e->what.inode = inode;
	m->nedit++;
	model_apply(m->now, &m->nnow, e);
}

static struct model_fd *
fd_of(struct model *m, uint64_t fd)
{
	static struct model_fd none;

	none.inode = -1;
	return (fd < MODEL_FDS ? &m->fd[fd] : &none);
}

static void
write_at(
    struct model *m, struct model_inode *i, size_t at, const char *p, size_t n)
{
	const struct model_text *old = last_version(i);
	size_t size = old->n > at + n ? old->n : at + n;
	char *text = arena_get(m->arena, size + 1);

	memset(text, 0, size + 1);
	if (old->n > 0)
		memcpy(text, old->p, old->n);
	if (n > 0)
		memcpy(text + at, p, n);
	if (i->n == MODEL_VERSIONS)
		die("model: too many writes without a sync");
	i->version[i->n++] = (struct model_text){ text, size };
	if (at <= i->doubt_from && at + n >= i->doubt_to)
		i->doubt_from = i->doubt_to = 0;
}

static void
truncate_to(struct model *m, struct model_inode *i, size_t n)
{
	const struct model_text *old = last_version(i);

	if (n > old->n)
		die("model: a file that grows by ftruncate");
	if (n == old->n)
		return;
	if (i->n == MODEL_VERSIONS)
		die("model: too many writes without a sync");
	i->version[i->n++] =
	    (struct model_text){ arena_copy(m->arena, old->p, n), n };
}

static bool
feed_open(
    struct model *m, const struct trace_call *c, uint64_t dirfd, uint64_t flags)
{
	struct model_fd *fd = fd_of(m, (uint64_t)c->real);
	size_t at;

	fd->at = 0;
	fd->inode = -1;
	if (strcmp(c->path, m->dir) == 0)
		fd->inode = MODEL_DIR;
	if (fd_of(m, dirfd)->inode != MODEL_DIR)
		return (false);
	if (strcmp(c->path, ".") == 0) {
		fd->inode = MODEL_DIR;
		return (false);
	}
	at = find_name(m->now, m->nnow, c->path);
	if (at < m->nnow) {
		fd->inode = m->now[at].inode;
		return (false);
	}
	if ((flags & O_CREAT) == 0)
		return (false);
	fd->inode = new_inode(m, "", 0);
	edit(m, true, c->path, fd->inode, "");
	return (true);
}

static bool
feed_rename(struct model *m, const struct trace_call *c)
{
	size_t at = find_name(m->now, m->nnow, c->path);

	if (fd_of(m, c->arg[0])->inode != MODEL_DIR || at == m->nnow)
		return (false);
	edit(m, true, c->path2, m->now[at].inode, m->atomic ? c->path : "");
	if (!m->atomic)
		edit(m, false, c->path, -1, "");
	return (true);
}

static bool
feed_link(struct model *m, const struct trace_call *c)
{
	size_t at = find_name(m->now, m->nnow, c->path);

	if (fd_of(m, c->arg[0])->inode != MODEL_DIR || at == m->nnow)
		return (false);
	edit(m, true, c->path2, m->now[at].inode, "");
	return (true);
}

static bool
feed_sync_names(struct model *m, bool good)
{
	size_t kept = 0;
	size_t i;

	for (i = 0; i < m->nedit; i++) {
		if (!good)
			m->edit[i].in_doubt = true;
		if (m->edit[i].in_doubt)
			m->edit[kept++] = m->edit[i];
		else
			model_apply(m->durable, &m->ndurable, &m->edit[i]);
	}
	m->nedit = kept;
	return (true);
}

/* The bytes that differ between what is durable and what is there. */
static void
set_doubt(struct model_inode *i)
{
	const struct model_text *old = &i->version[0];
	const struct model_text *new = last_version(i);
	size_t from = 0;

	if (i->n == 1)
		return;
	while (from < old->n && from < new->n && old->p[from] == new->p[from])
		from++;
	if (i->doubt_to == 0 || from < i->doubt_from)
		i->doubt_from = from;
	if (new->n > i->doubt_to)
		i->doubt_to = new->n;
}

static bool
feed_sync(struct model *m, const struct trace_call *c)
{
	const struct model_fd *fd = fd_of(m, c->arg[0]);
	struct model_inode *i;
	bool good = c->made && c->real == 0;

	/* Interrupted: nothing has happened, it may be called again. */
	if (c->ret == -EINTR && !good)
		return (false);
	if (fd->inode == MODEL_DIR)
		return (feed_sync_names(m, good));
	if (fd->inode < 0)
		return (false);
	i = &m->inode[fd->inode];
	if (!good) {
		set_doubt(i);
	} else if (i->doubt_to == 0) {
		i->version[0] = *last_version(i);
		i->n = 1;
	}
	return (true);
}

/*
 * A hint makes nothing durable.  One that fails has dropped what it could not
 * write, which a later sync knows nothing of; unless there is no such hint.
 */
static bool
feed_hint(struct model *m, const struct trace_call *c)
{
	const struct model_fd *fd = fd_of(m, c->arg[0]);

	if (fd->inode < 0 || c->ret >= 0 || c->ret == -EINTR ||
	    c->ret == -ENOSYS || c->ret == -ESPIPE)
		return (false);
	set_doubt(&m->inode[fd->inode]);
	return (true);
}

static bool
feed_write(struct model *m, const struct trace_call *c, size_t at)
{
	const struct model_fd *fd = fd_of(m, c->arg[0]);

	if (fd->inode < 0)
		return (false);
	write_at(m, &m->inode[fd->inode], at, c->data, (size_t)c->real);
	return (true);
}

/* Calls that did what they say. */
static bool
feed_done(struct model *m, const struct trace_call *c)
{
	struct model_fd *fd = fd_of(m, c->arg[0]);
	bool changed;

	switch (c->nr) {
#ifdef SYS_open
	case SYS_open:
		return (feed_open(m, c, UINT64_MAX, c->arg[1]));
#endif
	case SYS_openat:
		return (feed_open(m, c, c->arg[0], c->arg[2]));
	case SYS_close:
		fd->inode = -1;
		return (false);
	case SYS_write:
		changed = feed_write(m, c, fd->at);
		fd->at += (size_t)c->real;
		return (changed);
	case SYS_pwrite64:
		return (feed_write(m, c, c->arg[3]));
	case SYS_ftruncate:
		if (fd->inode < 0)
			return (false);
		truncate_to(m, &m->inode[fd->inode], c->arg[1]);
		return (true);
#ifdef SYS_renameat
	case SYS_renameat:
#endif
	case SYS_renameat2:
		return (feed_rename(m, c));
	case SYS_linkat:
		return (feed_link(m, c));
	case SYS_unlinkat:
		if (fd->inode != MODEL_DIR)
			return (false);
		edit(m, false, c->path, -1, "");
		return (true);
	default:
		return (false);
	}
}

void
model_end(struct model *m)
{
	size_t i;

	for (i = 0; i < MODEL_FDS; i++)
		m->fd[i].inode = -1;
}

bool
model_feed(struct model *m, const struct trace_call *c)
{
	/* Killed before it was made. */
	if (!c->returned && !c->made)
		return (false);
	if (c->nr == SYS_fsync || c->nr == SYS_fdatasync)
		return (feed_sync(m, c));
	if (c->nr == SYS_sync_file_range)
		return (feed_hint(m, c));
	if (!c->made || c->real < 0)
		return (false);
	return (feed_done(m, c));
}

void
model_now(const struct model *m, struct state *s)
{
	size_t i;

	s->n = 0;
	for (i = 0; i < m->nnow; i++) {
		int inode = m->now[i].inode;
		const struct model_text *v = last_version(&m->inode[inode]);

		state_add(s, m->now[i].name, v->p, v->n, (unsigned int)inode);
	}
}
