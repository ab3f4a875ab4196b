/* SPDX-License-Identifier: ISC */
/*
 * queued: the session's ports where a program of others takes its messages,
 * smtp.queue.
 *
 * The helper runs it.  If the helper is dead, that is a local fault: the
 * message is answered 451.
 */
#ifndef SMTPSERV_SESSION_QUEUED_H
#define SMTPSERV_SESSION_QUEUED_H

#include "intake.h"

/* Their ctx is an intake. */
extern const struct session_ports QUEUED_PORTS;

#endif
