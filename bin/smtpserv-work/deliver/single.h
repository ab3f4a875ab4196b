/* SPDX-License-Identifier: ISC */
/*
 * single: a delivery to another host by a smtpserv-remote of its own, where the
 * recipient has other instructions, too, or there are more hops than can be
 * kept apart.  By qmail-remote's command line and report.
 */
#ifndef SMTPSERV_WORK_DELIVER_SINGLE_H
#define SMTPSERV_WORK_DELIVER_SINGLE_H

#include "deliver/delivery.h"

/* host: as smtpserv-remote is told, DOMAIN or [HOST]:PORT. */
void single_deliver(
    const struct delivery *d, const char *host, struct outcome *out);

/* Pure.  What a report says of its only recipient; one that ends says later. */
void single_verdict(struct bytes report, struct outcome *out);

#endif
