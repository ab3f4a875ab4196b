/* SPDX-License-Identifier: ISC */
/*
 * course: what the tries of one message come to, and which is the next.
 *
 * Pure.  A try that was sent whole and got no word is remembered: whatever
 * comes after it but a confirmation, the message may have been stored, and the
 * client must not hear that it was refused.
 */
#ifndef SMTPSERV_PUBLISH_COURSE_H
#define SMTPSERV_PUBLISH_COURSE_H

#include "sending.h"

enum {
	COURSE_NACK_PAUSE_MS = 100,
	COURSE_SILENCES = 2 /* the second ends it */
};

struct course {
	/* Its word, when course_take() has said that it is over. */
	int code;
	const char *status;
	const char *text;
	/* The next try. */
	size_t node;
	unsigned int pause_ms; /* before it */
	unsigned int tries;    /* so far */
	/* Private. */
	size_t nnodes;
	int64_t until_ms;
	int64_t refusal_ms;
	bool is_doubtful;
	bool has_word;    /* of a node, since the doubt */
	bool has_nack;    /* at first_ms */
	bool has_refusal; /* since a node gave another word */
	int64_t first_ms;
	size_t failures; /* in a row: no node has given a word of it */
	unsigned int silences;
};

/* To begin with that node; tries may go on to until_ms. */
void course_init(struct course *c, size_t node, size_t nnodes, int64_t until_ms,
    int64_t refusal_ms);

/* How a try ended, and when.  True: try again; false: it is over. */
bool course_take(struct course *c, enum sending_end end, int64_t now_ms);

#endif
