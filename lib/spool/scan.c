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
#include "spool/hold.h"
#include "spool/mark.h"
#include "sys/sysfile.h"

enum {
	/* Texts without an envelope that are looked at together. */
	LONE_MAX = 256
};

static const char *const SUFFIXES[SCAN_NAMED] = { ".CMD", ".TMP", ".TXT",
	".WRK", ".BAD", ".HLD", ".WHY" };

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
	struct mark mark;
	uint64_t n;
	size_t dot;
	int i;

	if (!bytes_find(text, '.', &dot) || text.p[0] == '0' ||
	    !num_parse(bytes_cut(text, 0, dot), UINT32_MAX, &n))
		return (false);
	for (i = 0; i < SCAN_NAMED; i++) {
		if (strcmp(name + dot, SUFFIXES[i]) == 0) {
			*number = (uint32_t)n;
			*kind = (enum scan_kind)i;
			return (true);
		}
	}
	if (!mark_parse(name, &mark))
		return (false);
	*number = mark.number;
	*kind = SCAN_MARK;
	return (true);
}

bool
scan_is_later(uint32_t a, uint32_t b)
{
	return (a != 0 && (b == 0 || (a != b && a - b <= UINT32_MAX / 2)));
}

static enum result
visit_all(DIR *dir, scan_name_fn *visit, void *ctx, struct fault *why)
{
	const struct dirent *entry;

	while (errno = 0, (entry = readdir(dir)) != NULL) {
		uint32_t number;
		enum scan_kind kind;

		if (scan_parse_name(entry->d_name, &number, &kind) &&
		    !visit(ctx, number, kind, entry->d_name))
			return (RES_OK);
	}
	return (
	    errno == 0 ? RES_OK : fault_set(why, "read directory", "", errno));
}

enum result
scan_each_name(int dirfd, scan_name_fn *visit, void *ctx, struct fault *why)
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

struct nameless {
	scan_fn *visit;
	void *ctx;
};

static bool
visit_nameless(
    void *ctx, uint32_t number, enum scan_kind kind, const char *name)
{
	const struct nameless *n = ctx;

	(void)name;
	return (n->visit(n->ctx, number, kind));
}

enum result
scan_each(int dirfd, scan_fn *visit, void *ctx, struct fault *why)
{
	struct nameless n = { visit, ctx };

	return (scan_each_name(dirfd, visit_nameless, &n, why));
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

/* A text that had no envelope, and its inode at that time. */
struct lone {
	uint32_t number;
	ino_t file;
};

struct cleaning {
	int dirfd;
	uint64_t *removed;
	struct fault *why;
	enum result result;
	size_t nlone;
	struct lone lone[LONE_MAX];
};

static void
fail(struct cleaning *c, const char *op, const char *name, int err)
{
	if (c->result == RES_OK)
		c->result = fault_set(c->why, op, name, err);
}

/* A name that cannot be looked at counts as there; the failure is reported. */
static bool
look_at(
    struct cleaning *c, uint32_t number, enum scan_kind kind, struct stat *st)
{
	char name[SCAN_NAME_MAX];

	scan_name(name, number, kind);
	*st = (struct stat){ .st_ino = 0 };
	if (fstatat(c->dirfd, name, st, AT_SYMLINK_NOFOLLOW) == 0)
		return (true);
	if (errno == ENOENT)
		return (false);
	fail(c, "look at", name, errno);
	return (true);
}

static bool
exists(struct cleaning *c, uint32_t number, enum scan_kind kind)
{
	struct stat st;

	return (look_at(c, number, kind, &st));
}

/*
 * Is there a message, whatever its state?  WRK can become HELD and HELD WRK
 * while we look: two changes in a row would have to come just between these.
 */
static bool
is_committed(struct cleaning *c, uint32_t number)
{
	return (exists(c, number, SCAN_WRK) || exists(c, number, SCAN_BAD) ||
	    exists(c, number, SCAN_HELD) || exists(c, number, SCAN_WRK));
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
 * A consumer removes WRK before TXT, and may have died before the removal was
 * durable: a power cut must not bring back a WRK without its TXT.
 */
static bool
sync_names(struct cleaning *c)
{
	int err = sysfile_sync_names(c->dirfd);

	if (err != 0)
		fail(c, "sync directory", "", err);
	return (err == 0);
}

struct sought {
	uint32_t number;
	bool is_found;
};

static bool
seek_mark(void *ctx, uint32_t number, enum scan_kind kind)
{
	struct sought *s = ctx;

	s->is_found = kind == SCAN_MARK && number == s->number;
	return (!s->is_found);
}

/*
 * A mark beside a CMD: a power cut brought both back, the one that was to
 * replace a WRK, and the mark that became this WRK.  Another process may just
 * be completing it.  What cannot be known counts as there.
 */
static bool
has_mark(struct cleaning *c, uint32_t number)
{
	struct sought s = { number, false };
	struct fault why;

	if (scan_each(c->dirfd, seek_mark, &s, &why) == RES_OK)
		return (s.is_found);
	fail(c, why.op, why.name, why.err);
	return (true);
}

/*
 * The lock on CMD was free, so its session is dead; we hold the lock, so we are
 * the only cleaner.  If there is a WRK, the TXT belongs to a message, and CMD
 * is a second name that a power cut brought back.
 */
static void
clean_dead(struct cleaning *c, uint32_t number)
{
	remove_left_over(c, number, SCAN_TMP);
	if (exists(c, number, SCAN_TXT) && !has_mark(c, number) &&
	    !is_committed(c, number)) {
		/* If it stays, CMD stays too, for another time. */
		if (!sync_names(c))
			return;
		remove_left_over(c, number, SCAN_TXT);
	}
	remove_left_over(c, number, SCAN_CMD);
}

static void
clean_cmd(struct cleaning *c, uint32_t number)
{
	char name[SCAN_NAME_MAX];
	struct fault why;
	int fd;

	scan_name(name, number, SCAN_CMD);
	switch (hold_take(c->dirfd, name, 0, &fd, &why)) {
	case HOLD_OK:
		clean_dead(c, number);
		(void)close(fd);
		break;
	case HOLD_FAILED:
		fail(c, why.op, name, why.err);
		break;
	case HOLD_BUSY:
	case HOLD_GONE:
		/* It lives, or was committed or aborted since. */
		break;
	}
}

/* An envelope changes its name in this order, so it is looked for in it. */
static bool
has_envelope(struct cleaning *c, uint32_t number)
{
	return (exists(c, number, SCAN_CMD) || is_committed(c, number));
}

/*
 * A HELD that is a second name of WRK was left when a message was held back, or
 * released, and that did not come to its end; so was no name of another file.
 */
static void
clean_second_name(struct cleaning *c, uint32_t number)
{
	char held[SCAN_NAME_MAX];
	char wrk[SCAN_NAME_MAX];
	int fd;

	scan_name(held, number, SCAN_HELD);
	scan_name(wrk, number, SCAN_WRK);
	if (!exists(c, number, SCAN_WRK))
		return;
	fd = openat(
	    c->dirfd, held, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return;
	if (sysfile_lock(fd) == 0 && sysfile_is(c->dirfd, held, fd) &&
	    sysfile_is(c->dirfd, wrk, fd))
		remove_left_over(c, number, SCAN_HELD);
	(void)close(fd);
}

static void
keep_lone(struct cleaning *c, uint32_t number)
{
	struct stat st;

	if (c->nlone < LONE_MAX && !has_envelope(c, number) &&
	    look_at(c, number, SCAN_TXT, &st))
		c->lone[c->nlone++] = (struct lone){ number, st.st_ino };
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
		/* CMD keeps its name as long as TMP does. */
		if (!exists(c, number, SCAN_CMD))
			remove_left_over(c, number, SCAN_TMP);
		break;
	case SCAN_TXT:
		keep_lone(c, number);
		break;
	case SCAN_WHY:
		if (!has_envelope(c, number))
			remove_left_over(c, number, SCAN_WHY);
		break;
	case SCAN_HELD:
		clean_second_name(c, number);
		break;
	case SCAN_WRK:
	case SCAN_BAD:
	case SCAN_MARK:
		break;
	}
	return (true);
}

static bool
spare_marked(void *ctx, uint32_t number, enum scan_kind kind)
{
	struct cleaning *c = ctx;
	size_t i;

	for (i = 0; kind == SCAN_MARK && i < c->nlone; i++)
		if (c->lone[i].number == number)
			c->lone[i--] = c->lone[--c->nlone];
	return (true);
}

static void
spare_kept(struct cleaning *c)
{
	size_t i;

	for (i = 0; i < c->nlone; i++)
		if (has_envelope(c, c->lone[i].number))
			c->lone[i--] = c->lone[--c->nlone];
}

static void
remove_lone(struct cleaning *c, const struct lone *l)
{
	struct stat st;

	if (look_at(c, l->number, SCAN_TXT, &st) && st.st_ino == l->file)
		remove_left_over(c, l->number, SCAN_TXT);
}

/*
 * A lone TXT had no CMD when it was recorded.  So if its session lives, its
 * envelope was a mark by then, and may have become a WRK, and the WRK a BAD.
 * If the mark is there all the time while the directory is read, it is seen;
 * if not, the envelope is looked for under its next names.
 */
static enum result
clean_lone(struct cleaning *c, struct fault *why)
{
	size_t i;
	enum result r;

	if (c->nlone == 0)
		return (RES_OK);
	r = scan_each(c->dirfd, spare_marked, c, why);
	if (r != RES_OK)
		return (r);
	spare_kept(c);
	if (c->nlone == 0 || !sync_names(c))
		return (RES_OK);
	for (i = 0; i < c->nlone; i++)
		remove_lone(c, &c->lone[i]);
	return (RES_OK);
}

enum result
scan_clean(int dirfd, uint64_t *removed, struct fault *why)
{
	struct cleaning c = { .dirfd = dirfd, .removed = removed, .why = why };
	struct fault trouble;
	enum result r;
	uint64_t before;
	bool is_full;

	*removed = 0;
	do {
		c.nlone = 0;
		before = *removed;
		r = scan_each(dirfd, clean_one, &c, &trouble);
		is_full = c.nlone == LONE_MAX;
		if (r == RES_OK)
			r = clean_lone(&c, &trouble);
		/* Another round, unless the last one removed nothing. */
	} while (r == RES_OK && is_full && *removed > before);
	if (c.result == RES_OK && r != RES_OK) {
		*why = trouble;
		return (r);
	}
	return (c.result);
}
