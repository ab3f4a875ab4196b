/* SPDX-License-Identifier: ISC */
#include "spool/successor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/hold.h"
#include "spool/owner.h"
#include "sys/sysfile.h"
#include "sys/sysio.h"

/* A CMD that a crash has left beside the envelope we hold.  0 or an errno. */
static int
remove_dead(const struct claim *c, const char *cmd)
{
	struct fault why;
	int err = 0;
	int fd;

	/* A power cut may have brought back both names of our own file. */
	if (sysfile_is(c->dirfd, cmd, c->wrk_fd))
		return (sysfile_remove(c->dirfd, cmd));
	switch (hold_take(c->dirfd, cmd, 0, &fd, &why)) {
	case HOLD_OK:
		err = sysfile_remove(c->dirfd, cmd);
		(void)close(fd);
		break;
	case HOLD_BUSY:
		err = EAGAIN;
		break;
	case HOLD_GONE:
		break;
	case HOLD_FAILED:
		err = why.err;
		break;
	}
	return (err);
}

int
successor_create(const struct claim *c)
{
	char cmd[SCAN_NAME_MAX];
	int err;
	int fd;

	scan_name(cmd, c->number, SCAN_CMD);
	err = remove_dead(c, cmd);
	if (err != 0) {
		errno = err;
		return (-1);
	}
	fd = owner_create_like(c->dirfd, cmd, c->wrk_fd);
	if (fd < 0)
		return (-1);
	err = sysfile_lock(fd);
	/* A cleaner may have been faster than our lock. */
	if (err == 0 && !sysfile_is(c->dirfd, cmd, fd))
		err = EAGAIN;
	if (err == 0)
		return (fd);
	if (err != EAGAIN)
		(void)sysfile_remove(c->dirfd, cmd);
	(void)close(fd);
	errno = err;
	return (-1);
}

/* The text into fd, durable.  0 or an errno. */
static int
write_text(int fd, struct bytes text, const struct timespec *written)
{
	struct timespec times[2] = { { 0, UTIME_OMIT }, *written };

	if (sysio_write_file(fd, text) != SYSIO_OK || futimens(fd, times) != 0)
		return (errno);
	return (sysfile_sync_data(fd));
}

enum result
successor_put(struct claim *c, struct bytes text,
    const struct timespec *written, struct fault *why)
{
	char cmd[SCAN_NAME_MAX];
	char name[SCAN_NAME_MAX];
	int fd = successor_create(c);
	int err;

	scan_name(cmd, c->number, SCAN_CMD);
	scan_name(name, c->number, c->kind);
	if (fd < 0)
		return (fault_set(why, "create", cmd, errno));
	err = write_text(fd, text, written);
	if (err == 0)
		err = sysfile_rename_over(c->dirfd, cmd, name, fd);
	if (err != 0) {
		/* If it stays, it is a left-over. */
		(void)sysfile_remove(c->dirfd, cmd);
		(void)close(fd);
		return (fault_set(why, "write", cmd, err));
	}
	/* The old file goes, and its lock. */
	claim_release(c);
	c->wrk_fd = fd;
	return (RES_OK);
}
