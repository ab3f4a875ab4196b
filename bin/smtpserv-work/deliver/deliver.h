/* SPDX-License-Identifier: ISC */
/*
 * deliver: the whole of one delivery, in the agent: who the recipient is, by
 * the table, and each of their instructions in order.
 */
#ifndef SMTPSERV_WORK_DELIVER_DELIVER_H
#define SMTPSERV_WORK_DELIVER_DELIVER_H

#include "deliver/delivery.h"
#include "deliver/lookup.h"
#include "lots.h"
#include "message.h"

/* The facts that are the same for all deliveries of a worker. */
struct deliver_site {
	const struct settings *settings;
	const struct spool *spool;
	const char *host;
	/* Of the command line, for every recipient; NULL: the table has it. */
	char *const *command;
	/* smtpserv-remote, and the configuration that it is told of. */
	const char *remote;
	const char *conf;
};

/*
 * Called with the outcome of a recipient, and, before each next instruction,
 * with those that are carried out.  Recipients are counted from 0, as given.
 */
struct deliver_ear {
	void (*told)(void *ctx, size_t which, const struct outcome *out);
	void (*done)(void *ctx, size_t which, const struct done *done);
	/* All that is left to do is to wait for a sync. */
	void (*syncing)(void *ctx);
	void *ctx;
};

/* A recipient of a message. */
struct deliver_part {
	const struct message *message;
	size_t rcpt;
};

/*
 * Deliver to n recipients, LOTS_SHARED_MAX at most.  Those of one message whose
 * only instruction is the same LMTP server share a conversation; those of any
 * messages, MAILDIR_TOGETHER at most, whose only instruction is the same
 * Maildir share its syncs.  The table need not be open yet.  May block, fork,
 * and leave things open: the caller is an agent.
 */
void deliver_run(const struct deliver_site *site, struct lookup *lookup,
    const struct deliver_part *part, size_t n, const struct deliver_ear *ear);

#endif
