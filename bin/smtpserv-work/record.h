/* SPDX-License-Identifier: ISC */
/*
 * record: the outcomes of a message's recipients, made durable in N.WRK.
 *
 * N.WRK is replaced atomically, by a file that we have locked before.  For a
 * large envelope that would take ever longer, so it gets a journal (plan.h).
 * When the journal has become as large as the envelope, the file is replaced.
 * So it is written a few times only, however many recipients there are.
 *
 * A record is made in steps.  Between them the caller syncs what
 * message.record.want says, side by side with what other messages want.
 * Meanwhile more may be settled, which is for the next record.
 */
#ifndef SMTPSERV_WORK_RECORD_H
#define SMTPSERV_WORK_RECORD_H

#include "message.h"

enum {
	/* A larger envelope gets a journal. */
	RECORD_JOURNAL_MIN = 2048
};

enum record_how {
	RECORD_GOES_ON,  /* there may be a journal */
	RECORD_STOPS,    /* without a journal: others may go on */
	RECORD_WAS_TRIED /* likewise; this is the time of the last attempt */
};

/*
 * Begin to make the plan as it is now durable.  It is over when nothing is
 * wanted any more: at once, unless the message is one of a spool with syncs.
 */
enum result record_begin(
    struct message *m, enum record_how how, struct fault *why) MUST_CHECK;

/*
 * What was wanted is synced, or that has failed with err.  If this fails, the
 * record is over, and nothing of it counts: a new one is to be begun.
 */
enum result record_go_on(
    struct message *m, int err, struct fault *why) MUST_CHECK;

/* Only the time of the last attempt, and why it has settled nothing. */
enum result record_touch(struct message *m, struct fault *why) MUST_CHECK;

/* Is there a journal, which only we read? */
bool record_has_journal(const struct message *m);

#endif
