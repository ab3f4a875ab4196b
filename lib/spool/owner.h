/* SPDX-License-Identifier: ISC */
/*
 * owner: the owner of a spool's files, whichever user makes them.
 *
 * A spool belongs to the user that owns its directory.  If root made a file
 * there as root, this user's programs could never open or lock it.  So a
 * program that is root makes it as the user, from its first moment: a crash
 * cannot leave one that is still root's.
 */
#ifndef SPOOL_OWNER_H
#define SPOOL_OWNER_H

#include <sys/stat.h>

#include "base/base.h"

/* All 0 but the mode: files are made as the user that we are. */
struct owner {
	bool is_other; /* files are to be made as uid and gid */
	bool has_group;
	uid_t uid;
	gid_t gid;
	mode_t mode;
};

enum {
	/* Less the umask; never for the world. */
	OWNER_MODE = 0640
};

#define OWNER_SELF                                                             \
	(struct owner)                                                         \
	{                                                                      \
		.is_other = false, .mode = OWNER_MODE                          \
	}

/*
 * Owner, group and mode for a new file in the directory: those of the file
 * that it replaces (NULL: it replaces none), unless root left that in another
 * user's directory; else the directory's.  Fails if we are neither that user
 * nor root.
 */
enum result owner_find(int dirfd, const struct stat *replaced, struct owner *o,
    struct fault *why) MUST_CHECK;

/* If we are not root, *o is OWNER_SELF, without a look at the directory. */
enum result owner_of_spool(
    int dirfd, struct owner *o, struct fault *why) MUST_CHECK;

/*
 * A new file, open for reading and writing, never through a link and never
 * over a file that exists; -1 and errno.
 */
int owner_create(int dirfd, const char *name, const struct owner *o);

/* The same, with the owner that a file which it replaces, open as fd, has. */
int owner_create_like(int dirfd, const char *name, int fd);

#endif
