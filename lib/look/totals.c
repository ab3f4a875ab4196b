/* SPDX-License-Identifier: ISC */
#include "look/totals.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>

#include "spool/scan.h"

struct counting {
	int dirfd;
	time_t now;
	struct totals *t;
};

/* Since it was accepted, not since it was tried: so its text is looked at. */
static void
count_text(const struct counting *c, uint32_t number)
{
	char name[SCAN_NAME_MAX];
	struct stat st;

	scan_name(name, number, SCAN_TXT);
	if (fstatat(c->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	c->t->bytes += (uint64_t)st.st_size;
	if (c->now > st.st_mtime &&
	    (uint64_t)(c->now - st.st_mtime) > c->t->oldest)
		c->t->oldest = (uint64_t)(c->now - st.st_mtime);
}

static bool
count(void *ctx, uint32_t number, enum scan_kind kind)
{
	const struct counting *c = ctx;

	if (kind == SCAN_WRK) {
		c->t->messages++;
		count_text(c, number);
	} else if (kind == SCAN_HELD) {
		c->t->held++;
	} else if (kind == SCAN_BAD) {
		c->t->aside++;
	}
	return (true);
}

enum result
totals_take(int dirfd, time_t now, struct totals *t, struct fault *why)
{
	struct counting c = { dirfd, now, NULL };

	*t = (struct totals){ .messages = 0 };
	c.t = t;
	return (scan_each(dirfd, count, &c, why));
}
