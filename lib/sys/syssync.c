/* SPDX-License-Identifier: ISC */
#include "sys/syssync.h"

#include <pthread.h>
#include <stdatomic.h>

#include "sys/sysfile.h"

enum {
	/* Enough for one system call, and for what a C library keeps there. */
	STACK = 16384
};

/*
 * To map a stack for each thread, and unmap it while others run, costs a tenth
 * of a message's processor time.  So the stacks are kept; whoever comes while
 * they are in use gets new ones.
 */
static _Alignas(64) unsigned char stacks[SYSSYNC_MAX - 1][STACK];
static atomic_flag are_stacks_used = ATOMIC_FLAG_INIT;

/* After an error the kernel may say of a sync that all is well. */
static void
write_out(struct syssync *of, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		of[i].err =
		    of[i].names ? 0 : sysfile_start_writing(of[i].fd, 0);
	for (i = 0; i < n; i++)
		if (!of[i].names && of[i].err == 0)
			of[i].err = sysfile_write_out(of[i].fd);
}

static void
sync_one(struct syssync *s)
{
	if (s->err != 0)
		return;
	s->err =
	    s->names ? sysfile_sync_names(s->fd) : sysfile_sync_data(s->fd);
}

static void *
run(void *s)
{
	sync_one(s);
	return (NULL);
}

/* On that stack, or if it is NULL or too small here, on one of its own. */
static bool
start(pthread_t *thread, struct syssync *s, void *stack)
{
	pthread_attr_t small;
	bool started;

	if (pthread_attr_init(&small) != 0)
		return (false);
	/* If a stack must be larger, these fail, and the default holds. */
	if (stack == NULL || pthread_attr_setstack(&small, stack, STACK) != 0)
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
	bool has_stacks = !atomic_flag_test_and_set(&are_stacks_used);
	bool good = true;
	size_t i;

	for (i = 0; i < n; i++)
		of[i].err = 0;
	if (n > 1)
		write_out(of, n);
	for (i = 1; i < n; i++)
		has_thread[i] = start(
		    &thread[i], &of[i], has_stacks ? stacks[i - 1] : NULL);
	for (i = 0; i < n; i++) {
		if (!has_thread[i])
			sync_one(&of[i]);
		else
			/* Cannot fail: it is ours, and joined once. */
			(void)pthread_join(thread[i], NULL);
		good = good && of[i].err == 0;
	}
	if (has_stacks)
		atomic_flag_clear(&are_stacks_used);
	return (good);
}
