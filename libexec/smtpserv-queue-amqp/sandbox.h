/* SPDX-License-Identifier: ISC */
/*
 * sandbox: give up, for good, what is not needed once the files and the socket
 * are there: no file can be opened, none can be run, and there is no other
 * socket than the one to the keeper and the log's.
 */
#ifndef SMTPSERV_QUEUE_AMQP_SANDBOX_H
#define SMTPSERV_QUEUE_AMQP_SANDBOX_H

/* Returns what is missing, as sysconfine_enter(). */
unsigned int sandbox_enter(void);

#endif
