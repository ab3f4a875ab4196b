/* SPDX-License-Identifier: ISC */
#include "ours.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

#include "proxy/prefix.h"

static void
add(struct ours *ours, const struct sockaddr *sa)
{
	struct place *p = &ours->at[ours->n];
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (sa == NULL || ours->n == OURS_MAX)
		return;
	memset(p, 0, sizeof(*p));
	if (sa->sa_family == AF_INET) {
		memcpy(&v4, sa, sizeof(v4));
		memcpy(p->ip, &v4.sin_addr, sizeof(v4.sin_addr));
		ours->n++;
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&v6, sa, sizeof(v6));
		memcpy(p->ip, &v6.sin6_addr, sizeof(v6.sin6_addr));
		p->is_v6 = true;
		ours->n++;
	}
}

enum result
ours_find(struct ours *ours, const struct settings *settings, struct fault *why)
{
	struct ifaddrs *all;
	struct ifaddrs *one;

	ours->self = settings->remote.self;
	ours->listen = settings->service.listen;
	ours->n = 0;
	if (getifaddrs(&all) != 0)
		return (fault_set(why, "list", "addresses", errno));
	for (one = all; one != NULL; one = one->ifa_next)
		add(ours, one->ifa_addr);
	freeifaddrs(all);
	return (RES_OK);
}

/* The kernel takes all of 127.0.0.0/8, and 0.0.0.0 and ::, for this host. */
static bool
is_machines(const struct ours *ours, const struct place *p)
{
	static const unsigned char none[PLACES_IP_SIZE];
	size_t i;

	if (memcmp(p->ip, none, p->is_v6 ? 16 : 4) == 0 ||
	    (!p->is_v6 && p->ip[0] == 127))
		return (true);
	for (i = 0; i < ours->n; i++)
		if (ours->at[i].is_v6 == p->is_v6 &&
		    memcmp(ours->at[i].ip, p->ip, sizeof(p->ip)) == 0)
			return (true);
	return (false);
}

static bool
is_named(struct bytes rest, struct bytes text)
{
	struct prefix prefix;

	while (rest.n > 0 && prefix_next(&rest, &prefix))
		if (prefix_holds(&prefix, text))
			return (true);
	return (false);
}

bool
ours_has(const struct ours *ours, const struct place *place, uint32_t port)
{
	struct bytes rest = bytes_of(ours->listen);
	struct bytes address;
	char text[INET6_ADDRSTRLEN] = "";
	struct prefix prefix;
	uint32_t listened;

	/* There is room for any. */
	(void)inet_ntop(
	    place->is_v6 ? AF_INET6 : AF_INET, place->ip, text, sizeof(text));
	if (is_named(bytes_of(ours->self), bytes_of(text)))
		return (true);
	while (rest.n > 0 && settings_next_listen(&rest, &address, &listened)) {
		if (listened != port)
			continue;
		/* Which families `[::]` covers is the super-server's matter. */
		if (bytes_same(address, bytes_of("0.0.0.0")) ||
		    bytes_same(address, bytes_of("::"))) {
			if (is_machines(ours, place))
				return (true);
		} else if (prefix_parse(address, &prefix) &&
		    prefix_holds(&prefix, bytes_of(text))) {
			return (true);
		}
	}
	return (false);
}
