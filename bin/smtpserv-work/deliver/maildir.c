/* SPDX-License-Identifier: ISC */
#include "deliver/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
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
	int fd;         /* the Maildir */
	bool is_repeat; /* it is there already */
	struct behalf behalf;
};

static bool
fail(struct maildir *m, const char *op, const char *name, int err)
{
	outcome_fault(m->out, text_status(err), op, name, err);
	return (false);
}

/* Make a directory that may be there already. */
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

/* Make the new names in a directory durable. */
static bool
sync_names(struct maildir *m, int dirfd, const char *name)
{
	int err =
	    m->d->settings->spool.sync != 0 ? sysfile_sync_names(dirfd) : 0;

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
 * If all of the path is root's, others must not be able to put a link into the
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
 * cur is made last, when all else is durable: a Maildir that has it does not
 * need a sync, and one without it was left half made by a process that died.
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
	/* If we have not made it, its parent may be closed to us. */
	if (!has_cur && !sync_dir(m, "..", !is_new))
		return (false);
	if ((has_new || !has_cur) && !sync_names(m, m->fd, m->path))
		return (false);
	return (has_cur || make(m, m->fd, "cur", &has_new));
}

/* Characters that a reader of Maildirs would misunderstand are encoded. */
static void
put_host(struct buf *out, const char *host)
{
	for (; *host != '\0'; host++) {
		if (*host == '/' || *host == ':')
			(void)buf_printf(out, "\\%03o", (unsigned char)*host);
		else
			(void)buf_putc(out, *host);
	}
}

/* tmp/Seconds.MmicrosecondsPprocessQtry.host: unique. */
static bool
make_tmp_name(struct maildir *m, unsigned int try)
{
	struct timespec now;
	struct buf name;

	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return (false);
	buf_init(&name, m->tmp, sizeof(m->tmp));
	(void)buf_printf(&name, "tmp/%lld.M%06ldP%ldQ%u.",
	    (long long)now.tv_sec, now.tv_nsec / 1000, (long)getpid(), try);
	put_host(&name, m->d->host);
	return (buf_cstr(&name) != NULL);
}

/* FNV-1a: tells the recipients of one message apart. */
static uint64_t
hash(struct bytes text)
{
	uint64_t h = 14695981039346656037U;
	size_t i;

	for (i = 0; i < text.n; i++)
		h = (h ^ (unsigned char)text.p[i]) * 1099511628211U;
	return (h);
}

/*
 * new/Seconds.MmicrosecondsIinodeRrecipientQnumber.host, by the message's text
 * and not by the moment, so that a second delivery finds the first.
 */
static bool
make_new_name(struct maildir *m, unsigned int try)
{
	struct stat st;
	struct buf name;

	if (fstat(m->d->txt_fd, &st) != 0)
		return (false);
	buf_init(&name, m->new, sizeof(m->new));
	(void)buf_printf(&name, "new/%lld.M%06ldI%llxR%016llxQ%lu",
	    (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec / 1000,
	    (unsigned long long)st.st_ino,
	    (unsigned long long)hash(m->d->recipient),
	    (unsigned long)m->d->number);
	if (try > 0)
		(void)buf_printf(&name, "T%u", try);
	(void)buf_puts(&name, ".");
	put_host(&name, m->d->host);
	return (buf_cstr(&name) != NULL);
}

/* The file in tmp, or -1, and out says why. */
static int
create(struct maildir *m)
{
	unsigned int try;
	int fd = -1;

	for (try = 0; fd < 0 && try < TRIES_MAX; try++) {
		if (!make_tmp_name(m, try)) {
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
has_same_content(int a, int b)
{
	char x[4096];
	char y[4096];
	off_t at = 0;
	ssize_t n;

	do {
		n = pread(a, x, sizeof(x), at);
		if (n < 0 || pread(b, y, sizeof(y), at) != n ||
		    memcmp(x, y, (size_t)n) != 0)
			return (false);
		at += n;
	} while (n > 0);
	return (true);
}

/* Is there a file with the content of fd already, from an earlier try? */
static bool
is_there(const struct maildir *m, const char *name, int fd)
{
	int other =
	    openat(m->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool same = other >= 0 && has_same_content(fd, other);

	if (other >= 0)
		(void)close(other);
	return (same);
}

/* Or has a mail reader moved it to cur already? */
static bool
is_seen(const struct maildir *m, int fd)
{
	static const char *const flags[] = { ":2,", ":2,S" };
	char store[NAME_MAX_HERE];
	struct buf name;
	size_t i;

	for (i = 0; i < ARRAY_LEN(flags); i++) {
		buf_init(&name, store, sizeof(store));
		(void)buf_printf(
		    &name, "cur/%s%s", m->new + strlen("new/"), flags[i]);
		if (buf_cstr(&name) != NULL && is_there(m, store, fd))
			return (true);
	}
	return (false);
}

/* Move it into new, where it may be already; then sync `where`. */
static bool
publish(struct maildir *m, int fd, const char **where)
{
	unsigned int try;

	*where = "new";
	for (try = 0; try < TRIES_MAX; try++) {
		int err;

		if (!make_new_name(m, try))
			return (
			    fail(m, "name a file in", m->path, ENAMETOOLONG));
		m->is_repeat = is_seen(m, fd);
		if (m->is_repeat) {
			*where = "cur";
			return (true);
		}
		err = sysfile_rename_new(m->fd, m->tmp, m->new, fd);
		if (err == 0)
			return (true);
		if (err != EEXIST)
			return (fail(m, "rename", m->tmp, err));
		m->is_repeat = is_there(m, m->new, fd);
		if (m->is_repeat)
			return (true);
	}
	return (fail(m, "rename", m->tmp, EEXIST));
}

static bool
store(struct maildir *m)
{
	const char *where = "new";
	int fd = create(m);
	bool done;

	if (fd < 0)
		return (false);
	done = text_store(m->d, TEXT_AS_IS, fd, m->tmp, m->out) &&
	    publish(m, fd, &where);
	/* Nobody reads tmp; a file that stays there does no harm. */
	if (!done || m->is_repeat)
		(void)sysfile_remove(m->fd, m->tmp);
	(void)close(fd);
	if (!done)
		return (false);
	if (m->d->syncing != NULL && m->d->settings->spool.sync != 0)
		m->d->syncing(m->d->syncing_ctx);
	return (sync_dir(m, where, false));
}

static void
deliver(struct maildir *m)
{
	int err = behalf_begin(&m->behalf, m->path);

	if (err != 0)
		(void)fail(m, "look at the way to", m->path, err);
	else if (open_dir(m) && store(m))
		outcome_set(m->out, OUTCOME_DELIVERED, "2.0.0",
		    m->is_repeat ? "maildir, by an earlier try" : "maildir");
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
