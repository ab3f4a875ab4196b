/* SPDX-License-Identifier: ISC */
/*
 * destinations: for which domains mail waits, how much, and why.
 *
 * Pure; memory of a fixed size.  When there are more domains than it has room
 * for, the rest is counted together.
 */
#ifndef SMTPSERV_STATUS_DESTINATIONS_H
#define SMTPSERV_STATUS_DESTINATIONS_H

#include <stddef.h>
#include <stdint.h>

#include "look/mail.h"

enum {
	DESTINATIONS_MAX = 4096,
	DESTINATIONS_NAME = 64, /* octets; a longer one is cut */
	DESTINATIONS_REASON = 160
};

struct destination {
	char name[DESTINATIONS_NAME];
	char reason[DESTINATIONS_REASON];
	size_t name_n; /* 0: this place is free */
	size_t reason_n;
	uint32_t messages;
	uint32_t rcpts;
	uint32_t tries;  /* of the one whose reason it is */
	uint32_t number; /* the last message that was counted */
	uint64_t oldest; /* seconds */
};

struct destinations {
	size_t n;
	uint64_t rcpts;
	uint64_t rest; /* recipients without a place */
	struct destination list[DESTINATIONS_MAX];
};

/* The recipients of a message that are still to be tried. */
void destinations_add(
    struct destinations *d, const struct mail *m, uint64_t age);

/*
 * The first `most` of those with the most recipients come first in the list;
 * nothing can be added after that.  Returns how many there are.
 */
size_t destinations_sort(struct destinations *d, size_t most);

#endif
