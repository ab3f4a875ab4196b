/* SPDX-License-Identifier: ISC */
/*
 * crew: the workers, each a process, that accept at one listening socket; and
 * the process that starts them, replaces those that die, and prints what they
 * have counted.
 *
 * Never more than one message is in a process, so that one that dies, by a
 * fault of a library or by kill(1), takes one with it, whose client then hears
 * no word at all, which it takes for a temporary failure.
 */
#ifndef SMTPSERV_PUBLISH_CREW_H
#define SMTPSERV_PUBLISH_CREW_H

#include <signal.h>

#include "conf/settings.h"
#include "log/log.h"
#include "program/program.h"

struct crew {
	const struct program *self;
	const struct log *log;
	const struct settings *settings;
	int listener;
	const sigset_t *waiting; /* the mask that lets signals in */
	/* Set by the program's handler. */
	const volatile sig_atomic_t *is_stopped;
	volatile sig_atomic_t *is_renewed; /* links are to be made anew */
};

/* Until it is stopped, and every worker has ended; the exit code. */
int crew_run(const struct crew *crew);

#endif
