/* SPDX-License-Identifier: ISC */
/*
 * submit: one message by qmail-queue's protocol, from its descriptors to where
 * it goes.
 *
 * Reads the message to its end, then the envelope to its last NUL, in constant
 * memory, whatever their size, and gives the texts of N.TXT and N.WRK to a
 * sink, piece by piece.  Blocks until they have come, at most for a day.  It
 * commits nothing: QQEXIT_ACCEPTED says that the sink has it all.
 */
#ifndef SUBMIT_SUBMIT_H
#define SUBMIT_SUBMIT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"
#include "conf/settings.h"
#include "mail/messageid.h"
#include "qmail/qqtext.h"
#include "smtp/smtphops.h"
#include "submit/given.h"
#include "submit/lines.h"
#include "submit/refusal.h"
#include "submit/sink.h"

enum {
	SUBMIT_IN_SIZE = 16384,
	SUBMIT_TEXT_SIZE = 16384
};

struct submit {
	const struct settings *settings;
	const struct sink *sink;
	void *ctx;           /* the sink's */
	const char *host;    /* who we are */
	const char *comment; /* who calls, for the trace header */
	/* Of each recipient, and of the message (RFC 3461), or empty. */
	struct bytes notify;
	struct bytes ret;
	struct bytes envid;
	int message; /* descriptors */
	int envelope;
	int full;                /* the whole envelope, too; or -1 */
	bool is_strangers;       /* we run for who is not the spool's user */
	const sigset_t *waiting; /* the signal mask while it waits */
	/* What it was, for the log; or why it is not taken. */
	struct messageid id;
	struct qqtext text; /* its size */
	struct refusal no;
	/* Private, but for the number of recipients. */
	struct lines lines;
	int64_t ends_at;
	time_t now;
	bool is_binary; /* kept as it is, as BODY=BINARYMIME wants it */
	struct smtphops hops;
	struct given given;
	struct buf out; /* text that was not passed on yet */
	size_t top;     /* octets of it that are our fields */
	char in[SUBMIT_IN_SIZE];
	char text_store[SUBMIT_TEXT_SIZE];
};

/* One of qmail-queue's exit codes; what stands first is set. */
int submit_take(struct submit *s);

struct bytes submit_sender(const struct submit *s);

#endif
