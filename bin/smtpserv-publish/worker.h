/* SPDX-License-Identifier: ISC */
/*
 * worker: accepts clients at the socket that all workers share.
 */
#ifndef SMTPSERV_PUBLISH_WORKER_H
#define SMTPSERV_PUBLISH_WORKER_H

#include "crew.h"
#include "tally.h"

/*
 * In a process of its own, which it confines: until it is stopped.  The exit
 * code.
 */
int worker_run(const struct crew *crew, size_t number, struct tally *tally);

#endif
