/* SPDX-License-Identifier: ISC */
/*
 * sandbox: give up, for good, what a worker does not need.
 *
 * After sandbox_enter() the process is confined (sysconfine.h): it reads files
 * in the directories of the certificates, the login and the resolver's
 * configuration, and no other; it writes none and starts nothing; and by TCP it
 * connects to the brokers' ports and DNS, where the kernel can hold it to that.
 */
#ifndef SMTPSERV_PUBLISH_SANDBOX_H
#define SMTPSERV_PUBLISH_SANDBOX_H

#include "amqp/amqpsite.h"

/* Returns what is missing, as sysconfine_enter(). */
unsigned int sandbox_enter(const struct amqpsite *site);

#endif
