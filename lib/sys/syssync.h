/* SPDX-License-Identifier: ISC */
/*
 * syssync: several syncs side by side.
 *
 * A disk that syncs one thing after the other flushes its cache for each.
 * Syncs that are made together wait for the same flush, and for the same commit
 * of a journal, even with those of other processes.  So each sync but the first
 * gets a thread of its own while it runs.  If a thread cannot be had, they
 * follow one another, which is as safe and only slower.
 *
 * Data that are still to be written take part in a journal's next transaction.
 * If one of the syncs begins the commit of this one meanwhile, there are two.
 * So all data are written out first, which costs no flush: with one sender, a
 * message then costs two flushes instead of three or four.
 */
#ifndef SYS_SYSSYNC_H
#define SYS_SYSSYNC_H

#include <stdbool.h>
#include <stddef.h>

enum {
	SYSSYNC_MAX = 33
};

struct syssync {
	int fd;
	bool names; /* of a directory: its names; else the data of a file */
	int err;    /* afterwards: 0, or the errno of this sync */
};

/*
 * Make all n (SYSSYNC_MAX at most) durable.  Returns when every sync has ended,
 * with true if none has failed; each `err` says how it ended.  A sync that
 * failed must not be tried again (fsync(2)).
 */
bool syssync_all(struct syssync *of, size_t n);

#endif
