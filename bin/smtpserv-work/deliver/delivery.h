/* SPDX-License-Identifier: ISC */
/*
 * delivery: one message to one recipient, and what became of it.
 *
 * An agent, a process of its own, is handed a struct delivery and one
 * instruction at a time, does it with calls that may block, and fills in an
 * outcome.  Nothing of a delivery may be written to; descriptors and views
 * are good as long as the agent lives.  A function that carries out an
 * instruction has to be done by until_ms, and need not free what it allocates:
 * the agent ends right after.
 */
#ifndef SMTPSERV_WORK_DELIVER_DELIVERY_H
#define SMTPSERV_WORK_DELIVER_DELIVERY_H

#include <stdint.h>

#include "base/base.h"
#include "bytes/bytes.h"
#include "outcome/outcome.h"

struct settings;
struct spool;

struct delivery {
	const struct settings *settings;
	const struct spool *spool; /* for a delivery by a new message */
	const char *host;          /* who we are, hostname.domain */

	uint32_t number;
	const char *txt_path;   /* N.TXT, a full path; the file is also */
	int txt_fd;             /* open for reading, at its beginning */
	struct bytes envelope;  /* all of N.WRK */
	struct bytes sender;    /* empty for <> */
	struct bytes recipient; /* as in N.WRK */

	/* The recipient taken apart, without quotes. */
	struct bytes local;  /* with its +extension */
	struct bytes domain; /* where it has none, it is host */
	struct bytes ext;    /* behind the first `+` of local */
	struct bytes deflt;  /* what the key that matched has left open */

	/* DSN parameters, as they came, or empty. */
	struct bytes notify;
	struct bytes orcpt;
	struct bytes envid;
	struct bytes ret;
	/* "8BITMIME", "BINARYMIME" or empty; and two more facts. */
	struct bytes body;
	bool smtputf8;
	bool requiretls;

	/* To be told when all that is left to do is to wait for a sync. */
	void (*syncing)(void *ctx); /* or NULL */
	void *syncing_ctx;

	bool may_name_users; /* nobody but root can have written the table */

	/* smtpserv-remote, and the configuration that it is told of. */
	const char *remote;
	const char *conf;

	int64_t until_ms; /* by sysclock_ms(); SYSCLOCK_NEVER is possible */
};

#endif
