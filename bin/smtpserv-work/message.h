/* SPDX-License-Identifier: ISC */
/*
 * message: one message of the spool that we have claimed, and its plan.
 *
 * The envelope is read once and kept while deliveries run; their outcomes are
 * written back as record.h says, without letting go of the claim.  All
 * memory of a message is freed with it.
 */
#ifndef SMTPSERV_WORK_MESSAGE_H
#define SMTPSERV_WORK_MESSAGE_H

#include <stdint.h>
#include <time.h>

#include "base/base.h"
#include "deliver/delivery.h"
#include "envelope/plan.h"
#include "mail/messageid.h"
#include "spool/claim.h"

enum {
	/* Texts that are looked at before one more is kept: of a recipient. */
	MESSAGE_LOOK_BACK = 4
};

/* What has to be synced before a record goes on (record.h). */
enum record_want {
	RECORD_NOTHING, /* there is none, or it is over */
	RECORD_DATA,    /* of `fd`, */
	RECORD_NAMES    /* or the names in the spool */
};

/* A record that has begun. */
struct record {
	enum record_want want;
	int fd;
	/* Private. */
	bool is_append; /* to N.WRK; else fd is N.CMD */
	bool is_journal;
	uint64_t size;
};

struct message {
	struct claim claim;
	struct plan plan;
	/* By the clock of the file system, in seconds. */
	time_t born;     /* the text's last write */
	time_t tried;    /* the last attempt; before born: none yet */
	uint64_t octets; /* of the text */
	/* Private. */
	struct timespec written; /* the envelope's time */
	struct record record;
	bool has_id; /* it was looked for */
	struct messageid id;
	bool sync;
	bool is_journal;   /* what is new may be appended */
	uint64_t size;     /* of the file then, */
	uint64_t appended; /* and of what was */
	uint64_t noted;    /* octets of the envelope, and of reasons */
	/* Recipients with results to be recorded; or it may be others, too. */
	size_t *news;
	size_t nnews;
	bool has_more_news;
	char *text;
	char *reasons;    /* what was read of N.WHY, or NULL */
	bool has_reasons; /* N.WHY may be there */
	struct plan_rcpt *store;
	struct page *notes;
	const char *last[MESSAGE_LOOK_BACK]; /* of the notes */
	size_t nlast;
};

enum message_status {
	MESSAGE_OK,
	MESSAGE_BUSY,    /* somebody else has it */
	MESSAGE_GONE,    /* it is not there (any more) */
	MESSAGE_DAMAGED, /* why->op says how; it is still there, still ours */
	MESSAGE_FAILED   /* why says what; try later */
};

/*
 * Claim it, and read it.  After MESSAGE_OK the caller ends it by
 * message_release() or message_end(), after MESSAGE_DAMAGED by
 * message_set_aside().
 */
enum message_status message_take(int dirfd, uint32_t number, bool sync,
    struct message *m, struct fault *why) MUST_CHECK;

/* Its Message-ID, from the text when it is asked for first; empty: none. */
struct bytes message_id(struct message *m);

/* Open the text; -1 and why. */
int message_open_text(const struct message *m, struct fault *why);

/* A recipient was tried just now, and that has settled nothing. */
void message_try(struct message *m, size_t i);

/* The outcome of a delivery.  False: it has nothing new to record. */
bool message_settle(struct message *m, size_t i, const struct outcome *out);

/* All that failed, or was delivered, is reported. */
void message_settle_reported(struct message *m);

/*
 * Nothing is left to be done: remove the envelope.  The claim stays, and wants
 * another try if that has failed, else message_end().
 */
enum result message_finish(
    const struct message *m, struct fault *why) MUST_CHECK;

/*
 * The removal is durable, or its sync has failed with err, and then the text
 * must stay.  Releases the message.
 */
enum result message_end(
    struct message *m, int err, struct fault *why) MUST_CHECK;

bool message_is_claimed(const struct message *m);

/* Leave it, for later or for others. */
void message_release(struct message *m);

/* N.WRK becomes N.BAD, for a person to look at. */
enum result message_set_aside(struct message *m, struct fault *why) MUST_CHECK;

#endif
