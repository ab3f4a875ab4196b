/* SPDX-License-Identifier: ISC */
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static int
bind_to(int fd, const struct service_address *a)
{
	struct sockaddr_in in4 = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)a->port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)a->port) };
	int one = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0)
		return (-1);
	if (!a->is_v6) {
		(void)inet_pton(AF_INET, a->host, &in4.sin_addr);
		return (bind(fd, (const struct sockaddr *)&in4, sizeof(in4)));
	}
	(void)inet_pton(AF_INET6, a->host, &in6.sin6_addr);
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) != 0)
		return (-1);
	return (bind(fd, (const struct sockaddr *)&in6, sizeof(in6)));
}

int
probe_address(const struct service_address *address)
{
	int fd = socket(
	    address->is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return (errno);
	err = bind_to(fd, address) == 0 ? 0 : errno;
	(void)close(fd);
	return (err);
}
