/* SPDX-License-Identifier: ISC */
/*
 * spooled: the session's ports where its messages go to the spool.
 */
#ifndef SMTPSERV_SESSION_SPOOLED_H
#define SMTPSERV_SESSION_SPOOLED_H

#include "intake.h"

/* Their ctx is an intake. */
extern const struct session_ports SPOOLED_PORTS;

/*
 * Open the spool of the intake's settings.  One that cannot be opened is
 * logged, and every message will be answered 451.
 */
void spooled_open(struct intake *i);

#endif
