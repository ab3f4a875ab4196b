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
#include "sys/syssync.h"

enum {
	PATH_MAX_HERE = 4096,
	TRIES_MAX = 10
};

struct maildir {
	const struct delivery *d; /* one of them: what all have in common */
	struct outcome out;       /* of what concerns all of them */
	char path[PATH_MAX_HERE];
	int fd; /* the Maildir */
	struct behalf behalf;
};

static bool
fail(struct maildir *m, const char *op, const char *name, int err)
{
	outcome_fault(&m->out, text_status(err), op, name, err);
	return (false);
}

static bool
fail_order(struct maildir_order *o, const char *op, const char *name, int err)
{
	o->is_failed = true;
	outcome_fault(&o->out, text_status(err), op, name, err);
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
sync_dir(struct maildir *m, const char *name)
{
	int fd = openat(m->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return (fail(m, "open", name, errno));
	done = sync_names(m, fd, name);
	(void)close(fd);
	return (done);
}

/*
 * Make the Maildir's own name durable, also if another process has made it.  A
 * user who may make names in a directory may not be able to open it: then the
 * file system is synced as a whole.
 */
static bool
sync_own_name(struct maildir *m)
{
	int fd = openat(m->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = 0;

	if (fd < 0 && errno != EACCES)
		return (fail(m, "open", "..", errno));
	if (m->d->settings->spool.sync != 0)
		err =
		    fd >= 0 ? sysfile_sync_names(fd) : sysfile_sync_all(m->fd);
	if (fd >= 0)
		(void)close(fd);
	return (err == 0 || fail(m, "sync", "..", err));
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
	bool has_new = false;
	bool has_cur;

	if (!make(m, m->behalf.fd, m->behalf.path, &has_new))
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
	if (!has_cur && !sync_own_name(m))
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
make_tmp_name(struct maildir_order *o, unsigned int try)
{
	struct timespec now;
	struct buf name;

	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return (false);
	buf_init(&name, o->tmp, sizeof(o->tmp));
	(void)buf_printf(&name, "tmp/%lld.M%06ldP%ldQ%u.",
	    (long long)now.tv_sec, now.tv_nsec / 1000, (long)getpid(), try);
	put_host(&name, o->d.host);
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
make_new_name(
    const struct maildir_order *o, unsigned int try, char new[MAILDIR_NAME_MAX])
{
	struct stat st;
	struct buf name;

	if (fstat(o->d.txt_fd, &st) != 0)
		return (false);
	buf_init(&name, new, MAILDIR_NAME_MAX);
	(void)buf_printf(&name, "new/%lld.M%06ldI%llxR%016llxQ%lu",
	    (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec / 1000,
	    (unsigned long long)st.st_ino,
	    (unsigned long long)hash(o->d.recipient),
	    (unsigned long)o->d.number);
	if (try > 0)
		(void)buf_printf(&name, "T%u", try);
	(void)buf_puts(&name, ".");
	put_host(&name, o->d.host);
	return (buf_cstr(&name) != NULL);
}

/* Its file in tmp. */
static bool
create(const struct maildir *m, struct maildir_order *o)
{
	unsigned int try;

	for (try = 0; o->fd < 0 && try < TRIES_MAX; try++) {
		if (!make_tmp_name(o, try))
			return (fail_order(
			    o, "name a file in", m->path, ENAMETOOLONG));
		o->fd = openat(m->fd, o->tmp,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (o->fd < 0 && errno != EEXIST)
			break;
	}
	return (o->fd >= 0 || fail_order(o, "create", o->tmp, errno));
}

static void
write_text(const struct maildir *m, struct maildir_order *o)
{
	if (create(m, o) &&
	    !text_write(&o->d, TEXT_AS_IS, o->fd, o->tmp, &o->out))
		o->is_failed = true;
}

/* Make the texts durable, side by side. */
static void
sync_texts(const struct maildir *m, struct maildir_order *orders, size_t n)
{
	struct syssync all[MAILDIR_TOGETHER];
	struct maildir_order *of[MAILDIR_TOGETHER];
	size_t count = 0;
	size_t i;

	if (m->d->settings->spool.sync == 0)
		return;
	for (i = 0; i < n; i++) {
		if (orders[i].is_failed)
			continue;
		of[count] = &orders[i];
		all[count++] = (struct syssync){ .fd = orders[i].fd };
	}
	if (syssync_all(all, count))
		return;
	for (i = 0; i < count; i++)
		if (all[i].err != 0)
			(void)fail_order(of[i], "sync", of[i]->tmp, all[i].err);
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
is_seen(const struct maildir *m, const char *new, int fd)
{
	static const char *const flags[] = { ":2,", ":2,S" };
	char store[MAILDIR_NAME_MAX];
	struct buf name;
	size_t i;

	for (i = 0; i < ARRAY_LEN(flags); i++) {
		buf_init(&name, store, sizeof(store));
		(void)buf_printf(
		    &name, "cur/%s%s", new + strlen("new/"), flags[i]);
		if (buf_cstr(&name) != NULL && is_there(m, store, fd))
			return (true);
	}
	return (false);
}

/* Move it into new, where it may be already. */
static bool
publish(const struct maildir *m, struct maildir_order *o)
{
	char new[MAILDIR_NAME_MAX];
	unsigned int try;

	for (try = 0; try < TRIES_MAX; try++) {
		int err;

		if (!make_new_name(o, try, new))
			return (fail_order(
			    o, "name a file in", m->path, ENAMETOOLONG));
		o->is_seen = is_seen(m, new, o->fd);
		o->is_repeat = o->is_seen;
		if (o->is_seen)
			return (true);
		err = sysfile_rename_new(m->fd, o->tmp, new, o->fd);
		if (err == 0)
			return (true);
		if (err != EEXIST)
			return (fail_order(o, "rename", o->tmp, err));
		o->is_repeat = is_there(m, new, o->fd);
		if (o->is_repeat)
			return (true);
	}
	return (fail_order(o, "rename", o->tmp, EEXIST));
}

static void
publish_or_remove(const struct maildir *m, struct maildir_order *o)
{
	bool done = !o->is_failed && publish(m, o);

	if (o->fd < 0)
		return;
	/* Nobody reads tmp; a file that stays there does no harm. */
	if (!done || o->is_repeat)
		(void)sysfile_remove(m->fd, o->tmp);
	(void)close(o->fd);
	o->fd = -1;
}

/* Make the names in new, or those in cur, durable, if there are any of ours. */
static void
sync_names_of(
    struct maildir *m, struct maildir_order *orders, size_t n, bool seen)
{
	bool is_any = false;
	size_t i;

	for (i = 0; i < n; i++)
		is_any = is_any ||
		    (!orders[i].is_failed && orders[i].is_seen == seen);
	if (!is_any || sync_dir(m, seen ? "cur" : "new"))
		return;
	for (i = 0; i < n; i++) {
		if (orders[i].is_failed || orders[i].is_seen != seen)
			continue;
		orders[i].is_failed = true;
		orders[i].out = m->out;
	}
}

static void
store(struct maildir *m, struct maildir_order *orders, size_t n)
{
	const struct delivery *d = m->d;
	size_t i;

	for (i = 0; i < n; i++)
		write_text(m, &orders[i]);
	sync_texts(m, orders, n);
	for (i = 0; i < n; i++)
		publish_or_remove(m, &orders[i]);
	if (d->syncing != NULL && d->settings->spool.sync != 0)
		d->syncing(d->syncing_ctx);
	sync_names_of(m, orders, n, false);
	sync_names_of(m, orders, n, true);
	for (i = 0; i < n; i++)
		if (!orders[i].is_failed)
			outcome_set(&orders[i].out, OUTCOME_DELIVERED, "2.0.0",
			    orders[i].is_repeat ? "maildir, by an earlier try"
						: "maildir");
}

/* False, and m->out says why: nothing was stored. */
static bool
deliver(struct maildir *m, struct maildir_order *orders, size_t n)
{
	int err = behalf_begin(&m->behalf, m->path);
	bool is_open = err == 0 ? open_dir(m)
				: fail(m, "look at the way to", m->path, err);

	if (is_open)
		store(m, orders, n);
	behalf_end(&m->behalf);
	return (is_open);
}

void
maildir_deliver(struct maildir_order *orders, size_t n, struct bytes dir)
{
	struct maildir m = { .d = &orders[0].d, .fd = -1 };
	struct buf path;
	size_t i;

	for (i = 0; i < n; i++) {
		orders[i].fd = -1;
		orders[i].is_failed = false;
		orders[i].is_repeat = false;
		orders[i].is_seen = false;
	}
	buf_init(&path, m.path, sizeof(m.path));
	(void)buf_put(&path, dir);
	if (buf_cstr(&path) == NULL)
		outcome_set(&m.out, OUTCOME_TRY_AGAIN, "4.3.5",
		    "maildir: name too long");
	if (buf_cstr(&path) == NULL || !deliver(&m, orders, n))
		for (i = 0; i < n; i++)
			orders[i].out = m.out;
	if (m.fd >= 0)
		(void)close(m.fd);
}
