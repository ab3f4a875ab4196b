/* SPDX-License-Identifier: ISC */
/*
 * maildir: a delivery into a Maildir, durable, under a name that is unique, and
 * stays the same if the delivery is done once more.  A directory that is
 * missing is made, if the one above it is there.
 */
#ifndef SMTPSERV_WORK_DELIVER_MAILDIR_H
#define SMTPSERV_WORK_DELIVER_MAILDIR_H

#include "deliver/delivery.h"

/* dir is a full path and ends in a slash. */
void maildir_deliver(
    const struct delivery *d, struct bytes dir, struct outcome *out);

#endif
