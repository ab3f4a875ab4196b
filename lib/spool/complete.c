/* SPDX-License-Identifier: ISC */
#include "spool/complete.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/bytes.h"
#include "spool/counter.h"
#include "spool/hold.h"
#include "spool/mark.h"
#include "spool/scan.h"
#include "spool/sequence.h"
#include "sys/sysclock.h"
#include "sys/sysfile.h"
#include "sys/syssync.h"

enum {
	/* Messages that are completed together, unless their texts are long. */
	GROUP_MAX = 16,
	GROUP_BYTES = 8 << 20
};

/* A mark whose lock we hold: its session is dead, and only we work on it. */
struct marked {
	char name[MARK_NAME_MAX];
	struct mark mark;
	int fd;
	int text_fd;
	bool is_over; /* it stays as it is, or is gone */
};

struct completion {
	int dirfd;
	int64_t lock_ms;
	int64_t end_ms;
	struct complete *done;
	struct fault *why;
	enum result result;
	bool has_done_some;
	uint64_t bytes;
	size_t n;
	struct marked group[GROUP_MAX];
};

static void
fail(struct completion *c, const char *op, const char *name, int err)
{
	if (c->result == RES_OK)
		c->result = fault_set(c->why, op, name, err);
}

/* What the disk holds is not known. */
static void
fail_sync(struct completion *c, const char *op, const char *name, int err)
{
	bool is_first = c->result == RES_OK;

	fail(c, op, name, err);
	if (is_first)
		c->why->broken = true;
}

static void
remove_mark(struct completion *c, const char *name)
{
	int err = sysfile_remove(c->dirfd, name);

	if (err != 0)
		fail(c, "remove", name, err);
	else
		c->done->removed++;
}

/* False, and a failure, if it cannot be known. */
static bool
is_there(
    struct completion *c, uint32_t number, enum scan_kind kind, bool *there)
{
	char name[SCAN_NAME_MAX];
	struct stat st;

	scan_name(name, number, kind);
	*there = fstatat(c->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (*there || errno == ENOENT)
		return (true);
	fail(c, "look at", name, errno);
	return (false);
}

/* Read all that an open file holds; 0, or the errno of a failure. */
static int
add_file(struct mark_sum *sum, int fd)
{
	char store[16384];
	off_t at = 0;

	for (;;) {
		ssize_t n = pread(fd, store, sizeof(store), at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (n == 0 ? 0 : errno);
		mark_sum_add(sum, (struct bytes){ store, (size_t)n });
		at += n;
	}
}

/*
 * Does the disk hold what the mark says?  Everything is synced by now, so the
 * kernel may drop its cached pages of the files: if an earlier sync has
 * failed, these pages are not what the disk holds.
 */
static int
compare(int mark_fd, int text_fd, const struct mark *mark, bool *equal)
{
	struct mark_sum text;
	struct mark_sum envelope;
	struct mark found;
	int err;

	/* Only advice; if it is not followed, the cached pages are read. */
	(void)posix_fadvise(text_fd, 0, 0, POSIX_FADV_DONTNEED);
	(void)posix_fadvise(mark_fd, 0, 0, POSIX_FADV_DONTNEED);
	mark_sum_init(&text);
	mark_sum_init(&envelope);
	err = add_file(&text, text_fd);
	if (err == 0)
		err = add_file(&envelope, mark_fd);
	found = mark_of(mark->number, &text, &envelope);
	*equal = err == 0 && mark_equal(&found, mark);
	return (err);
}

/* Errors of the syncs of message i and of the names, which come last. */
static int
sync_error(const struct syssync *all, size_t i, size_t n)
{
	if (all[2 * i].err != 0)
		return (all[2 * i].err);
	return (all[2 * i + 1].err != 0 ? all[2 * i + 1].err : all[n - 1].err);
}

/* A session of this boot may have left text and envelope unsynced. */
static void
sync_files(struct completion *c)
{
	struct syssync all[2 * GROUP_MAX + 1];
	size_t n = 0;
	size_t i;

	for (i = 0; i < c->n; i++) {
		all[n++] = (struct syssync){ .fd = c->group[i].text_fd };
		all[n++] = (struct syssync){ .fd = c->group[i].fd };
	}
	all[n++] = (struct syssync){ .fd = c->dirfd, .names = true };
	if (syssync_all(all, n))
		return;
	for (i = 0; i < c->n; i++) {
		int err = sync_error(all, i, n);

		if (err == 0)
			continue;
		fail_sync(c, "sync", c->group[i].name, err);
		c->group[i].is_over = true;
	}
}

/* Never over a WRK. */
static void
give_name(struct completion *c, struct marked *m)
{
	char wrk[SCAN_NAME_MAX];
	struct stat st;
	bool equal = false;
	int err = compare(m->fd, m->text_fd, &m->mark, &equal);

	m->is_over = true;
	if (err == 0 && fstat(m->text_fd, &st) != 0)
		err = errno;
	if (err != 0) {
		fail(c, "read", m->name, err);
		return;
	}
	/* A consumer that was at it since before the mark was held. */
	if (!equal || st.st_nlink == 0) {
		remove_mark(c, m->name);
		return;
	}
	scan_name(wrk, m->mark.number, SCAN_WRK);
	err = sysfile_rename_new(c->dirfd, m->name, wrk, m->fd);
	if (err != 0)
		fail(c, "complete", m->name, err);
	else
		m->is_over = false;
}

/* The names are durable before a consumer can claim one. */
static void
sync_group(struct completion *c)
{
	uint64_t named = 0;
	size_t last = 0;
	size_t i;
	int err;

	for (i = 0; i < c->n; i++)
		if (!c->group[i].is_over) {
			named++;
			last = i;
		}
	if (named == 0)
		return;
	err = sysfile_sync_names(c->dirfd);
	if (err != 0)
		fail_sync(c, "sync directory after completing",
		    c->group[last].name, err);
	else
		c->done->completed += named;
}

/* Complete the group, by two syncs that follow one another. */
static void
finish_group(struct completion *c)
{
	size_t i;

	if (c->n == 0)
		return;
	sync_files(c);
	for (i = 0; i < c->n; i++)
		if (!c->group[i].is_over)
			give_name(c, &c->group[i]);
	sync_group(c);
	for (i = 0; i < c->n; i++) {
		(void)close(c->group[i].fd);
		(void)close(c->group[i].text_fd);
	}
	c->n = 0;
	c->bytes = 0;
	c->has_done_some = true;
}

/* WRK may say less by now than the mark does, and WRK is right. */
static bool
has_message(struct completion *c, uint32_t number, bool *has)
{
	bool is_wrk = false;
	bool is_bad = false;
	bool is_held = false;
	bool is_known = is_there(c, number, SCAN_WRK, &is_wrk) &&
	    is_there(c, number, SCAN_BAD, &is_bad) &&
	    is_there(c, number, SCAN_HELD, &is_held);

	*has = is_wrk || is_bad || is_held;
	return (is_known);
}

/* Open the text that a mark stands for; -1: there is none. */
static int
open_text(struct completion *c, const struct mark *mark, bool *is_known)
{
	char txt[SCAN_NAME_MAX];
	struct stat st;
	int fd;

	scan_name(txt, mark->number, SCAN_TXT);
	fd = openat(
	    c->dirfd, txt, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	*is_known = fd >= 0 || errno == ENOENT || errno == ELOOP;
	if (fd < 0) {
		if (!*is_known)
			fail(c, "open", txt, errno);
		return (-1);
	}
	*is_known = fstat(fd, &st) == 0;
	if (!*is_known)
		fail(c, "look at", txt, errno);
	else if (S_ISREG(st.st_mode) && (uint64_t)st.st_size == mark->size)
		return (fd);
	(void)close(fd);
	return (-1);
}

/*
 * It joins the group, or is removed, or cannot be dealt with.  A consumer
 * removes WRK before TXT, so we look for them in this order: what it has done
 * with is not completed once more.
 */
static void
settle(struct completion *c, const char *name, const struct mark *mark, int fd)
{
	bool has = false;
	bool is_known = has_message(c, mark->number, &has);
	int text_fd = -1;

	if (is_known && !has)
		text_fd = open_text(c, mark, &is_known);
	if (text_fd >= 0) {
		struct marked *m = &c->group[c->n++];

		*m = (struct marked){
			.mark = *mark, .fd = fd, .text_fd = text_fd
		};
		mark_name(m->name, mark);
		c->bytes += mark->size;
		return;
	}
	if (is_known)
		remove_mark(c, name);
	(void)close(fd);
}

/* Whoever waits for a lock holds none: two could wait for each other. */
static enum hold_status
hold(struct completion *c, const char *name, int *fd, struct fault *why)
{
	enum hold_status status = hold_take(c->dirfd, name, 0, fd, why);

	if (status != HOLD_BUSY || c->lock_ms <= sysclock_ms())
		return (status);
	finish_group(c);
	return (hold_take(c->dirfd, name, c->lock_ms, fd, why));
}

static bool
complete_one(void *ctx, uint32_t number, enum scan_kind kind, const char *name)
{
	struct completion *c = ctx;
	struct fault why;
	struct mark mark;
	int fd;

	(void)number;
	if (kind != SCAN_MARK || !mark_parse(name, &mark))
		return (true);
	if (c->n == 0 && c->has_done_some && c->end_ms <= sysclock_ms()) {
		fail(c, "complete, as it takes too long,", name, EAGAIN);
		return (false);
	}
	switch (hold(c, name, &fd, &why)) {
	case HOLD_OK:
		settle(c, name, &mark, fd);
		break;
	case HOLD_FAILED:
		fail(c, why.op, name, why.err);
		break;
	case HOLD_BUSY:
		c->done->busy++;
		break;
	case HOLD_GONE:
		/* Its session has renamed it since. */
		break;
	}
	if (c->n == GROUP_MAX || c->bytes >= GROUP_BYTES)
		finish_group(c);
	return (true);
}

enum result
complete_all(int dirfd, int64_t lock_ms, int64_t end_ms, struct complete *done,
    struct fault *why)
{
	struct completion c = { .dirfd = dirfd,
		.lock_ms = lock_ms,
		.end_ms = end_ms,
		.done = done,
		.why = why };
	struct fault trouble;
	enum result r;

	*done = (struct complete){ 0, 0, 0 };
	r = scan_each_name(dirfd, complete_one, &c, &trouble);
	finish_group(&c);
	if (c.result == RES_OK && r != RES_OK) {
		*why = trouble;
		return (r);
	}
	return (c.result);
}

enum result
complete_first(int dirfd, struct complete *done, struct fault *why)
{
	char boot[COUNTER_BOOT_ID];
	struct counter c;

	*done = (struct complete){ 0, 0, 0 };
	sequence_boot_id(boot);
	if (sequence_read(dirfd, &c, why) == RES_OK &&
	    counter_is_of_boot(&c, boot))
		return (RES_OK);
	return (complete_all(dirfd, 0, SYSCLOCK_NEVER, done, why));
}
