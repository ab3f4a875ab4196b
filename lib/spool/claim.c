/* SPDX-License-Identifier: ISC */
#include "spool/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/scan.h"
#include "sys/sysfile.h"

/* The open descriptor's claim on the name. */
static enum claim_status
lock_wrk(const struct claim *c, const char *name, struct fault *why)
{
	struct stat st;
	int err;

	if (fstat(c->wrk_fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		(void)fault_set(why, "not a file", name, 0);
		return (CLAIM_FAILED);
	}
	err = sysfile_lock(c->wrk_fd);
	if (err == EAGAIN)
		return (CLAIM_BUSY);
	if (err != 0) {
		(void)fault_set(why, "lock", name, err);
		return (CLAIM_FAILED);
	}
	/* Finished by another consumer between our open and our lock. */
	return (sysfile_is(c->dirfd, name, c->wrk_fd) ? CLAIM_OK : CLAIM_GONE);
}

enum claim_status
claim_take(int dirfd, uint32_t number, struct claim *c, struct fault *why)
{
	char name[SCAN_NAME_MAX];
	enum claim_status status;

	scan_name(name, number, SCAN_WRK);
	c->dirfd = dirfd;
	c->number = number;
	c->wrk_fd =
	    openat(dirfd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (c->wrk_fd < 0 && errno == ENOENT)
		return (CLAIM_GONE);
	if (c->wrk_fd < 0) {
		(void)fault_set(why, "open", name, errno);
		return (CLAIM_FAILED);
	}
	status = lock_wrk(c, name, why);
	if (status != CLAIM_OK)
		claim_release(c);
	return (status);
}

int
claim_open_text(const struct claim *c, struct fault *why)
{
	char name[SCAN_NAME_MAX];
	struct stat st;
	int fd;

	scan_name(name, c->number, SCAN_TXT);
	fd = openat(
	    c->dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		(void)fault_set(why, "open", name, errno);
		return (-1);
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		(void)fault_set(why, "not a file", name, 0);
		(void)close(fd);
		return (-1);
	}
	return (fd);
}

enum result
claim_finish(struct claim *c, struct fault *why)
{
	char name[SCAN_NAME_MAX];
	int err;

	scan_name(name, c->number, SCAN_WRK);
	err = sysfile_remove(c->dirfd, name);
	if (err == 0)
		err = sysfile_sync_names(c->dirfd);
	if (err == 0) {
		scan_name(name, c->number, SCAN_TXT);
		err = sysfile_remove(c->dirfd, name);
	}
	claim_release(c);
	return (err == 0 ? RES_OK : fault_set(why, "remove", name, err));
}

void
claim_release(struct claim *c)
{
	(void)close(c->wrk_fd);
	c->wrk_fd = -1;
}
