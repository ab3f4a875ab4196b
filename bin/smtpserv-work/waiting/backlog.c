/* SPDX-License-Identifier: ISC */
#include "waiting/backlog.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/scan.h"
#include "sys/sysclock.h"
#include "waiting/watch.h"

enum {
	/* Milliseconds between two readings of the directory: */
	SCAN_MIN_MS = 2000,
	SCAN_MAX_MS = 60000,
	/* in between, so many times as long as one took. */
	SCAN_SHARE = 100
};

/* Seconds since we started, by which the queue counts. */
static uint32_t
clock_now(const struct backlog *b)
{
	return ((uint32_t)((sysclock_ms() - b->started_ms) / 1000));
}

void
backlog_open(struct backlog *b, int dirfd, const char *dir, bool once)
{
	*b = (struct backlog){ .dir = dir,
		.dirfd = dirfd,
		.once = once,
		.watch = watch_open(dir),
		.started_ms = sysclock_ms() };
	queue_init(&b->queue);
}

void
backlog_close(struct backlog *b)
{
	if (b->watch >= 0)
		(void)close(b->watch);
	queue_free(&b->queue);
}

static bool
see(void *ctx, uint32_t number, enum scan_kind kind)
{
	struct backlog *b = ctx;

	return (
	    kind != SCAN_WRK || queue_append(&b->queue, number, clock_now(b)));
}

static void
hear(void *ctx, uint32_t number)
{
	struct backlog *b = ctx;

	/* If there is no memory for it: the directory is read again. */
	if (!queue_add(&b->queue, number, clock_now(b)))
		b->scan_ms = sysclock_ms() + SCAN_MIN_MS;
}

/*
 * Has our directory still its name?  If not, such as that a file system was
 * mounted or restored, mail comes in where we would never see it.
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

/* Deliveries may be running: do not end because it cannot be read now. */
void
backlog_look(struct backlog *b, const struct log *log)
{
	int64_t before = sysclock_ms();
	struct fault why;
	int64_t pause;

	b->is_blind = scan_each(b->dirfd, see, b, &why) != RES_OK;
	if (b->is_blind)
		log_fault(log, &why);
	queue_merge(&b->queue);
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
	if (has_news && !watch_read(b->watch, hear, b))
		b->scan_ms = 0;
	if (sysclock_ms() >= b->scan_ms)
		backlog_look(b, log);
}

bool
backlog_is_due(const struct backlog *b)
{
	return (queue_wakes(&b->queue) <= clock_now(b));
}

bool
backlog_next(struct backlog *b, bool bulk, uint32_t *number)
{
	return (queue_next(&b->queue, clock_now(b), bulk, number));
}

void
backlog_put_back(struct backlog *b, uint32_t number, enum queue_state state,
    uint32_t seconds)
{
	queue_put_back(&b->queue, number, state,
	    b->once ? UINT32_MAX : clock_now(b) + seconds);
}

void
backlog_defer(struct backlog *b, uint32_t number)
{
	queue_put_back(&b->queue, number, QUEUE_BULK, 0);
}

void
backlog_forget(struct backlog *b, uint32_t number)
{
	queue_forget(&b->queue, number);
}

int64_t
backlog_patience(const struct backlog *b)
{
	int64_t now = sysclock_ms();
	int64_t left = b->scan_ms - now;
	uint32_t wakes = queue_wakes(&b->queue);

	/* What is due already waits for a slot, not for a time. */
	if (wakes != UINT32_MAX && wakes > clock_now(b)) {
		int64_t due = b->started_ms + (int64_t)wakes * 1000 - now;

		left = due < left ? due : left;
	}
	return (left);
}
