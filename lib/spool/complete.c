/* SPDX-License-Identifier: ISC */
#include "spool/complete.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/bytes.h"
#include "spool/counter.h"
#include "spool/mark.h"
#include "spool/scan.h"
#include "spool/sequence.h"
#include "sys/sysfile.h"
#include "sys/syssync.h"

struct completion {
	int dirfd;
	int64_t until_ms;
	struct complete *done;
	struct fault *why;
	enum result result;
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

/* Never over a WRK; the name is durable before a consumer can claim it. */
static void
give_name(struct completion *c, const char *name, uint32_t number, int mark_fd)
{
	char wrk[SCAN_NAME_MAX];
	int err;

	scan_name(wrk, number, SCAN_WRK);
	err = sysfile_rename_new(c->dirfd, name, wrk, mark_fd);
	if (err != 0) {
		fail(c, "complete", name, err);
		return;
	}
	err = sysfile_sync_names(c->dirfd);
	if (err != 0)
		fail_sync(c, "sync directory after completing", name, err);
	else
		c->done->completed++;
}

/* A session of this boot may have left text and envelope unsynced. */
static void
complete_pair(struct completion *c, const char *name, const struct mark *mark,
    int mark_fd, int text_fd)
{
	struct syssync all[] = { { .fd = text_fd }, { .fd = mark_fd },
		{ .fd = c->dirfd, .names = true } };
	bool equal = false;
	int err = 0;
	size_t i;

	if (!syssync_all(all, ARRAY_LEN(all)))
		for (i = 0; i < ARRAY_LEN(all); i++)
			err = err == 0 ? all[i].err : err;
	if (err != 0) {
		fail_sync(c, "sync", name, err);
		return;
	}
	err = compare(mark_fd, text_fd, mark, &equal);
	if (err != 0)
		fail(c, "read", name, err);
	else if (equal)
		give_name(c, name, mark->number, mark_fd);
	else
		remove_mark(c, name);
}

/* We hold the mark's lock: its session is dead, and only we work on it. */
static void
settle(struct completion *c, const char *name, const struct mark *mark,
    int mark_fd)
{
	char txt[SCAN_NAME_MAX];
	bool is_wrk;
	bool is_bad;
	bool is_held;
	bool is_over;
	struct stat st;
	int fd;

	if (!is_there(c, mark->number, SCAN_WRK, &is_wrk) ||
	    !is_there(c, mark->number, SCAN_BAD, &is_bad) ||
	    !is_there(c, mark->number, SCAN_HELD, &is_held))
		return;
	scan_name(txt, mark->number, SCAN_TXT);
	fd = openat(
	    c->dirfd, txt, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && errno != ENOENT && errno != ELOOP) {
		fail(c, "open", txt, errno);
		return;
	}
	/* WRK may say less by now than the mark does, and WRK is right. */
	is_over = is_wrk || is_bad || is_held || fd < 0;
	if (!is_over && fstat(fd, &st) != 0)
		fail(c, "look at", txt, errno);
	else if (is_over || !S_ISREG(st.st_mode) ||
	    (uint64_t)st.st_size != mark->size)
		remove_mark(c, name);
	else
		complete_pair(c, name, mark, mark_fd, fd);
	if (fd >= 0)
		(void)close(fd);
}

static bool
complete_one(void *ctx, uint32_t number, enum scan_kind kind, const char *name)
{
	struct completion *c = ctx;
	struct mark mark;
	int err;
	int fd;

	(void)number;
	if (kind != SCAN_MARK || !mark_parse(name, &mark))
		return (true);
	fd = openat(
	    c->dirfd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		/* Its session has renamed it since we saw the name. */
		if (errno != ENOENT)
			fail(c, "open", name, errno);
		return (true);
	}
	err = sysfile_lock_wait(fd, c->until_ms);
	if (err != 0 && err != EAGAIN)
		fail(c, "lock", name, err);
	if (err == 0)
		switch (sysfile_look(c->dirfd, name, fd)) {
		case SYSFILE_SAME:
			settle(c, name, &mark, fd);
			break;
		case SYSFILE_UNKNOWN:
			fail(c, "look at", name, EIO);
			break;
		case SYSFILE_OTHER:
		case SYSFILE_ABSENT:
			break;
		}
	(void)close(fd);
	return (true);
}

enum result
complete_all(
    int dirfd, int64_t until_ms, struct complete *done, struct fault *why)
{
	struct completion c;
	struct fault trouble;
	enum result r;

	*done = (struct complete){ 0, 0 };
	c = (struct completion){ dirfd, until_ms, done, why, RES_OK };
	r = scan_each_name(dirfd, complete_one, &c, &trouble);
	if (c.result == RES_OK && r != RES_OK) {
		*why = trouble;
		return (r);
	}
	return (c.result);
}

enum result
complete_first(
    int dirfd, int64_t until_ms, struct complete *done, struct fault *why)
{
	char boot[COUNTER_BOOT_ID];
	struct counter c;

	*done = (struct complete){ 0, 0 };
	sequence_boot_id(boot);
	if (sequence_read(dirfd, &c, why) == RES_OK &&
	    counter_is_of_boot(&c, boot))
		return (RES_OK);
	return (complete_all(dirfd, until_ms, done, why));
}
