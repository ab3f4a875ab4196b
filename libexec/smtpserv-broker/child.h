/* SPDX-License-Identifier: ISC */
/*
 * child: one program run for the session: started, fed, waited for, ended.
 *
 * It has a process group of its own, and dies with us.  A call here blocks
 * until the deadline that it is given and no longer; then the whole group is
 * killed.  The program's words on its report descriptor are read all the time,
 * so that it can say as much as it likes, and the beginning is kept.  SIGCHLD
 * must be blocked, and have a handler.
 */
#ifndef SMTPSERV_BROKER_CHILD_H
#define SMTPSERV_BROKER_CHILD_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

#include "broker/broker.h"
#include "bytes/bytes.h"

enum {
	CHILD_PIPES = 3
};

/* A pipe between us and the program: we write to it, or read its report. */
struct child_pipe {
	int theirs; /* the descriptor that it has there; -1: no such pipe */
	bool is_report;
	int ours; /* -1: closed */
};

struct child {
	struct child_pipe pipe[CHILD_PIPES];
	bool gets_whole;  /* the whole envelope, on descriptor 5 */
	bool is_unread;   /* it has closed a pipe before it had read it all */
	bool is_given_up; /* the session went before that */
	/* Private. */
	pid_t pid; /* 0: none */
	int whole; /* its file; -1: none, or none any more */
	size_t nwhole;
	int session;
	unsigned int code;
	bool is_ended;
	bool is_hung;
	size_t nsaid;
	char said[BROKER_SAID_MAX];
};

/*
 * command is a full path and arguments, parted by blanks; `last` one more
 * argument, or NULL.  The pipes of *c are set, and whether it gets the whole
 * envelope, which SMTPSERV_ENVELOPE says to it.  The program's descriptors 0
 * and 1 are /dev/null where there is no pipe, 2 is ours.  A program that cannot
 * be started counts as one that has ended with BROKER_NO_PROCESS.  session is
 * watched while we wait.
 */
void child_start(
    struct child *c, const char *command, const char *last, int session);

/* Write all of it, or know that it is unread. */
void child_write(
    struct child *c, struct child_pipe *pipe, struct bytes text, int64_t until);

/*
 * More of the whole envelope.  It is a file, so that the program may read it in
 * any order with its pipes, or not at all.
 */
void child_add_whole(struct child *c, struct bytes lines);

void child_close(struct child_pipe *pipe);

/*
 * Wait for its end; then its code, as of enum broker_kind's answer.  A session
 * that goes away ends it at once, if it is to.
 */
unsigned int child_wait(struct child *c, int64_t until, bool with_session);

/* Wait until then, or until the session goes away. */
void child_idle(int session, int64_t until);

#endif
