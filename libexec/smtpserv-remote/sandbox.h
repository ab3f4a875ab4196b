/* SPDX-License-Identifier: ISC */
/*
 * sandbox: give up, for good, what a talker does not need.
 *
 * After sandbox_enter() the process is confined (sysconfine.h): it opens no
 * file and no socket, connects to nothing, and starts nothing.  It reads and
 * writes the descriptors that it has, and those that the dialer and the worker
 * hand it.
 */
#ifndef SMTPSERV_REMOTE_SANDBOX_H
#define SMTPSERV_REMOTE_SANDBOX_H

/* Returns what is missing, as sysconfine_enter(). */
unsigned int sandbox_enter(void);

#endif
