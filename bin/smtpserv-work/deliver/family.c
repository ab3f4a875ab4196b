/* SPDX-License-Identifier: ISC */
#include "deliver/family.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bytes/bytes.h"
#include "bytes/num.h"
#include "sys/sysclock.h"

enum {
	/* Between two looks at the children. */
	LOOK_MS = 5,
	/* A process that SIGKILL does not end is stuck in the kernel. */
	KILL_MS = 10000
};

bool
family_adopt(void)
{
	return (prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL) == 0);
}

/* Reap the children that have ended; are there others? */
static bool
reap(void)
{
	for (;;) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid == 0)
			return (true);
		if (pid < 0 && errno != EINTR)
			return (false);
	}
}

/*
 * Kill each process in the list of our children; the kernel prints it as
 * numbers and blanks.
 */
static void
kill_children(void)
{
	char path[64];
	char list[4096];
	struct bytes rest = { list, 0 };
	ssize_t got;
	int fd;

	(void)snprintf(
	    path, sizeof(path), "/proc/self/task/%ld/children", (long)getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	got = read(fd, list, sizeof(list));
	(void)close(fd);
	rest.n = got > 0 ? (size_t)got : 0;
	while (rest.n > 0) {
		size_t end = rest.n;
		uint64_t pid;

		(void)bytes_find(rest, ' ', &end);
		/* One that has just ended, or is not ours to kill. */
		if (num_parse(bytes_cut(rest, 0, end), INT32_MAX, &pid))
			(void)kill((pid_t)pid, SIGKILL);
		rest = bytes_cut(rest, end + 1, rest.n);
	}
}

/* Is a process of the group alive, once its orphans are reaped? */
static bool
is_alive(pid_t group)
{
	return (reap() && kill(-group, 0) == 0);
}

bool
family_end_group(pid_t group, unsigned int grace_ms)
{
	int64_t until = sysclock_ms() + (int64_t)grace_ms;

	while (is_alive(group) && sysclock_ms() < until)
		sysclock_sleep_ms(LOOK_MS);
	if (!is_alive(group) || kill(-group, SIGKILL) != 0)
		return (true);
	until = sysclock_ms() + KILL_MS;
	while (is_alive(group) && sysclock_ms() < until)
		sysclock_sleep_ms(1);
	return (false);
}

void
family_kill(pid_t group)
{
	int64_t until = sysclock_ms() + KILL_MS;

	/* If the group is empty by now, the loop will see it. */
	(void)kill(-group, SIGKILL);
	/* Their children become ours as they die, so look until none is. */
	while (reap() && sysclock_ms() < until) {
		kill_children();
		sysclock_sleep_ms(1);
	}
}
