/* SPDX-License-Identifier: ISC */
#include "spool/hold.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "sys/sysfile.h"

static enum hold_status
fail(const char *op, const char *name, int err, struct fault *why)
{
	(void)fault_set(why, op, name, err);
	return (HOLD_FAILED);
}

static enum hold_status
lock(int dirfd, const char *name, int64_t until_ms, int fd, struct fault *why)
{
	int err = sysfile_lock_wait(fd, until_ms);

	if (err == EAGAIN)
		return (HOLD_BUSY);
	if (err != 0)
		return (fail("lock", name, err, why));
	switch (sysfile_look(dirfd, name, fd)) {
	case SYSFILE_SAME:
		return (HOLD_OK);
	case SYSFILE_OTHER:
	case SYSFILE_ABSENT:
		return (HOLD_GONE);
	case SYSFILE_UNKNOWN:
		break;
	}
	return (fail("look at", name, EIO, why));
}

enum hold_status
hold_take(
    int dirfd, const char *name, int64_t until_ms, int *fd, struct fault *why)
{
	enum hold_status status;

	*fd = openat(dirfd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (*fd < 0 && errno == ENOENT)
		return (HOLD_GONE);
	if (*fd < 0)
		return (fail("open", name, errno, why));
	status = lock(dirfd, name, until_ms, *fd, why);
	if (status != HOLD_OK) {
		(void)close(*fd);
		*fd = -1;
	}
	return (status);
}
