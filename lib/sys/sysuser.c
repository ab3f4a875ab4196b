/* SPDX-License-Identifier: ISC */
#include "sys/sysuser.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/fsuid.h>
#include <unistd.h>

enum result
sysuser_find(struct sysuser *user, const char *name, struct fault *why)
{
	const struct passwd *pw;
	size_t n = strlen(name);

	errno = 0;
	pw = n < sizeof(user->name) ? getpwnam(name) : NULL;
	if (pw == NULL) {
		(void)fault_set(
		    why, "find user", name, errno == 0 ? ENOENT : errno);
		return (errno == 0 ? RES_PERM : fault_class(why));
	}
	memcpy(user->name, name, n + 1);
	user->uid = pw->pw_uid;
	user->gid = pw->pw_gid;
	return (RES_OK);
}

enum result
sysuser_become(const struct sysuser *user, struct fault *why)
{
	if (geteuid() != 0 && geteuid() == user->uid && getuid() == user->uid)
		return (RES_OK);
	if (initgroups(user->name, user->gid) != 0 ||
	    setresgid(user->gid, user->gid, user->gid) != 0 ||
	    setresuid(user->uid, user->uid, user->uid) != 0)
		return (fault_set(why, "become user", user->name, errno));
	/* A process that was root must not be able to be root again. */
	if (user->uid != 0 && setuid(0) == 0)
		return (fault_set(
		    why, "give up being root for", user->name, EPERM));
	return (RES_OK);
}

/* These calls return the previous id, and do not report a failure. */
int
sysuser_make_files_as(uid_t uid, gid_t gid)
{
	(void)setfsgid(gid);
	(void)setfsuid(uid);
	return ((uid_t)setfsuid((uid_t)-1) == uid &&
		    (gid_t)setfsgid((gid_t)-1) == gid
		? 0
		: EPERM);
}

void
sysuser_make_files_as_self(void)
{
	/* A process may always set its own ids. */
	(void)setfsuid(geteuid());
	(void)setfsgid(getegid());
}
