/* SPDX-License-Identifier: ISC */
/*
 * waiting: the messages that are in the spool.
 */
#ifndef SMTPSERV_PULL_WAITING_H
#define SMTPSERV_PULL_WAITING_H

#include <stdint.h>

#include "base/base.h"
#include "bytes/bytes.h"

/* Those that wait to be worked on. */
enum result waiting_count(int dirfd, uint64_t *n, struct fault *why) MUST_CHECK;

typedef void waiting_id_fn(void *ctx, struct bytes id);

/*
 * The Queue-Id of each message that has one, also of those that are held back
 * or set aside.  One that comes or goes meanwhile may be missed.
 */
enum result waiting_each_id(
    int dirfd, waiting_id_fn *visit, void *ctx, struct fault *why) MUST_CHECK;

#endif
