/* SPDX-License-Identifier: ISC */
/*
 * sysfile: locks, syncs and names in one directory.
 *
 * Functions that return int return 0, or the errno of the failure.  If an
 * operation on a name reports an error, the name is looked at, because a
 * network file system may have done the operation all the same.
 */
#ifndef SYS_SYSFILE_H
#define SYS_SYSFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "bytes/bytes.h"

/*
 * An exclusive lock on the whole file, owned by the open file description
 * (fcntl F_OFD_SETLK): other processes, and on network file systems other
 * hosts, respect it; it ends with the last descriptor, however that ends.
 * EAGAIN: somebody else has it.
 */
int sysfile_lock(int fd);

/* The same, but wait for it until the deadline; then EAGAIN. */
int sysfile_lock_wait(int fd, int64_t until_ms);

/*
 * The same of one byte, which the file need not have: those who agree on a byte
 * for each thing exclude one another for the same thing only.
 */
int sysfile_lock_byte(int fd, uint32_t at, int64_t until_ms);
void sysfile_unlock_byte(int fd, uint32_t at);

/* Is somebody else holding a lock on this file? */
bool sysfile_is_locked(int fd);

/*
 * Let the disk begin to write what was written at `from` and later, without
 * waiting for it: a later sync then finds less to do.  If the file system or
 * the kernel does not know such a hint, that is a success.  Any other error
 * means that data may be lost, like a sync that failed: pages that do not fit
 * on the disk are dropped, and the sync that follows may not report it.
 */
int sysfile_start_writing(int fd, uint64_t from);

/*
 * The same for all that was written, and wait until the disk has it: in its
 * cache perhaps, so that it is not durable.
 */
int sysfile_write_out(int fd);

/* Make data (and the size) durable.  Never call it again after a failure. */
int sysfile_sync_data(int fd);

/* Make a directory's names durable. */
int sysfile_sync_names(int dirfd);

/* Make all of the file system durable that fd is on, which may take long. */
int sysfile_sync_all(int fd);

/*
 * Rename within the directory; EEXIST if `to` exists.  fd is open on the file:
 * by it a reported error is checked.
 */
int sysfile_rename_new(int dirfd, const char *from, const char *to, int fd);

/* The same, but if `to` exists, it is replaced. */
int sysfile_rename_over(int dirfd, const char *from, const char *to, int fd);

/* Remove a name; one that is gone already is a success. */
int sysfile_remove(int dirfd, const char *name);

/*
 * Make a file, or replace it, so that a reader sees the old one or the new one.
 * It is not synced.  False: errno.
 */
bool sysfile_replace(const char *path, struct bytes text);

enum sysfile_name {
	SYSFILE_SAME,   /* the file that fd is open on */
	SYSFILE_OTHER,  /* another one */
	SYSFILE_ABSENT, /* there is no such name */
	SYSFILE_UNKNOWN /* it could not be looked at */
};

/* Which file a name has, compared with the one that fd is open on. */
enum sysfile_name sysfile_look(int dirfd, const char *name, int fd);

/* SYSFILE_SAME? */
bool sysfile_is(int dirfd, const char *name, int fd);

/* Does the name exist, as any kind of file?  Unknown counts as yes. */
bool sysfile_exists(int dirfd, const char *name);

#endif
