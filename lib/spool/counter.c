/* SPDX-License-Identifier: ISC */
#include "spool/counter.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "bytes/num.h"
#include "spool/complete.h"
#include "spool/owner.h"
#include "spool/scan.h"
#include "spool/stages.h"
#include "sys/sysclock.h"
#include "sys/sysfile.h"
#include "sys/sysio.h"

enum {
	DIGITS = 10,
	NEXT_AT = 0,
	LIMIT_AT = 11,
	LIMIT2_AT = 22,
	STEP_AT = 33,
	BOOT_AT = 38,
	RETRIES = 100
};

/* Blanks, on which no reservation can be trusted. */
static const char NO_BOOT[COUNTER_BOOT_ID + 1] =
    "                                    ";

/* n steps on; after the last number comes 1. */
static uint32_t
advance(uint32_t from, uint32_t n)
{
	uint64_t to = (uint64_t)from + n;

	return (
	    (uint32_t)(to > COUNTER_NUMBER_MAX ? to - COUNTER_NUMBER_MAX : to));
}

bool
counter_is_of_boot(const struct counter *c, const char boot[COUNTER_BOOT_ID])
{
	return (memcmp(c->boot, boot, COUNTER_BOOT_ID) == 0 &&
	    memcmp(boot, NO_BOOT, COUNTER_BOOT_ID) != 0);
}

static bool
same_boot(const struct counter *c, const char boot[COUNTER_BOOT_ID])
{
	return (counter_is_of_boot(c, boot) && c->limit[0] == c->limit[1]);
}

/*
 * How many numbers are left of the reservation.  A `next` that is nowhere near
 * the limit was not written by us, so nothing is known to be reserved.
 */
static uint32_t
left(const struct counter *c)
{
	uint64_t n = ((uint64_t)c->limit[0] + COUNTER_NUMBER_MAX - c->next) %
	    COUNTER_NUMBER_MAX;

	return (c->next != 0 && n <= COUNTER_STEP_MAX ? (uint32_t)n : 0);
}

/*
 * A field of the line, with the byte behind it.  False if it is no number at
 * all; one that is out of range reads as 0.
 */
static bool
field(struct bytes line, size_t at, size_t n, char behind, uint32_t *value)
{
	uint64_t wide;

	if (!num_parse(bytes_cut(line, at, n), UINT64_MAX, &wide) ||
	    line.p[at + n] != behind)
		return (false);
	*value = wide <= COUNTER_NUMBER_MAX ? (uint32_t)wide : 0;
	return (true);
}

/*
 * A power cut may leave any mixture of two lines.  `next` and `step` may
 * then be nonsense, and so may one of the limits, but not both.
 */
static bool
parse_line(struct bytes text, struct counter *c)
{
	if (!field(text, NEXT_AT, DIGITS, ' ', &c->next) ||
	    !field(text, LIMIT_AT, DIGITS, ' ', &c->limit[0]) ||
	    !field(text, LIMIT2_AT, DIGITS, ' ', &c->limit[1]) ||
	    !field(text, STEP_AT, 4, ' ', &c->step) ||
	    text.p[COUNTER_LINE - 1] != '\n')
		return (false);
	memcpy(c->boot, text.p + BOOT_AT, COUNTER_BOOT_ID);
	if (c->step == 0 || c->step > COUNTER_STEP_MAX)
		c->step = 1;
	return (c->limit[0] != 0 || c->limit[1] != 0);
}

bool
counter_parse(struct bytes text, struct counter *c)
{
	uint64_t alone;

	if (text.n == COUNTER_LINE)
		return (parse_line(text, c));
	if (text.n > 0 && text.p[text.n - 1] == '\n')
		text.n--;
	if (text.n > 0 && text.p[text.n - 1] == '\r')
		text.n--;
	text = bytes_trim_end(text);
	if (!num_parse(text, COUNTER_NUMBER_MAX, &alone) || alone == 0)
		return (false);
	*c = (struct counter){ .next = (uint32_t)alone,
		.step = 1,
		.limit = { (uint32_t)alone, (uint32_t)alone } };
	memcpy(c->boot, NO_BOOT, COUNTER_BOOT_ID);
	return (true);
}

/* The number in so many digits, with zeros before it. */
static void
put_padded(struct buf *b, uint32_t n, size_t width)
{
	char digits[NUM_DIGITS_MAX];
	struct bytes text = num_print(digits, n);

	for (; width > text.n; width--)
		(void)buf_putc(b, '0');
	(void)buf_put(b, text);
}

void
counter_print(const struct counter *c, char line[COUNTER_LINE])
{
	struct buf b;

	buf_init(&b, line, COUNTER_LINE);
	put_padded(&b, c->next, DIGITS);
	(void)buf_putc(&b, ' ');
	put_padded(&b, c->limit[0], DIGITS);
	(void)buf_putc(&b, ' ');
	put_padded(&b, c->limit[1], DIGITS);
	(void)buf_putc(&b, ' ');
	put_padded(&b, c->step, 4);
	(void)buf_putc(&b, ' ');
	(void)buf_put(&b, (struct bytes){ c->boot, COUNTER_BOOT_ID });
	(void)buf_putc(&b, '\n');
}

bool
counter_take(
    struct counter *c, const char boot[COUNTER_BOOT_ID], uint32_t *number)
{
	if (!same_boot(c, boot) || left(c) == 0)
		return (false);
	*number = c->next;
	c->next = advance(c->next, 1);
	return (true);
}

bool
counter_settle(struct counter *c)
{
	if (c->limit[0] == c->limit[1])
		return (false);
	if (scan_is_later(c->limit[0], c->limit[1]))
		c->limit[1] = c->limit[0];
	else
		c->limit[0] = c->limit[1];
	memcpy(c->boot, NO_BOOT, COUNTER_BOOT_ID);
	return (true);
}

void
counter_reserve(struct counter *c, const char boot[COUNTER_BOOT_ID])
{
	if (same_boot(c, boot)) {
		c->step *= 2;
		if (c->step > COUNTER_STEP_MAX)
			c->step = COUNTER_STEP_MAX;
	} else {
		c->step = 1;
	}
	/* Somebody moved `next` ahead by hand; this boot, so it is good. */
	if (same_boot(c, boot) && scan_is_later(c->next, c->limit[1]))
		c->limit[1] = c->next;
	/* The limit ahead is the one that was durable, or beyond it. */
	if (scan_is_later(c->limit[0], c->limit[1]))
		c->limit[1] = c->limit[0];
	c->next = c->limit[1];
	c->limit[0] = advance(c->next, c->step);
	/* Not ours before it is confirmed. */
	memcpy(c->boot, NO_BOOT, COUNTER_BOOT_ID);
}

void
counter_confirm(struct counter *c, const char boot[COUNTER_BOOT_ID])
{
	c->limit[1] = c->limit[0];
	memcpy(c->boot, boot, COUNTER_BOOT_ID);
}

void
counter_boot_id(char boot[COUNTER_BOOT_ID])
{
	char text[COUNTER_BOOT_ID + 1];
	size_t n = 0;
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	memcpy(boot, NO_BOOT, COUNTER_BOOT_ID);
	if (fd < 0)
		return;
	if (sysio_read_file(fd, text, sizeof(text), &n) == SYSIO_OK &&
	    n == sizeof(text) && text[COUNTER_BOOT_ID] == '\n' &&
	    !bytes_has_control((struct bytes){ text, COUNTER_BOOT_ID }))
		memcpy(boot, text, COUNTER_BOOT_ID);
	(void)close(fd);
}

/* The open file into *c; RES_PERM with no errno where it is garbage. */
static enum result
read_counter(int fd, struct counter *c, size_t *width, struct fault *why)
{
	char text[COUNTER_LINE + 1];
	struct stat st;
	ssize_t n = 1;

	*width = 0;
	if (fstat(fd, &st) != 0)
		return (fault_set(why, "stat", COUNTER_FILE, errno));
	if (!S_ISREG(st.st_mode))
		return (fault_set(why, "not a file", COUNTER_FILE, 0));
	/* To its end: the first digits of a number are another number. */
	while (n != 0 && *width < sizeof(text)) {
		n = pread(
		    fd, text + *width, sizeof(text) - *width, (off_t)*width);
		if (n > 0)
			*width += (size_t)n;
		else if (n < 0 && errno != EINTR)
			return (fault_set(why, "read", COUNTER_FILE, errno));
	}
	if (!counter_parse((struct bytes){ text, *width }, c))
		return (fault_set(why, "garbage (see smtpserv-spool repair)",
		    COUNTER_FILE, 0));
	return (RES_OK);
}

static enum result
write_counter(int fd, const struct counter *c, bool sync, struct fault *why)
{
	char line[COUNTER_LINE];
	size_t done = 0;
	enum result r;
	int err;

	counter_print(c, line);
	while (done < sizeof(line)) {
		ssize_t n =
		    pwrite(fd, line + done, sizeof(line) - done, (off_t)done);

		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			return (fault_set(
			    why, "write", COUNTER_FILE, n == 0 ? EIO : errno));
	}
	err = sync ? sysfile_sync_data(fd) : 0;
	if (err == 0)
		return (RES_OK);
	r = fault_set(why, "sync", COUNTER_FILE, err);
	why->broken = true;
	return (r);
}

/* An open and locked descriptor on a file that still has its name. */
static enum result
open_locked(
    int dirfd, const char *name, int64_t until_ms, int *fd, struct fault *why)
{
	int tries;

	for (tries = 0; tries < RETRIES; tries++) {
		int err;

		*fd = openat(
		    dirfd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
		if (*fd < 0)
			return (fault_set(why, "open", name, errno));
		err = sysfile_lock_wait(*fd, until_ms);
		if (err == 0 && sysfile_is(dirfd, name, *fd))
			return (RES_OK);
		(void)close(*fd);
		/* Whom we waited for we cannot see from a sandbox. */
		if (err != 0)
			return (fault_set(why,
			    "lock (smtpserv-spool check says who has it)", name,
			    err));
	}
	return (fault_set(why, "lock", name, EAGAIN));
}

/* Give sequence.new, open as fd, the counter's name. */
static enum result
publish(int dirfd, int fd, bool over, struct fault *why)
{
	enum result r;
	int err = over
	    ? sysfile_rename_over(dirfd, COUNTER_NEW_FILE, COUNTER_FILE, fd)
	    : sysfile_rename_new(dirfd, COUNTER_NEW_FILE, COUNTER_FILE, fd);

	/* Somebody else's counter is as good as ours. */
	if (err == EEXIST)
		err = sysfile_remove(dirfd, COUNTER_NEW_FILE);
	if (err != 0)
		return (fault_set(why, "rename to", COUNTER_FILE, err));
	err = sysfile_sync_names(dirfd);
	if (err == 0)
		return (RES_OK);
	r = fault_set(why, "sync directory with", COUNTER_FILE, err);
	why->broken = true;
	return (r);
}

/*
 * Half a rename, of a file system whose renames are not atomic: both names
 * are one file, whose lock our caller may hold.
 */
static void
remove_second_name(int dirfd)
{
	int fd = openat(dirfd, COUNTER_NEW_FILE,
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return;
	/* If it stays, it is in the way of a new one, which says so. */
	if (sysfile_is(dirfd, COUNTER_FILE, fd))
		(void)sysfile_remove(dirfd, COUNTER_NEW_FILE);
	(void)close(fd);
}

/*
 * What a process left that was killed over it: with its lock held it is
 * nobody's any more.  It may be anything, so it is not written to.
 */
static enum result
remove_left_over(int dirfd, int64_t until_ms, struct fault *why)
{
	enum result r;
	int err;
	int fd;

	r = open_locked(dirfd, COUNTER_NEW_FILE, until_ms, &fd, why);
	if (r != RES_OK)
		return (why->err == ENOENT ? RES_OK : r);
	err = sysfile_remove(dirfd, COUNTER_NEW_FILE);
	(void)close(fd);
	return (err == 0 ? RES_OK
			 : fault_set(why, "remove", COUNTER_NEW_FILE, err));
}

/* A sequence.new that is new, and locked. */
static enum result
create_new(int dirfd, const struct owner *owner, int64_t until_ms, int *fd,
    struct fault *why)
{
	int tries;

	for (tries = 0; tries < RETRIES; tries++) {
		enum result r = RES_OK;
		int err;

		*fd = owner_create(dirfd, COUNTER_NEW_FILE, owner);
		if (*fd < 0 && errno != EEXIST)
			return (
			    fault_set(why, "create", COUNTER_NEW_FILE, errno));
		if (*fd < 0) {
			r = remove_left_over(dirfd, until_ms, why);
			if (r != RES_OK)
				return (r);
			continue;
		}
		/* Between these somebody may have taken it for left over. */
		err = sysfile_lock_wait(*fd, until_ms);
		if (err == 0 && sysfile_is(dirfd, COUNTER_NEW_FILE, *fd))
			return (RES_OK);
		(void)close(*fd);
		if (err != 0)
			return (fault_set(why, "lock", COUNTER_NEW_FILE, err));
	}
	return (fault_set(why, "create", COUNTER_NEW_FILE, EAGAIN));
}

/*
 * Write sequence.new whole, and give it the counter's name: over the file
 * `over`, which the caller holds the lock of, or, if that is -1, only if there
 * is none.
 */
static enum result
install(int dirfd, const struct counter *c, int over, int64_t until_ms,
    struct fault *why)
{
	struct owner owner;
	struct stat st;
	enum result r;
	int fd;

	if (over >= 0 && fstat(over, &st) != 0)
		return (fault_set(why, "stat", COUNTER_FILE, errno));
	r = owner_find(dirfd, over >= 0 ? &st : NULL, &owner, why);
	if (r != RES_OK)
		return (r);
	remove_second_name(dirfd);
	r = create_new(dirfd, &owner, until_ms, &fd, why);
	if (r != RES_OK)
		return (r);
	r = write_counter(fd, c, true, why);
	if (r == RES_OK)
		r = publish(dirfd, fd, over >= 0, why);
	/* Nobody needs it any more; clean does not mind it either. */
	if (r != RES_OK && sysfile_is(dirfd, COUNTER_NEW_FILE, fd))
		(void)sysfile_remove(dirfd, COUNTER_NEW_FILE);
	(void)close(fd);
	return (r);
}

static struct counter
starting_at(uint32_t next)
{
	struct counter c = { .next = next, .limit = { next, next }, .step = 1 };

	memcpy(c.boot, NO_BOOT, COUNTER_BOOT_ID);
	return (c);
}

static enum result
create(int dirfd, int64_t until_ms, struct fault *why)
{
	struct counter c;
	uint32_t highest;
	enum result r = scan_highest(dirfd, &highest, why);

	if (r != RES_OK)
		return (r);
	c = starting_at(advance(highest, 1));
	return (install(dirfd, &c, -1, until_ms, why));
}

/*
 * Limits that are durable, and equal.  Without a boot id they may not be:
 * whoever moved one was killed before the sync, or it failed.  One limit moves
 * from sync to sync, because of one that is moving anything may be left.
 */
static enum result
settle(int fd, bool sync, struct counter *c, struct fault *why)
{
	enum result r = RES_OK;

	if (memcmp(c->boot, NO_BOOT, COUNTER_BOOT_ID) == 0)
		r = write_counter(fd, c, sync, why);
	if (r == RES_OK && counter_settle(c))
		r = write_counter(fd, c, sync, why);
	return (r);
}

/* With the lock held: a number, made durable if it has to be. */
static enum result
take_locked(int fd, const char boot[COUNTER_BOOT_ID], bool sync,
    struct counter *c, uint32_t *number, struct fault *why)
{
	enum result r;

	if (counter_take(c, boot, number))
		return (write_counter(fd, c, false, why));
	r = settle(fd, sync, c, why);
	if (r != RES_OK)
		return (r);
	counter_reserve(c, boot);
	r = write_counter(fd, c, sync, why);
	if (r != RES_OK)
		return (r);
	*number = c->next;
	c->next = advance(c->next, 1);
	counter_confirm(c, NO_BOOT);
	r = write_counter(fd, c, sync, why);
	if (r != RES_OK)
		return (r);
	/* Durable: now others may take from it. */
	counter_confirm(c, boot);
	return (write_counter(fd, c, false, why));
}

/*
 * With the counter's lock held, so the first completes and the others wait.
 * Without syncs this boot's id is not written, so whoever comes with them does
 * it.  Where hosts take turns on one directory, each number may be the first of
 * a boot's, and nobody makes marks.
 */
static enum result
complete_before(int dirfd, const struct counter *c,
    const char boot[COUNTER_BOOT_ID], bool sync, int64_t until_ms,
    struct fault *why)
{
	struct complete done;
	struct stages stages;

	if (!sync || counter_is_of_boot(c, boot))
		return (RES_OK);
	stages_find(dirfd, &stages);
	return (stages.is_shared ? RES_OK
				 : complete_all(dirfd, until_ms, &done, why));
}

enum result
counter_next(int dirfd, const char boot[COUNTER_BOOT_ID], bool sync,
    int64_t until_ms, uint32_t *number, struct fault *why)
{
	int tries;

	/* Without syncs nothing is reserved, so nothing may trust it later. */
	if (!sync)
		boot = NO_BOOT;
	for (tries = 0; tries < RETRIES; tries++) {
		struct counter c = starting_at(1);
		size_t width = 0;
		bool again = false;
		int fd;
		enum result r =
		    open_locked(dirfd, COUNTER_FILE, until_ms, &fd, why);

		if (r != RES_OK && why->err == ENOENT) {
			again = true;
			r = create(dirfd, until_ms, why);
		} else if (r == RES_OK) {
			r = read_counter(fd, &c, &width, why);
			/* A short line cannot grow in place and stay whole. */
			again = r == RES_OK && width != COUNTER_LINE;
			if (again)
				r = install(dirfd, &c, fd, until_ms, why);
			else if (r == RES_OK)
				r = complete_before(
				    dirfd, &c, boot, sync, until_ms, why);
			if (r == RES_OK && !again)
				r = take_locked(
				    fd, boot, sync, &c, number, why);
			(void)close(fd);
		}
		if (!again || r != RES_OK)
			return (r);
	}
	return (fault_set(why, "replaced too often", COUNTER_FILE, EAGAIN));
}

enum result
counter_read(int dirfd, struct counter *c, struct fault *why)
{
	size_t width;
	enum result r;
	int fd = openat(dirfd, COUNTER_FILE,
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return (fault_set(why, "open", COUNTER_FILE, errno));
	r = read_counter(fd, c, &width, why);
	(void)close(fd);
	return (r);
}

/* Above the directory's numbers and what the counter can still tell. */
static enum result
repaired(
    int dirfd, int fd, uint32_t above, struct counter *c, struct fault *why)
{
	uint32_t highest = 0;
	size_t width;
	enum result r = scan_highest(dirfd, &highest, why);

	if (r != RES_OK)
		return (r);
	if (scan_is_later(above, highest))
		highest = above;
	/* Garbage tells nothing; what cannot be read might. */
	if (fd >= 0)
		r = read_counter(fd, c, &width, why);
	if (r != RES_OK && why->err != 0)
		return (r);
	if (fd >= 0 && r == RES_OK) {
		if (scan_is_later(c->next, highest))
			highest = c->next;
		if (scan_is_later(c->limit[0], highest))
			highest = c->limit[0];
		if (scan_is_later(c->limit[1], highest))
			highest = c->limit[1];
	}
	*c = starting_at(advance(highest, COUNTER_STEP_MAX));
	return (RES_OK);
}

enum result
counter_repair(int dirfd, uint32_t above, int64_t until_ms, uint32_t *next,
    struct fault *why)
{
	struct counter c = starting_at(1);
	enum result r;
	int fd = -1;

	r = open_locked(dirfd, COUNTER_FILE, until_ms, &fd, why);
	if (r != RES_OK && why->err != ENOENT)
		return (r);
	r = repaired(dirfd, r == RES_OK ? fd : -1, above, &c, why);
	if (r == RES_OK)
		r = install(dirfd, &c, fd, until_ms, why);
	if (fd >= 0)
		(void)close(fd);
	if (r == RES_OK)
		*next = c.next;
	return (r);
}
