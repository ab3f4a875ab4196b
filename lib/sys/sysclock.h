/* SPDX-License-Identifier: ISC */
/*
 * sysclock: time that only moves forward, for deadlines.
 */
#ifndef SYS_SYSCLOCK_H
#define SYS_SYSCLOCK_H

#include <stdint.h>

/* A deadline that never comes. */
#define SYSCLOCK_NEVER INT64_MAX

/* Milliseconds since some fixed point, by CLOCK_MONOTONIC. */
int64_t sysclock_ms(void);

/* The moment so many seconds from now; SYSCLOCK_NEVER for 0 seconds. */
int64_t sysclock_after(int64_t now_ms, uint32_t seconds);

/* Sleep, at most until interrupted by a signal. */
void sysclock_sleep_ms(unsigned int ms);

#endif
