/* SPDX-License-Identifier: ISC */
/*
 * policy: what smtp.remote.policy says of a hop, a table or a socketmap.
 *
 * Blocks for POLICY_SECONDS at most, and not if the other side of `watch` has
 * gone.
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "base/base.h"
#include "bytes/bytes.h"
#include "conf/settings.h"
#include "table/cdbfile.h"
#include "tlspolicy/socketmap.h"
#include "tlspolicy/tlspolicy.h"

enum {
	POLICY_SECONDS = 10,
	POLICY_WHY_MAX = 512,
	POLICY_HOP_MAX = 320 /* octets; a longer one has no row */
};

struct policy {
	/* Its source is TLSPOLICY_ABSENT if none is known.  Views into text. */
	struct tlspolicy words;
	/* For people: why a socketmap's is not known, or what is wrong. */
	char why[POLICY_WHY_MAX];
	/* Private. */
	struct cdbfile table;
	char text[SOCKETMAP_WIRE_MAX];
};

/*
 * The hop is a domain, that of the recipient and nothing that a CNAME makes of
 * it (RFC 8461 3), or `[host]:port`.  RES_OK also if the socketmap does not
 * answer, or not with a policy, and smtp.remote.policy.unknown lets that pass;
 * then `why` is not "".  Else RES_TEMP.
 */
enum result policy_find(const struct settings_remote *remote, struct bytes hop,
    int watch, struct policy *p) MUST_CHECK;

#endif
