/* SPDX-License-Identifier: ISC */
/*
 * forward: a delivery by a new message in the spool, to another mailbox, from
 * the same sender, with a Delivered-To: that ends a loop.
 */
#ifndef SMTPSERV_WORK_DELIVER_FORWARD_H
#define SMTPSERV_WORK_DELIVER_FORWARD_H

#include "deliver/delivery.h"

void forward_deliver(
    const struct delivery *d, struct bytes mailbox, struct outcome *out);

#endif
