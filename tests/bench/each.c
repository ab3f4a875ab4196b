/* SPDX-License-Identifier: ISC */
/*
 * each: run a program by qmail-queue's protocol, so many at once, until it was
 * run so often.
 *
 *	each ATONCE TIMES MESSAGE ENVELOPE COMMAND...
 *
 * MESSAGE is descriptor 0 of each, ENVELOPE descriptor 1.  Prints the seconds
 * of all, the median of one in milliseconds, and how many failed.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	TIMES_MAX = 100000
};

static double took[TIMES_MAX];
static struct {
	pid_t pid;
	double began;
} running[TIMES_MAX];

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return ((x > y) - (x < y));
}

static pid_t
begin(char **argv)
{
	posix_spawn_file_actions_t files;
	pid_t pid;

	if (posix_spawn_file_actions_init(&files) != 0 ||
	    posix_spawn_file_actions_addopen(&files, 0, argv[3], O_RDONLY, 0) !=
		0 ||
	    posix_spawn_file_actions_addopen(&files, 1, argv[4], O_RDONLY, 0) !=
		0 ||
	    posix_spawn(&pid, argv[5], &files, NULL, argv + 5, environ) != 0)
		exit(111);
	(void)posix_spawn_file_actions_destroy(&files);
	return (pid);
}

/* Wait for one; true: it failed. */
static int
end(size_t at_once, size_t *slot, size_t *done)
{
	int status;
	pid_t pid = waitpid(-1, &status, 0);

	if (pid < 0)
		exit(111);
	for (*slot = 0; *slot < at_once; (*slot)++)
		if (running[*slot].pid == pid)
			break;
	took[(*done)++] = now() - running[*slot].began;
	return (!WIFEXITED(status) || WEXITSTATUS(status) != 0);
}

int
main(int argc, char **argv)
{
	size_t at_once = argc < 6 ? 0 : strtoul(argv[1], NULL, 10);
	size_t times = argc < 6 ? 0 : strtoul(argv[2], NULL, 10);
	size_t begun = 0;
	size_t done = 0;
	size_t failed = 0;
	size_t slot = 0;
	double start = now();

	if (at_once == 0 || at_once > times || times > TIMES_MAX)
		return (100);
	while (done < times) {
		if (begun < times && begun - done < at_once) {
			if (done == 0)
				slot = begun;
			running[slot].began = now();
			running[slot].pid = begin(argv);
			begun++;
			continue;
		}
		failed += (size_t)end(at_once, &slot, &done);
	}
	qsort(took, done, sizeof(took[0]), by_size);
	printf("%.3f %.2f %zu\n", now() - start, 1e3 * took[done / 2], failed);
	return (0);
}
