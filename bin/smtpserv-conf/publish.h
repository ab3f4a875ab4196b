/* SPDX-License-Identifier: ISC */
/*
 * publish: what `check` says of the keys of a message broker.
 */
#ifndef SMTPSERV_CONF_PUBLISH_H
#define SMTPSERV_CONF_PUBLISH_H

#include "check.h"

/* If there is a broker: as whoever asks, since no session reads its files. */
void publish_check(const struct check *c);

#endif
