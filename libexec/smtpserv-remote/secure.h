/* SPDX-License-Identifier: ISC */
/*
 * secure: TLS on the talker's connection, by smtpserv-tlsc(8), which the dialer
 * starts.
 */
#ifndef SMTPSERV_REMOTE_SECURE_H
#define SMTPSERV_REMOTE_SECURE_H

#include "talker.h"
#include "tlspolicy/tlsverdict.h"

/* False: why not, in words; the connection is of no use then. */
bool secure_start(
    struct talker *t, enum talk_safety *safety, char why[TLSVERDICT_MAX]);

#endif
