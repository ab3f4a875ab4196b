/* SPDX-License-Identifier: ISC */
/*
 * owner: whose a spool's files are, whoever makes them.
 *
 * A spool is of the user that its directory is of.  A file that root made
 * there would be one that this user's programs cannot open, or lock, ever
 * after; so whoever is root makes it as the user, from its first moment: no
 * crash leaves one that is still root's.
 */
#ifndef SPOOL_OWNER_H
#define SPOOL_OWNER_H

#include <sys/stat.h>

#include "base/base.h"

/* All 0 but the mode: whoever we are. */
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
 * that it replaces (NULL: none), unless that is a stranger there, else the
 * directory's.  A failure if we are neither that user nor root.
 */
enum result owner_find(int dirfd, const struct stat *replaced, struct owner *o,
    struct fault *why) MUST_CHECK;

/* For a user of the directory's own, *o as OWNER_SELF, without a look at it. */
enum result owner_of_spool(
    int dirfd, struct owner *o, struct fault *why) MUST_CHECK;

/*
 * A new file, open for reading and writing, never through a link and never
 * over anything; -1 and errno.
 */
int owner_create(int dirfd, const char *name, const struct owner *o);

#endif
