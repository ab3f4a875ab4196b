/* SPDX-License-Identifier: ISC */
#include "outbound/hopname.h"

#include "bytes/num.h"
#include "smtp/smtppath.h"

#define MX    "mx:"
#define RELAY "relay:"

static const char *const CARES[] = {
	[HOPNAME_USUAL] = "",
	[HOPNAME_REQUIRETLS] = " requiretls",
	[HOPNAME_TLSNO] = " tlsno",
};

void
hopname_put(struct buf *out, struct bytes place, enum hopname_care care)
{
	(void)buf_put(out, place);
	(void)buf_puts(out, CARES[care]);
}

void
hopname_put_relay(struct buf *out, struct bytes host, uint32_t port)
{
	(void)buf_puts(out, smtppath_is_ipv6(host) ? "[IPv6:" : "[");
	(void)buf_put(out, host);
	(void)buf_printf(out, "]:%u", (unsigned int)port);
}

/* HOST:PORT */
static bool
put_relay(struct buf *out, struct bytes place)
{
	size_t colon = place.n;
	uint64_t port;

	while (colon > 0 && place.p[colon - 1] != ':')
		colon--;
	if (colon < 2 ||
	    !num_parse(bytes_cut(place, colon, place.n), 65535, &port))
		return (false);
	hopname_put_relay(out, bytes_cut(place, 0, colon - 1), (uint32_t)port);
	return (true);
}

/* What the name ends with, which is cut off. */
static enum hopname_care
take_care(struct bytes *name)
{
	size_t i;

	for (i = HOPNAME_REQUIRETLS; i < ARRAY_LEN(CARES); i++) {
		struct bytes word = bytes_of(CARES[i]);
		size_t rest = name->n > word.n ? name->n - word.n : 0;

		if (!bytes_same(bytes_cut(*name, rest, name->n), word))
			continue;
		name->n = rest;
		return ((enum hopname_care)i);
	}
	return (HOPNAME_USUAL);
}

bool
hopname_argument(struct buf *out, struct bytes name, enum hopname_care *care)
{
	struct bytes mx = bytes_of(MX);
	struct bytes relay = bytes_of(RELAY);

	*care = take_care(&name);
	if (bytes_starts_nocase(name, relay))
		return (put_relay(out, bytes_cut(name, relay.n, name.n)));
	return (name.n > mx.n && bytes_starts_nocase(name, mx) &&
	    buf_put(out, bytes_cut(name, mx.n, name.n)));
}
