/* SPDX-License-Identifier: ISC */
/*
 * prefix: addresses and networks, as 192.0.2.7, 192.0.2.0/24, 2001:db8::/32.
 *
 * Pure.  An IPv4 address and the same one inside IPv6 (::ffff:192.0.2.7) are
 * equal.
 */
#ifndef PROXY_PREFIX_H
#define PROXY_PREFIX_H

#include "bytes/bytes.h"

struct prefix {
	/* Private. */
	unsigned char address[16];
	unsigned int bits;
};

/* False: it is neither an address nor a network. */
bool prefix_parse(struct bytes text, struct prefix *p);

/* Is the address in it?  A text that is not an address is in no network. */
bool prefix_holds(const struct prefix *p, struct bytes address);

/*
 * The next of several that are separated by commas; *rest moves on.  False: it
 * is ill-formed, or there is no more.
 */
bool prefix_next(struct bytes *rest, struct prefix *p);

#endif
