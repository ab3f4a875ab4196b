/* SPDX-License-Identifier: ISC */
/*
 * progress: one line on a terminal that says how far the worker is.
 */
#ifndef SMTPSERV_WORK_PROGRESS_H
#define SMTPSERV_WORK_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "outcome/outcome.h"
#include "waiting/queue.h"

struct progress {
	uint64_t running;
	uint64_t delivered;
	uint64_t later;
	uint64_t failed;
	/* Private. */
	int fd; /* -1: there is no terminal */
	bool is_shown;
	int64_t shown_ms;
};

void progress_init(struct progress *p, int fd);

/* Draw it, unless that was done a moment ago and nothing has hidden it. */
void progress_show(struct progress *p, const struct queue *q);

/* Make room for a line of the log. */
void progress_hide(struct progress *p);

/* A recipient has come to an end. */
void progress_count(struct progress *p, const struct outcome *out);

/* The last word. */
void progress_end(struct progress *p, const struct queue *q);

#endif
