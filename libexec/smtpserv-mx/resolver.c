/* SPDX-License-Identifier: ISC */
#include "resolver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

#include "conf/settings.h"

enum {
	TRIES = 2,   /* of each server */
	SECONDS = 5, /* for the first try of the first */
	RCODE_BITS = 0x0f
};

static struct {
	struct __res_state state;
	bool is_trusted;
	bool has_no_edns;
	struct sockaddr_in6 v6[MAXNS];
	unsigned char question[DNS_QUESTION_MAX];
	unsigned char answer[DNS_MESSAGE_MAX];
} resolver;

/* Where the library has a server's address: IPv6 ones lie apart. */
static const struct sockaddr *
server(int i)
{
	const struct __res_state *state = &resolver.state;
	const void *v4 = &state->nsaddr_list[i];

	return (state->nsaddr_list[i].sin_family == AF_INET
		? v4
		: (const void *)state->_u._ext.nsaddrs[i]);
}

static bool
is_loopback(const struct sockaddr *sa)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (sa == NULL)
		return (false);
	if (sa->sa_family == AF_INET) {
		memcpy(&v4, sa, sizeof(v4));
		return (ntohl(v4.sin_addr.s_addr) >> 24 == 127);
	}
	memcpy(&v6, sa, sizeof(v6));
	return (IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr));
}

/* Add a server.  More than the library can ask are left out. */
static bool
add_server(struct bytes address, uint32_t port)
{
	struct __res_state *state = &resolver.state;
	struct sockaddr_in *v4 = &state->nsaddr_list[state->nscount];
	struct sockaddr_in6 *v6 = &resolver.v6[state->nscount];
	char text[INET6_ADDRSTRLEN];
	struct buf b;

	if (state->nscount == MAXNS)
		return (true);
	buf_init(&b, text, sizeof(text));
	(void)buf_put(&b, address);
	if (buf_cstr(&b) == NULL)
		return (false);
	memset(v4, 0, sizeof(*v4));
	memset(v6, 0, sizeof(*v6));
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
	} else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
	} else {
		return (false);
	}
	state->_u._ext.nsaddrs[state->nscount] =
	    v4->sin_family == 0 ? v6 : NULL;
	state->_u._ext.nssocks[state->nscount++] = -1;
	return (true);
}

/* The library copies them when it first asks. */
static bool
set_servers(const char *servers)
{
	struct __res_state *state = &resolver.state;
	struct bytes rest = bytes_of(servers);
	struct bytes address;
	uint32_t port;

	state->nscount = 0;
	state->_u._ext.nscount = 0;
	while (rest.n > 0)
		if (!settings_next_listen(&rest, &address, &port) ||
		    !add_server(address, port))
			return (false);
	return (true);
}

static bool
are_all_loopback(void)
{
	int i;

	for (i = 0; i < resolver.state.nscount; i++)
		if (!is_loopback(server(i)))
			return (false);
	return (resolver.state.nscount > 0);
}

enum result
resolver_open(const char *servers, struct fault *why)
{
	struct __res_state *state = &resolver.state;

	if (res_ninit(state) != 0)
		return (fault_set(why, "read", _PATH_RESCONF, errno));
	/* What it says of trust is meant for the servers that it names. */
	resolver.is_trusted =
	    servers[0] == '\0' && (state->options & RES_TRUSTAD) != 0;
	if (servers[0] != '\0' && !set_servers(servers))
		return (fault_set(why, "use", "smtp.remote.resolver", EINVAL));
	resolver.is_trusted = resolver.is_trusted || are_all_loopback();
	/* TCP if need be; EDNS is ours. */
	state->options &= ~((unsigned long)RES_IGNTC | RES_TRUSTAD |
	    RES_USE_DNSSEC | RES_USE_EDNS0);
	if (resolver.is_trusted)
		state->options |= RES_TRUSTAD;
	if (state->retry > TRIES)
		state->retry = TRIES;
	if (state->retrans > SECONDS)
		state->retrans = SECONDS;
	return (RES_OK);
}

bool
resolver_is_trusted(void)
{
	return (resolver.is_trusted);
}

static unsigned int
port_of(const struct sockaddr *sa)
{
	struct sockaddr_in v4;

	if (sa == NULL)
		return (0);
	/* It is at the same place in both. */
	memcpy(&v4, sa, sizeof(v4));
	return (ntohs(v4.sin_port));
}

size_t
resolver_ports(unsigned int ports[RESOLVER_SERVERS_MAX])
{
	size_t n = 0;
	int i;

	for (i = 0; i < resolver.state.nscount; i++)
		if (n < RESOLVER_SERVERS_MAX)
			ports[n++] = port_of(server(i));
	return (n);
}

void
resolver_put_servers(struct buf *out)
{
	char text[INET6_ADDRSTRLEN];
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;
	int i;

	for (i = 0; i < resolver.state.nscount; i++) {
		const struct sockaddr *sa = server(i);
		const char *p = NULL;

		if (sa != NULL && sa->sa_family == AF_INET) {
			memcpy(&v4, sa, sizeof(v4));
			p = inet_ntop(
			    AF_INET, &v4.sin_addr, text, sizeof(text));
		} else if (sa != NULL) {
			memcpy(&v6, sa, sizeof(v6));
			p = inet_ntop(
			    AF_INET6, &v6.sin6_addr, text, sizeof(text));
		}
		if (p != NULL)
			(void)buf_printf(out,
			    sa->sa_family == AF_INET ? "%s%s:%u" : "%s[%s]:%u",
			    buf_view(out).n > 0 ? " " : "", p, port_of(sa));
	}
}

/* The library tells an error of all servers from silence in no other way. */
static const char *
why_not(void)
{
	const unsigned char *a = resolver.answer;

	if (a[0] == resolver.question[0] && a[1] == resolver.question[1] &&
	    (a[3] & RCODE_BITS) != 0)
		return (dns_rcode_text(a[3] & RCODE_BITS));
	return ("no answer");
}

/* False: there was no answer that the library takes. */
static bool
exchange(const char *name, enum dns_type type, size_t *n)
{
	unsigned char *q = resolver.question;
	int size;

	memset(resolver.answer, 0, 4);
	size = res_nmkquery(&resolver.state, ns_o_query, name, ns_c_in,
	    (int)type, NULL, 0, NULL, q, sizeof(resolver.question));
	if (size <= 0) {
		memset(q, 0, 4);
		return (false);
	}
	*n = (size_t)size;
	if (!resolver.has_no_edns)
		*n = dns_put_edns(q, *n, sizeof(resolver.question));
	size = res_nsend(&resolver.state, q, (int)*n, resolver.answer,
	    sizeof(resolver.answer));
	*n = size > 0 ? (size_t)size : 0;
	return (size > 0);
}

void
resolver_ask(const char *name, enum dns_type type, struct dns_answer *a)
{
	struct bytes message = { (const char *)resolver.answer, 0 };
	bool good = exchange(name, type, &message.n);

	if (good && !resolver.has_no_edns && message.n > 4 &&
	    (resolver.answer[3] & RCODE_BITS) == ns_r_formerr) {
		/* An old server. */
		resolver.has_no_edns = true;
		good = exchange(name, type, &message.n);
	}
	dns_parse(message, name, type, a);
	if (!good)
		a->why = why_not();
	a->is_secure = a->is_secure && resolver.is_trusted;
}
