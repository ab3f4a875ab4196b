/* SPDX-License-Identifier: ISC */
/*
 * state: what the session knows, and what it acts through.
 *
 * Pure.  The parts of the session (message, auth, secure, verbs) stand on this
 * side by side; the program sees only session.h of them.  Facts that live
 * equally long lie together, so that they end together: those of a client until
 * TLS makes it a stranger, of a transaction until RSET, of a text until the
 * next one.
 */
#ifndef SMTPSERV_SESSION_STATE_H
#define SMTPSERV_SESSION_STATE_H

#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"
#include "envelope/envelope.h"
#include "mail/messageid.h"
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
	SESSION_AUTH,  /* 334 was said: the input is an answer to it */
	SESSION_MAIL,  /* a sender */
	SESSION_RCPT,  /* and at least one recipient */
	SESSION_DATA,  /* 354 was said: the input is text */
	SESSION_CHUNK, /* BDAT was said: the input is a chunk */
	SESSION_CHUNKS /* between two chunks of a message */
};

/* What the program is to do. */
enum session_next {
	SESSION_READ,  /* send what is pending, then show more bytes */
	SESSION_FLUSH, /* send what is pending, then show the rest again */
	SESSION_AGAIN, /* the same, even if there is nothing to show */
	/*
	 * Send what is pending, throw away all other input, and start TLS; then
	 * call session_secure(), or end.
	 */
	SESSION_START_TLS,
	SESSION_HANG_UP /* send what is pending, then close */
};

struct session;

/*
 * The world.  A port refuses by returning a reply, one of the catalogue; NULL
 * is success.  Between a good begin and its commit or abort there is one
 * message under way.  SMTPREPLY_DISK_FAULT says that nothing more should be
 * written: the next command is answered 421.  If a commit fails, the session
 * calls abort, as it does after everything else that ends a message.
 */
struct session_ports {
	/* The text of the 250 before a number, and behind it. */
	const char *before_number;
	const char *behind_number;

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
	void (*supply)(void *ctx, const struct session *s, bool date,
	    bool message_id, struct buf *text);

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
	 * To log: a parameter that does not steer the message could not be
	 * kept.  Called only for the first one of each message.
	 */
	void (*dropped)(void *ctx, struct bytes parameter);

	/* To log: a command was refused, or a message (then line is empty). */
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
	bool submission;  /* RFC 6409: only for authenticated clients */
	bool keeps_facts; /* the requests of DSN and REQUIRETLS are handed on */
	bool keeps_binary; /* what is said to be binary is kept to the byte */
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

/* The client, as known until TLS begins (RFC 3207 4.2). */
struct session_client {
	char helo[SMTPPATH_DOMAIN_MAX + 1]; /* "" before HELO or EHLO */
	bool is_esmtp;
	bool authenticated;                 /* by AUTH: may relay, and submit */
	char user[SMTPAUTH_SECRET_MAX + 1]; /* the name, then; else "" */
};

/* What MAIL and RCPT said, until RSET or the message's end. */
struct session_tx {
	enum smtp_body body;
	bool smtputf8;
	bool requiretls;
	enum smtp_ret ret;
	char envid[SMTPCMD_ENVID_MAX + 1]; /* "" if there is none */
	struct envelope envelope;
	bool has_dropped; /* a parameter, and logged it */
};

/* A message's text, until the next one: replies to it may still be owed. */
struct session_text {
	struct smtpdata data; /* its size is the message's */
	struct smtphops hops;
	struct smtphead head; /* for submission only */
	struct messageid id;  /* for the log */
	size_t top;           /* octets of s->piece that are our fields */
	const struct smtp_reply *doom; /* why it is being thrown away */
	bool is_told;                  /* a chunk was refused for that */
	bool is_last_chunk;
	uint64_t chunk_left; /* octets of this chunk that are still to come */
	size_t owed;         /* replies like the last one (RFC 2033 4.2) */
	uint32_t number;
};

/* How much of our patience the client has used up. */
struct session_patience {
	uint32_t errors;
	uint32_t idle_commands; /* since the last message */
	uint32_t auth_failures;
	const struct smtp_reply *last_refusal;
};

struct session {
	enum session_state state;
	struct session_tls tls;
	struct session_client client;
	struct session_tx tx;
	struct session_text text;
	bool quit; /* the client has said QUIT */
	/*
	 * The input that was used may hold a password, and is to be wiped out:
	 * the program does so, and resets this.
	 */
	bool has_secret;
	/* Private. */
	const char *host;
	const struct session_limits *limits;
	const struct session_ports *ports;
	void *ctx;
	struct session_patience patience;
	struct smtpline lines;
	struct smtpauth auth;
	bool is_after_auth; /* and a known command has not come since */
	bool broken;        /* nothing more should be written */
	struct buf piece;   /* of the text, to be passed on */
	struct buf envelope_store;
};

/* The one place where the state changes. */
void state_enter(struct session *s, enum session_state state);

/*
 * Refuse a command; line is the part of it that may be logged.  One refusal too
 * many is the last: the reply to it is 421, so that every command has one
 * reply.  Then it returns true, and we hang up.
 */
bool state_refuse(struct session *s, const struct smtp_reply *no,
    struct bytes line, struct smtpreply *out);

/* The line end of the text that is passed on, as of what stands before it. */
const char *state_eol(const struct session *s);

/* RFC 3848's and RFC 6531's name of the protocol being spoken. */
const char *state_protocol(const struct session *s);

#endif
