/* SPDX-License-Identifier: ISC */
/*
 * diary: what the log says of mail that leaves: a line for each message and
 * hop, one for each connection, and one when a hop is down.
 */
#ifndef SMTPSERV_WORK_OUTBOUND_DIARY_H
#define SMTPSERV_WORK_OUTBOUND_DIARY_H

#include "log/log.h"
#include "outbound/link.h"

struct flight;

void diary_sent(const struct log *log, const char *hop, const struct flight *f);

/* It is over; words: why. */
void diary_link(const struct log *log, const char *hop, const struct link *l,
    const struct outcome *words);

void diary_down(
    const struct log *log, const char *hop, const struct outcome *words);

#endif
