/* SPDX-License-Identifier: ISC */
/*
 * work: the worker's loop.
 *
 * One process looks at the spool, claims messages, and starts an agent for
 * each delivery.  A delivery keeps its slot until its outcome is durable.  So
 * if we are killed, at most as many deliveries are repeated as there are slots
 * in use.
 */
#ifndef SMTPSERV_WORK_WORK_H
#define SMTPSERV_WORK_WORK_H

#include <signal.h>

#include "deliver/deliver.h"
#include "log/log.h"

struct work_order {
	struct deliver_site site;
	const struct log *log;
	/* Try once what is due, and end. */
	bool once;
	/* It is all due. */
	bool now;
	/* Where to show how far we are; -1: nowhere. */
	int terminal;
	/* Set by a signal: finish what runs, and end. */
	const volatile sig_atomic_t *stop;
	/* Likewise: call reload(), then try again all that waits. */
	volatile sig_atomic_t *again;
	void (*reload)(void *ctx);
	/* What dead processes have left is removed now and then. */
	void (*clean)(void *ctx);
	void *ctx;
	/* The signal mask while waiting. */
	const sigset_t *waiting;
};

enum work_end {
	WORK_DONE,  /* nothing is left */
	WORK_LEFT,  /* something is left for later */
	WORK_FAILED /* why says what */
};

enum work_end work_run(const struct work_order *order, struct fault *why);

#endif
