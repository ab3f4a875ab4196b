/* SPDX-License-Identifier: ISC */
/*
 * tunnel: TLS on one side, clear text on the other.
 *
 * Which library speaks TLS does not matter here.  The clear side is two pipes,
 * or a socket whose descriptor is given twice.  What has been passed on is
 * wiped, for it may be a password.
 */
#ifndef TUNNEL_TUNNEL_H
#define TUNNEL_TUNNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	TUNNEL_SIZE = 16384 /* a record of TLS holds no more */
};

/* What a library's function answers if it has not done anything. */
enum {
	TUNNEL_OVER = 0,    /* the peer has ended it, as it should */
	TUNNEL_BROKEN = -1, /* it is of no more use */
	TUNNEL_WANTS_IN = -2,
	TUNNEL_WANTS_OUT = -3
};

/* A library.  Read and write answer how many octets it was. */
struct tunnel_library {
	ssize_t (*read)(void *tls, void *into, size_t n);
	ssize_t (*write)(void *tls, const void *from, size_t n);
	/* These two answer 0 once it is done. */
	ssize_t (*handshake)(void *tls);
	ssize_t (*close)(void *tls);
};

/* One direction: n bytes, of which `done` have been passed on. */
struct tunnel_half {
	size_t n;
	size_t done;
	char bytes[TUNNEL_SIZE];
};

struct tunnel {
	const struct tunnel_library *library;
	void *tls;        /* the library's connection */
	int net;          /* descriptor of the connection */
	int from_program; /* -1 once it is closed */
	int to_program;
	/* Milliseconds for what the program said last to get out. */
	uint32_t last_words_ms;
	uint32_t linger_ms; /* and for the peer to read it and close */
	/* The program hears the peer out, even if it has no more to say. */
	bool hears_out;
	/* Private. */
	int wants; /* what TLS waits for on the connection, or 0 */
	bool net_is_over;
	bool has_ended; /* the program; what it said may still be there */
	struct tunnel_half in;
	struct tunnel_half out;
};

enum tunnel_shaken {
	TUNNEL_SHAKEN,
	TUNNEL_REFUSED, /* the library knows why, if anybody does */
	TUNNEL_SILENT   /* the peer takes too long */
};

enum tunnel_shaken tunnel_handshake(struct tunnel *t, int64_t until_ms);

/*
 * Carry bytes both ways until the program has closed its side and all it said
 * is sent, or the connection is of no more use; not beyond ends_at, and not
 * long beyond the program's end, whatever the peer does.
 */
void tunnel_carry(struct tunnel *t, int64_t ends_at);

#endif
