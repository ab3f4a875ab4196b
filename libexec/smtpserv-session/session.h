/* SPDX-License-Identifier: ISC */
/*
 * session: the server's half of one SMTP conversation (RFC 5321).
 *
 * No descriptor, no clock, no file: the program shows it the bytes that came,
 * sends the replies it writes, and lends it ports to act through.  All it
 * knows of the world is in struct session_ports, which is how tests and fuzzers
 * replace the world.  Its replies and its calls of the ports do not depend on
 * how the input is cut into pieces.
 */
#ifndef SMTPSERV_SESSION_SESSION_H
#define SMTPSERV_SESSION_SESSION_H

#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"
#include "envelope/envelope.h"
#include "smtp/smtpauth.h"
#include "smtp/smtpcmd.h"
#include "smtp/smtpdata.h"
#include "smtp/smtphead.h"
#include "smtp/smtphops.h"
#include "smtp/smtpline.h"
#include "smtp/smtpreply.h"

enum session_state {
	SESSION_START, /* no EHLO or HELO yet */
	SESSION_GREETED,
	SESSION_AUTH,  /* 334 was said: what comes is an answer to it */
	SESSION_MAIL,  /* a sender */
	SESSION_RCPT,  /* and at least one recipient */
	SESSION_DATA,  /* 354 was said: what comes is text */
	SESSION_CHUNK, /* BDAT was said: what comes is a chunk */
	SESSION_CHUNKS /* between two chunks of a message */
};

/* What the program is to do. */
enum session_next {
	SESSION_READ,  /* send what is pending, then show more bytes */
	SESSION_FLUSH, /* send what is pending, then show the rest again */
	SESSION_AGAIN, /* the same, even if there is nothing to show */
	/*
	 * Send what is pending, throw away what else came, and start TLS: then
	 * session_secure(), or the end.
	 */
	SESSION_START_TLS,
	SESSION_HANG_UP /* send what is pending, then close */
};

struct session;

/*
 * The world.  A port that returns a reply refuses with it, NULL is success;
 * the rows are of the catalogue.  Between a good begin and its commit or abort
 * there is one message under way.  SMTPREPLY_DISK_FAULT says that nothing more
 * should be written: the next command is answered 421.  After a commit that
 * failed the session calls abort, as after everything else that ends a message.
 */
struct session_ports {
	/* Octets that could be stored now. */
	uint64_t (*space)(void *ctx);

	/* Does mail for this mailbox come in here, from this client? */
	const struct smtp_reply *(*recipient)(
	    void *ctx, const struct session *s, struct bytes mailbox);

	/*
	 * A message is about to come: take a number, begin the envelope, and
	 * put what goes on top of the text (the trace) into `text`: fields.
	 */
	const struct smtp_reply *(*begin)(
	    void *ctx, struct session *s, struct buf *text);
	const struct smtp_reply *(*append)(void *ctx, struct bytes text);

	/*
	 * The header of a submitted message lacks these fields: put them into
	 * `text`, with their line ends.
	 */
	void (*supply)(void *ctx, bool date, bool message_id, struct buf *text);

	/* The promise: NULL means that the message is durable. */
	const struct smtp_reply *(*commit)(
	    void *ctx, const struct session *s, uint32_t *number);
	void (*abort)(void *ctx);

	/* Can TLS be started now?  NULL: it will be, if the client can. */
	const struct smtp_reply *(*starttls)(void *ctx);

	/*
	 * Is this the user's password?  NULL: it is.  Not called where the
	 * limits say SESSION_AUTH_NEVER.
	 */
	const struct smtp_reply *(*authenticate)(
	    void *ctx, struct bytes user, struct bytes password);

	/*
	 * A parameter that does not steer the message could not be kept: to
	 * log.  Of each message the first one only.
	 */
	void (*dropped)(void *ctx, struct bytes parameter);

	/* A command was refused, or a message (then line is empty): to log. */
	void (*refused)(
	    void *ctx, const struct smtp_reply *reply, struct bytes line);
};

/* When AUTH is offered. */
enum session_auth {
	SESSION_AUTH_NEVER,
	SESSION_AUTH_IN_TLS,
	SESSION_AUTH_ALWAYS
};

struct session_limits {
	uint64_t max_size; /* octets; 0: none */
	uint32_t max_rcpt;
	uint32_t max_errors;
	bool reject_bareeol;
	enum smtpdata_eol eol;
	enum session_auth auth;
	bool lmtp;        /* RFC 2033 instead of 5321 */
	bool submission;  /* RFC 6409: only for those who authenticate */
	bool keeps_facts; /* what DSN and REQUIRETLS ask for is handed on */
	bool is_queued;   /* numbers are of a queue's, not of ours */
};

/* How the connection is protected, in the words of the side that does it. */
struct session_tls {
	bool is_offered; /* STARTTLS is possible */
	bool is_active;
	char protocol[64]; /* "" if unknown */
	char cipher[64];
	/* Private. */
	bool has_failed;
	bool begins;
};

struct session {
	enum session_state state;
	struct session_tls tls;
	char helo[SMTPPATH_DOMAIN_MAX + 1]; /* "" before HELO or EHLO */
	bool is_esmtp;
	enum smtp_body body;
	bool smtputf8;
	bool requiretls;
	enum smtp_ret ret;
	char envid[SMTPCMD_ENVID_MAX + 1];  /* "" if there is none */
	bool authenticated;                 /* by AUTH: may relay, and submit */
	char user[SMTPAUTH_SECRET_MAX + 1]; /* who it is then; else "" */
	struct envelope envelope;
	uint64_t size; /* octets of the message that is being committed */
	bool quit;     /* the client has said QUIT */
	/*
	 * What was used of the input had a password in it, and is to be wiped
	 * out: the program does so, and resets this.
	 */
	bool has_secret;
	/* Private. */
	const char *host;
	const struct session_limits *limits;
	const struct session_ports *ports;
	void *ctx;
	struct smtpline lines;
	struct smtpdata data;
	struct smtphops hops;
	struct smtphead head; /* for submission only */
	struct smtpauth auth;
	uint32_t auth_failures;
	bool is_after_auth; /* no command that is one has come since */
	struct buf text;
	size_t
	    top; /* octets of it that are our fields, and then the client's */
	const struct smtp_reply *doom; /* why the text is being thrown away */
	bool is_told;                  /* a chunk was refused for that */
	bool is_last_chunk;
	uint64_t chunk_left; /* octets of this chunk that are still to come */
	size_t owed;         /* replies like the last one (RFC 2033 4.2) */
	uint32_t number;
	const struct smtp_reply *last_refusal;
	bool has_dropped; /* of this message a parameter, and said so */
	uint32_t errors;
	uint32_t idle_commands;
	bool broken;
};

/*
 * host is who we are.  The envelope's store must hold
 * envelope_store_size(max_rcpt); the text's is the size of the writes, and
 * has room for what goes on top and the longest name of a field.
 */
void session_init(struct session *s, const char *host,
    const struct session_limits *limits, const struct session_ports *ports,
    void *ctx, struct buf envelope_store, struct buf text_store);

/* STARTTLS can be asked for from now on. */
void session_offer_tls(struct session *s);

/*
 * The connection is protected from now on, and all that was said before is
 * forgotten (RFC 3207 4.2).  Also before the greeting: TLS came first.
 */
void session_secure(
    struct session *s, const char *protocol, const char *cipher);

/* The greeting. */
void session_greet(struct session *s, struct smtpreply *out);

/*
 * Bytes that came.  *used says how many are done with; the others are to be
 * shown again, with what came behind them.  `in` need never hold more than
 * SMTPLINE_MAX bytes for the session to make progress.
 */
enum session_next session_feed(
    struct session *s, struct bytes in, size_t *used, struct smtpreply *out);

/* The session ends for a reason of ours: say so, and drop what is under way. */
void session_stop(
    struct session *s, const struct smtp_reply *why, struct smtpreply *out);

/* The connection is gone: drop what is under way.  Safe at any time. */
void session_drop(struct session *s);

/* RFC 3848's and RFC 6531's name of the protocol being spoken. */
const char *session_protocol(const struct session *s);

/*
 * For the session's own parts: refuse a command, line being what of it may
 * be logged.  One refusal too many is the last: the answer to it is 421, so
 * that every command has one reply; then true, and we hang up.
 */
bool session_refuse(struct session *s, const struct smtp_reply *no,
    struct bytes line, struct smtpreply *out);

#endif
