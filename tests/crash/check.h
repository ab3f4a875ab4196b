/* SPDX-License-Identifier: ISC */
/*
 * check: the promises of smtpserv-spool(5), on one state of the spool.
 *
 *  1. A message that was answered 250 is there, whole.
 *  2. No WRK without its TXT, both whole.
 *  3. The next session works, without any repair.
 *  4. It gets no number that was acknowledged or ever visible, also when all
 *     messages have been consumed meanwhile; and one below the reservation.
 *  5. `clean` removes what is no pair, and nothing else.
 *  6. A local fault is answered 4xx or not at all.
 *  7. A session that ends by itself leaves nothing of what it refused.
 */
#ifndef CRASH_CHECK_H
#define CRASH_CHECK_H

#include "oracle.h"
#include "world.h"

/*
 * Check a state.  rebooted: the counter's boot id is not this boot's.  A state
 * that was checked before, knowing the same, is not checked again; and of those
 * that are alike to the next session, only some are checked for 3, 4 and 5.
 * Every real_every-th is checked with the programs too, not the library alone.
 */
void check_state(struct world *w, const struct oracle *o, const struct state *s,
    bool rebooted, size_t real_every);

/*
 * What matters to the next session, and to clean: the counter, which names
 * there are, and which of them are one file; and all of it where there is a
 * mark, as that says what is in the others.
 */
uint64_t check_hash_for_next(const struct state *s, uint64_t h);

/* The machine goes down: the counter's boot id is another from now on. */
void check_reboot(struct world *w, struct state *s);

/*
 * The next message, by the library, waiting at most so long for a lock.  Its
 * number; 0: refused, *err is the errno and text says why.
 */
uint32_t check_deliver(const struct spool *spool, int64_t wait_ms, int *err,
    char *text, size_t cap);

/* Invariant 6, on what the client has heard. */
void check_replies(struct world *w, const struct oracle *o);

/* Invariant 7, where what failed (or NULL) may excuse something. */
void check_rest(struct world *w, const struct oracle *o, const struct state *s,
    const struct trace_call *failed, int err);

#endif
