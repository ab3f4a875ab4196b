/* SPDX-License-Identifier: ISC */
#include "engine.h"

#include <assert.h>
#include <tls.h>

/* What libtls answers is what a tunnel takes. */
static_assert((int)TLS_WANT_POLLIN == (int)TUNNEL_WANTS_IN &&
	(int)TLS_WANT_POLLOUT == (int)TUNNEL_WANTS_OUT,
    "libtls has numbers of its own");

static ssize_t
read_clear(void *tls, void *into, size_t n)
{
	return (tls_read(tls, into, n));
}

static ssize_t
write_clear(void *tls, const void *from, size_t n)
{
	return (tls_write(tls, from, n));
}

static ssize_t
shake_hands(void *tls)
{
	return (tls_handshake(tls));
}

static ssize_t
say_end(void *tls)
{
	return (tls_close(tls));
}

const struct tunnel_library ENGINE = { .read = read_clear,
	.write = write_clear,
	.handshake = shake_hands,
	.close = say_end };
