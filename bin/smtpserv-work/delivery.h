/* SPDX-License-Identifier: ISC */
/*
 * delivery: one message to one recipient, and what became of it.
 *
 * An agent, a process of its own, is handed a struct delivery and one
 * instruction at a time, does it with calls that may block, and fills in an
 * outcome.  Nothing of a delivery may be written to; descriptors and views
 * are good as long as the agent lives.  Whoever carries out an instruction
 * has to be done by until_ms, and does not care for what it leaves allocated:
 * the agent ends right after.
 */
#ifndef SMTPSERV_WORK_DELIVERY_H
#define SMTPSERV_WORK_DELIVERY_H

#include <stdint.h>

#include "base/base.h"
#include "bytes/bytes.h"

struct settings;
struct spool;

enum outcome_kind {
	OUTCOME_DELIVERED,
	OUTCOME_TRY_AGAIN, /* 4xx, 111 */
	OUTCOME_FAILED     /* 5xx, 100: the sender is told */
};

enum {
	OUTCOME_STATUS_MAX = 12, /* with its NUL */
	OUTCOME_TEXT_MAX = 400
};

struct outcome {
	enum outcome_kind kind;
	/* Delivered, and the recipient's other instructions are void. */
	bool is_last;
	/* Delivered by handing it on: RFC 3464 calls that expanded. */
	bool is_expanded;
	char status[OUTCOME_STATUS_MAX]; /* RFC 3463: "5.1.1" */
	char text[OUTCOME_TEXT_MAX];     /* printable ASCII, one line */
};

/*
 * Fill in an outcome.  The text may be anybody's: what is not printable
 * ASCII becomes a question mark, a line end a blank, and what is too long
 * is cut.
 */
void outcome_set(struct outcome *out, enum outcome_kind kind,
    const char *status, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* OUTCOME_TRY_AGAIN for a system call: "unable to OP NAME: error". */
void outcome_fault(struct outcome *out, const char *status, const char *op,
    const char *name, int err);

struct delivery {
	const struct settings *settings;
	const struct spool *spool; /* for what makes a new message */
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

	int64_t until_ms; /* by sysclock_ms(); SYSCLOCK_NEVER is possible */
};

#endif
