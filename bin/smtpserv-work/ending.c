/* SPDX-License-Identifier: ISC */
#include "ending.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "bytes/bytes.h"
#include "sys/sysfile.h"
#include "sys/sysio.h"

enum {
	/* Enough for one system call, and for what a C library keeps there. */
	STACK = 16384
};

void
ending_open(struct ending *e, int dirfd)
{
	int ends[2];

	*e = (struct ending){ .fd = -1, .dirfd = dirfd, .wake_fd = -1 };
	if (pipe2(ends, O_CLOEXEC) != 0)
		return;
	e->fd = ends[0];
	e->wake_fd = ends[1];
}

static void *
run(void *ctx)
{
	struct ending *e = ctx;

	e->err = sysfile_sync_names(e->dirfd);
	/* A pipe that we alone read, and which is empty, takes it. */
	(void)sysio_write_file(e->wake_fd, bytes_of("."));
	return (NULL);
}

/* Signals are blocked here as in the worker, and seen by it alone. */
static bool
start(struct ending *e)
{
	pthread_attr_t small;

	if (e->fd < 0 || pthread_attr_init(&small) != 0)
		return (false);
	/* If a stack must be larger, this is refused: the default stays. */
	(void)pthread_attr_setstacksize(&small, STACK);
	e->is_running = pthread_create(&e->thread, &small, run, e) == 0;
	(void)pthread_attr_destroy(&small);
	return (e->is_running);
}

/* Settle the jobs that the sync was for. */
static void
end_all(const struct ending *e, const struct desk *d, const struct log *log)
{
	size_t i;

	for (i = 0; i < d->njobs; i++)
		if (d->jobs[i].state == JOB_SYNCING)
			job_end(&d->jobs[i], e->err, log);
}

static bool
gather(const struct desk *d)
{
	bool is_any = false;
	size_t i;

	for (i = 0; i < d->njobs; i++) {
		if (d->jobs[i].state != JOB_ENDING)
			continue;
		d->jobs[i].state = JOB_SYNCING;
		is_any = true;
	}
	return (is_any);
}

bool
ending_advance(struct ending *e, const struct desk *d, const struct log *log)
{
	if (e->is_running || !gather(d) || start(e))
		return (false);
	e->err = sysfile_sync_names(e->dirfd);
	end_all(e, d, log);
	return (true);
}

void
ending_hear(struct ending *e, const struct desk *d, const struct log *log)
{
	char c;

	if (!e->is_running)
		return;
	/* Cannot fail: it is ours, and joined once. */
	(void)pthread_join(e->thread, NULL);
	e->is_running = false;
	while (read(e->fd, &c, 1) < 0 && errno == EINTR)
		continue;
	end_all(e, d, log);
}

void
ending_close(struct ending *e)
{
	if (e->fd < 0)
		return;
	(void)close(e->fd);
	(void)close(e->wake_fd);
}
