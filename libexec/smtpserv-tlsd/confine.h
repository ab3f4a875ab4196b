/* SPDX-License-Identifier: ISC */
/*
 * confine: a process that parses a stranger's TLS can do nothing else.
 *
 * From then on it opens no file (Landlock), makes no system call but those
 * that TLS between descriptors needs (seccomp: no socket, no exec, no fork, no
 * executable memory; others fail with EPERM), gains no privilege, and leaves
 * no core.
 */
#ifndef SMTPSERV_TLSD_CONFINE_H
#define SMTPSERV_TLSD_CONFINE_H

#include <stdbool.h>

/* False: this kernel cannot do all of it; what it can is done. */
bool confine_enter(void);

#endif
