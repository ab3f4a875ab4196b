/* SPDX-License-Identifier: ISC */
/*
 * The header of the PROXY protocol: read as much as the parser asks for, and
 * never a byte of what is behind; the same from any part of what is there; and
 * the addresses are addresses.  No options.
 */
#include "proxy/proxy.h"

#include <arpa/inet.h>
#include <string.h>

#include "bytes/num.h"
#include "fuzz.h"
#include "proxy/prefix.h"

static void
check_end(const struct proxy_end *end)
{
	struct in6_addr address;
	uint64_t port;

	fuzz_must(inet_pton(AF_INET, end->ip, &address) == 1 ||
		inet_pton(AF_INET6, end->ip, &address) == 1,
	    "an address");
	fuzz_must(num_parse(bytes_of(end->port), UINT16_MAX, &port), "a port");
}

static void
check_same(const struct proxy *a, const struct proxy *b)
{
	fuzz_must(a->is_local == b->is_local &&
		strcmp(a->remote.ip, b->remote.ip) == 0 &&
		strcmp(a->remote.port, b->remote.port) == 0 &&
		strcmp(a->local.ip, b->local.ip) == 0 &&
		strcmp(a->local.port, b->local.port) == 0,
	    "the same however it is read");
}

/* As the program reads. */
static enum proxy_status
read_exactly(struct bytes in, struct proxy *p, size_t *used)
{
	enum proxy_status status;
	size_t n;

	*used = 0;
	for (;;) {
		status = proxy_parse(bytes_cut(in, 0, *used), p, &n);
		if (status != PROXY_MORE || *used == in.n)
			return (status);
		fuzz_must(n > 0, "progress");
		*used += n < in.n - *used ? n : in.n - *used;
	}
}

static void
check_prefix(struct bytes in)
{
	struct prefix p;
	struct bytes address = in;

	if (!prefix_parse(in, &p))
		return;
	(void)bytes_find(in, '/', &address.n);
	fuzz_must(prefix_holds(&p, address), "a network holds its address");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	struct proxy exact;
	struct proxy whole;
	enum proxy_status status;
	size_t used;
	size_t length;

	check_prefix(in);
	status = read_exactly(in, &exact, &used);
	if (in.n == 0)
		return (0);
	if (status == PROXY_DONE) {
		fuzz_must(proxy_parse(in, &whole, &length) == PROXY_DONE,
		    "what is behind does not matter");
		fuzz_must(length == used, "not a byte more was read");
		check_same(&exact, &whole);
		if (!exact.is_local) {
			check_end(&exact.remote);
			check_end(&exact.local);
		}
	}
	fuzz_must((proxy_parse(in, &whole, &length) == PROXY_BAD) ==
		(status == PROXY_BAD),
	    "what is none is none");
	return (0);
}
