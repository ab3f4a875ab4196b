/* SPDX-License-Identifier: ISC */
/*
 * lmtp: a delivery to an LMTP server (RFC 2033), by a socket or by TCP, for
 * some recipients in one conversation.
 */
#ifndef SMTPSERV_WORK_DELIVER_LMTP_H
#define SMTPSERV_WORK_DELIVER_LMTP_H

#include "deliver/delivery.h"
#include "deliver/lmtpdialog.h"
#include "table/instruction.h"

/* Every recipient's outcome is known after it; d's own is not looked at. */
void lmtp_deliver(const struct delivery *d, const struct instruction *in,
    struct lmtpdialog_rcpt *rcpt, size_t n);

#endif
