/* SPDX-License-Identifier: ISC */
#include "spool/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/hold.h"
#include "sys/sysfile.h"

/*
 * A hold or a release that did not come to its end has left WRK a second name,
 * which would outlive it.  False: it is still there.
 */
static bool
drop_second_name(
    const struct claim *c, const struct stat *st, struct fault *why)
{
	char held[SCAN_NAME_MAX];
	int err;

	scan_name(held, c->number, SCAN_HELD);
	if (c->kind != SCAN_WRK || st->st_nlink < 2 ||
	    !sysfile_is(c->dirfd, held, c->wrk_fd))
		return (true);
	err = sysfile_remove(c->dirfd, held);
	if (err != 0)
		(void)fault_set(why, "remove", held, err);
	return (err == 0);
}

/* A name that is not a file's is nobody's message. */
static enum claim_status
check_file(const struct claim *c, const char *name, struct fault *why)
{
	struct stat st;

	if (fstat(c->wrk_fd, &st) == 0 && S_ISREG(st.st_mode))
		return (
		    drop_second_name(c, &st, why) ? CLAIM_OK : CLAIM_FAILED);
	(void)fault_set(why, "not a file", name, 0);
	return (CLAIM_FAILED);
}

enum claim_status
claim_take(int dirfd, uint32_t number, struct claim *c, struct fault *why)
{
	return (claim_take_as(dirfd, number, SCAN_WRK, c, why));
}

enum claim_status
claim_take_as(int dirfd, uint32_t number, enum scan_kind kind, struct claim *c,
    struct fault *why)
{
	char name[SCAN_NAME_MAX];
	enum claim_status status = CLAIM_FAILED;

	scan_name(name, number, kind);
	*c = (struct claim){
		.number = number, .dirfd = dirfd, .kind = kind, .wrk_fd = -1
	};
	switch (hold_take(dirfd, name, 0, &c->wrk_fd, why)) {
	case HOLD_OK:
		status = check_file(c, name, why);
		if (status != CLAIM_OK)
			claim_release(c);
		break;
	case HOLD_BUSY:
		status = CLAIM_BUSY;
		break;
	case HOLD_GONE:
		/* Perhaps between our open and our lock. */
		status = CLAIM_GONE;
		break;
	case HOLD_FAILED:
		break;
	}
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
	return (claim_finish_all(c, 1, why));
}

/* Keeps the first failure. */
static void
remove_name(const struct claim *c, enum scan_kind kind, enum result *r,
    struct fault *why)
{
	char name[SCAN_NAME_MAX];
	int err;

	scan_name(name, c->number, kind);
	err = sysfile_remove(c->dirfd, name);
	if (err != 0 && *r == RES_OK)
		*r = fault_set(why, "remove", name, err);
}

enum result
claim_finish_all(struct claim *list, size_t n, struct fault *why)
{
	enum result r = RES_OK;
	bool is_gone;
	size_t i;
	int err;

	for (i = 0; i < n; i++)
		remove_name(&list[i], list[i].kind, &r, why);
	err = n == 0 ? 0 : sysfile_sync_names(list[0].dirfd);
	if (err != 0 && r == RES_OK)
		r = fault_set(why, "sync", "the spool", err);
	for (i = 0; i < n; i++) {
		char name[SCAN_NAME_MAX];

		scan_name(name, list[i].number, list[i].kind);
		is_gone = err == 0 && !sysfile_exists(list[i].dirfd, name);
		if (is_gone)
			remove_name(&list[i], SCAN_WHY, &r, why);
		if (is_gone)
			remove_name(&list[i], SCAN_TXT, &r, why);
		claim_release(&list[i]);
	}
	return (r);
}

/* 0 or an errno; EEXIST is of another file. */
static int
link_name(const struct claim *c, const char *from, const char *to)
{
	int err = linkat(c->dirfd, from, c->dirfd, to, 0) == 0 ? 0 : errno;

	/* Also what a crash has left. */
	if (err != 0 && sysfile_is(c->dirfd, to, c->wrk_fd))
		return (0);
	/* A file system without links: in one step, then. */
	if (err == EPERM || err == EOPNOTSUPP || err == ENOSYS || err == EMLINK)
		return (sysfile_rename_new(c->dirfd, from, to, c->wrk_fd));
	return (err);
}

enum result
claim_move_all(
    struct claim *list, size_t n, enum scan_kind kind, struct fault *why)
{
	enum result r = RES_OK;
	enum scan_kind old = n == 0 ? kind : list[0].kind;
	char from[SCAN_NAME_MAX];
	char to[SCAN_NAME_MAX];
	size_t i;
	int err;

	for (i = 0; i < n; i++) {
		scan_name(from, list[i].number, old);
		scan_name(to, list[i].number, kind);
		err = link_name(&list[i], from, to);
		if (err == 0)
			list[i].kind = kind;
		else if (r == RES_OK)
			r = fault_set(why, "rename", from, err);
	}
	err = n == 0 ? 0 : sysfile_sync_names(list[0].dirfd);
	if (err != 0)
		return (fault_set(why, "sync", "the spool", err));
	for (i = 0; i < n; i++)
		if (list[i].kind == kind)
			remove_name(&list[i], old, &r, why);
	err = n == 0 ? 0 : sysfile_sync_names(list[0].dirfd);
	if (err != 0 && r == RES_OK)
		r = fault_set(why, "sync", "the spool", err);
	return (r);
}

void
claim_release(struct claim *c)
{
	(void)close(c->wrk_fd);
	c->wrk_fd = -1;
}
