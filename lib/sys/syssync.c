/* SPDX-License-Identifier: ISC */
#include "sys/syssync.h"

#include <pthread.h>

#include "sys/sysfile.h"

enum {
	/* Enough for one system call, and for what a C library keeps there. */
	STACK = 16384
};

static void
sync_one(struct syssync *s)
{
	s->err =
	    s->names ? sysfile_sync_names(s->fd) : sysfile_sync_data(s->fd);
}

static void *
run(void *s)
{
	sync_one(s);
	return (NULL);
}

static bool
start(pthread_t *thread, struct syssync *s)
{
	pthread_attr_t small;
	bool started;

	if (pthread_attr_init(&small) != 0)
		return (false);
	/* If a stack must be larger, this fails, and the default holds. */
	(void)pthread_attr_setstacksize(&small, STACK);
	started = pthread_create(thread, &small, run, s) == 0;
	(void)pthread_attr_destroy(&small);
	return (started);
}

bool
syssync_all(struct syssync *of, size_t n)
{
	pthread_t thread[SYSSYNC_MAX];
	bool has_thread[SYSSYNC_MAX] = { false };
	bool good = true;
	size_t i;

	for (i = 1; i < n; i++)
		has_thread[i] = start(&thread[i], &of[i]);
	for (i = 0; i < n; i++) {
		if (!has_thread[i])
			sync_one(&of[i]);
		else
			/* Cannot fail: it is ours, and joined once. */
			(void)pthread_join(thread[i], NULL);
		good = good && of[i].err == 0;
	}
	return (good);
}
