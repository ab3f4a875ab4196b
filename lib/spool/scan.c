/* SPDX-License-Identifier: ISC */
#include "spool/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "bytes/num.h"
#include "sys/sysfile.h"

static const char *const SUFFIXES[SCAN_KINDS] = { ".CMD", ".TMP", ".TXT",
	".WRK", ".BAD" };

void
scan_name(char name[SCAN_NAME_MAX], uint32_t number, enum scan_kind kind)
{
	struct buf b;

	buf_init(&b, name, SCAN_NAME_MAX);
	(void)buf_put_number(&b, number);
	(void)buf_puts(&b, SUFFIXES[kind]);
	(void)buf_putc(&b, '\0');
}

bool
scan_parse_name(const char *name, uint32_t *number, enum scan_kind *kind)
{
	struct bytes text = bytes_of(name);
	uint64_t n;
	size_t dot;
	int i;

	if (!bytes_find(text, '.', &dot) || text.p[0] == '0' ||
	    !num_parse(bytes_cut(text, 0, dot), UINT32_MAX, &n))
		return (false);
	for (i = 0; i < SCAN_KINDS; i++) {
		if (strcmp(name + dot, SUFFIXES[i]) == 0) {
			*number = (uint32_t)n;
			*kind = (enum scan_kind)i;
			return (true);
		}
	}
	return (false);
}

bool
scan_is_later(uint32_t a, uint32_t b)
{
	return (a != 0 && (b == 0 || (a != b && a - b <= UINT32_MAX / 2)));
}

static enum result
visit_all(DIR *dir, scan_fn *visit, void *ctx, struct fault *why)
{
	const struct dirent *entry;

	while (errno = 0, (entry = readdir(dir)) != NULL) {
		uint32_t number;
		enum scan_kind kind;

		if (scan_parse_name(entry->d_name, &number, &kind) &&
		    !visit(ctx, number, kind))
			return (RES_OK);
	}
	return (
	    errno == 0 ? RES_OK : fault_set(why, "read directory", "", errno));
}

enum result
scan_each(int dirfd, scan_fn *visit, void *ctx, struct fault *why)
{
	/* A description of its own: dirfd's position is shared. */
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	enum result r;

	if (dir == NULL) {
		r = fault_set(why, "open directory", "", errno);
		if (fd >= 0)
			(void)close(fd);
		return (r);
	}
	r = visit_all(dir, visit, ctx, why);
	(void)closedir(dir);
	return (r);
}

static bool
keep_highest(void *ctx, uint32_t number, enum scan_kind kind)
{
	uint32_t *highest = ctx;

	(void)kind;
	if (scan_is_later(number, *highest))
		*highest = number;
	return (true);
}

enum result
scan_highest(int dirfd, uint32_t *highest, struct fault *why)
{
	*highest = 0;
	return (scan_each(dirfd, keep_highest, highest, why));
}

struct cleaning {
	int dirfd;
	uint64_t *removed;
	struct fault *why;
	enum result result;
};

static void
fail(struct cleaning *c, const char *op, const char *name, int err)
{
	if (c->result == RES_OK)
		c->result = fault_set(c->why, op, name, err);
}

/* What cannot be looked at counts as there, and is a failure to report. */
static bool
exists(struct cleaning *c, uint32_t number, enum scan_kind kind)
{
	char name[SCAN_NAME_MAX];
	struct stat st;

	scan_name(name, number, kind);
	if (fstatat(c->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return (true);
	if (errno == ENOENT)
		return (false);
	fail(c, "look at", name, errno);
	return (true);
}

static void
remove_left_over(struct cleaning *c, uint32_t number, enum scan_kind kind)
{
	char name[SCAN_NAME_MAX];
	int err;

	if (!exists(c, number, kind))
		return;
	scan_name(name, number, kind);
	err = sysfile_remove(c->dirfd, name);
	if (err != 0)
		fail(c, "remove", name, err);
	else
		++*c->removed;
}

/*
 * The lock on CMD is free, so its session is dead, and holding it we are the
 * only cleaner.  A WRK makes the TXT a message's; CMD is then a second name
 * that a power cut brought back.
 */
static void
clean_dead(struct cleaning *c, uint32_t number)
{
	remove_left_over(c, number, SCAN_TMP);
	if (!exists(c, number, SCAN_WRK) && !exists(c, number, SCAN_BAD))
		remove_left_over(c, number, SCAN_TXT);
	remove_left_over(c, number, SCAN_CMD);
}

static void
clean_cmd(struct cleaning *c, uint32_t number)
{
	char name[SCAN_NAME_MAX];
	int fd;
	int err;

	scan_name(name, number, SCAN_CMD);
	fd = openat(
	    c->dirfd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		/* Committed or aborted since we saw the name. */
		if (errno != ENOENT)
			fail(c, "open", name, errno);
		return;
	}
	err = sysfile_lock(fd);
	if (err != 0 && err != EAGAIN)
		fail(c, "lock", name, err);
	if (err == 0) {
		switch (sysfile_look(c->dirfd, name, fd)) {
		case SYSFILE_SAME:
			clean_dead(c, number);
			break;
		case SYSFILE_UNKNOWN:
			fail(c, "look at", name, EIO);
			break;
		case SYSFILE_OTHER:
		case SYSFILE_ABSENT:
			break;
		}
	}
	(void)close(fd);
}

/*
 * A TMP or TXT is alive while there is a CMD, a TXT also while there is a
 * WRK or BAD.  CMD is looked for first: one that is gone is a WRK by now, or
 * was; and a WRK that is gone may be a BAD.
 */
static void
clean_body(struct cleaning *c, uint32_t number, enum scan_kind kind)
{
	if (exists(c, number, SCAN_CMD))
		return;
	if (kind == SCAN_TXT &&
	    (exists(c, number, SCAN_WRK) || exists(c, number, SCAN_BAD)))
		return;
	remove_left_over(c, number, kind);
}

static bool
clean_one(void *ctx, uint32_t number, enum scan_kind kind)
{
	struct cleaning *c = ctx;

	switch (kind) {
	case SCAN_CMD:
		clean_cmd(c, number);
		break;
	case SCAN_TMP:
	case SCAN_TXT:
		clean_body(c, number, kind);
		break;
	case SCAN_WRK:
	case SCAN_BAD:
		break;
	}
	return (true);
}

enum result
scan_clean(int dirfd, uint64_t *removed, struct fault *why)
{
	struct cleaning c = { dirfd, removed, why, RES_OK };
	struct fault trouble;
	enum result r;

	*removed = 0;
	r = scan_each(dirfd, clean_one, &c, &trouble);
	if (c.result == RES_OK && r != RES_OK) {
		*why = trouble;
		return (r);
	}
	return (c.result);
}
