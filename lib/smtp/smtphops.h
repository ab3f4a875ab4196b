/* SPDX-License-Identifier: ISC */
/*
 * smtphops: how many hosts a message has passed, by its Received: fields
 * (RFC 5321 6.3).
 *
 * Pure.  Shown a message's text piece by piece, however it is cut; looks no
 * further than the first empty line.
 */
#ifndef SMTP_SMTPHOPS_H
#define SMTP_SMTPHOPS_H

#include <stdint.h>

#include "bytes/bytes.h"

enum {
	/* Our own among them: a message with more goes around in a loop. */
	SMTPHOPS_MAX = 100
};

struct smtphops {
	uint32_t count;
	/* Private. */
	int state;
	size_t matched; /* bytes of the field's name */
};

void smtphops_init(struct smtphops *h);
void smtphops_feed(struct smtphops *h, struct bytes text);

#endif
