/* SPDX-License-Identifier: ISC */
/*
 * lmtp: a delivery to an LMTP server (RFC 2033), by a socket or by TCP.
 */
#ifndef SMTPSERV_WORK_DELIVER_LMTP_H
#define SMTPSERV_WORK_DELIVER_LMTP_H

#include "deliver/delivery.h"
#include "table/instruction.h"

void lmtp_deliver(const struct delivery *d, const struct instruction *in,
    struct outcome *out);

#endif
