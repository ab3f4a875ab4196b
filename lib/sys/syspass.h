/* SPDX-License-Identifier: ISC */
/*
 * syspass: records over a socket of AF_UNIX, each with descriptors or without.
 *
 * The socket keeps records apart (SOCK_SEQPACKET), or is a stream, whose reader
 * finds their ends; what came with a record comes with its first byte.
 */
#ifndef SYS_SYSPASS_H
#define SYS_SYSPASS_H

#include <stdbool.h>
#include <sys/types.h>

#include "bytes/bytes.h"

enum {
	SYSPASS_FDS_MAX = 2
};

/*
 * Send a record; and fd, which stays open here, if it is not negative.  It is
 * for a socket that does not block, too: then EAGAIN, and nothing was sent.
 * SIGPIPE is never raised.  False: errno.
 */
bool syspass_send(int sock, struct bytes record, int fd);

/* The same with as many as that, at most SYSPASS_FDS_MAX. */
bool syspass_send_all(
    int sock, struct bytes record, const int *fds, size_t nfds);

/*
 * The next record; and its descriptor, closed on exec, or -1.  0: the other
 * side has closed.  -1: errno; a record that is longer than cap, or has more
 * than one descriptor, is EMSGSIZE, and its descriptors are closed.
 */
ssize_t syspass_receive(int sock, char *into, size_t cap, int *fd);

/* The same for at most *nfds of them; *nfds becomes how many there are. */
ssize_t syspass_receive_all(
    int sock, char *into, size_t cap, int fds[SYSPASS_FDS_MAX], size_t *nfds);

#endif
