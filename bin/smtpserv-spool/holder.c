/* SPDX-License-Identifier: ISC */
/* Which process holds the counter's lock, that sessions wait for? */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/sequence.h"
#include "sys/sysclock.h"
#include "sys/sysfile.h"
#include "tool.h"

enum {
	/* Longer than a program ever needs the lock. */
	PATIENCE_MS = 2000,
	LOOK_MS = 20
};

/* Does the process have a lock by this descriptor, and on that file? */
static bool
has_lock(int proc, const char *fd, const struct stat *counter)
{
	char path[64];
	char text[512];
	struct stat st;
	ssize_t n;
	int info;

	(void)snprintf(path, sizeof(path), "fd/%.20s", fd);
	if (fstatat(proc, path, &st, 0) != 0 || st.st_dev != counter->st_dev ||
	    st.st_ino != counter->st_ino)
		return (false);
	(void)snprintf(path, sizeof(path), "fdinfo/%.20s", fd);
	info = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (info < 0)
		return (false);
	n = read(info, text, sizeof(text) - 1);
	(void)close(info);
	text[n > 0 ? n : 0] = '\0';
	return (strstr(text, "lock:") != NULL);
}

static bool
is_holder(int proc, const struct stat *counter)
{
	int fd = openat(proc, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	bool found = false;

	if (dir == NULL)
		return (false);
	while (!found && (entry = readdir(dir)) != NULL)
		found = has_lock(proc, entry->d_name, counter);
	(void)closedir(dir);
	return (found);
}

/* The holder's process id, or "" if we see none on this machine. */
static void
find_holder(const struct stat *counter, char pid[32])
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;

	pid[0] = '\0';
	if (dir == NULL)
		return;
	while (pid[0] == '\0' && (entry = readdir(dir)) != NULL) {
		int proc;

		if (isdigit((unsigned char)entry->d_name[0]) == 0)
			continue;
		proc = openat(dirfd(dir), entry->d_name,
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (proc < 0)
			continue;
		if (is_holder(proc, counter))
			(void)snprintf(pid, 32, "%.31s", entry->d_name);
		(void)close(proc);
	}
	(void)closedir(dir);
}

int
tool_check_lock(const struct tool *t)
{
	int64_t ends_at = sysclock_ms() + PATIENCE_MS;
	struct stat counter;
	char pid[32];
	int fd = openat(t->dirfd, SEQUENCE_FILE,
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	bool is_held = fd >= 0 && fstat(fd, &counter) == 0;

	while (is_held && (is_held = sysfile_is_locked(fd)) &&
	    sysclock_ms() < ends_at)
		sysclock_sleep_ms(LOOK_MS);
	if (fd >= 0)
		(void)close(fd);
	if (!is_held)
		return (XC_OK);
	find_holder(&counter, pid);
	(void)printf("%s: locked, for more than a moment, by %s%s\n",
	    SEQUENCE_FILE,
	    pid[0] == '\0' ? "nobody that can be found" : "process ", pid);
	return (XC_FOUND);
}
