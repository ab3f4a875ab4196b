/* SPDX-License-Identifier: ISC */
/*
 * proxy: the header of the PROXY protocol, versions 1 and 2.
 *
 * Pure.  The bytes behind the header are for another program, so the parser
 * says how many bytes the header surely has still: a caller that reads no more
 * than those never reads too far.  Input that is not a header is refused at its
 * first wrong byte.
 */
#ifndef PROXY_PROXY_H
#define PROXY_PROXY_H

#include <netinet/in.h>

#include "bytes/bytes.h"

enum {
	PROXY_MAX = 16 + 65535 /* bytes of the longest header */
};

enum proxy_status {
	PROXY_MORE,
	PROXY_DONE,
	PROXY_BAD
};

struct proxy_end {
	char ip[INET6_ADDRSTRLEN];
	char port[6];
};

struct proxy {
	/* It names no client: the connection is the proxy's own. */
	bool is_local;
	struct proxy_end remote;
	struct proxy_end local;
};

/*
 * *n: how many bytes more there surely are, at least one (PROXY_MORE), or how
 * long the header is (PROXY_DONE).  The result does not depend on how the bytes
 * came.
 */
enum proxy_status proxy_parse(struct bytes in, struct proxy *p, size_t *n);

#endif
