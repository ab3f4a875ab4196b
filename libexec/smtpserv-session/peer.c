/* SPDX-License-Identifier: ISC */
#include "peer.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/base.h"
#include "bytes/buf.h"
#include "bytes/num.h"
#include "smtp/smtppath.h"

static void
copy(char *to, size_t cap, struct bytes from)
{
	if (from.n >= cap)
		from.n = 0;
	memcpy(to, from.p, from.n);
	to[from.n] = '\0';
}

/* An IPv4 client of a dual-stack listener is an IPv4 client. */
static struct bytes
unmapped(struct bytes ip)
{
	static const struct bytes prefix = { "::ffff:", 7 };
	struct bytes tail = bytes_cut(ip, prefix.n, ip.n);

	return (bytes_starts_nocase(ip, prefix) && smtppath_is_ipv4(tail) ? tail
									  : ip);
}

static bool
is_address(struct bytes text)
{
	return (smtppath_is_ipv4(text) || smtppath_is_ipv6(text));
}

/* Does the proxy in between say that it is this socket's peer? */
static bool
is_proxy(peer_env_fn *env, struct bytes ip)
{
	const char *value = env("SMTPSERV_PROXY");

	return (value != NULL && bytes_same(bytes_of(value), ip));
}

static void
find_in_env(struct peer *p, peer_env_fn *env)
{
	static const char *const addresses[] = { "TCPREMOTEIP", "TCP6REMOTEIP",
		"SSLREMOTEIP", "REMOTE_ADDR", "REMOTE_HOST" };
	static const char *const ports[] = { "TCPREMOTEPORT", "TCP6REMOTEPORT",
		"SSLREMOTEPORT", "REMOTE_PORT" };
	static const char *const idents[] = { "TCPREMOTEINFO", "TCP6REMOTEINFO",
		"SSLREMOTEINFO" };
	static const char *const names[] = { "TCPREMOTEHOST", "TCP6REMOTEHOST",
		"SSLREMOTEHOST", "REMOTE_HOST" };
	uint64_t number;
	size_t i;

	for (i = 0; i < ARRAY_LEN(addresses) && p->ip[0] == '\0'; i++) {
		const char *value = env(addresses[i]);

		if (value != NULL && is_address(bytes_of(value)))
			copy(p->ip, sizeof(p->ip), unmapped(bytes_of(value)));
	}
	for (i = 0; i < ARRAY_LEN(ports) && p->port[0] == '\0'; i++) {
		const char *value = env(ports[i]);

		if (value != NULL && num_parse(bytes_of(value), 65535, &number))
			copy(p->port, sizeof(p->port), bytes_of(value));
	}
	for (i = 0; i < ARRAY_LEN(names) && p->name[0] == '\0'; i++) {
		const char *value = env(names[i]);

		if (value != NULL && !is_address(bytes_of(value)) &&
		    smtppath_is_domain(bytes_of(value)))
			copy(p->name, sizeof(p->name), bytes_of(value));
	}
	for (i = 0; i < ARRAY_LEN(idents) && p->ident[0] == '\0'; i++) {
		const char *value = env(idents[i]);

		if (value != NULL)
			copy(p->ident, sizeof(p->ident),
			    bytes_cut(
				bytes_of(value), 0, sizeof(p->ident) - 1));
	}
}

/* The address as text; "" for one that is not of the Internet. */
static void
print_address(const struct sockaddr *from, char *ip, size_t cap, uint16_t *port)
{
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	ip[0] = '\0';
	*port = 0;
	if (from->sa_family == AF_INET) {
		memcpy(&in4, from, sizeof(in4));
		*port = ntohs(in4.sin_port);
		if (inet_ntop(AF_INET, &in4.sin_addr, ip, (socklen_t)cap) ==
		    NULL)
			ip[0] = '\0';
	} else if (from->sa_family == AF_INET6) {
		memcpy(&in6, from, sizeof(in6));
		*port = ntohs(in6.sin6_port);
		if (inet_ntop(AF_INET6, &in6.sin6_addr, ip, (socklen_t)cap) ==
		    NULL)
			ip[0] = '\0';
	}
}

void
peer_find(struct peer *p, peer_env_fn *env, const struct sockaddr *socket_peer)
{
	char ip[INET6_ADDRSTRLEN];
	char digits[NUM_DIGITS_MAX];
	struct bytes text;
	uint16_t port;

	const char *relay = env("RELAYCLIENT");

	*p = (struct peer){ .may_relay = relay != NULL,
		.has_relay_value = relay != NULL && relay[0] != '\0' };
	find_in_env(p, env);
	if (socket_peer == NULL)
		return;
	print_address(socket_peer, ip, sizeof(ip), &port);
	text = unmapped(bytes_of(ip));
	if (p->ip[0] != '\0') {
		bool is_other =
		    text.n > 0 && !bytes_same_nocase(text, bytes_of(p->ip));

		p->disagrees = is_other && !is_proxy(env, text);
		if (is_other || p->port[0] != '\0')
			return;
	}
	copy(p->ip, sizeof(p->ip), text.n > 0 ? text : bytes_of(p->ip));
	if (port != 0)
		copy(p->port, sizeof(p->port), num_print(digits, port));
}
