/* SPDX-License-Identifier: ISC */
/*
 * syncing: the syncs that the jobs want, beside the worker's loop.
 *
 * Only the job waits for what it wants to be durable: an envelope that is
 * written anew, or the end of one.  A round of syncs runs in threads and serves
 * all jobs that wanted something before it began, side by side, the names of
 * the spool once for all of them.  If a thread cannot be had, the worker does
 * the syncs itself, which is as right and only slower.
 */
#ifndef SMTPSERV_WORK_SYNCING_H
#define SMTPSERV_WORK_SYNCING_H

#include <pthread.h>

#include "desk.h"
#include "sys/syssync.h"

struct syncing {
	int fd; /* to be polled for reading: a round is over; -1: none can be */
	/* Private. */
	int dirfd;
	int wake_fd;
	bool is_running;
	pthread_t thread;
	/* Of the round: the names first, if they are wanted at all. */
	size_t n;
	struct syssync sync[SYSSYNC_MAX];
	const struct job *job[SYSSYNC_MAX];
};

void syncing_open(struct syncing *s, int dirfd);
void syncing_close(struct syncing *s);

/*
 * Begin a round for the jobs of the desk that want one.  True: it is over
 * already, and there are jobs to go on with.
 */
bool syncing_advance(
    struct syncing *s, const struct desk *d, const struct log *log);

/* Call when fd has something to say: the round is over. */
void syncing_hear(
    struct syncing *s, const struct desk *d, const struct log *log);

#endif
