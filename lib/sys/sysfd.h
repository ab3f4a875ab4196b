/* SPDX-License-Identifier: ISC */
/*
 * sysfd: descriptors that a program is started with.
 */
#ifndef SYS_SYSFD_H
#define SYS_SYSFD_H

#include <stdbool.h>
#include <stddef.h>

enum {
	SYSFD_KEEP_MAX = 8
};

/* Close all from 3 upwards but these, at most SYSFD_KEEP_MAX, each once. */
void sysfd_close_others(const int *keep, size_t n);

/* No read or write on it waits.  False: errno. */
bool sysfd_set_nonblocking(int fd);

#endif
