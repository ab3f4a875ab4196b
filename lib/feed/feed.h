/* SPDX-License-Identifier: ISC */
/*
 * feed: what smtpserv-work and smtpserv-remote say to each other.
 *
 * Pure.  The two are joined by a socket that keeps records apart
 * (SOCK_SEQPACKET); the remote has its end as descriptor 0.  A record is one
 * byte that says what it is, and fields, each ended by NUL:
 *
 *     M  tag sender size body flags envid ret    a message; with it comes its
 *                                                text, open for reading
 *     R  tag recipient notify orcpt              a recipient of it, in order
 *     E  tag                                     that is all: send it
 *     X  tag                                     give it up unless it has begun
 *     Q                                          take no more, finish, and end
 *
 *     C  n host address port tls flags           may hold n more messages
 *     P  tag                                     about to send its end
 *     h  tag index status text                   that recipient: failed
 *     s  tag index status text                   that recipient: later
 *     K  tag status text                         the others: delivered
 *     Z  tag status text                         the others: later
 *     D  tag status text                         the others: failed
 *     N  tag text                                it never got to its end, even
 *                                                behind P
 *     F  scope status text                       the hop has failed
 *
 * A message has 1 to FEED_RCPTS_MAX recipients, counted from 0.  The remote may
 * bring them in several transactions; there is one final record (K, Z, D, N)
 * all the same, after those about single recipients.  A message is in doubt
 * from its P to its final record, and K comes only after P.
 *
 * C is sent once EHLO is done, for each connection anew, with the host that it
 * leads to, and with n 0 if nothing else is to be said.  A final record gives
 * the message's credit back.  `tls` is empty, or the verdict's words: protocol,
 * cipher, bits, level, name.
 *
 * A text is one line.  If it is the peer's, it begins with the code of the
 * reply and ends with ` (HOST [ADDRESS])`; see feed_put_reply().
 *
 * If the socket ends before Q, the worker is dead, and nobody writes down what
 * is done: the remote ends no further text.  A record that cannot be read, on
 * either side, ends the feed; what was in doubt is later then, the rest N.
 */
#ifndef FEED_FEED_H
#define FEED_FEED_H

#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"

enum feed_kind {
	FEED_MESSAGE = 'M',
	FEED_RCPT = 'R',
	FEED_END = 'E',
	FEED_GIVE_UP = 'X',
	FEED_QUIT = 'Q',

	FEED_CREDIT = 'C',
	FEED_DOUBT = 'P',
	FEED_RCPT_FAILED = 'h',
	FEED_RCPT_LATER = 's',
	FEED_DELIVERED = 'K',
	FEED_LATER = 'Z',
	FEED_FAILED = 'D',
	FEED_UNTRIED = 'N',
	FEED_BROKEN = 'F'
};

enum {
	FEED_RECORD_MAX = 8192,
	FEED_RCPTS_MAX = 100,
	FEED_CREDIT_MAX = 1000,
	FEED_STATUS_MAX = 12, /* octets: "5.7.509" */
	FEED_TEXT_MAX = 400,
	FEED_NAME_MAX = 255
};

struct feed_message {
	struct bytes sender; /* empty: <> */
	uint64_t size;       /* of the text as it is, in octets */
	struct bytes body;   /* "8BITMIME", "BINARYMIME" or empty */
	bool smtputf8;
	bool requiretls;
	bool tlsno; /* its header says TLS-Required: No (RFC 8689) */
	/* DSN parameters, as they came, or empty. */
	struct bytes envid;
	struct bytes ret;
};

struct feed_rcpt {
	struct bytes mailbox;
	/* DSN parameters, as they came, or empty. */
	struct bytes notify;
	struct bytes orcpt;
};

struct feed_credit {
	uint32_t n;
	struct bytes host;
	struct bytes address;
	uint32_t port;
	struct bytes tls;
	bool offers_dsn;
};

enum feed_scope {
	FEED_HOST, /* this connection's host: another may do better */
	FEED_HOP   /* none of its hosts can be had */
};

struct feed_result {
	uint32_t index;        /* of h and s */
	enum feed_scope scope; /* of F */
	struct bytes status;   /* of all but N */
	struct bytes text;
};

struct feed_record {
	enum feed_kind kind;
	uint32_t tag; /* of all but Q, C and F */
	struct feed_message message;
	struct feed_rcpt rcpt;
	struct feed_credit credit;
	struct feed_result result;
};

/* Add the record.  False: a field has a NUL or is too long, or no room. */
bool feed_put(struct buf *out, const struct feed_record *r);

/* And the other way; fields are views into it.  False: it is not one. */
bool feed_parse(struct bytes record, struct feed_record *r);

/* Is this one of those that the worker sends? */
bool feed_is_workers(enum feed_kind kind);

/* Does a message come to its end with it? */
bool feed_is_final(enum feed_kind kind);

/*
 * The text of a reply: its words, cut if they are too long, without line ends
 * and control bytes, and where it comes from.  It has room for FEED_TEXT_MAX.
 */
void feed_put_reply(struct buf *out, struct bytes reply, struct bytes host,
    struct bytes address);

#endif
