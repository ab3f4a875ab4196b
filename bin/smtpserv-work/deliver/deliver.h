/* SPDX-License-Identifier: ISC */
/*
 * deliver: the whole of one delivery, in the agent: who the recipient is, by
 * the table, and each of their instructions in order.
 */
#ifndef SMTPSERV_WORK_DELIVER_DELIVER_H
#define SMTPSERV_WORK_DELIVER_DELIVER_H

#include "deliver/delivery.h"
#include "message.h"

/* What is the same for all deliveries of a worker. */
struct deliver_site {
	const struct settings *settings;
	const struct spool *spool;
	const char *host;
	/* Of the command line, for every recipient; NULL: the table has it. */
	char *const *command;
};

/* Told of the instructions that are carried out, before the next one is. */
typedef void deliver_done_fn(void *ctx, const struct done *done);

/*
 * Deliver to recipient i.  May block, fork, and leave things open: the caller
 * is an agent.
 */
void deliver_run(const struct deliver_site *site, const struct message *m,
    size_t i, deliver_done_fn *tell, void *ctx, struct outcome *out);

#endif
