/* SPDX-License-Identifier: ISC */
/*
 * program: the entrance of every program, up to where its own work begins.
 *
 * Usage and version, the descriptors and signals that its starter left, and
 * where the other programs are.  configured.h has its configuration; problem.h
 * tells a person of problems, and logged.h tells the log.
 *
 * Only this directory of lib/ prints, reads the environment, and changes what
 * belongs to the whole process.  It never exits: only main() does.
 */
#ifndef PROGRAM_PROGRAM_H
#define PROGRAM_PROGRAM_H

#include <signal.h>
#include <stddef.h>

#include "base/base.h"

struct program {
	const char *name;     /* smtpserv-queue */
	const char *synopsis; /* its arguments; line breaks are allowed */
	const char *more;     /* further lines of the usage, or NULL */
};

/*
 * Answer --help or --version, if that is the only argument.  True: it was, and
 * *code is the exit code.
 */
bool program_answers(
    const struct program *p, int argc, char *const *argv, int *code) MUST_CHECK;

/* The usage on standard error, as for a wrong command line; XC_PERM. */
int program_misused(const struct program *p);

/*
 * Are descriptors 0 and 1 open?  If not, a file that is opened later could
 * become one of them, and a stranger would read or write it.
 */
bool program_has_connection(void) MUST_CHECK;

/*
 * Open those of 0, 1 and 2 that are closed, so that nothing is printed into a
 * file that is opened later.  Reading from 0 and writing to 1 then fail as
 * before; output to 2 is thrown away.  False: errno.
 */
bool program_open_standard(void) MUST_CHECK;

enum {
	PROGRAM_SIGNALS_MAX = 8 /* in each row, with the 0 at its end */
};

/*
 * How signals are treated; those that are not in a row stay as the starter had
 * them.
 */
struct program_signals {
	void (*hear)(int);
	int heard[PROGRAM_SIGNALS_MAX]; /* by hear, and only while we wait */
	int held[PROGRAM_SIGNALS_MAX];  /* come only then, too: they stop us */
	int ignored[PROGRAM_SIGNALS_MAX];
	int usual[PROGRAM_SIGNALS_MAX]; /* even if the starter ignored them */
};

/*
 * Set them.  From here on only the heard and the held are blocked; `waiting`
 * becomes the mask to wait with.  It is NULL if there are not any of these;
 * then the mask stays as it is.
 */
void program_set_signals(const struct program_signals *s, sigset_t *waiting);

/*
 * From here on a timer that a part of lib makes with SIGALRM, and a socket as
 * its value, shuts that socket down when it expires; see amqplink.h.
 */
void program_cut_by_timers(void);

/* In a new process: signals as the program that it becomes expects them. */
void program_reset_signals(void);

/*
 * Where another program, or a file, of this installation is: the path of this
 * program without its last `parts` parts (1: its directory, 2: PREFIX), and
 * then `tail`, which begins with a slash.
 */
enum result program_find(char *path, size_t cap, unsigned int parts,
    const char *tail, struct fault *why) MUST_CHECK;

#endif
