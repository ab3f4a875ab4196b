/* SPDX-License-Identifier: ISC */
/*
 * counter: the line of sequence.seq, which says what number comes next.
 *
 * Pure.  The line has a fixed width, and sequence.c overwrites it in place:
 *
 *     0000005321 0000006144 0000006144 1024 <boot id, 36 characters>
 *     next       limit      limit      step
 *
 * The numbers below `limit` are reserved, and the limit is durable.  So most
 * numbers are taken by moving `next` without a sync.  After the machine went
 * down `next` may be an old one; then the boot id differs, and numbering goes
 * on at the limit.  The limit stands twice, and the first is durable before
 * the second is touched.  So whatever part of a write survives a power cut,
 * the later limit is at or above every number that was handed out.
 * Each reservation is twice as long as the one before, up to a bound.  After a
 * change of the boot id only one number is reserved, so that two hosts that
 * take turns on a shared directory sync for each number and leave no gaps.
 *
 * Readers of other programs take the digits at the beginning.  We also take
 * a line that holds nothing but a number, of any width, as NOS writes it.
 */
#ifndef SPOOL_COUNTER_H
#define SPOOL_COUNTER_H

#include <stdint.h>

#include "base/base.h"
#include "bytes/bytes.h"

enum {
	COUNTER_LINE = 75, /* bytes of the whole line */
	COUNTER_BOOT_ID = 36,
	COUNTER_STEP_MAX = 1024
};

#define COUNTER_NUMBER_MAX UINT32_MAX
/* Blanks, on which no reservation can be trusted. */
#define COUNTER_NO_BOOT "                                    "

/* What the line says.  If it is one number, both limits are that number. */
struct counter {
	uint32_t next;
	uint32_t limit[2];
	uint32_t step;
	char boot[COUNTER_BOOT_ID];
};

/* False: garbage.  Never guesses. */
bool counter_parse(struct bytes text, struct counter *c);
void counter_print(const struct counter *c, char line[COUNTER_LINE]);

/* The number n steps later; after the last number comes 1. */
uint32_t counter_advance(uint32_t from, uint32_t n);

/* A counter with nothing reserved and a blank boot id. */
struct counter counter_starting_at(uint32_t next);

/*
 * Take the next number.  False: nothing was taken, because a
 * reservation must come first: counter_reserve().
 */
bool counter_take(
    struct counter *c, const char boot[COUNTER_BOOT_ID], uint32_t *number);

/*
 * Before a reservation: if a reservation was not confirmed, one limit lags
 * behind and is moved to the other.  False: the limits are equal.
 */
bool counter_settle(struct counter *c);

/*
 * The first half of a reservation: move the first limit.  When that is
 * durable, counter_confirm() moves the second; when that is durable too,
 * counter_take() will succeed.
 */
void counter_reserve(struct counter *c, const char boot[COUNTER_BOOT_ID]);
void counter_confirm(struct counter *c, const char boot[COUNTER_BOOT_ID]);

/*
 * Has a process taken a number since this boot?  Then the commits that a power
 * cut interrupted were completed first: sequence_next() completes them where
 * this is false.
 */
bool counter_is_of_boot(
    const struct counter *c, const char boot[COUNTER_BOOT_ID]);

#endif
