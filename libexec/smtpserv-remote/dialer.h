/* SPDX-License-Identifier: ISC */
/*
 * dialer: the process that reaches hosts, for the one that talks to them.
 *
 * It starts smtpserv-mx, which says where the hosts are, connects to one after
 * the other as it is asked to, and hands the sockets over (hand.h).  It reads
 * single bytes from the talker and nothing of any host, and connects to nothing
 * but the addresses of the route.
 */
#ifndef SMTPSERV_REMOTE_DIALER_H
#define SMTPSERV_REMOTE_DIALER_H

#include <sys/types.h>

#include "bytes/buf.h"
#include "conf/settings.h"
#include "hand.h"
#include "helper.h"
#include "reach.h"
#include "relay.h"
#include "route/route.h"

enum {
	DIALER_WHY_MAX = 4096
};

struct dialer {
	const struct settings_remote *remote;
	const char *config; /* the path of -f, or NULL */
	const char *host;   /* as it was named */
	struct relay to;
	uint16_t port;
	/* What the messages, or the account, need of a connection. */
	bool is_requiretls;
	bool is_tlsno;
	bool has_account;
	bool is_plaintext; /* the password may go in clear on this machine */
	int talk;          /* the talker's socket */
	/* Private. */
	pid_t mx;
	int mx_out;
	bool has_route;
	struct route route;
	size_t next; /* hop */
	int socket;  /* to the hop at hand, or -1 */
	enum hand_tls tls_need;
	bool is_unreached; /* a host that could not be asked */
	pid_t tls;         /* 0: none */
	bool is_over;      /* the talker is gone */
	struct buf why;
	char why_store[DIALER_WHY_MAX];
	char text[ROUTE_TEXT_MAX];
};

/* Start to look for the host.  Before the talker is forked. */
void dialer_begin(struct dialer *d);

/* Serve the talker until it ends; and end what was started for it. */
void dialer_serve(struct dialer *d);

#endif
