/* SPDX-License-Identifier: ISC */
/*
 * family: the processes that a command has started.
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
 * The command, whose process group this is, has ended by itself: what is left
 * in the group gets so long to end, then it is killed.  A daemon, which has
 * left the group, is let be.  False: there was something to kill.
 */
bool family_end_group(pid_t group, unsigned int grace_ms);

/* It is to end, and so is everybody that it has started. */
void family_kill(pid_t group);

#endif
