/* SPDX-License-Identifier: ISC */
/*
 * peer: who is at the other end.
 *
 * Pure: the environment and the socket's address come in as arguments.  The
 * variables are those of UCSPI (tcpserver, s6-tcpserver, tcpsvd, sslserver),
 * systemd and xinetd.  A value that is not a numeric address, or not a host
 * name, is not believed.
 */
#ifndef SMTPSERV_SESSION_PEER_H
#define SMTPSERV_SESSION_PEER_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "bytes/bytes.h"

struct peer {
	char ip[INET6_ADDRSTRLEN]; /* "" for a local session; ::ffff: is off */
	char port[6];              /* "" if unknown */
	char name[256];            /* "" if unknown */
	/* The user whom the client's machine names for the connection; a
	 * stranger's bytes, cut short. */
	char ident[64];
	/*
	 * RELAYCLIENT is set: the super-server lets it send to other hosts.
	 * And it is not set to nothing; only qmail has a use for its value.
	 */
	bool may_relay;
	bool has_relay_value;
	/* The socket has another peer than the variables say, and it is not
	 * the proxy that smtpserv-proxy(8) has admitted. */
	bool disagrees;
};

/* getenv(3), or a test's. */
typedef const char *peer_env_fn(const char *name);

/* socket_peer is getpeername(2)'s, or NULL where fd 0 is no socket. */
void peer_find(
    struct peer *p, peer_env_fn *env, const struct sockaddr *socket_peer);

#endif
