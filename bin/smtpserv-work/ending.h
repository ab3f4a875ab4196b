/* SPDX-License-Identifier: ISC */
/*
 * ending: messages whose envelopes are removed, until that is durable.
 *
 * A text is removed only when the removal of its envelope is durable.  Only the
 * job waits for that: a sync runs beside the worker, in a thread, and serves
 * all messages that came to their end before it began.  If no thread can be
 * had, the worker does the sync itself, which is as right and only slower.
 */
#ifndef SMTPSERV_WORK_ENDING_H
#define SMTPSERV_WORK_ENDING_H

#include <pthread.h>

#include "desk.h"

struct ending {
	int fd; /* to be polled for reading: a sync is over; -1: none can be */
	/* Private. */
	int dirfd;
	int wake_fd;
	bool is_running;
	int err;
	pthread_t thread;
};

void ending_open(struct ending *e, int dirfd);
void ending_close(struct ending *e);

/*
 * Go on with the jobs of the desk that are JOB_ENDING.  Those that have come to
 * their end are JOB_DONE.  True: there are some of them.
 */
bool ending_advance(
    struct ending *e, const struct desk *d, const struct log *log);

/* The same where fd has something to say, which it waits for. */
void ending_hear(struct ending *e, const struct desk *d, const struct log *log);

#endif
