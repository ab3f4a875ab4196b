/* SPDX-License-Identifier: ISC */
#include "sys/sysfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/sysclock.h"
#include "sys/sysio.h"

/* renameat2(2): musl 1.2.3 has no wrapper, and glibc's constant hides. */
enum {
	NOREPLACE = 1
};

static int
lock_part(int fd, struct flock *part)
{
	while (fcntl(fd, F_OFD_SETLK, part) != 0) {
		if (errno == EACCES)
			return (EAGAIN);
		if (errno != EINTR)
			return (errno);
	}
	return (0);
}

static int
wait_for_part(int fd, struct flock *part, int64_t until_ms)
{
	unsigned int pause_ms = 1;

	for (;;) {
		int err = lock_part(fd, part);

		if (err != EAGAIN || sysclock_ms() >= until_ms)
			return (err);
		sysclock_sleep_ms(pause_ms);
		if (pause_ms < 16)
			pause_ms *= 2;
	}
}

int
sysfile_lock(int fd)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return (lock_part(fd, &whole));
}

int
sysfile_lock_wait(int fd, int64_t until_ms)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return (wait_for_part(fd, &whole, until_ms));
}

int
sysfile_lock_byte(int fd, uint32_t at, int64_t until_ms)
{
	struct flock byte = { .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = at,
		.l_len = 1 };

	return (wait_for_part(fd, &byte, until_ms));
}

void
sysfile_unlock_byte(int fd, uint32_t at)
{
	struct flock byte = { .l_type = F_UNLCK,
		.l_whence = SEEK_SET,
		.l_start = at,
		.l_len = 1 };

	/* It cannot fail on a lock that we have. */
	(void)fcntl(fd, F_OFD_SETLK, &byte);
}

bool
sysfile_is_locked(int fd)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return (fcntl(fd, F_OFD_GETLK, &whole) != 0 || whole.l_type != F_UNLCK);
}

static int
write_range(int fd, uint64_t from, unsigned int how)
{
	while (sync_file_range(fd, (off_t)from, 0, how) != 0)
		switch (errno) {
		case EINTR:
			break;
		/* There is no such hint here; containers say EPERM. */
		case ENOSYS:
		case EINVAL:
		case ESPIPE:
		case EOPNOTSUPP:
		case EPERM:
			return (0);
		default:
			return (errno);
		}
	return (0);
}

int
sysfile_start_writing(int fd, uint64_t from)
{
	return (write_range(fd, from, SYNC_FILE_RANGE_WRITE));
}

int
sysfile_write_out(int fd)
{
	return (write_range(fd, 0,
	    SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
		SYNC_FILE_RANGE_WAIT_AFTER));
}

int
sysfile_sync_data(int fd)
{
	while (fdatasync(fd) != 0)
		if (errno != EINTR)
			return (errno);
	return (0);
}

int
sysfile_sync_names(int dirfd)
{
	while (fsync(dirfd) != 0)
		if (errno != EINTR)
			return (errno);
	return (0);
}

int
sysfile_sync_all(int fd)
{
	while (syncfs(fd) != 0)
		if (errno != EINTR)
			return (errno);
	return (0);
}

/*
 * If the kernel or the file system (such as NFS) does not know the flag: look,
 * then rename.  That is enough for us, because only the process that holds the
 * lock on a number's CMD file makes names of that number.
 */
static int
rename_checked(int dirfd, const char *from, const char *to)
{
	if (sysfile_exists(dirfd, to))
		return (EEXIST);
	return (renameat(dirfd, from, dirfd, to) == 0 ? 0 : errno);
}

/* If a rename says that it failed: has it been done all the same? */
static int
look_after(int err, int dirfd, const char *from, const char *to, int fd)
{
	if (err != 0 && sysfile_is(dirfd, to, fd) &&
	    !sysfile_is(dirfd, from, fd))
		return (0);
	return (err);
}

int
sysfile_rename_over(int dirfd, const char *from, const char *to, int fd)
{
	int err = renameat(dirfd, from, dirfd, to) == 0 ? 0 : errno;

	return (look_after(err, dirfd, from, to, fd));
}

int
sysfile_rename_new(int dirfd, const char *from, const char *to, int fd)
{
	int err = 0;

	if (syscall(SYS_renameat2, dirfd, from, dirfd, to, NOREPLACE) != 0)
		err = errno;
	if (err == EINVAL || err == ENOSYS)
		err = rename_checked(dirfd, from, to);
	return (look_after(err, dirfd, from, to, fd));
}

int
sysfile_remove(int dirfd, const char *name)
{
	struct stat st;
	int err;

	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return (0);
	err = errno;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 &&
	    errno == ENOENT)
		return (0);
	return (err);
}

enum sysfile_name
sysfile_look(int dirfd, const char *name, int fd)
{
	struct stat by_name;
	struct stat by_fd;

	if (fstatat(dirfd, name, &by_name, AT_SYMLINK_NOFOLLOW) != 0)
		return (errno == ENOENT ? SYSFILE_ABSENT : SYSFILE_UNKNOWN);
	if (fstat(fd, &by_fd) != 0)
		return (SYSFILE_UNKNOWN);
	return (by_name.st_dev == by_fd.st_dev && by_name.st_ino == by_fd.st_ino
		? SYSFILE_SAME
		: SYSFILE_OTHER);
}

bool
sysfile_is(int dirfd, const char *name, int fd)
{
	return (sysfile_look(dirfd, name, fd) == SYSFILE_SAME);
}

bool
sysfile_exists(int dirfd, const char *name)
{
	struct stat st;

	return (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
	    errno != ENOENT);
}

bool
sysfile_replace(const char *path, struct bytes text)
{
	char name[PATH_MAX];
	bool is_good;
	int fd;

	if (snprintf(name, sizeof(name), "%s.%lu", path,
		(unsigned long)getpid()) >= (int)sizeof(name)) {
		errno = ENAMETOOLONG;
		return (false);
	}
	fd = open(
	    name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return (false);
	is_good = sysio_write_file(fd, text) == SYSIO_OK;
	if (close(fd) == 0 && is_good && rename(name, path) == 0)
		return (true);
	(void)unlink(name); /* it did not become the file */
	return (false);
}
