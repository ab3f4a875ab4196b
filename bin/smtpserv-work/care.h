/* SPDX-License-Identifier: ISC */
/*
 * care: what a message that leaves wants of the connections it goes by.
 */
#ifndef SMTPSERV_WORK_CARE_H
#define SMTPSERV_WORK_CARE_H

#include "conf/settings.h"
#include "message.h"
#include "outbound/hopname.h"

/* Its header is read where that makes a difference. */
enum hopname_care care_of(
    const struct message *m, const struct settings_remote *r);

#endif
