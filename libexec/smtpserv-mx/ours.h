/* SPDX-License-Identifier: ISC */
/*
 * ours: which addresses lead back to this host.
 */
#ifndef SMTPSERV_MX_OURS_H
#define SMTPSERV_MX_OURS_H

#include "base/base.h"
#include "conf/settings.h"
#include "places.h"

enum {
	OURS_MAX = 256 /* of this machine; more are not known */
};

struct ours {
	/* Private. */
	const char *self;   /* smtp.remote.self */
	const char *listen; /* smtp.listen */
	size_t n;
	struct place at[OURS_MAX];
};

/* Those that this machine has now.  The settings have to stay. */
enum result ours_find(struct ours *ours, const struct settings *settings,
    struct fault *why) MUST_CHECK;

/*
 * Does mail that goes there, to that port, come to us?  It does where
 * smtp.listen covers the port and the address, and where smtp.remote.self names
 * the address.
 */
bool ours_has(
    const struct ours *ours, const struct place *place, uint32_t port);

#endif
