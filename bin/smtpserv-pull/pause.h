/* SPDX-License-Identifier: ISC */
/*
 * pause: how long to wait before the next try.
 *
 * Pure.  Each wait is twice as long as the one before, up to a bound, until
 * something went well.
 */
#ifndef SMTPSERV_PULL_PAUSE_H
#define SMTPSERV_PULL_PAUSE_H

#include <stdint.h>

struct pause {
	/* Private. */
	uint32_t first_ms;
	uint32_t most_ms;
	uint32_t next_ms;
};

void pause_init(struct pause *p, uint32_t first_ms, uint32_t most_ms);

/* Milliseconds to wait now. */
uint32_t pause_next(struct pause *p);

/* It went well: the next wait is the first again. */
void pause_reset(struct pause *p);

#endif
