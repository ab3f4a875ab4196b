/* SPDX-License-Identifier: ISC */
#include "spool/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "sys/sysfile.h"
#include "sys/sysuser.h"

/*
 * Does the replaced file say which owner, group and mode to use?  A person may
 * have given it another group, or mode.  Not if root has once left it in
 * another user's directory.
 */
static bool
is_at_home(const struct stat *st, const struct stat *dir)
{
	return (dir->st_uid == 0 || st->st_uid == dir->st_uid ||
	    (st->st_uid != 0 && st->st_uid == geteuid()));
}

enum result
owner_find(
    int dirfd, const struct stat *replaced, struct owner *o, struct fault *why)
{
	uid_t me = geteuid();
	struct stat dir;

	if (fstat(dirfd, &dir) != 0)
		return (fault_set(why, "look at", "the spool", errno));
	*o = OWNER_SELF;
	o->uid = dir.st_uid;
	o->gid = dir.st_gid;
	if (replaced != NULL && is_at_home(replaced, &dir)) {
		*o = (struct owner){ .has_group = true,
			.uid = replaced->st_uid,
			.gid = replaced->st_gid,
			.mode = replaced->st_mode & 0660 };
	}
	o->is_other = me == 0 && (o->uid != 0 || o->gid != 0);
	/* A file meant for root may be any user's: root can read it. */
	if (me == 0 || me == o->uid || o->uid == 0)
		return (RES_OK);
	return (
	    fault_set(why, "make files for the owner of", "the spool", EPERM));
}

enum result
owner_of_spool(int dirfd, struct owner *o, struct fault *why)
{
	*o = OWNER_SELF;
	/* A program that was not root when it started is not root now. */
	if (getauxval(AT_EUID) != 0 || geteuid() != 0)
		return (RES_OK);
	return (owner_find(dirfd, NULL, o, why));
}

/* Set what the ids that made the file could not give it.  0 or an errno. */
static int
fit(int fd, const struct owner *o)
{
	struct stat st;

	/* root's umask is not meant for that user's files. */
	if (o->is_other && fchmod(fd, o->mode) != 0)
		return (errno);
	if (!o->has_group)
		return (0);
	if (fstat(fd, &st) != 0)
		return (errno);
	/* Without that group the owner still can do all that is needed. */
	if (st.st_gid != o->gid && fchown(fd, (uid_t)-1, o->gid) != 0 &&
	    o->is_other)
		return (errno);
	return (0);
}

int
owner_create(int dirfd, const char *name, const struct owner *o)
{
	int err = o->is_other ? sysuser_make_files_as(o->uid, o->gid) : 0;
	int fd = -1;

	if (err == 0) {
		fd = openat(dirfd, name,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    o->mode);
		err = fd < 0 ? errno : 0;
	}
	if (o->is_other)
		sysuser_make_files_as_self();
	if (fd >= 0)
		err = fit(fd, o);
	if (fd >= 0 && err != 0) {
		/* If the file stays, it is a left-over, and empty. */
		(void)sysfile_remove(dirfd, name);
		(void)close(fd);
		fd = -1;
	}
	errno = err;
	return (fd);
}

int
owner_create_like(int dirfd, const char *name, int fd)
{
	struct owner owner = OWNER_SELF;
	struct fault why;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return (-1);
	if (owner_find(dirfd, &st, &owner, &why) != RES_OK) {
		errno = why.err;
		return (-1);
	}
	return (owner_create(dirfd, name, &owner));
}
