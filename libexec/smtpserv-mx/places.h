/* SPDX-License-Identifier: ISC */
/*
 * places: the addresses that were found, and which of them are tried, in which
 * order (RFC 5321 5.1).
 *
 * Pure.  Hosts of a better preference come first.  Within a preference the
 * hosts keep the order in which they were added, the addresses of a host that
 * of the resolver, and its two families take turns, beginning with IPv6.  Of
 * the first two of a preference one is IPv6 and one IPv4, if it has both: a
 * family that is silent then keeps nobody waiting for long.  What this host
 * has no route to comes last of all.
 */
#ifndef SMTPSERV_MX_PLACES_H
#define SMTPSERV_MX_PLACES_H

#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

enum {
	PLACES_MAX = 256,
	PLACES_IP_SIZE = 16
};

struct place {
	unsigned char ip[PLACES_IP_SIZE]; /* IPv4: the first 4 */
	bool is_v6;
	bool is_routed;
	uint32_t preference;
	size_t host; /* which; those of a host are added one after the other */
};

struct places {
	size_t n;
	struct place at[PLACES_MAX];
};

/* One more than there is room for is left out. */
void places_add(struct places *all, const struct place *place);

/*
 * The first `most` of the first n, best first, as indexes.  If there is a
 * second family among them all, it is among these, too.  Returns how many;
 * most is 2 at least.
 */
size_t places_pick(
    const struct places *all, size_t n, size_t most, size_t *picked);

#endif
