/* SPDX-License-Identifier: ISC */
#include "proxy/proxy.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "bytes/buf.h"
#include "bytes/num.h"

enum {
	V1_LEAST = 15, /* PROXY UNKNOWN CR LF */
	V1_MOST = 107,
	V2_FIXED = 16,
	V2_VERSION = 0x20,
	V2_LOCAL = 0,
	V2_PROXY = 1,
	/* Family and transport. */
	V2_UNSPEC = 0x00,
	V2_TCP4 = 0x11,
	V2_TCP6 = 0x21,
	V2_UNIX = 0x31,
	V2_TCP4_SIZE = 12,
	V2_TCP6_SIZE = 36,
	V2_UNIX_SIZE = 216
};

static const struct bytes V1 = { "PROXY ", 6 };
static const struct bytes V2 = { "\r\n\r\n\0\r\nQUIT\n", 12 };

/* As far as both go, they are the same. */
static bool
agrees(struct bytes in, struct bytes with)
{
	size_t n = in.n < with.n ? in.n : with.n;

	return (bytes_same(bytes_cut(in, 0, n), bytes_cut(with, 0, n)));
}

/* IPv6 that is IPv4 inside is given as IPv4. */
static bool
put_address(struct proxy_end *end, int family, const void *address)
{
	struct in6_addr in6;

	if (family == AF_INET6) {
		memcpy(&in6, address, sizeof(in6));
		if (IN6_IS_ADDR_V4MAPPED(&in6)) {
			family = AF_INET;
			address = (const char *)address + 12;
		}
	}
	return (inet_ntop(family, address, end->ip, sizeof(end->ip)) != NULL);
}

static bool
put_port(struct proxy_end *end, uint64_t port)
{
	struct buf b;

	buf_init(&b, end->port, sizeof(end->port));
	(void)buf_put_number(&b, port);
	return (buf_cstr(&b) != NULL);
}

/* The word up to the next blank, of which there is one. */
static struct bytes
next_word(struct bytes *rest)
{
	struct bytes word = *rest;

	(void)bytes_find(*rest, ' ', &word.n);
	*rest = bytes_cut(*rest, word.n + 1, rest->n);
	return (word);
}

static bool
read_address(struct proxy_end *end, int family, struct bytes word)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (word.n == 0 || word.n >= sizeof(text) ||
	    memchr(word.p, '\0', word.n) != NULL)
		return (false);
	memcpy(text, word.p, word.n);
	text[word.n] = '\0';
	return (inet_pton(family, text, &address) == 1 &&
	    put_address(end, family, &address));
}

static bool
read_port(struct proxy_end *end, struct bytes word)
{
	uint64_t port;

	return (num_parse(word, UINT16_MAX, &port) &&
	    (word.n == 1 || word.p[0] != '0') && put_port(end, port));
}

/* A line of version 1, without its CR LF and without its first word. */
static bool
read_line(struct bytes rest, struct proxy *p)
{
	struct bytes kind = next_word(&rest);
	int family = AF_INET;

	if (bytes_same(kind, bytes_of("UNKNOWN"))) {
		p->is_local = true;
		return (true);
	}
	if (bytes_same(kind, bytes_of("TCP6")))
		family = AF_INET6;
	else if (!bytes_same(kind, bytes_of("TCP4")))
		return (false);
	return (read_address(&p->remote, family, next_word(&rest)) &&
	    read_address(&p->local, family, next_word(&rest)) &&
	    read_port(&p->remote, next_word(&rest)) &&
	    /* The last word is all the rest, with no blank behind it. */
	    read_port(&p->local, rest));
}

static enum proxy_status
parse_v1(struct bytes in, struct proxy *p, size_t *n)
{
	size_t lf;

	in = bytes_cut(in, 0, V1_MOST);
	if (!bytes_find(in, '\n', &lf)) {
		if (in.n == V1_MOST)
			return (PROXY_BAD);
		*n = in.n < V1_LEAST         ? V1_LEAST - in.n
		    : in.p[in.n - 1] == '\r' ? 1
					     : 2;
		if (in.n + *n > V1_MOST)
			*n = V1_MOST - in.n;
		return (PROXY_MORE);
	}
	if (lf < V1.n || in.p[lf - 1] != '\r')
		return (PROXY_BAD);
	*n = lf + 1;
	return (read_line(bytes_cut(in, V1.n, lf - 1 - V1.n), p) ? PROXY_DONE
								 : PROXY_BAD);
}

static unsigned int
byte_at(struct bytes in, size_t at)
{
	return ((unsigned char)in.p[at]);
}

static unsigned int
short_at(struct bytes in, size_t at)
{
	return (byte_at(in, at) << 8 | byte_at(in, at + 1));
}

/* Addresses and ports, whole. */
static bool
read_block(struct bytes block, int family, size_t size, struct proxy *p)
{
	return (put_address(&p->remote, family, block.p) &&
	    put_address(&p->local, family, block.p + size) &&
	    put_port(&p->remote, short_at(block, 2 * size)) &&
	    put_port(&p->local, short_at(block, 2 * size + 2)));
}

/* Does a header with these 16 bytes make sense? */
static bool
check_fixed(struct bytes in, struct proxy *p, size_t size)
{
	unsigned int command = byte_at(in, 12) - V2_VERSION;
	unsigned int family = byte_at(in, 13);

	if (command == V2_LOCAL) {
		p->is_local = true;
		return (true);
	}
	if (command != V2_PROXY)
		return (false);
	p->is_local = family == V2_UNSPEC || family == V2_UNIX;
	return (family == V2_UNSPEC ||
	    (family == V2_TCP4 && size >= V2_TCP4_SIZE) ||
	    (family == V2_TCP6 && size >= V2_TCP6_SIZE) ||
	    (family == V2_UNIX && size >= V2_UNIX_SIZE));
}

static enum proxy_status
parse_v2(struct bytes in, struct proxy *p, size_t *n)
{
	struct bytes block;
	bool is_v4;
	size_t size;

	*n = V2_FIXED - in.n;
	if (in.n < V2_FIXED)
		return (PROXY_MORE);
	size = short_at(in, 14);
	if (!check_fixed(in, p, size))
		return (PROXY_BAD);
	*n = V2_FIXED + size;
	if (in.n < *n) {
		*n -= in.n;
		return (PROXY_MORE);
	}
	/* The bytes behind the addresses are of no use here. */
	block = bytes_cut(in, V2_FIXED, size);
	is_v4 = byte_at(in, 13) == V2_TCP4;
	return (p->is_local ||
		    read_block(block, is_v4 ? AF_INET : AF_INET6,
			is_v4 ? sizeof(struct in_addr)
			      : sizeof(struct in6_addr),
			p)
		? PROXY_DONE
		: PROXY_BAD);
}

enum proxy_status
proxy_parse(struct bytes in, struct proxy *p, size_t *n)
{
	*p = (struct proxy){ .is_local = false };
	*n = V1_LEAST;
	if (in.n == 0)
		return (PROXY_MORE);
	if (agrees(in, V1))
		return (parse_v1(in, p, n));
	return (agrees(in, V2) ? parse_v2(in, p, n) : PROXY_BAD);
}
