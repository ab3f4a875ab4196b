/* SPDX-License-Identifier: ISC */
#include "sys/syspeer.h"

#include <arpa/inet.h>
#include <string.h>

#include "bytes/buf.h"

static void
put_port(struct syspeer *peer, in_port_t port)
{
	struct buf b;

	buf_init(&b, peer->port, sizeof(peer->port));
	(void)buf_put_number(&b, ntohs(port));
	if (buf_cstr(&b) == NULL)
		peer->port[0] = '\0';
}

static void
put_ip(struct syspeer *peer, int family, const void *address)
{
	if (inet_ntop(family, address, peer->ip, sizeof(peer->ip)) == NULL)
		peer->ip[0] = '\0';
}

void
syspeer_set(struct syspeer *peer, const struct sockaddr *address)
{
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	*peer = (struct syspeer){ .is_v6 = false };
	if (address->sa_family == AF_INET) {
		memcpy(&in4, address, sizeof(in4));
		put_ip(peer, AF_INET, &in4.sin_addr);
		put_port(peer, in4.sin_port);
	} else if (address->sa_family == AF_INET6) {
		memcpy(&in6, address, sizeof(in6));
		peer->is_v6 = !IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr);
		if (peer->is_v6)
			put_ip(peer, AF_INET6, &in6.sin6_addr);
		else
			put_ip(peer, AF_INET, in6.sin6_addr.s6_addr + 12);
		put_port(peer, in6.sin6_port);
	}
}

typedef int name_fn(int fd, struct sockaddr *address, socklen_t *n);

static bool
get(struct syspeer *peer, int fd, name_fn *name)
{
	union {
		struct sockaddr any;
		struct sockaddr_storage storage;
	} address = { .storage = { 0 } };
	socklen_t n = sizeof(address);

	*peer = (struct syspeer){ .is_v6 = false };
	if (name(fd, &address.any, &n) != 0)
		return (false);
	syspeer_set(peer, &address.any);
	return (true);
}

bool
syspeer_remote(struct syspeer *peer, int fd)
{
	return (get(peer, fd, getpeername));
}

bool
syspeer_local(struct syspeer *peer, int fd)
{
	return (get(peer, fd, getsockname));
}
