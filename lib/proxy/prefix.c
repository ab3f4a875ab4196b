/* SPDX-License-Identifier: ISC */
#include "proxy/prefix.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "bytes/num.h"

enum {
	BITS = 128,
	MAPPED_BITS = 96 /* of ::ffff:0.0.0.0, where IPv4 begins */
};

static bool
read_address(struct bytes text, unsigned char *address, bool *is_v4)
{
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0xff, 0xff };
	char store[INET6_ADDRSTRLEN];

	if (text.n == 0 || text.n >= sizeof(store) ||
	    memchr(text.p, '\0', text.n) != NULL)
		return (false);
	memcpy(store, text.p, text.n);
	store[text.n] = '\0';
	memcpy(address, mapped, sizeof(mapped));
	*is_v4 = inet_pton(AF_INET, store, address + sizeof(mapped)) == 1;
	return (*is_v4 || inet_pton(AF_INET6, store, address) == 1);
}

bool
prefix_parse(struct bytes text, struct prefix *p)
{
	struct bytes address = text;
	uint64_t bits;
	unsigned int first;
	bool is_v4;

	if (!bytes_find(text, '/', &address.n))
		address.n = text.n;
	if (!read_address(address, p->address, &is_v4))
		return (false);
	first = is_v4 ? MAPPED_BITS : 0;
	bits = BITS - first;
	if (address.n < text.n &&
	    !num_parse(bytes_cut(text, address.n + 1, text.n), bits, &bits))
		return (false);
	p->bits = first + (unsigned int)bits;
	return (true);
}

bool
prefix_holds(const struct prefix *p, struct bytes address)
{
	unsigned char other[16];
	unsigned int whole = p->bits / 8;
	unsigned int mask = 0xff00U >> p->bits % 8 & 0xffU;
	bool is_v4;

	return (read_address(address, other, &is_v4) &&
	    memcmp(p->address, other, whole) == 0 &&
	    (whole == sizeof(other) ||
		((p->address[whole] ^ other[whole]) & mask) == 0));
}

bool
prefix_next(struct bytes *rest, struct prefix *p)
{
	struct bytes item = *rest;

	if (rest->n == 0)
		return (false);
	(void)bytes_find(*rest, ',', &item.n);
	*rest = bytes_cut(*rest, item.n + 1, rest->n);
	return (prefix_parse(item, p));
}
