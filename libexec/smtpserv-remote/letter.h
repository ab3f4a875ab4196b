/* SPDX-License-Identifier: ISC */
/*
 * letter: a message that is held, and where its text is.
 */
#ifndef SMTPSERV_REMOTE_LETTER_H
#define SMTPSERV_REMOTE_LETTER_H

#include <stdint.h>
#include <sys/types.h>

#include "talkmail.h"

struct letter {
	struct talkmail mail; /* first: the engine knows only this */
	int fd;
	off_t from;       /* where in it the text begins */
	int64_t since_ms; /* when it came */
	bool is_in_doubt; /* its end is being sent, or was */
};

/* The letter that a message of the engine is part of. */
struct letter *letter_of(struct talkmail *mail);

/*
 * Find out what must be known of the text before it is sent.  False: errno; it
 * cannot be read.
 */
bool letter_weigh(struct letter *l);

#endif
