/* SPDX-License-Identifier: ISC */
/*
 * socketmap: how a daemon is asked for a domain's policy, as Postfix asks.
 *
 * Pure.  A question is the netstring of `map key`, an answer the netstring of
 * a word and what belongs to it.
 */
#ifndef TLSPOLICY_SOCKETMAP_H
#define TLSPOLICY_SOCKETMAP_H

#include "bytes/buf.h"
#include "bytes/bytes.h"

enum {
	SOCKETMAP_ANSWER_MAX = 16384, /* octets; a longer one is junk */
	/* With its length, colon and comma. */
	SOCKETMAP_WIRE_MAX = SOCKETMAP_ANSWER_MAX + 7
};

/* Append the question.  False: no room. */
bool socketmap_put_question(
    struct buf *out, struct bytes map, struct bytes key);

enum socketmap_state {
	SOCKETMAP_MORE, /* of it is to come */
	SOCKETMAP_WHOLE,
	SOCKETMAP_JUNK /* not a netstring, one too long, or more than one */
};

/* Is all of the answer there?  Then what the netstring holds. */
enum socketmap_state socketmap_take(struct bytes came, struct bytes *answer);

enum socketmap_word {
	SOCKETMAP_OK,       /* *text is the value */
	SOCKETMAP_NOTFOUND, /* there is none */
	SOCKETMAP_FAILED    /* TEMP, TIMEOUT, PERM, or none of these */
};

enum socketmap_word socketmap_parse_answer(
    struct bytes answer, struct bytes *text);

#endif
