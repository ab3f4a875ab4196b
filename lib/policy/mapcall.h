/* SPDX-License-Identifier: ISC */
/*
 * mapcall: one question to a daemon that speaks Postfix's socketmap protocol.
 */
#ifndef POLICY_MAPCALL_H
#define POLICY_MAPCALL_H

#include <stdint.h>

#include "bytes/buf.h"
#include "conf/settings.h"
#include "tlspolicy/socketmap.h"

struct mapcall {
	const struct settings_policy *where;
	int watch; /* a socket whose end ends the wait, or -1 */
	int64_t until_ms;
	/* The answer lies in it; SOCKETMAP_WIRE_MAX is enough. */
	char *store;
	size_t cap;
	struct buf *why; /* SOCKETMAP_FAILED: for people */
};

enum socketmap_word mapcall_ask(
    const struct mapcall *call, struct bytes key, struct bytes *text);

#endif
