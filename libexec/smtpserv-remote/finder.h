/* SPDX-License-Identifier: ISC */
/*
 * finder: the route to a host: smtpserv-mx(8) is asked, or nobody if the host
 * is an address.
 */
#ifndef SMTPSERV_REMOTE_FINDER_H
#define SMTPSERV_REMOTE_FINDER_H

#include <sys/types.h>

#include "relay/relay.h"
#include "route/route.h"

struct finder {
	const char *config; /* the path of -f, or NULL */
	struct relay to;
	uint16_t port;
	/* Private. */
	pid_t mx; /* 0: none */
	int out;
	bool has_route;
	struct route route;
	char text[ROUTE_TEXT_MAX];
};

/* Start to look; it goes on while we do something else. */
void finder_begin(struct finder *f);

/*
 * The route, once it is known, or NULL.  NULL also if the other side of `watch`
 * has gone meanwhile; *is_over then says so.
 */
const struct route *finder_route(struct finder *f, int watch, bool *is_over);

/* Give it up, if it is not over. */
void finder_end(struct finder *f);

#endif
