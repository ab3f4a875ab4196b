/* SPDX-License-Identifier: ISC */
/*
 * syspass: records over a socket of AF_UNIX that keeps records apart
 * (SOCK_SEQPACKET), each with a descriptor or without one.
 */
#ifndef SYS_SYSPASS_H
#define SYS_SYSPASS_H

#include <stdbool.h>
#include <sys/types.h>

#include "bytes/bytes.h"

/*
 * Send a record; and fd, which stays open here, if it is not negative.  It is
 * for a socket that does not block, too: then EAGAIN, and nothing was sent.
 * SIGPIPE is never raised.  False: errno.
 */
bool syspass_send(int sock, struct bytes record, int fd);

/*
 * The next record; and its descriptor, closed on exec, or -1.  0: the other
 * side has closed.  -1: errno; a record that is longer than cap, or has more
 * than one descriptor, is EMSGSIZE, and its descriptors are closed.
 */
ssize_t syspass_receive(int sock, char *into, size_t cap, int *fd);

#endif
