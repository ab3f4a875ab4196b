/* SPDX-License-Identifier: ISC */
/*
 * sandbox: what is left to a process that reads what a broker sends.
 *
 * The spool and the counters' file can be written.  The certificates, the login
 * and what the resolver needs can be read, as each connection is made with what
 * they say then.  Connections can be made to the nodes, and to a name server.
 */
#ifndef SMTPSERV_PULL_SANDBOX_H
#define SMTPSERV_PULL_SANDBOX_H

#include "amqp/amqpsite.h"
#include "conf/settings.h"

/* *missing: the parts that this kernel lacks; see sysconfine.h. */
enum result sandbox_enter(int dirfd, const struct settings *settings,
    const struct amqpsite *site, unsigned int *missing,
    struct fault *why) MUST_CHECK;

#endif
