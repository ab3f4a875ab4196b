/* SPDX-License-Identifier: ISC */
#include "syncing.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "bytes/bytes.h"
#include "sys/sysio.h"

enum {
	/* Enough to start more threads. */
	STACK = 65536
};

void
syncing_open(struct syncing *s, int dirfd)
{
	int ends[2];

	*s = (struct syncing){ .fd = -1, .dirfd = dirfd, .wake_fd = -1 };
	if (pipe2(ends, O_CLOEXEC) != 0)
		return;
	s->fd = ends[0];
	s->wake_fd = ends[1];
}

/* Each says for itself how it ended. */
static void
sync_round(struct syncing *s)
{
	(void)syssync_all(s->sync, s->n);
}

static void *
run(void *ctx)
{
	struct syncing *s = ctx;

	sync_round(s);
	/* A pipe that we alone read, and which is empty, takes it. */
	(void)sysio_write_file(s->wake_fd, bytes_of("."));
	return (NULL);
}

/* Signals are blocked here as in the worker, and seen by it alone. */
static bool
start(struct syncing *s)
{
	pthread_attr_t small;

	if (s->fd < 0 || pthread_attr_init(&small) != 0)
		return (false);
	/* If a stack must be larger, this is refused: the default stays. */
	(void)pthread_attr_setstacksize(&small, STACK);
	s->is_running = pthread_create(&s->thread, &small, run, s) == 0;
	(void)pthread_attr_destroy(&small);
	return (s->is_running);
}

/* Add what the job wants to the round, if there is room. */
static void
join(struct syncing *s, struct job *j)
{
	switch (job_wants(j)) {
	case RECORD_NOTHING:
		return;
	case RECORD_NAMES:
		s->sync[0] = (struct syssync){ .fd = s->dirfd, .names = true };
		break;
	case RECORD_DATA:
		if (s->n == SYSSYNC_MAX)
			return;
		s->job[s->n] = j;
		s->sync[s->n++] =
		    (struct syssync){ .fd = j->message.record.fd };
		break;
	}
	j->is_syncing = true;
}

/* False: nobody wants anything. */
static bool
gather(struct syncing *s, const struct desk *d)
{
	size_t i;

	s->n = 1;
	s->sync[0].fd = -1;
	s->job[0] = NULL;
	for (i = 0; i < d->njobs; i++)
		join(s, &d->jobs[i]);
	if (s->sync[0].fd >= 0)
		return (true);
	/* The names are not wanted: the last takes their place. */
	s->n--;
	s->sync[0] = s->sync[s->n];
	s->job[0] = s->job[s->n];
	return (s->n > 0);
}

/* How the job's sync ended. */
static int
err_of(const struct syncing *s, const struct job *j)
{
	size_t i;

	if (job_wants(j) == RECORD_NAMES)
		return (s->sync[0].err);
	for (i = 0; i < s->n && s->job[i] != j; i++)
		continue;
	/* It is among them. */
	return (i < s->n ? s->sync[i].err : EIO);
}

static void
end_round(const struct syncing *s, const struct desk *d, const struct log *log)
{
	size_t i;

	for (i = 0; i < d->njobs; i++)
		if (d->jobs[i].is_syncing)
			job_synced(&d->jobs[i], err_of(s, &d->jobs[i]), log);
}

bool
syncing_advance(struct syncing *s, const struct desk *d, const struct log *log)
{
	if (s->is_running || !gather(s, d) || start(s))
		return (false);
	sync_round(s);
	end_round(s, d, log);
	return (true);
}

void
syncing_hear(struct syncing *s, const struct desk *d, const struct log *log)
{
	char c;

	if (!s->is_running)
		return;
	/* Cannot fail: it is ours, and joined once. */
	(void)pthread_join(s->thread, NULL);
	s->is_running = false;
	while (read(s->fd, &c, 1) < 0 && errno == EINTR)
		continue;
	end_round(s, d, log);
}

void
syncing_close(struct syncing *s)
{
	if (s->fd < 0)
		return;
	(void)close(s->fd);
	(void)close(s->wake_fd);
}
