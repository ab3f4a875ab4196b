/* SPDX-License-Identifier: ISC */
/*
 * sysuser: become somebody else, for good, or for the making of files.
 */
#ifndef SYS_SYSUSER_H
#define SYS_SYSUSER_H

#include <sys/types.h>

#include "base/base.h"

struct sysuser {
	char name[64];
	uid_t uid;
	gid_t gid;
};

/* By name; ENOENT: there is not a user of that name. */
enum result sysuser_find(
    struct sysuser *user, const char *name, struct fault *why) MUST_CHECK;

/*
 * Take all ids, and the user's groups.  Without root's rights it works only if
 * the process is that user already.
 */
enum result sysuser_become(
    const struct sysuser *user, struct fault *why) MUST_CHECK;

/*
 * For root: files that are made from here on are that user's, and places that
 * these ids may not reach cannot be reached.  Returns 0 or an errno; to be
 * undone in either case.
 */
int sysuser_make_files_as(uid_t uid, gid_t gid);
void sysuser_make_files_as_self(void);

#endif
