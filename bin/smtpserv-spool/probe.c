/* SPDX-License-Identifier: ISC */
/* probe: does this file system keep what the spool relies on? */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "spool/counter.h"
#include "spool/sequence.h"
#include "sys/sysclock.h"
#include "sys/sysfile.h"
#include "tool.h"

enum {
	HAMMERS = 4,   /* processes that take numbers at once */
	BLOWS = 250,   /* numbers that each takes */
	LOCK_WAIT = 30 /* seconds */
};

/* A directory of its own in the spool, removed at the end. */
struct probe {
	int dirfd;
	int failures;
};

static void
report(struct probe *p, bool good, const char *promise, int err)
{
	(void)printf("%s: %s", good ? "kept" : "BROKEN", promise);
	if (!good && err != 0)
		(void)printf(" (%s)", strerror(err));
	(void)printf("\n");
	p->failures += good ? 0 : 1;
}

static int
create(const struct probe *p, const char *name)
{
	return (openat(p->dirfd, name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640));
}

static void
probe_create(struct probe *p)
{
	int fd = create(p, "a");
	int again = create(p, "a");

	report(p, fd >= 0 && again < 0 && errno == EEXIST,
	    "an exclusive create is refused if the name exists",
	    fd < 0 ? errno : 0);
	if (again >= 0)
		(void)close(again);
	if (fd >= 0)
		(void)close(fd);
}

/* In another process: is the lock on "a" free? */
static bool
other_can_lock(const struct probe *p)
{
	int status = 1;
	pid_t pid = fork();

	if (pid == 0) {
		int fd = openat(p->dirfd, "a", O_RDWR | O_CLOEXEC);

		_exit(fd >= 0 && sysfile_lock(fd) == 0 ? 0 : 1);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return (pid > 0 && status == 0);
}

static void
probe_lock(struct probe *p)
{
	int fd = openat(p->dirfd, "a", O_RDWR | O_CLOEXEC);
	int err = fd >= 0 ? sysfile_lock(fd) : errno;
	bool held = err == 0 && !other_can_lock(p);

	if (fd >= 0)
		(void)close(fd);
	report(p, held && other_can_lock(p),
	    "a lock keeps other processes out, and ends with its holder", err);
}

static void
probe_rename(struct probe *p)
{
	int fd = openat(p->dirfd, "a", O_RDWR | O_CLOEXEC);
	int other = create(p, "b");
	bool refused = fd >= 0 && other >= 0 &&
	    sysfile_rename_new(p->dirfd, "a", "b", fd) == EEXIST &&
	    sysfile_is(p->dirfd, "a", fd) && sysfile_is(p->dirfd, "b", other);
	int err = fd >= 0 ? sysfile_rename_new(p->dirfd, "a", "c", fd) : 0;

	report(p, refused, "a rename never goes over an existing file", 0);
	report(p,
	    err == 0 && sysfile_is(p->dirfd, "c", fd) &&
		!sysfile_exists(p->dirfd, "a"),
	    "a renamed file is the same file", err);
	if (fd >= 0)
		(void)close(fd);
	if (other >= 0)
		(void)close(other);
}

static void
probe_sync(struct probe *p)
{
	int fd = openat(p->dirfd, "c", O_RDWR | O_CLOEXEC);
	int err =
	    fd >= 0 && write(fd, "x\n", 2) == 2 ? sysfile_sync_data(fd) : errno;

	report(p, err == 0, "the data of a file can be synced", err);
	err = sysfile_sync_names(p->dirfd);
	report(p, err == 0, "the names of a directory can be synced", err);
	if (fd >= 0)
		(void)close(fd);
}

/* One process taking numbers; it marks each by an exclusive create. */
static int
hammer(const struct probe *p)
{
	char boot[COUNTER_BOOT_ID];
	struct fault why;
	int i;

	sequence_boot_id(boot);
	for (i = 0; i < BLOWS; i++) {
		char name[16];
		uint32_t number;
		int fd;

		if (sequence_next(p->dirfd, boot, true,
			sysclock_after(sysclock_ms(), LOCK_WAIT), &number,
			&why) != RES_OK)
			return (problem_fault(&TOOL_SELF, &why));
		(void)snprintf(
		    name, sizeof(name), "n%lu", (unsigned long)number);
		fd = create(p, name);
		if (fd < 0)
			return (XC_FOUND);
		(void)close(fd);
	}
	return (XC_OK);
}

/* Lost updates of the counter show as a number that was taken twice. */
static void
probe_counter(struct probe *p)
{
	pid_t pids[HAMMERS];
	bool good = true;
	int i;

	for (i = 0; i < HAMMERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(hammer(p));
	}
	for (i = 0; i < HAMMERS; i++) {
		int status = 1;

		while (pids[i] > 0 && waitpid(pids[i], &status, 0) < 0 &&
		    errno == EINTR)
			continue;
		good = good && pids[i] > 0 && status == 0;
	}
	report(p, good, "a counter rewritten under a lock loses no update", 0);
}

/* Notes on some kinds of file systems, whatever the probes say. */
static void
say_kind(const struct tool *t)
{
	static const struct {
		unsigned long magic;
		const char *text;
	} kinds[] = {
		{ 0x01021994, "tmpfs: in memory, lost with the machine" },
		{ 0x6969, "NFS: run probe on every host that shares it" },
		{ 0x00c36400,
		    "CephFS: known to lose updates of the counter "
		    "between hosts as mounted by default" },
		{ 0x65735546,
		    "FUSE: GlusterFS is known to lose updates of "
		    "the counter between hosts" },
	};
	struct statfs fs;
	size_t i;

	if (fstatfs(t->dirfd, &fs) != 0)
		return;
	for (i = 0; i < ARRAY_LEN(kinds); i++)
		if ((unsigned long)fs.f_type == kinds[i].magic)
			(void)printf("note: %s\n", kinds[i].text);
}

/* In the directory of that name, which has a counter by now. */
static void
say_cost(const struct tool *t, const char *name)
{
	char path[4096];
	struct buf b;

	buf_init(&b, path, sizeof(path));
	(void)buf_printf(&b, "%s/%s", t->dir, name);
	if (buf_cstr(&b) != NULL)
		tool_say_cost(path);
}

static void
remove_all(const struct tool *t, const struct probe *p, const char *name)
{
	char file[16];
	unsigned int i;

	/* If a file stays, the directory cannot go, and that is told below. */
	(void)sysfile_remove(p->dirfd, "a");
	(void)sysfile_remove(p->dirfd, "b");
	(void)sysfile_remove(p->dirfd, "c");
	(void)sysfile_remove(p->dirfd, SEQUENCE_FILE);
	(void)sysfile_remove(p->dirfd, SEQUENCE_NEW_FILE);
	for (i = 0; i <= HAMMERS * BLOWS; i++) {
		(void)snprintf(file, sizeof(file), "n%u", i);
		/* As above. */
		(void)sysfile_remove(p->dirfd, file);
	}
	if (unlinkat(t->dirfd, name, AT_REMOVEDIR) != 0)
		problem_say(&TOOL_SELF, "unable to remove %s/%s: %s", t->dir,
		    name, strerror(errno));
}

int
tool_probe(struct tool *t)
{
	struct probe p = { -1, 0 };
	char name[32];

	(void)snprintf(name, sizeof(name), "probe.%ld", (long)getpid());
	if (mkdirat(t->dirfd, name, 0700) == 0)
		p.dirfd =
		    openat(t->dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p.dirfd < 0)
		return (problem_fail(&TOOL_SELF, XC_TEMP,
		    "unable to make %s/%s: %s", t->dir, name, strerror(errno)));
	/* Print our buffer now, lest the children print it, too. */
	(void)fflush(stdout);
	probe_create(&p);
	probe_lock(&p);
	probe_rename(&p);
	probe_sync(&p);
	(void)fflush(stdout);
	probe_counter(&p);
	say_kind(t);
	tool_say_stages(t);
	say_cost(t, name);
	remove_all(t, &p, name);
	(void)close(p.dirfd);
	return (p.failures == 0 ? XC_OK : XC_PERM);
}
