/* SPDX-License-Identifier: ISC */
/*
 * sandbox: give up, for good, what showing the spool does not take.
 *
 * After sandbox_enter() the process reads the files of the spool and no other,
 * changes nothing, and has bounds on memory and work: no socket, no exec, no
 * other process, no executable memory (sysconfine.h).
 */
#ifndef SMTPSERV_STATUS_SANDBOX_H
#define SMTPSERV_STATUS_SANDBOX_H

enum {
	SANDBOX_MEMORY_MAX = 384 << 20, /* octets, with all libraries */
	SANDBOX_WORK_MAX = 10           /* seconds of a processor */
};

/* Returns what is missing, as sysconfine_enter(). */
unsigned int sandbox_enter(int dirfd);

#endif
