/* SPDX-License-Identifier: ISC */
/*
 * family: the processes that a command has started.
 *
 * After family_adopt() a process below us that loses its parent becomes our
 * child, so none gets away by a fork or a session of its own.
 */
#ifndef SMTPSERV_WORK_DELIVER_FAMILY_H
#define SMTPSERV_WORK_DELIVER_FAMILY_H

#include <stdbool.h>
#include <sys/types.h>

/* False and errno: it cannot be done. */
bool family_adopt(void);

/*
 * The command, whose process group this is, has ended by itself: processes left
 * in the group get so long to end, then they are killed.  A daemon, which has
 * left the group, is let be.  False: something had to be killed.
 */
bool family_end_group(pid_t group, unsigned int grace_ms);

/* Kill it, and all processes that it has started. */
void family_kill(pid_t group);

#endif
