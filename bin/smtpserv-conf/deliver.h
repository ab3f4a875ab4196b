/* SPDX-License-Identifier: ISC */
/*
 * deliver: what is wrong with the table of smtp.deliver, and with
 * smtp.postmaster.
 *
 * Reads the whole table, and looks at the directories and programs that it
 * names; prints nothing, but tells the caller each problem.  Memory grows
 * with the table.
 */
#ifndef SMTPSERV_CONF_DELIVER_H
#define SMTPSERV_CONF_DELIVER_H

#include "conf/conf.h"
#include "conf/keys.h"

/*
 * `file` is the configuration's, for problems of its smtp.postmaster; host is
 * our name; is_worker: the worker has just the rights that we have.  Does
 * nothing without smtp.deliver.
 */
void deliver_check(const struct settings *settings, const char *file,
    const char *host, bool is_worker, conf_report_fn *report, void *ctx);

/* A note of what becomes of reports, if the table has no route. */
void deliver_check_route(const struct settings *settings, const char *file,
    conf_report_fn *report, void *ctx);

/*
 * Report what the table would do to the mail that waits in the spool, with
 * numbers and this weight (waits.h).
 */
void deliver_check_waiting(const struct settings *settings, const char *file,
    const char *host, enum conf_weight weight, conf_report_fn *report,
    void *ctx);

#endif
