/* SPDX-License-Identifier: ISC */
/* What probe measures: a sync of this disk, and a message. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "spool/spool.h"
#include "sys/sysclock.h"
#include "sys/sysfile.h"
#include "tool.h"

enum {
	/* An odd number: one is in the middle. */
	TIMES = 15,
	TEXT_SIZE = 4096,
	LOCK_WAIT_MS = 10000
};

static double
now_ms(void)
{
	struct timespec t;

	/* This clock exists, so it does not fail. */
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6);
}

static int
compare(const void *a, const void *b)
{
	const double *x = a;
	const double *y = b;

	return (*x < *y ? -1 : *x > *y);
}

static double
median(double took[TIMES])
{
	qsort(took, TIMES, sizeof(*took), compare);
	return (took[TIMES / 2]);
}

/* One byte written over, made durable.  Below 0: it fails. */
static double
sync_ms(int dirfd)
{
	double took[TIMES];
	int fd = openat(dirfd, "s", O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	int i;

	for (i = 0; fd >= 0 && i < TIMES; i++) {
		double before = now_ms();

		if (pwrite(fd, "x", 1, 0) != 1 || sysfile_sync_data(fd) != 0)
			break;
		took[i] = now_ms() - before;
	}
	if (fd >= 0)
		(void)close(fd);
	/* If the file stays, so does the directory, and that is told. */
	(void)sysfile_remove(dirfd, "s");
	return (fd >= 0 && i == TIMES ? median(took) : -1);
}

static void
remove_message(int dirfd, uint32_t number)
{
	static const enum scan_kind KINDS[] = { SCAN_WRK, SCAN_TXT };
	char name[SCAN_NAME_MAX];
	size_t i;

	for (i = 0; i < ARRAY_LEN(KINDS); i++) {
		scan_name(name, number, KINDS[i]);
		/* As above. */
		(void)sysfile_remove(dirfd, name);
	}
}

static bool
commit_one(const struct spool *s, struct bytes text, double *took)
{
	double before = now_ms();
	struct spool_msg m;
	struct fault why;

	if (spool_begin(s, &m, bytes_of("From: \nTo: postmaster\n"),
		sysclock_ms() + LOCK_WAIT_MS, &why) != RES_OK)
		return (false);
	if (spool_append(&m, text, &why) != RES_OK ||
	    spool_commit(&m, &why) != RES_OK) {
		spool_abort(&m);
		return (false);
	}
	*took = now_ms() - before;
	remove_message(s->dirfd, m.number);
	return (true);
}

/* A message of a usual size, by one sender.  Below 0: it fails. */
static double
message_ms(const struct spool *s)
{
	char text[TEXT_SIZE];
	double took[TIMES];
	int i;

	memset(text, '\n', sizeof(text));
	for (i = 0; i < TIMES; i++)
		if (!commit_one(
			s, (struct bytes){ text, sizeof(text) }, &took[i]))
			return (-1);
	return (median(took));
}

void
tool_say_cost(const char *dir)
{
	struct spool s;
	struct fault why;
	double sync;
	double message;

	if (spool_open(&s, dir, true, &why) != RES_OK)
		return;
	sync = sync_ms(s.dirfd);
	message = sync < 0 ? -1 : message_ms(&s);
	if (message >= 0)
		(void)printf("note: a sync takes %.2f ms here, and a message "
			     "of %d octets from one sender %.2f ms\n",
		    sync, TEXT_SIZE, message);
	spool_close(&s);
}

void
tool_say_stages(const struct tool *t)
{
	struct stages stages;

	stages_find(t->dirfd, &stages);
	(void)printf("note: messages are committed in %s: %s\n",
	    stages.is_one ? "one stage" : "two stages", stages.why);
}
