/* SPDX-License-Identifier: ISC */
/*
 * waits: what would a table do to the mail that is in the spool already?
 *
 * Reads each N.WRK, and locks and changes nothing.
 */
#ifndef SMTPSERV_CONF_WAITS_H
#define SMTPSERV_CONF_WAITS_H

#include "conf/keys.h"
#include "table/table.h"

/*
 * Report, with numbers and this weight, if the worker would give mail up for
 * lack of a key.
 */
void waits_check(const struct settings *settings, const char *file,
    struct table *table, enum conf_weight weight, conf_report_fn *report,
    void *ctx);

#endif
