/* SPDX-License-Identifier: ISC */
#include "waiting/backlog.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/scan.h"
#include "spool/schedule.h"
#include "sys/sysclock.h"
#include "waiting/watch.h"

enum {
	/* Milliseconds between two readings of the directory: */
	SCAN_MIN_MS = 2000,
	SCAN_MAX_MS = 60000,
	/* in between, so many times as long as one took. */
	SCAN_SHARE = 100
};

uint32_t
backlog_now(const struct backlog *b)
{
	return ((uint32_t)((sysclock_ms() - b->started_ms) / 1000));
}

void
backlog_open(
    struct backlog *b, int dirfd, const char *dir, bool once, uint32_t slots)
{
	*b = (struct backlog){ .dir = dir,
		.dirfd = dirfd,
		.once = once,
		.watch = watch_open(dir),
		.started_ms = sysclock_ms() };
	queue_init(&b->queue);
	destination_init(&b->destinations, slots, &b->queue);
}

void
backlog_close(struct backlog *b)
{
	if (b->watch >= 0)
		(void)close(b->watch);
	queue_free(&b->queue);
}

/*
 * Does somebody want a message to be tried that waits?  Its envelope says so by
 * its time, until it was tried.
 */
static bool
heed(struct backlog *b, uint32_t number)
{
	char name[SCAN_NAME_MAX];
	struct stat st;

	scan_name(name, number, SCAN_WRK);
	if (!queue_is_waiting(&b->queue, number) ||
	    fstatat(b->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !schedule_is_asked(&st.st_mtim))
		return (false);
	queue_ask(&b->queue, number, backlog_now(b));
	b->is_asked = true;
	return (true);
}

static bool
see(void *ctx, uint32_t number, enum scan_kind kind)
{
	struct backlog *b = ctx;

	if (b->is_deaf && kind == SCAN_WRK)
		(void)heed(b, number); /* it is seen in any case */
	return (
	    kind != SCAN_WRK || queue_see(&b->queue, number, backlog_now(b)));
}

static void
hear(void *ctx, uint32_t number, bool is_changed)
{
	struct backlog *b = ctx;

	if (is_changed && heed(b, number))
		return;
	/* If there is not memory for it, the directory is read again. */
	if (!queue_add(&b->queue, number, backlog_now(b)))
		b->scan_ms = sysclock_ms() + SCAN_MIN_MS;
}

/*
 * Has our directory still its name?  If not, as after a file system was mounted
 * or restored there, mail comes in where we would never see it.
 */
static bool
is_in_place(const struct backlog *b)
{
	struct stat ours;
	struct stat named;

	if (stat(b->dir, &named) != 0)
		return (errno != ENOENT && errno != ENOTDIR);
	return (fstat(b->dirfd, &ours) != 0 ||
	    (ours.st_dev == named.st_dev && ours.st_ino == named.st_ino));
}

/* If it cannot be read now, do not end: deliveries may be running. */
void
backlog_look(struct backlog *b, const struct log *log)
{
	int64_t before = sysclock_ms();
	struct fault why;
	int64_t pause;

	b->is_blind = scan_each(b->dirfd, see, b, &why) != RES_OK;
	if (b->is_blind)
		log_fault(log, &why);
	else
		b->is_deaf = false;
	queue_sweep(&b->queue, backlog_now(b));
	pause = (sysclock_ms() - before) * SCAN_SHARE;
	if (pause < SCAN_MIN_MS)
		pause = SCAN_MIN_MS;
	if (pause > SCAN_MAX_MS)
		pause = SCAN_MAX_MS;
	b->scan_ms = sysclock_ms() + pause;
	b->is_lost = b->is_lost || !is_in_place(b);
}

void
backlog_refresh(struct backlog *b, bool has_news, const struct log *log)
{
	if (has_news && !watch_read(b->watch, hear, b)) {
		b->is_deaf = true;
		b->scan_ms = 0;
	}
	if (sysclock_ms() >= b->scan_ms)
		backlog_look(b, log);
	/* A person may know that what was down is well again. */
	if (b->is_asked)
		destination_hurry(&b->destinations);
	b->is_asked = false;
}

/* As a line of the queue sees it. */
struct doors {
	const struct backlog *backlog;
	uint32_t now;
	struct backlog_room room;
};

static uint32_t
opens(const void *ctx, uint32_t line)
{
	const struct doors *d = ctx;

	if (line == QUEUE_BULK)
		return (d->room.bulk && d->room.others ? 0 : UINT32_MAX);
	if (line < DESTINATION_FIRST ? !d->room.others
				     : !d->room.agents &&
		    !destination_is_hop(&d->backlog->destinations, line))
		return (UINT32_MAX);
	return (destination_opens(&d->backlog->destinations, line, d->now));
}

static uint32_t
wakes(const struct backlog *b)
{
	struct doors d = { b, backlog_now(b), { false, true, true } };

	return (queue_wakes(&b->queue, opens, &d));
}

bool
backlog_is_due(const struct backlog *b)
{
	return (wakes(b) <= backlog_now(b));
}

bool
backlog_is_open(const struct backlog *b, uint32_t where)
{
	uint32_t now = backlog_now(b);

	return (destination_opens(&b->destinations, where, now) <= now);
}

bool
backlog_next(
    struct backlog *b, const struct backlog_room *room, uint32_t *number)
{
	struct doors d = { b, backlog_now(b), *room };

	return (queue_next(&b->queue, d.now, opens, &d, number));
}

static uint32_t
after(const struct backlog *b, uint32_t seconds)
{
	uint32_t now = backlog_now(b);

	return (seconds < UINT32_MAX - now ? now + seconds : UINT32_MAX);
}

static uint32_t
due_after(const struct backlog *b, uint32_t seconds)
{
	return (b->once ? UINT32_MAX : after(b, seconds));
}

void
backlog_hurry(struct backlog *b)
{
	queue_hurry(&b->queue, backlog_now(b));
	destination_hurry(&b->destinations);
}

void
backlog_put_back(struct backlog *b, uint32_t number, uint32_t where,
    const struct backlog_times *times)
{
	queue_put_back(&b->queue, number,
	    &(struct queue_place){ .line = where,
		.due = due_after(b, times->due),
		.alarm = due_after(b, times->alarm) });
}

void
backlog_share(struct backlog *b, uint32_t number, uint32_t seconds)
{
	queue_put_back(&b->queue, number,
	    &(struct queue_place){ .line = QUEUE_SEEN,
		.due = due_after(b, seconds),
		.alarm = UINT32_MAX,
		.is_busy = true });
}

void
backlog_hold(struct backlog *b, uint32_t number, uint32_t where, uint32_t alarm)
{
	queue_put_back(&b->queue, number,
	    &(struct queue_place){ .line = where,
		.due = queue_due(&b->queue, number),
		.alarm = after(b, alarm) });
}

void
backlog_release(struct backlog *b, uint32_t where)
{
	queue_release(&b->queue, where, after(b, BACKLOG_MIXED));
}

void
backlog_defer(struct backlog *b, uint32_t number)
{
	queue_put_back(&b->queue, number,
	    &(struct queue_place){ .line = QUEUE_BULK,
		.due = queue_due(&b->queue, number),
		.alarm = UINT32_MAX });
}

void
backlog_forget(struct backlog *b, uint32_t number)
{
	queue_forget(&b->queue, number);
}

void
backlog_unroute(struct backlog *b)
{
	queue_unroute(&b->queue);
}

int64_t
backlog_patience(const struct backlog *b)
{
	int64_t now = sysclock_ms();
	int64_t left = b->scan_ms - now;
	uint32_t next = wakes(b);

	/* A message that is due already waits for a slot, not for a time. */
	if (next != UINT32_MAX && next > backlog_now(b)) {
		int64_t due = b->started_ms + (int64_t)next * 1000 - now;

		left = due < left ? due : left;
	}
	return (left);
}
