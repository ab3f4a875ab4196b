/* SPDX-License-Identifier: ISC */
/*
 * engine: OpenSSL, made ready for one connection, and for a tunnel.
 */
#ifndef SMTPSERV_TLSC_ENGINE_H
#define SMTPSERV_TLSC_ENGINE_H

#include <openssl/ssl.h>

#include "bytes/buf.h"
#include "order.h"
#include "tunnel/tunnel.h"

enum {
	ENGINE_NET = 6, /* both ways, as UCSPI has it: 7 is the same socket */
	ENGINE_WHY_MAX = 256
};

/* Of an SSL. */
extern const struct tunnel_library ENGINE_LIBRARY;

struct engine {
	SSL_CTX *ctx;
	SSL *ssl;
	bool has_dane; /* there are TLSA that it goes by */
};

/*
 * All files are read here.  False: `why` says which could not be, or what else
 * has failed.
 */
bool engine_open(struct engine *e, const struct order *o, struct buf *why);

/* Is our own certificate, if there is one, in time?  False: `why`. */
bool engine_is_in_time(
    const struct engine *e, const struct order *o, struct buf *why);

/* The hands are shaken: what is needed no more goes, the key first of all. */
void engine_settle(struct engine *e);

void engine_close(struct engine *e);

#endif
