/* SPDX-License-Identifier: ISC */
#include "table/cdbmake.h"

#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/sysfile.h"

static bool
is_blank(char c)
{
	return (c == ' ' || c == '\t');
}

enum cdbmake_line
cdbmake_next(struct bytes *rest, struct bytes *key, struct bytes *value)
{
	while (rest->n > 0) {
		struct bytes line = *rest;
		size_t end = rest->n;
		size_t from = 0;
		size_t to;

		if (bytes_find(*rest, '\n', &end))
			line.n = end;
		*rest = bytes_cut(*rest, end + 1, rest->n);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		while (from < line.n && is_blank(line.p[from]))
			from++;
		if (from == line.n)
			continue;
		to = from;
		while (to < line.n && !is_blank(line.p[to]))
			to++;
		*key = bytes_cut(line, from, to - from);
		while (to < line.n && is_blank(line.p[to]))
			to++;
		*value = bytes_cut(line, to, line.n);
		return (CDBMAKE_PAIR);
	}
	return (CDBMAKE_END);
}

static enum result
fail(const struct cdbmake *m, const char *op, struct fault *why)
{
	return (fault_set(why, op, m->name, errno));
}

enum result
cdbmake_begin(struct cdbmake *m, const char *path, struct fault *why)
{
	mode_t mode = 0644;
	struct stat old;
	bool has_old = stat(path, &old) == 0;

	m->path = path;
	m->fd = -1;
	if (snprintf(m->name, sizeof(m->name), "%s.%lu", path,
		(unsigned long)getpid()) >= (int)sizeof(m->name)) {
		m->name[0] = '\0';
		return (fault_set(why, "make", path, ENAMETOOLONG));
	}
	m->fd = open(
	    m->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (m->fd < 0) {
		enum result r = fail(m, "make", why);

		m->name[0] = '\0';
		return (r);
	}
	/*
	 * The users that may read the old one may read this; root keeps its
	 * owner.
	 */
	if (has_old &&
	    (fchmod(m->fd, old.st_mode & 0777) != 0 ||
		(geteuid() == 0 && fchown(m->fd, old.st_uid, old.st_gid) != 0)))
		return (fail(m, "set the owner and mode of", why));
	return (RES_OK);
}

enum result
cdbmake_fill(struct cdbmake *m, struct bytes text, struct fault *why)
{
	struct cdb_make cdb;
	struct bytes key;
	struct bytes value;
	bool is_good = cdb_make_start(&cdb, m->fd) == 0;

	while (is_good && cdbmake_next(&text, &key, &value) == CDBMAKE_PAIR)
		is_good = cdb_make_add(&cdb, key.p, (unsigned int)key.n,
			      value.p, (unsigned int)value.n) == 0;
	/* It frees what it has. */
	if (cdb_make_finish(&cdb) != 0 || !is_good)
		return (fail(m, "write", why));
	return (RES_OK);
}

/* The directory of the table, whose names are to be durable; 0 or an errno. */
static int
sync_names(const char *path)
{
	char dir[4096];
	const char *slash = strrchr(path, '/');
	int fd;
	int err;

	(void)snprintf(dir, sizeof(dir), "%.*s",
	    slash == NULL ? 1 : (int)(slash - path) + 1,
	    slash == NULL ? "." : path);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return (errno);
	err = sysfile_sync_names(fd);
	/* Nothing was written to it. */
	(void)close(fd);
	return (err);
}

enum result
cdbmake_end(struct cdbmake *m, struct fault *why)
{
	int err;

	if (fsync(m->fd) != 0)
		return (fail(m, "sync", why));
	if (rename(m->name, m->path) != 0)
		return (fail(m, "rename", why));
	m->name[0] = '\0';
	err = sync_names(m->path);
	return (err == 0 ? RES_OK
			 : fault_set(why, "sync the name of", m->path, err));
}

void
cdbmake_abort(struct cdbmake *m)
{
	if (m->fd >= 0)
		(void)close(m->fd);
	m->fd = -1;
	/* A file that is left of it is nobody's table. */
	if (m->name[0] != '\0')
		(void)unlink(m->name);
	m->name[0] = '\0';
}
