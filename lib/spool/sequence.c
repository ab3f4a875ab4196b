/* SPDX-License-Identifier: ISC */
#include "spool/sequence.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/complete.h"
#include "spool/hold.h"
#include "spool/owner.h"
#include "spool/scan.h"
#include "spool/stages.h"
#include "sys/sysclock.h"
#include "sys/sysfile.h"
#include "sys/sysio.h"

enum {
	RETRIES = 100,
	/* Milliseconds for completion: others wait for the lock meanwhile. */
	COMPLETE_MS = 2000,
	/* And of these, for marks that others have locked. */
	BUSY_MS = 200
};

void
sequence_boot_id(char boot[COUNTER_BOOT_ID])
{
	char text[COUNTER_BOOT_ID + 1];
	size_t n = 0;
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	memcpy(boot, COUNTER_NO_BOOT, COUNTER_BOOT_ID);
	if (fd < 0)
		return;
	if (sysio_read_file(fd, text, sizeof(text), &n) == SYSIO_OK &&
	    n == sizeof(text) && text[COUNTER_BOOT_ID] == '\n' &&
	    !bytes_has_control((struct bytes){ text, COUNTER_BOOT_ID }))
		memcpy(boot, text, COUNTER_BOOT_ID);
	(void)close(fd);
}

/* Read the open file into *c; if it is garbage, RES_PERM with why->err 0. */
static enum result
read_counter(int fd, struct counter *c, size_t *width, struct fault *why)
{
	char text[COUNTER_LINE + 1];
	struct stat st;
	ssize_t n = 1;

	*width = 0;
	if (fstat(fd, &st) != 0)
		return (fault_set(why, "stat", SEQUENCE_FILE, errno));
	if (!S_ISREG(st.st_mode))
		return (fault_set(why, "not a file", SEQUENCE_FILE, 0));
	/* Read to the end: a number cut short would be another number. */
	while (n != 0 && *width < sizeof(text)) {
		n = pread(
		    fd, text + *width, sizeof(text) - *width, (off_t)*width);
		if (n > 0)
			*width += (size_t)n;
		else if (n < 0 && errno != EINTR)
			return (fault_set(why, "read", SEQUENCE_FILE, errno));
	}
	if (!counter_parse((struct bytes){ text, *width }, c))
		return (fault_set(why, "garbage (see smtpserv-spool repair)",
		    SEQUENCE_FILE, 0));
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
			    why, "write", SEQUENCE_FILE, n == 0 ? EIO : errno));
	}
	err = sync ? sysfile_sync_data(fd) : 0;
	if (err == 0)
		return (RES_OK);
	r = fault_set(why, "sync", SEQUENCE_FILE, err);
	why->broken = true;
	return (r);
}

/*
 * An open and locked descriptor on a file that still has its name; if there is
 * no such file, why->err is ENOENT.
 */
static enum result
open_locked(
    int dirfd, const char *name, int64_t until_ms, int *fd, struct fault *why)
{
	int tries;

	for (tries = 0; tries < RETRIES; tries++)
		switch (hold_take(dirfd, name, until_ms, fd, why)) {
		case HOLD_OK:
			return (RES_OK);
		case HOLD_FAILED:
			return (fault_class(why));
		case HOLD_BUSY:
			/* A sandbox cannot see which process holds the lock. */
			return (fault_set(why,
			    "lock (smtpserv-spool check says who has it)", name,
			    EAGAIN));
		case HOLD_GONE:
			/* It was replaced, and there is a new one. */
			if (!sysfile_exists(dirfd, name))
				return (fault_set(why, "open", name, ENOENT));
			break;
		}
	return (fault_set(why, "lock", name, EAGAIN));
}

/* Give sequence.new, open as fd, the counter's name. */
static enum result
publish(int dirfd, int fd, bool over, struct fault *why)
{
	enum result r;
	int err = over
	    ? sysfile_rename_over(dirfd, SEQUENCE_NEW_FILE, SEQUENCE_FILE, fd)
	    : sysfile_rename_new(dirfd, SEQUENCE_NEW_FILE, SEQUENCE_FILE, fd);

	/* A counter that another process made is as good as ours. */
	if (err == EEXIST)
		err = sysfile_remove(dirfd, SEQUENCE_NEW_FILE);
	if (err != 0)
		return (fault_set(why, "rename to", SEQUENCE_FILE, err));
	err = sysfile_sync_names(dirfd);
	if (err == 0)
		return (RES_OK);
	r = fault_set(why, "sync directory with", SEQUENCE_FILE, err);
	why->broken = true;
	return (r);
}

/*
 * A file system whose renames are not atomic may leave half a rename: both
 * names are one file, and our caller may hold its lock.
 */
static void
remove_second_name(int dirfd)
{
	int fd = openat(dirfd, SEQUENCE_NEW_FILE,
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return;
	/* If it stays, it is in the way of a new one, which says so. */
	if (sysfile_is(dirfd, SEQUENCE_FILE, fd))
		(void)sysfile_remove(dirfd, SEQUENCE_NEW_FILE);
	(void)close(fd);
}

/*
 * Remove what a killed process left: as we can lock it, its process is dead.
 * It may hold anything, so it is not written to.
 */
static enum result
remove_left_over(int dirfd, int64_t until_ms, struct fault *why)
{
	enum result r;
	int err;
	int fd;

	r = open_locked(dirfd, SEQUENCE_NEW_FILE, until_ms, &fd, why);
	if (r != RES_OK)
		return (why->err == ENOENT ? RES_OK : r);
	err = sysfile_remove(dirfd, SEQUENCE_NEW_FILE);
	(void)close(fd);
	return (err == 0 ? RES_OK
			 : fault_set(why, "remove", SEQUENCE_NEW_FILE, err));
}

/* Make a sequence.new, and lock it. */
static enum result
create_new(int dirfd, const struct owner *owner, int64_t until_ms, int *fd,
    struct fault *why)
{
	int tries;

	for (tries = 0; tries < RETRIES; tries++) {
		enum result r = RES_OK;
		int err;

		*fd = owner_create(dirfd, SEQUENCE_NEW_FILE, owner);
		if (*fd < 0 && errno != EEXIST)
			return (
			    fault_set(why, "create", SEQUENCE_NEW_FILE, errno));
		if (*fd < 0) {
			r = remove_left_over(dirfd, until_ms, why);
			if (r != RES_OK)
				return (r);
			continue;
		}
		/* Before our lock another may have taken it for left over. */
		err = sysfile_lock_wait(*fd, until_ms);
		if (err == 0 && sysfile_is(dirfd, SEQUENCE_NEW_FILE, *fd))
			return (RES_OK);
		(void)close(*fd);
		if (err != 0)
			return (fault_set(why, "lock", SEQUENCE_NEW_FILE, err));
	}
	return (fault_set(why, "create", SEQUENCE_NEW_FILE, EAGAIN));
}

/*
 * Write sequence.new whole, and give it the counter's name: over the file
 * `over`, whose lock the caller holds; if `over` is -1, only if there is not a
 * counter yet.
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
		return (fault_set(why, "stat", SEQUENCE_FILE, errno));
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
	/* It is not needed any more; clean would leave it there. */
	if (r != RES_OK && sysfile_is(dirfd, SEQUENCE_NEW_FILE, fd))
		(void)sysfile_remove(dirfd, SEQUENCE_NEW_FILE);
	(void)close(fd);
	return (r);
}

static enum result
create(int dirfd, int64_t until_ms, struct fault *why)
{
	struct counter c;
	uint32_t highest;
	enum result r = scan_highest(dirfd, &highest, why);

	if (r != RES_OK)
		return (r);
	c = counter_starting_at(counter_advance(highest, 1));
	return (install(dirfd, &c, -1, until_ms, why));
}

/*
 * Make the limits durable, and equal.  If the boot id is blank, they may not
 * be: the process that moved one was killed before its sync, or the sync
 * failed.  Only one limit moves between two syncs, because a power cut may
 * leave anything of a limit that is moving.
 */
static enum result
settle(int fd, bool sync, struct counter *c, struct fault *why)
{
	enum result r = RES_OK;

	if (memcmp(c->boot, COUNTER_NO_BOOT, COUNTER_BOOT_ID) == 0)
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
	c->next = counter_advance(c->next, 1);
	counter_confirm(c, COUNTER_NO_BOOT);
	r = write_counter(fd, c, sync, why);
	if (r != RES_OK)
		return (r);
	/* The reservation is durable: now others may take from it. */
	counter_confirm(c, boot);
	return (write_counter(fd, c, false, why));
}

/*
 * Called with the counter's lock held, so the first process completes and the
 * others wait.  A process without syncs does not write this boot's id, so the
 * first one with syncs completes.  Where hosts take turns on one directory,
 * each number may be the first of a boot, and none of them makes marks.
 *
 * A message that cannot be completed, or not in time, does not hold up the
 * others: the number is taken without this boot's id, so the next process goes
 * on with it.  So it is with one that another process has locked for long: that
 * one may be completing it, and be killed before it has.  A commit keeps its
 * mark locked for a few flushes only, and cannot begin without a number, so
 * beside live sessions this ends soon.  If a sync fails, the disk does, and a
 * number is not taken.
 */
static enum result
complete_before(int dirfd, const struct counter *c, const char **boot,
    bool sync, int64_t until_ms, struct fault *why)
{
	struct complete done;
	struct stages stages;
	int64_t now_ms;
	int64_t end_ms;
	enum result r;

	if (!sync || counter_is_of_boot(c, *boot))
		return (RES_OK);
	stages_find(dirfd, &stages);
	if (stages.is_shared)
		return (RES_OK);
	now_ms = sysclock_ms();
	end_ms = now_ms + COMPLETE_MS;
	if (end_ms > until_ms)
		end_ms = until_ms;
	r = complete_all(dirfd, now_ms + BUSY_MS, end_ms, &done, why);
	if (r != RES_OK && why->broken)
		return (r);
	if (r != RES_OK || done.busy > 0)
		*boot = COUNTER_NO_BOOT;
	return (RES_OK);
}

enum result
sequence_next(int dirfd, const char boot[COUNTER_BOOT_ID], bool sync,
    int64_t until_ms, uint32_t *number, struct fault *why)
{
	int tries;

	/* Without syncs nothing is reserved; a blank id says so later. */
	if (!sync)
		boot = COUNTER_NO_BOOT;
	for (tries = 0; tries < RETRIES; tries++) {
		struct counter c = counter_starting_at(1);
		size_t width = 0;
		bool again = false;
		int fd;
		enum result r =
		    open_locked(dirfd, SEQUENCE_FILE, until_ms, &fd, why);

		if (r != RES_OK && why->err == ENOENT) {
			again = true;
			r = create(dirfd, until_ms, why);
		} else if (r == RES_OK) {
			r = read_counter(fd, &c, &width, why);
			/* A short line cannot grow in place safely. */
			again = r == RES_OK && width != COUNTER_LINE;
			if (again)
				r = install(dirfd, &c, fd, until_ms, why);
			else if (r == RES_OK)
				r = complete_before(
				    dirfd, &c, &boot, sync, until_ms, why);
			if (r == RES_OK && !again)
				r = take_locked(
				    fd, boot, sync, &c, number, why);
			(void)close(fd);
		}
		if (!again || r != RES_OK)
			return (r);
	}
	return (fault_set(why, "replaced too often", SEQUENCE_FILE, EAGAIN));
}

enum result
sequence_read(int dirfd, struct counter *c, struct fault *why)
{
	size_t width;
	enum result r;
	int fd = openat(dirfd, SEQUENCE_FILE,
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return (fault_set(why, "open", SEQUENCE_FILE, errno));
	r = read_counter(fd, c, &width, why);
	(void)close(fd);
	return (r);
}

/* A counter above the directory's numbers and those it can still tell. */
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
	/* Garbage tells nothing, but a file that cannot be read might. */
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
	*c = counter_starting_at(counter_advance(highest, COUNTER_STEP_MAX));
	return (RES_OK);
}

enum result
sequence_repair(int dirfd, uint32_t above, int64_t until_ms, uint32_t *next,
    struct fault *why)
{
	struct counter c = counter_starting_at(1);
	enum result r;
	int fd = -1;

	r = open_locked(dirfd, SEQUENCE_FILE, until_ms, &fd, why);
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
