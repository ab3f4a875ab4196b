/* SPDX-License-Identifier: ISC */
/*
 * sysfilter: give up, for good, all system calls but a few (seccomp).
 */
#ifndef SYS_SYSFILTER_H
#define SYS_SYSFILTER_H

#include <stdbool.h>
#include <stddef.h>

enum {
	SYSFILTER_CALLS_MAX = 64
};

/*
 * From now on this process can make only these calls, which are given with the
 * most frequent first, and five more where they do no harm: sendto without an
 * address, mmap and mprotect without PROT_EXEC, clone for a thread, fcntl for
 * locks of an open file, copies, and flags except O_ASYNC.  If socket is named,
 * it is for sockets of the Internet only.  Others fail with EPERM; a call by
 * the numbers of another architecture ends the process.  no_new_privs must be
 * set.  False: nothing is filtered, because the kernel cannot, or this
 * architecture is not known here, or there are too many calls.
 */
bool sysfilter_enter(const unsigned int *calls, size_t n);

#endif
