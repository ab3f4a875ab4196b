/* SPDX-License-Identifier: ISC */
/*
 * sysio: reading and writing descriptors: EINTR, short counts, deadlines.
 *
 * Errors are returned, and errno says which.  A deadline is a moment of
 * sysclock_ms().
 */
#ifndef SYS_SYSIO_H
#define SYS_SYSIO_H

#include <signal.h>
#include <stdint.h>

#include "bytes/bytes.h"

enum sysio_status {
	SYSIO_OK,
	SYSIO_EOF,     /* reading: the peer has closed */
	SYSIO_TIMEOUT, /* the deadline came first */
	SYSIO_SIGNAL,  /* one of the signals that `open` lets through came */
	SYSIO_FAILED   /* errno says why */
};

/*
 * Read what is there, at least one byte, at most n.  During the wait the signal
 * mask is `open`, so a handler runs then and at no other time.  It runs even if
 * bytes are there each time already.  NULL: the mask stays as it is.
 */
enum sysio_status sysio_read(int fd, char *into, size_t n, size_t *got,
    int64_t until_ms, const sigset_t *open);

/*
 * The shortest look between two pieces of work that do not wait: is it too
 * late, or has a signal come?  Else SYSIO_OK.
 */
enum sysio_status sysio_look(int64_t until_ms, const sigset_t *open);

/*
 * Write all of it to a peer, which may be slow or gone.  The part that the peer
 * takes without a wait goes out even if a signal has come, or it is too late.
 * A socket never raises SIGPIPE.
 */
enum sysio_status sysio_write(
    int fd, struct bytes text, int64_t until_ms, const sigset_t *open);

/* Write all of it to a regular file, a pipe or a terminal. */
enum sysio_status sysio_write_file(int fd, struct bytes text);

/*
 * Read a whole file of at most cap bytes from where fd stands.  EFBIG if
 * there are more.
 */
enum sysio_status sysio_read_file(int fd, char *into, size_t cap, size_t *got);

#endif
