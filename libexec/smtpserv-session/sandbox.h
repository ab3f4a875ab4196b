/* SPDX-License-Identifier: ISC */
/*
 * sandbox: give up, for good, what a session does not need.
 *
 * After sandbox_enter() the process reaches no file but those of the spool
 * (Landlock), makes no system call but those of its work (seccomp: no socket,
 * no exec, no fork, no ptrace, no executable memory; others fail with EPERM),
 * cannot gain privileges (no_new_privs), and leaves no core (resource
 * limits).  What is open stays open.
 *
 * A session of root's on another user's spool keeps the calls by which it
 * makes that user's files.
 */
#ifndef SMTPSERV_SESSION_SANDBOX_H
#define SMTPSERV_SESSION_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

/* What this kernel could not do; bits. */
enum {
	SANDBOX_NO_PRIVS = 1U << 0, /* no_new_privs, and so nothing else */
	SANDBOX_NO_LANDLOCK = 1U << 1,
	SANDBOX_NO_SECCOMP = 1U << 2,
	SANDBOX_NO_LIMITS = 1U << 3
};

/*
 * dirfd is the spool's directory, -1 if there is none; is_others, that its
 * files are made as another user's; file_max the size that no file grows
 * beyond, 0 for no limit.  Returns what is missing.
 */
unsigned int sandbox_enter(int dirfd, bool is_others, uint64_t file_max);

#endif
