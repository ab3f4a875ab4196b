/* SPDX-License-Identifier: ISC */
/*
 * A disk that is really full: the spool is a small tmpfs, which other files
 * have filled, or mail.  The mount is in a namespace of our own and goes with
 * this process.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "cases.h"
#include "check.h"

enum {
	PAGE = 4096,
	PAGES_LEFT = 9,
	INODES_LEFT = 6,
	FILLERS = 20
};

static bool
write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		(void)close(fd);
	return (good);
}

/* A mount namespace; without root by way of a user namespace, if allowed. */
static bool
enter_namespace(const char **why)
{
	char map[64];
	unsigned int uid = geteuid();
	unsigned int gid = getegid();

	if (unshare(CLONE_NEWNS) != 0) {
		*why = "a mount needs root, or user namespaces";
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
			return (false);
		(void)write_text("/proc/self/setgroups", "deny");
		(void)snprintf(map, sizeof(map), "0 %u 1", uid);
		if (!write_text("/proc/self/uid_map", map))
			return (false);
		(void)snprintf(map, sizeof(map), "0 %u 1", gid);
		if (!write_text("/proc/self/gid_map", map))
			return (false);
	}
	*why = "mounts cannot be made private";
	return (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
}

/* An empty file system of that size over the spool. */
static bool
mount_spool(struct world *w, const char *options)
{
	(void)close(w->spoolfd);
	(void)umount2(w->spool, MNT_DETACH);
	if (mount("crash", w->spool, "tmpfs", 0, options) != 0)
		return (false);
	w->spoolfd = open(w->spool, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return (w->spoolfd >= 0);
}

/* One session on the spool as it is. */
static void
run_session(struct world *w, struct oracle *o)
{
	const char *argv[] = { w->session, "-f", w->spool_conf, NULL };
	char out[4096];

	w->runs++;
	(void)world_run(argv, o->script->input, out, sizeof(out));
	o->nout = 0;
	oracle_hear(o, out, strlen(out));
}

/* What a session may leave on a full disk. */
static void
look(struct world *w, struct oracle *o, struct state *now)
{
	state_load(now, w->spoolfd, &w->scratch);
	while (now->n > 0 && strncmp(now->file[now->n - 1].name, "~", 1) == 0)
		now->n--;
	check_state(w, o, now, false, 1);
	check_replies(w, o);
	check_rest(w, o, now, NULL, 0);
}

/* Files that are none of ours, named so that they come last. */
static void
take_inodes(struct world *w, unsigned int left)
{
	char name[32];
	unsigned int n = 0;
	int fd;

	do {
		(void)snprintf(name, sizeof(name), "~inode%u", n++);
		fd = openat(w->spoolfd, name, O_WRONLY | O_CREAT, 0600);
		if (fd >= 0)
			(void)close(fd);
	} while (fd >= 0);
	for (n--; n > 0 && left > 0; left--) {
		(void)snprintf(name, sizeof(name), "~inode%u", --n);
		(void)unlinkat(w->spoolfd, name, 0);
	}
}

static void
take_pages(struct world *w, unsigned int left)
{
	static const char page[PAGE];
	int fd = openat(w->spoolfd, "~pages", O_WRONLY | O_CREAT, 0600);
	off_t n = 0;

	while (write(fd, page, sizeof(page)) == PAGE)
		n += PAGE;
	n -= (off_t)left * PAGE;
	if (fd < 0 || ftruncate(fd, n < 0 ? 0 : n) != 0)
		die("unable to fill the disk");
	(void)close(fd);
}

static void
give_back(struct world *w)
{
	char name[32];
	unsigned int n;

	(void)unlinkat(w->spoolfd, "~pages", 0);
	for (n = 0; n < 64; n++) {
		(void)snprintf(name, sizeof(name), "~inode%u", n);
		(void)unlinkat(w->spoolfd, name, 0);
	}
}

/* So much is left; then there is room again. */
static void
fill_and_send(struct world *w, unsigned int pages, unsigned int inodes)
{
	static struct oracle o;
	struct state now;
	size_t accepted;

	(void)snprintf(w->where, sizeof(w->where),
	    "a full disk, %u pages and %u inodes left", pages, inodes);
	w->scratch.used = 0;
	w->always.used = 0;
	if (!mount_spool(w, "size=256k,nr_inodes=24"))
		die("tmpfs: %s", strerror(errno));
	oracle_init(&o, w, script_find("two"), NULL);
	state_store(&o.before, w->spoolfd);
	take_pages(w, pages);
	take_inodes(w, inodes);
	run_session(w, &o);
	look(w, &o, &now);
	accepted = o.acked.n;
	give_back(w);
	run_session(w, &o);
	look(w, &o, &now);
	if (o.acked.n != accepted + o.script->accepted)
		violation(w, &now, "with room again it accepts %zu",
		    o.acked.n - accepted);
}

/* Mail fills the disk; a consumer makes room. */
static void
fill_by_mail(struct world *w)
{
	static struct oracle o;
	struct state now;
	size_t known = 0;
	char name[STATE_NAME];

	(void)snprintf(w->where, sizeof(w->where), "a disk full of mail");
	w->scratch.used = 0;
	w->always.used = 0;
	if (!mount_spool(w, "size=48k,nr_inodes=40"))
		die("tmpfs: %s", strerror(errno));
	oracle_init(&o, w, script_find("two"), NULL);
	state_store(&o.before, w->spoolfd);
	do {
		known = o.acked.n;
		run_session(w, &o);
		look(w, &o, &now);
	} while (o.acked.n > known && known < FILLERS);
	if (strstr(o.out, "\r\n452 ") == NULL)
		violation(w, &now, "a disk full of mail is not answered 452");
	(void)snprintf(
	    name, sizeof(name), "%lu.WRK", (unsigned long)o.acked.list[0]);
	(void)unlinkat(w->spoolfd, name, 0);
	(void)snprintf(
	    name, sizeof(name), "%lu.TXT", (unsigned long)o.acked.list[0]);
	(void)unlinkat(w->spoolfd, name, 0);
	numbers_add(&o.visible, o.acked.list[0]);
	numbers_remove(&o.acked, o.acked.list[0]);
	known = o.acked.n;
	run_session(w, &o);
	look(w, &o, &now);
	if (o.acked.n == known)
		violation(w, &now, "with room again it accepts nothing");
}

bool
full_disk(struct world *w, const char **why)
{
	unsigned int i;

	if (!enter_namespace(why))
		return (false);
	*why = "tmpfs cannot be mounted";
	if (!mount_spool(w, "size=256k"))
		return (false);
	world_conf(w->spool_conf, w->spool, NULL);
	for (i = 0; i < PAGES_LEFT; i++)
		fill_and_send(w, i, 10);
	for (i = 0; i < INODES_LEFT; i++)
		fill_and_send(w, 20, i);
	fill_by_mail(w);
	(void)close(w->spoolfd);
	(void)umount2(w->spool, MNT_DETACH);
	w->spoolfd = open(w->spool, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return (true);
}
