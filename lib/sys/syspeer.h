/* SPDX-License-Identifier: ISC */
/*
 * syspeer: who is at the other end of a socket, and at ours, as text.
 *
 * An IPv4 address that came through a dual-stack socket (::ffff:192.0.2.7) is
 * given as the IPv4 address that it is.
 */
#ifndef SYS_SYSPEER_H
#define SYS_SYSPEER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

struct syspeer {
	char ip[INET6_ADDRSTRLEN]; /* "": not an Internet address */
	char port[6];              /* "": unknown */
	bool is_v6;
};

void syspeer_set(struct syspeer *peer, const struct sockaddr *address);

/* The socket's two ends.  False: fd is not a socket, or not connected. */
bool syspeer_remote(struct syspeer *peer, int fd);
bool syspeer_local(struct syspeer *peer, int fd);

#endif
