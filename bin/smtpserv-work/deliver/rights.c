/* SPDX-License-Identifier: ISC */
#include "deliver/rights.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/spool.h"
#include "table/instruction.h"

static bool
refuse(struct outcome *out, const char *name, const char *why)
{
	outcome_set(out, OUTCOME_TRY_AGAIN, "4.3.5",
	    "command: not run as user %s: %s", name, why);
	return (false);
}

/* False: getpwnam(3) or getpwuid(3) has found nobody. */
static bool
set_user(struct rights *r, const struct passwd *pw)
{
	if (pw == NULL || strlen(pw->pw_name) >= sizeof(r->user.name) ||
	    strlen(pw->pw_dir) >= sizeof(r->home))
		return (false);
	memcpy(r->user.name, pw->pw_name, strlen(pw->pw_name) + 1);
	memcpy(r->home, pw->pw_dir, strlen(pw->pw_dir) + 1);
	r->user.uid = pw->pw_uid;
	r->user.gid = pw->pw_gid;
	return (true);
}

static bool
find_named(const struct delivery *d, const char *name, struct rights *r,
    struct outcome *out)
{
	if (!set_user(r, getpwnam(name)))
		return (refuse(out, name, "there is no such user"));
	r->is_named = true;
	r->is_given = geteuid() == 0;
	if (r->user.uid == 0)
		return (refuse(out, name, "mail is not for root to run"));
	if (!r->is_given && r->user.uid != geteuid())
		return (refuse(out, name, "the worker is not root"));
	if (r->is_given && !d->may_name_users)
		return (refuse(
		    out, name, "others than root can write to the table"));
	return (true);
}

/* Those of the spool's owner, as whom a worker runs that is not root. */
static bool
find_owner(const struct delivery *d, struct rights *r, struct outcome *out)
{
	struct stat st;
	char name[32];

	if (geteuid() != 0)
		return (true);
	if (fstat(d->spool->dirfd, &st) != 0) {
		outcome_fault(out, "4.3.0", "look at", "the spool", errno);
		return (false);
	}
	r->is_given = st.st_uid != 0;
	if (!r->is_given || set_user(r, getpwuid(st.st_uid)))
		return (true);
	(void)snprintf(name, sizeof(name), "%lu", (unsigned long)st.st_uid);
	return (refuse(out, name, "the spool's owner has no name"));
}

bool
rights_find(const struct delivery *d, struct bytes user, struct rights *r,
    struct outcome *out)
{
	char name[INSTRUCTION_USER_MAX + 1];

	*r = (struct rights){ .is_given = false };
	if (user.n == 0)
		return (find_owner(d, r, out));
	(void)snprintf(name, sizeof(name), "%.*s", (int)user.n, user.p);
	return (find_named(d, name, r, out));
}

int
rights_take(const struct rights *r)
{
	struct fault why;

	if (r->is_given && sysuser_become(&r->user, &why) != RES_OK)
		return (why.err == 0 ? EPERM : why.err);
	return (r->is_named && chdir(r->home) != 0 ? errno : 0);
}
