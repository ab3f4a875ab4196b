/* SPDX-License-Identifier: ISC */
#include "deliver/behalf.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "sys/sysuser.h"

enum {
	LINKS_MAX = 40
};

/* A path that is walked step by step: fd is where we are. */
struct walk {
	int fd;
	unsigned int links;
	char rest[BEHALF_PATH_MAX];
};

/* The next name of the path, "" at its end. */
static void
take_name(struct walk *w, char name[BEHALF_PATH_MAX])
{
	const char *p = w->rest;
	size_t n;

	while (*p == '/')
		p++;
	n = strcspn(p, "/");
	memcpy(name, p, n);
	name[n] = '\0';
	memmove(w->rest, p + n, strlen(p + n) + 1);
}

static int
move_to(struct walk *w, int fd)
{
	if (fd < 0)
		return (errno);
	if (w->fd >= 0)
		(void)close(w->fd);
	w->fd = fd;
	return (0);
}

static int
go_to_root(struct walk *w)
{
	return (move_to(w, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)));
}

/* The path goes on by that name, and then by the rest of it. */
static int
put_back(struct walk *w, const char *name)
{
	char rest[BEHALF_PATH_MAX];
	struct buf b;

	buf_init(&b, rest, sizeof(rest));
	(void)buf_puts(&b, name);
	(void)buf_puts(&b, "/");
	(void)buf_puts(&b, w->rest);
	if (buf_cstr(&b) == NULL)
		return (ENAMETOOLONG);
	memcpy(w->rest, rest, strlen(rest) + 1);
	return (0);
}

/* root's own link: the path goes on by its target. */
static int
follow(struct walk *w, const char *name)
{
	char way[BEHALF_PATH_MAX];
	ssize_t n = readlinkat(w->fd, name, way, sizeof(way) - 1);
	int err;

	if (n < 0)
		return (errno);
	way[n] = '\0';
	err = ++w->links > LINKS_MAX ? ELOOP : put_back(w, way);
	return (err == 0 && way[0] == '/' ? go_to_root(w) : err);
}

/*
 * One name on.  *st is what the name is: root's as long as the walk goes on;
 * ENOENT if it is still to be made.  A user's link is not followed here.
 */
static int
step(struct walk *w, const char *name, struct stat *st)
{
	int fd;

	if (fstatat(w->fd, name, st, AT_SYMLINK_NOFOLLOW) != 0)
		return (errno);
	if (S_ISLNK(st->st_mode))
		return (st->st_uid == 0 ? follow(w, name) : put_back(w, name));
	fd = openat(w->fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* If it is another one by now, that one counts. */
	if (fd >= 0 && fstat(fd, st) != 0) {
		(void)close(fd);
		return (EIO);
	}
	return (move_to(w, fd));
}

/* To the first that is not root's, if any; *st is what that is. */
static int
find_owner(struct walk *w, struct stat *st)
{
	char name[BEHALF_PATH_MAX];
	int err = go_to_root(w);

	st->st_uid = 0;
	while (err == 0 && st->st_uid == 0) {
		take_name(w, name);
		if (name[0] == '\0')
			break;
		err = step(w, name, st);
	}
	/* If all is root's, root will make the name that is missing. */
	return (err == ENOENT ? put_back(w, name) : err);
}

/* The last name left, or "."; with a slash a link would be followed. */
static void
set_path(struct behalf *b, const struct walk *w)
{
	size_t skip = strspn(w->rest, "/");
	size_t n = strlen(w->rest + skip);

	while (n > 0 && w->rest[skip + n - 1] == '/')
		n--;
	memcpy(b->path, w->rest + skip, n);
	if (n == 0)
		b->path[n++] = '.';
	b->path[n] = '\0';
}

/*
 * The group that the user has.  The name's group need not be a right of its
 * owner: root may have set it, or it may come from a directory above.  But for
 * a user without a passwd entry nothing else is known.  0 or an errno.
 */
static int
find_group(const struct stat *st, gid_t *gid)
{
	const struct passwd *pw;

	*gid = st->st_gid;
	errno = 0;
	pw = getpwuid(st->st_uid);
	if (pw != NULL)
		*gid = pw->pw_gid;
	/* The other errors are getpwuid(3)'s ways to say "not found". */
	else if (errno != 0 && errno != ENOENT && errno != ESRCH &&
	    errno != EBADF && errno != EPERM)
		return (errno);
	return (0);
}

/* From here on with that user's rights, and no others. */
static int
become(struct behalf *b, const struct stat *st)
{
	gid_t gid;
	int err = find_group(st, &gid);

	if (err != 0)
		return (err);
	b->ngroups = getgroups(BEHALF_GROUPS_MAX, b->groups);
	if (b->ngroups < 0)
		return (errno);
	b->is_others = true;
	if (setgroups(1, &gid) != 0)
		return (errno);
	return (sysuser_make_files_as(st->st_uid, gid));
}

int
behalf_begin(struct behalf *b, const char *path)
{
	struct walk w = { .fd = -1 };
	struct stat st;
	size_t n = strlen(path);
	int err;

	*b = (struct behalf){ .fd = AT_FDCWD };
	if (n >= sizeof(b->path))
		return (ENAMETOOLONG);
	memcpy(b->path, path, n + 1);
	if (geteuid() != 0)
		return (0);
	memcpy(w.rest, path, n + 1);
	err = find_owner(&w, &st);
	b->fd = w.fd;
	set_path(b, &w);
	if (err == 0 && st.st_uid != 0)
		return (become(b, &st));
	/* Somebody may have put a link at that name since. */
	b->no_link = O_NOFOLLOW;
	return (err);
}

void
behalf_end(struct behalf *b)
{
	if (b->is_others) {
		sysuser_make_files_as_self();
		/* They were ours. */
		(void)setgroups((size_t)b->ngroups, b->groups);
	}
	if (b->fd >= 0)
		(void)close(b->fd);
	b->fd = AT_FDCWD;
	b->is_others = false;
}
