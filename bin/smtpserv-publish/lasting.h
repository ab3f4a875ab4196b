/* SPDX-License-Identifier: ISC */
/*
 * lasting: certificates, and for how long they last: those in files of ours,
 * and those that the nodes show.
 */
#ifndef SMTPSERV_PUBLISH_LASTING_H
#define SMTPSERV_PUBLISH_LASTING_H

#include <stdint.h>

#include "conf/keys.h"
#include "verdict.h"

/* Tell of each that ends within a week, or cannot be had by until_ms. */
void lasting_check(const struct verdict *v,
    const struct settings_amqp *settings, int64_t until_ms);

#endif
