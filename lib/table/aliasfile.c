/* SPDX-License-Identifier: ISC */
#include "table/aliasfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	SETTLED = 2, /* seconds since it was changed */
	LINE_MAX = 4096
};

/* -1, and why: whatever it is, opening it does not wait. */
static int
open_file(const char *path, struct stat *st, struct fault *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0) {
		(void)fault_set(why, "open", path, errno);
		return (-1);
	}
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return (fd);
	(void)fault_set(why, "use what is no file:", path, 0);
	(void)close(fd);
	return (-1);
}

/* May it be half written? */
static bool
is_settled(const char *path, const struct stat *st, struct fault *why)
{
	time_t age = time(NULL) - st->st_mtime;

	if (age < 0 || age >= SETTLED)
		return (true);
	(void)fault_set(why, "use what was changed just now:", path, EAGAIN);
	return (false);
}

/* May it be used? */
static bool
is_trusted(const char *path, const struct stat *st, struct fault *why)
{
	if ((st->st_mode & S_IWOTH) == 0)
		return (is_settled(path, st, why));
	(void)fault_set(why, "trust what others may write to:", path, 0);
	return (false);
}

enum result
aliasfile_load(const char *path, char *store, size_t cap, struct bytes *text,
    struct fault *why)
{
	struct stat st;
	size_t n = 0;
	int fd = open_file(path, &st, why);

	if (fd < 0)
		return (RES_TEMP);
	if (!is_trusted(path, &st, why)) {
		(void)close(fd);
		return (RES_TEMP);
	}
	while (n < cap) {
		ssize_t got = pread(fd, store + n, cap - n, (off_t)n);

		if (got == 0)
			break;
		if (got > 0)
			n += (size_t)got;
		else if (errno != EINTR) {
			(void)fault_set(why, "read", path, errno);
			(void)close(fd);
			return (RES_TEMP);
		}
	}
	(void)close(fd);
	if (n == cap) {
		(void)fault_set(why, "read all of", path, EFBIG);
		return (RES_TEMP);
	}
	*text = (struct bytes){ store, n };
	return (RES_OK);
}

/* Is it, at its beginning, settled, and from there on still the same? */
static bool
is_same(const char *path, struct aliasfile_place *p, const struct stat *st,
    struct fault *why)
{
	if (p->at == 0) {
		p->dev = st->st_dev;
		p->ino = st->st_ino;
		p->size = st->st_size;
		p->changed = st->st_mtim;
		return (is_settled(path, st, why));
	}
	if (p->dev == st->st_dev && p->ino == st->st_ino &&
	    p->size == st->st_size && p->changed.tv_sec == st->st_mtim.tv_sec &&
	    p->changed.tv_nsec == st->st_mtim.tv_nsec)
		return (true);
	(void)fault_set(why, "go on in what was changed:", path, EAGAIN);
	return (false);
}

enum result
aliasfile_line(const char *path, struct aliasfile_place *place,
    struct buf *line, struct fault *why)
{
	char store[LINE_MAX];
	struct bytes text = { store, 0 };
	struct stat st;
	ssize_t got = -1;
	size_t end;
	int fd = open_file(path, &st, why);

	if (fd < 0)
		return (RES_TEMP);
	if (is_same(path, place, &st, why)) {
		got = pread(fd, store, sizeof(store), (off_t)place->at);
		if (got < 0)
			(void)fault_set(why, "read", path, errno);
	}
	(void)close(fd);
	if (got <= 0)
		return (got < 0 ? RES_TEMP : RES_PERM);
	text.n = (size_t)got;
	end = text.n;
	if (bytes_find(text, '\n', &end))
		place->at++;
	place->at += end;
	buf_reset(line);
	if (end < sizeof(store) && buf_put(line, bytes_cut(text, 0, end)))
		return (RES_OK);
	(void)fault_set(why, "read so long a line of", path, EMSGSIZE);
	return (RES_TEMP);
}
