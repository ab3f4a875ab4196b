/* SPDX-License-Identifier: ISC */
/*
 * watch: news from the spool directory: messages that appear or that somebody
 * wants to be tried, and claims and commits that end.
 *
 * The kernel does not tell what other hosts do on a network file system, so
 * the directory has to be read from time to time all the same.
 */
#ifndef SMTPSERV_WORK_WAITING_WATCH_H
#define SMTPSERV_WORK_WAITING_WATCH_H

#include <stdbool.h>
#include <stdint.h>

/* The descriptor, readable if there is news; -1: there will be none. */
int watch_open(const char *dir);

/*
 * Called for each N.WRK of which something was heard; is_changed: its name is
 * new, or its time, as smtpserv-spool retry changes it.
 */
typedef void watch_fn(void *ctx, uint32_t number, bool is_changed);

/* All news there is by now.  False: some was lost, read the directory. */
bool watch_read(int fd, watch_fn *heard, void *ctx);

#endif
