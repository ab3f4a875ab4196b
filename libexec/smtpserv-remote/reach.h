/* SPDX-License-Identifier: ISC */
/*
 * reach: a TCP connection to one address, within its time.
 */
#ifndef SMTPSERV_REMOTE_REACH_H
#define SMTPSERV_REMOTE_REACH_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

union reach_address {
	struct sockaddr any;
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;
};

/* From octets in network order: 16 of IPv6, or 4. */
void reach_set(
    union reach_address *a, bool is_v6, const unsigned char *ip, uint16_t port);

enum reach_status {
	REACH_OK,
	REACH_FAILED,    /* errno: another address may do better */
	REACH_NO_SOURCE, /* errno: our own address cannot be had */
	REACH_GIVEN_UP   /* the other side of `watch` has gone */
};

/*
 * Connect.  `from` is our own address, or NULL; watch, a socket whose end ends
 * the wait.  The socket does not block, and what is written to it leaves at
 * once (TCP_NODELAY).
 */
enum reach_status reach(const union reach_address *to,
    const union reach_address *from, int watch, int64_t until_ms, int *fd);

#endif
