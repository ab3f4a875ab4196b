/* SPDX-License-Identifier: ISC */
/*
 * dialer: the process that reaches hosts, for the one that talks to them.
 *
 * It starts smtpserv-mx, which says where the hosts are, connects to one after
 * the other as it is asked to, and hands the sockets over (hand.h).  It reads
 * single bytes from the talker and nothing of any host, and connects to nothing
 * but the addresses of the route.  It begins in the same process, before that
 * parts in two.
 */
#ifndef SMTPSERV_REMOTE_DIALER_H
#define SMTPSERV_REMOTE_DIALER_H

#include <sys/types.h>

#include "bytes/buf.h"
#include "conf/settings.h"
#include "finder.h"
#include "log/log.h"
#include "policy/policy.h"
#include "shield.h"

enum {
	DIALER_WHY_MAX = 4096
};

struct dialer {
	const struct settings_remote *remote;
	struct finder finder;
	/* What the messages, and an account, need of a connection. */
	bool is_requiretls;
	bool is_tlsno;
	bool has_account;
	bool is_plaintext; /* the password may go in clear on this machine */
	int talk;          /* the talker's socket */
	const char *hop;   /* as it was named */
	const struct log *log;
	/* A socket whose other side ends all of this when it ends; or -1. */
	int watch;
	/* Private. */
	const struct route *route;
	size_t next;      /* hop that was not tried yet */
	size_t at;        /* the one at hand */
	uint32_t put_off; /* a bit for each that was not waited for */
	int socket;       /* to the hop at hand, or -1 */
	pid_t tls;        /* 0: none */
	bool is_over;     /* the talker is gone */
	struct policy policy;
	struct shield shield;
	struct tlsneed need;
	bool is_clear;     /* this one without TLS, for TLS has failed */
	bool is_unreached; /* a host that could not be asked */
	bool is_skipped;   /* one that could not be had well enough */
	bool is_unfit;     /* one that will never do for REQUIRETLS */
	struct buf why;
	char why_store[DIALER_WHY_MAX];
	char words[SHIELD_STORE];
};

/*
 * Find the host, and connect to the first address that can be had.  The answer,
 * as to a first HAND_NEXT, is in the talker's socket then.  False: the other
 * side of d->watch has gone.
 */
bool dialer_begin(struct dialer *d) MUST_CHECK;

/*
 * Is there anything left that a talker could ask for?  If not, the answer to
 * whatever it asks is in its socket, too, and nobody is needed who serves it.
 */
bool dialer_is_needed(struct dialer *d);

/* Serve the talker until it ends; and end what was started for it. */
void dialer_serve(struct dialer *d);

#endif
