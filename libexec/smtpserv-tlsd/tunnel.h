/* SPDX-License-Identifier: ISC */
/*
 * tunnel: TLS on one side, clear text through two pipes on the other.
 */
#ifndef SMTPSERV_TLSD_TUNNEL_H
#define SMTPSERV_TLSD_TUNNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tls.h>

enum {
	TUNNEL_SIZE = 16384 /* a record of TLS holds no more */
};

/* One direction: n bytes, of which `done` have been passed on. */
struct tunnel_half {
	size_t n;
	size_t done;
	char bytes[TUNNEL_SIZE];
};

struct tunnel {
	struct tls *tls;
	int net;          /* descriptor of the connection */
	int from_program; /* -1 once it is closed */
	int to_program;
	/* Private. */
	int wants; /* what TLS waits for on the connection, or 0 */
	bool net_is_over;
	bool has_ended; /* the program; what it said may still be there */
	struct tunnel_half in;
	struct tunnel_half out;
};

/* The handshake; NULL, or what went wrong, static text or of t->tls. */
const char *tunnel_handshake(struct tunnel *t, int64_t until_ms);

/*
 * Carry bytes both ways until the program has closed its side and all it said
 * is sent, or the connection is of no more use; not beyond ends_at, and not
 * long beyond the program's end, whatever the client does.
 */
void tunnel_carry(struct tunnel *t, int64_t ends_at);

#endif
