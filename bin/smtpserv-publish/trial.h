/* SPDX-License-Identifier: ISC */
/*
 * trial: can the keeper work with its keys and their files?
 */
#ifndef SMTPSERV_PUBLISH_TRIAL_H
#define SMTPSERV_PUBLISH_TRIAL_H

#include "base/base.h"
#include "conf/settings.h"
#include "log/log.h"

/*
 * Log what is wrong: event=trial key=... why=...  RES_PERM: a person has to
 * change something.  One that is past its end counts only if has_dates.
 */
enum result trial_run(const struct settings_amqp *amqp, bool has_dates,
    const struct log *log) MUST_CHECK;

#endif
