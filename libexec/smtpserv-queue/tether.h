/* SPDX-License-Identifier: ISC */
/*
 * tether: two processes, of which one counts as the caller's, and the other as
 * the spool's user's alone.
 *
 * A set-user-ID program that has given up its caller's number is not counted
 * among the processes that the caller may have (RLIMIT_NPROC), though it waits
 * for its caller for up to a day.  One that has kept it can be stopped by the
 * caller while it holds a lock.  So the parent keeps the number, and only waits
 * for the child, which does the work.  A signal to the parent is handed on; if
 * the parent dies, the child hears SIGTERM.
 */
#ifndef SMTPSERV_QUEUE_TETHER_H
#define SMTPSERV_QUEUE_TETHER_H

#include <signal.h>
#include <sys/types.h>

#include "base/base.h"

/*
 * In the child: the parent.  In the parent: 0, once the child has ended, with
 * its exit code in *code; a signal that has ended it ends the parent, too.  -1
 * and errno: there is no child.  Signals come only while the parent waits, with
 * that mask.
 */
pid_t tether_begin(const sigset_t *waiting, int *code) MUST_CHECK;

/*
 * In the child, once its numbers are those that it keeps: a process that gets
 * others forgets whose death it is to hear of.
 */
void tether_fasten(pid_t parent);

#endif
