/* SPDX-License-Identifier: ISC */
#include "deliver/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "conf/keys.h"
#include "deliver/behalf.h"
#include "deliver/text.h"
#include "sys/sysfile.h"

enum {
	PATH_MAX_HERE = 4096,
	NAME_MAX_HERE = 512,
	TRIES_MAX = 10
};

struct maildir {
	const struct delivery *d;
	struct outcome *out;
	char path[PATH_MAX_HERE];
	char tmp[NAME_MAX_HERE]; /* "tmp/UNIQUE" */
	char new[NAME_MAX_HERE];
	int fd; /* the Maildir */
	struct behalf behalf;
};

static bool
fail(struct maildir *m, const char *op, const char *name, int err)
{
	outcome_fault(m->out, text_status(err), op, name, err);
	return (false);
}

/* A directory that may be there already. */
static bool
make(struct maildir *m, int dirfd, const char *name, bool *is_new)
{
	if (mkdirat(dirfd, name, 0700) == 0)
		*is_new = true;
	else if (errno != EEXIST)
		return (
		    fail(m, "make", dirfd == m->fd ? name : m->path, errno));
	return (true);
}

/* The names that were made in a directory, durable. */
static bool
sync_names(struct maildir *m, int dirfd, const char *name)
{
	int err = m->d->settings->sync != 0 ? sysfile_sync_names(dirfd) : 0;

	return (err == 0 || fail(m, "sync", name, err));
}

static bool
sync_dir(struct maildir *m, const char *name, bool may_be_closed)
{
	int fd = openat(m->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool done;

	if (fd < 0 && errno == EACCES && may_be_closed)
		return (true);
	if (fd < 0)
		return (fail(m, "open", name, errno));
	done = sync_names(m, fd, name);
	(void)close(fd);
	return (done);
}

/*
 * Where all the way is root's, nobody else may be able to put a link into the
 * Maildir.
 */
static bool
is_safe(struct maildir *m)
{
	struct stat st;

	if (m->behalf.is_others || geteuid() != 0)
		return (true);
	if (fstat(m->fd, &st) != 0)
		return (fail(m, "look at", m->path, errno));
	return ((st.st_mode & (S_IWGRP | S_IWOTH)) == 0 ||
	    fail(m, "deliver, as root, where others may write, to", m->path,
		EPERM));
}

/*
 * cur comes last, when all else is durable: a Maildir that has it needs no
 * sync, and one that does not was left half made by whoever died over it.
 */
static bool
open_dir(struct maildir *m)
{
	bool is_new = false;
	bool has_new = false;
	bool has_cur;

	if (!make(m, m->behalf.fd, m->behalf.path, &is_new))
		return (false);
	m->fd = openat(m->behalf.fd, m->behalf.path,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | m->behalf.no_link);
	if (m->fd < 0)
		return (fail(m, "open", m->path, errno));
	if (!is_safe(m))
		return (false);
	has_cur = sysfile_exists(m->fd, "cur");
	if (!make(m, m->fd, "tmp", &has_new) ||
	    !make(m, m->fd, "new", &has_new))
		return (false);
	/* One that we have not made may stand where we may not look. */
	if (!has_cur && !sync_dir(m, "..", !is_new))
		return (false);
	if ((has_new || !has_cur) && !sync_names(m, m->fd, m->path))
		return (false);
	return (has_cur || make(m, m->fd, "cur", &has_new));
}

/*
 * Seconds.MmicrosecondsPprocessQtry.host, with what a reader of Maildirs
 * would misunderstand in the host's name spelled otherwise.
 */
static bool
make_names(struct maildir *m, unsigned int try)
{
	char store[NAME_MAX_HERE];
	struct timespec now;
	struct buf unique;
	struct buf name;
	const char *host;

	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return (false);
	buf_init(&unique, store, sizeof(store));
	(void)buf_printf(&unique, "%lld.M%06ldP%ldQ%u.", (long long)now.tv_sec,
	    now.tv_nsec / 1000, (long)getpid(), try);
	for (host = m->d->host; *host != '\0'; host++) {
		if (*host == '/' || *host == ':')
			(void)buf_printf(
			    &unique, "\\%03o", (unsigned char)*host);
		else
			(void)buf_putc(&unique, *host);
	}
	buf_init(&name, m->tmp, sizeof(m->tmp));
	(void)buf_puts(&name, "tmp/");
	(void)buf_put(&name, buf_view(&unique));
	if (buf_cstr(&name) == NULL)
		return (false);
	buf_init(&name, m->new, sizeof(m->new));
	(void)buf_puts(&name, "new/");
	(void)buf_put(&name, buf_view(&unique));
	return (buf_cstr(&name) != NULL);
}

/* The file in tmp, or -1, and out says why. */
static int
create(struct maildir *m)
{
	unsigned int try;
	int fd = -1;

	for (try = 0; fd < 0 && try < TRIES_MAX; try++) {
		if (!make_names(m, try)) {
			(void)fail(m, "name a file in", m->path, ENAMETOOLONG);
			return (-1);
		}
		fd = openat(m->fd, m->tmp,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	if (fd < 0)
		(void)fail(m, "create", m->tmp, errno);
	return (fd);
}

static bool
store(struct maildir *m)
{
	int fd = create(m);
	bool done;
	int err;

	if (fd < 0)
		return (false);
	done = text_store(m->d, TEXT_AS_IS, fd, m->tmp, m->out);
	if (done) {
		err = sysfile_rename_new(m->fd, m->tmp, m->new, fd);
		if (err != 0)
			done = fail(m, "rename", m->tmp, err);
	}
	/* Nobody reads tmp; what cannot be removed there is no harm. */
	if (!done)
		(void)sysfile_remove(m->fd, m->tmp);
	(void)close(fd);
	return (done && sync_dir(m, "new", false));
}

static void
deliver(struct maildir *m)
{
	int err = behalf_begin(&m->behalf, m->path);

	if (err != 0)
		(void)fail(m, "look at the way to", m->path, err);
	else if (open_dir(m) && store(m))
		outcome_set(m->out, OUTCOME_DELIVERED, "2.0.0", "maildir");
	behalf_end(&m->behalf);
}

void
maildir_deliver(const struct delivery *d, struct bytes dir, struct outcome *out)
{
	struct maildir m = { .d = d, .out = out, .fd = -1 };
	struct buf path;

	buf_init(&path, m.path, sizeof(m.path));
	(void)buf_put(&path, dir);
	if (buf_cstr(&path) == NULL)
		outcome_set(
		    out, OUTCOME_TRY_AGAIN, "4.3.5", "maildir: name too long");
	else
		deliver(&m);
	if (m.fd >= 0)
		(void)close(m.fd);
}
