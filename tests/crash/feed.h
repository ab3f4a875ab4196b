/* SPDX-License-Identifier: ISC */
/*
 * feed: a message broker with one queue, as smtpserv-pull meets it, in a process
 * of its own.
 *
 * A connection gets what was not acknowledged, marked if it was delivered
 * before.  When nothing is left, or the connection has ended, the consumer is
 * asked to end, by SIGTERM.
 */
#ifndef CRASH_FEED_H
#define CRASH_FEED_H

#include <stdbool.h>
#include <sys/types.h>

enum {
	FEED_MESSAGES = 2
};

struct feed_message {
	const char *id;
	const char *envelope;
	const char *text;
};

extern const struct feed_message FEED[FEED_MESSAGES];

/* Shared with the broker's process. */
struct feed {
	unsigned int port;
	pid_t broker;
	volatile unsigned int run;
	volatile pid_t consumer; /* of this run; 0: not known yet */
	volatile bool is_acked[FEED_MESSAGES];
	volatile bool is_again[FEED_MESSAGES];
	volatile bool was_refused; /* a nack, a reject, an ack of nothing */
};

/* Start it; it ends with this process. */
struct feed *feed_start(void);
void feed_end(struct feed *f);

/* The queue is full again. */
void feed_reset(struct feed *f);
bool feed_is_empty(const struct feed *f);

/* A run begins or has ended (0), and then: its process. */
void feed_run(struct feed *f, pid_t consumer);

/* Is this what a consumer sends to acknowledge a message?  Which: 0, ...; -1. */
int feed_acked(const char *data, size_t n);

#endif
