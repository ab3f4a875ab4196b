/* SPDX-License-Identifier: ISC */
/*
 * reasons: why a message's recipients have to be tried again, in N.WHY.
 *
 * For those that look at the spool.  It is written over in place, under the
 * claim, and without a sync: a try that has settled nothing costs no flush, and
 * what a power cut leaves of the file is read as far as it goes.  If N.WRK is
 * written anyway, the reasons are in there, too.
 */
#ifndef SMTPSERV_WORK_REASONS_H
#define SMTPSERV_WORK_REASONS_H

#include <time.h>

#include "base/base.h"
#include "envelope/plan.h"
#include "spool/claim.h"

/*
 * False: there is not a file.  *store is what the plan then has views of, to be
 * freed after it; NULL: the file is not as young as the message, or cannot be
 * read.
 */
bool reasons_read(
    const struct claim *c, time_t born, struct plan *p, char **store);

enum result reasons_write(
    const struct claim *c, const struct plan *p, struct fault *why) MUST_CHECK;

/* The message is gone. */
void reasons_remove(const struct claim *c);

#endif
