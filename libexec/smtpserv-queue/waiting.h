/* SPDX-License-Identifier: ISC */
/*
 * waiting: the messages that one local user has handed to smtpserv-queue(8) and
 * that wait in the spool, as smtpserv-spool(1) lists them.
 */
#ifndef SMTPSERV_QUEUE_WAITING_H
#define SMTPSERV_QUEUE_WAITING_H

#include <stdint.h>
#include <sys/types.h>

#include "base/base.h"
#include "bytes/bytes.h"

/* Pure.  Is this a text's first line as we write it for a message of uid's? */
bool waiting_is_of(struct bytes line, uid_t uid);

/* To descriptor 1, oldest number first. */
enum result waiting_list(
    const char *dir, uint32_t queuelife, uid_t uid, struct fault *why);

#endif
