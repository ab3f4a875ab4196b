/* SPDX-License-Identifier: ISC */
/*
 * notice: reporting what has become of a message: to its sender, or, if it came
 * from <>, to postmaster.
 */
#ifndef SMTPSERV_WORK_DELIVER_NOTICE_H
#define SMTPSERV_WORK_DELIVER_NOTICE_H

#include <stdbool.h>
#include <time.h>

#include "deliver/deliver.h"
#include "deliver/delivery.h"
#include "message.h"

/* Has somebody to be told of a recipient, now that a pass is over? */
bool notice_is_due(const struct message *m);

/* And of a delay (RFC 3461 4.1, NOTIFY=DELAY), for the first time? */
bool notice_is_delay_due(const struct message *m, time_t now);

/*
 * Commit the report into the spool.  OUTCOME_FAILED: there is nobody left to
 * tell.  For an agent.
 */
void notice_commit(const struct deliver_site *site, const struct message *m,
    bool is_delay, struct outcome *out);

#endif
