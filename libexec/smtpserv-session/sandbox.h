/* SPDX-License-Identifier: ISC */
/*
 * sandbox: give up, for good, what a session does not need.
 *
 * After sandbox_enter() the process is confined (sysconfine.h) to the files of
 * the spool, and to the system calls of its work: no socket, no exec, no fork,
 * no ptrace, no executable memory.
 *
 * A session of root's on another user's spool keeps the calls by which it
 * makes that user's files.
 */
#ifndef SMTPSERV_SESSION_SANDBOX_H
#define SMTPSERV_SESSION_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

/*
 * dirfd is the spool's directory, -1 if there is none; is_others says that its
 * files are made as another user's; file_max is the size beyond which a file
 * cannot grow, 0 for no limit.  Returns what is missing, as sysconfine_enter().
 */
unsigned int sandbox_enter(int dirfd, bool is_others, uint64_t file_max);

#endif
