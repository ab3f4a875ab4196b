/* SPDX-License-Identifier: ISC */
/*
 * oracle: what is known of a run at some point of it: what the client has
 * heard, which numbers were ever seen, and so what must be true of the spool.
 */
#ifndef CRASH_ORACLE_H
#define CRASH_ORACLE_H

#include "world.h"

/* The text of the message with which a state is tried. */
#define ORACLE_NEXT_BODY "Subject: next\n\nnext\n"

struct oracle {
	const struct script *script;
	struct state before;
	struct numbers acked;
	struct numbers visible;
	uint32_t owed;  /* the script's, unless it has been consumed */
	uint32_t floor; /* below it all has been handed out; 0: unknown */
	size_t nout;
	char out[8192]; /* what the client has heard */
};

/* before: what was there, if not what the script says; else NULL. */
void oracle_init(struct oracle *o, struct world *w, const struct script *script,
    const struct state *before);

/* More of what the client hears. */
void oracle_hear(struct oracle *o, const char *text, size_t n);

/* The call has been made: what does the world know now? */
void oracle_feed(struct oracle *o, const struct trace_call *c);

/* Does this pair hold what it should?  A consumer may have it then. */
bool oracle_is_whole(
    const struct oracle *o, const struct state *s, uint32_t number);

/* The script's own message, of which so many came before it? */
bool oracle_is_message(const struct oracle *o, const struct state *s,
    uint32_t number, size_t which);

/* Modulo 2^32, for after the last number comes the first. */
bool oracle_is_at_or_above(uint32_t n, uint32_t floor);

#endif
