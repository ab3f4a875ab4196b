/* SPDX-License-Identifier: ISC */
/*
 * sysuser: become somebody else, for good.
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

/* By name; ENOENT: there is nobody of that name. */
enum result sysuser_find(
    struct sysuser *user, const char *name, struct fault *why) MUST_CHECK;

/*
 * All ids, and the user's groups.  Without root's rights it works only for who
 * is that user already.
 */
enum result sysuser_become(
    const struct sysuser *user, struct fault *why) MUST_CHECK;

#endif
