/* SPDX-License-Identifier: ISC */
/*
 * talkoutcome: what became of a message, a recipient, or the next hop.
 *
 * Pure.
 */
#ifndef SMTPSERV_REMOTE_TALKOUTCOME_H
#define SMTPSERV_REMOTE_TALKOUTCOME_H

#include <stdint.h>

#include "base/base.h"
#include "bytes/bytes.h"
#include "smtp/smtpanswer.h"

enum {
	TALKMAIL_WORDS_MAX = 512 /* with the NUL */
};

/* What became of a message, a recipient, or the next hop as a whole. */
struct talkmail_outcome {
	/*
	 * As in qmail-remote's report and in the feed.  A recipient: 'r'
	 * accepted, 'h' failed, 's' later.  A message: 'K' delivered, 'D'
	 * failed, 'Z' later, 'N' no try was made.  0: not known yet, or (a
	 * recipient's) not asked for.
	 */
	char letter;
	/* The words are the peer's, with their code; else they are ours. */
	bool is_said;
	/* Which of the run's connections it was: talk_host(). */
	uint8_t from;
	char status[SMTPANSWER_STATUS_MAX]; /* RFC 3463 */
	/* One line of printable ASCII, whatever the peer has said. */
	char words[TALKMAIL_WORDS_MAX];
};

/* Set an outcome of ours; whatever is printed becomes one line of ASCII. */
void talkoutcome_say(struct talkmail_outcome *o, char letter,
    const char *status, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* By a reply, whose lines are joined; the status is made to suit the letter. */
void talkoutcome_hear(struct talkmail_outcome *o, char letter,
    unsigned int code, struct bytes text);

/*
 * A failure behind another, of which no address is left to tell more: what is
 * permanent counts only where all are.
 */
void talkoutcome_worsen(
    struct talkmail_outcome *o, const struct talkmail_outcome *more);

/* What is permanent becomes something to try again. */
void talkoutcome_soften(struct talkmail_outcome *o);

#endif
