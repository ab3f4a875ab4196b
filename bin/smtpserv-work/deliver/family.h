/* SPDX-License-Identifier: ISC */
/*
 * family: the processes that a command has started, all of them.
 *
 * After family_adopt() whoever loses its parent below us becomes our child,
 * so nobody gets away by a fork or a session of his own.
 */
#ifndef SMTPSERV_WORK_DELIVER_FAMILY_H
#define SMTPSERV_WORK_DELIVER_FAMILY_H

#include <stdbool.h>
#include <sys/types.h>

/* False and errno: it cannot be done. */
bool family_adopt(void);

/*
 * Wait so long for every child to end by itself, then kill and reap what is
 * left, by its group and one by one.  False: there was something to kill.
 */
bool family_end(pid_t group, unsigned int grace_ms);

#endif
