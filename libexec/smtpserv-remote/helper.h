/* SPDX-License-Identifier: ISC */
/*
 * helper: a program that works for the dialer: smtpserv-mx, smtpserv-tlsc, the
 * administrator's filter.
 *
 * It has a process group of its own, and dies with us.  Its environment is ours
 * without what a person's shell may have had for other programs.
 */
#ifndef SMTPSERV_REMOTE_HELPER_H
#define SMTPSERV_REMOTE_HELPER_H

#include <stdint.h>
#include <sys/types.h>

#include "base/base.h"

enum {
	HELPER_FDS_MAX = 4,
	HELPER_PATH_MAX = 4096
};

struct helper_fd {
	int ours;
	int theirs;
};

/*
 * Start the program at path; it has these descriptors, our 2, and where it has
 * no 0, /dev/null.  -1: errno.
 * If it cannot be run, it ends with code 111.
 */
pid_t helper_start(
    const char *path, char *const *argv, const struct helper_fd *fds, size_t n);

/*
 * Wait for its end, until the deadline; then it is killed.  True: it ended by
 * itself, and *code is its exit code.
 */
bool helper_wait(pid_t pid, int64_t until_ms, int *code);

/* End it now. */
void helper_kill(pid_t pid);

#endif
