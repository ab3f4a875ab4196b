/* SPDX-License-Identifier: ISC */
#include "spooled.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guard.h"
#include "qmail/qqexit.h"
#include "sys/sysclock.h"

enum {
	/*
	 * For a stranger: the longest wait for the lock in one go, and the
	 * limit for the work after it, which is less than others wait.
	 */
	LOCK_TURN = 1,
	LOCK_HELD = 5
};

/* As spool_begin(), and a stranger holds the counter's lock for a moment. */
static enum result
begin_message(struct spooled *p, struct fault *why)
{
	int64_t ends_at = sysclock_after(sysclock_ms(), SPOOL_LOCK_WAIT);
	struct bytes none = { NULL, 0 };
	struct guard guard;
	enum result r;

	if (!p->is_strangers)
		return (spool_begin(&p->spool, &p->msg, none, ends_at, why));
	do {
		r = guard_begin(&guard, LOCK_HELD, why);
		if (r != RES_OK)
			return (r);
		r = spool_begin(&p->spool, &p->msg, none,
		    sysclock_after(sysclock_ms(), LOCK_TURN), why);
		guard_end(&guard);
	} while (r != RES_OK && why->err == EAGAIN && sysclock_ms() < ends_at);
	return (r);
}

static enum result
begin(void *ctx, struct trace_facts *facts, struct fault *why)
{
	struct spooled *p = ctx;
	enum result r = begin_message(p, why);

	if (r == RES_OK)
		facts->number = p->msg.number;
	return (r);
}

static enum result
text(void *ctx, struct bytes text, struct fault *why)
{
	struct spooled *p = ctx;

	return (spool_append(&p->msg, text, why));
}

static enum result
lines(void *ctx, struct bytes lines, struct fault *why)
{
	struct spooled *p = ctx;

	return (spool_append_envelope(&p->msg, lines, why));
}

const struct sink SPOOLED_SINK = { begin, QQEXIT_SPOOL, text, lines };

/*
 * Files of a stranger's group could be read by that group, and not by the
 * spool's.
 */
static enum result
check_group(const struct spooled *p, struct fault *why)
{
	const char *dir = p->dir;
	struct owner owner;
	struct stat st;
	enum result r = owner_find(p->spool.dirfd, NULL, &owner, why);

	if (r != RES_OK || owner.is_other)
		return (r);
	if (fstat(p->spool.dirfd, &st) != 0)
		return (fault_set(why, "look at", dir, errno));
	if ((st.st_mode & S_ISGID) != 0 || st.st_gid == getegid())
		return (RES_OK);
	return (fault_set(why,
	    "give files (not being set-group-ID, too) the group of", dir,
	    EPERM));
}

enum result
spooled_open(struct spooled *p, const struct settings *settings,
    bool is_strangers, struct fault *why)
{
	enum result r;

	p->dir = settings->spool.dir;
	p->is_strangers = is_strangers;
	spool_msg_init(&p->msg);
	r = spool_open(&p->spool, p->dir, settings->spool.sync != 0, why);
	return (r == RES_OK && is_strangers ? check_group(p, why) : r);
}

enum result
spooled_commit(struct spooled *p, struct fault *why)
{
	return (spool_commit(&p->msg, why));
}

void
spooled_abort(struct spooled *p)
{
	spool_abort(&p->msg);
}
