/* SPDX-License-Identifier: ISC */
/*
 * talk: a client's half of one SMTP connection, over which many messages go
 * (RFC 5321, 2920, 3030).
 *
 * Pure: it has no descriptor and no clock, and allocates nothing.  It is told
 * what happens (bytes of the peer, bytes that were sent, a new connection,
 * time that has run out) and then asked what to do.  Answers do not depend on
 * how the peer's bytes are cut.  The loop around it:
 *
 *     for (;;) {
 *             switch (talk_next(t, &order)) { ... }    until TALK_WAIT
 *             poll the socket: always for reading; for writing if
 *                 talk_output() has anything
 *             what was read: talk_input(); what was written: talk_sent();
 *             end of file or an error of read: talk_lost();
 *             talk_wait()'s timers: talk_expired()
 *     }
 *
 * Nothing is written but what talk_output() gives after TALK_WAIT, so a
 * message's TALK_IN_DOUBT always comes before the first octet of its end.
 * What is read is always taken whole, and the socket is read while it is
 * written: so the two sides never both wait to write, however much was sent
 * ahead.  A failed write is not told: stop writing, and read on; what the
 * server has said before it hung up counts.
 *
 * Pipelining (if the latest EHLO offers it).  The first message of a connection
 * goes as MAIL RCPT DATA in one group and its text alone in another: a server
 * whose replies are out of step shows that here.  Then the next envelope goes
 * with the dot before it.  With CHUNKING up to a window of messages goes in one
 * group, with an RSET between them, so that none can get into the transaction
 * of one that was refused; and the last of the group goes by DATA.  The 354 (or
 * refusal) in its place shows that the count of replies is right, and only then
 * are the results of those before it final; or when no reply is to come.  A
 * reply that does not make sense where it comes ends the connection, and what
 * is not final is in doubt, if its text was sent, or untouched.
 */
#ifndef SMTPSERV_REMOTE_TALK_H
#define SMTPSERV_REMOTE_TALK_H

#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"
#include "smtp/smtpanswer.h"
#include "smtp/smtpehlo.h"
#include "smtp/smtpstuff.h"
#include "talkmail.h"

enum {
	TALK_WINDOW_MAX = 16,    /* messages that it holds */
	TALK_ADDRESSES_MAX = 16, /* connections, one after the other */
	TALK_PENDING_MAX = 512,  /* commands whose replies have not come */
	TALK_OUTPUT_MIN = 4096,  /* room for what is sent: better 64 KiB */
	TALK_CHUNK_MAX = 1 << 20,
	TALK_HOST_MAX = 256,
	TALK_ADDRESS_MAX = 64
};

/* How much TLS a connection needs. */
enum talk_tls {
	TALK_TLS_NEVER,
	TALK_TLS_MAY, /* if it is offered; else, and if it fails, in clear */
	TALK_TLS_MUST
};

/* What protects a connection. */
enum talk_safety {
	TALK_CLEAR,
	TALK_ENCRYPTED, /* but nobody knows who the peer is */
	TALK_VERIFIED   /* by a name or by DANE */
};

/* What holds for all connections of a run.  The views must stand. */
struct talk_settings {
	struct bytes helo; /* our own name, or an address literal */
	/*
	 * Messages ahead: 1 turns the next envelope with the dot off, too.
	 */
	size_t window;
	bool chunking;
	uint64_t chunk;  /* octets of a BDAT; 0: TALK_CHUNK_MAX */
	size_t messages; /* of a connection; 0: as many as come */
	/* A relay that takes no mail now may take it some day. */
	bool is_relay;
	/*
	 * Nothing goes but by TLS of a peer that is known (RFC 8689): if no
	 * address has that, it is no use to wait.
	 */
	bool is_requiretls;
	/* Is a host that greets with our name ourselves? */
	bool fears_loops;
	/* AUTH, if has_account; smtpserv never goes on without it. */
	bool has_account;
	bool may_login_in_clear;
	bool says_auth; /* MAIL ... AUTH=<> */
	struct bytes user;
	struct bytes password;
};

/* A connection that was made.  The views are copied. */
struct talk_address {
	struct bytes host;    /* "mx1.example.test", for texts */
	struct bytes address; /* "192.0.2.25" */
	enum talk_tls tls;
	enum talk_safety safety; /* as it is now: of TLS before the greeting */
	/*
	 * Is the host the one that the domain's owner has named: the MX by
	 * DNSSEC, or by a policy (RFC 8689 4.2.1)?
	 */
	bool is_named_safely;
	bool is_best; /* of the best preference */
	bool is_last; /* there are no more addresses */
	/* Some address before it could not be reached. */
	bool has_missed;
};

/* What to do, from talk_next(). */
enum talk_do {
	/* Nothing, until something happens. */
	TALK_WAIT,
	/*
	 * Close the connection, if there is one.  Get the next address, then
	 * talk_connected(); or talk_no_address().
	 */
	TALK_CONNECT,
	/* Likewise the same address once more, because TLS failed there. */
	TALK_CONNECT_CLEAR,
	/*
	 * Start TLS on this connection, then talk_secured(); or talk_lost()
	 * with why not.  No byte of the peer was read behind its 220.
	 */
	TALK_START_TLS,
	/*
	 * order.n more messages may be given to it than before.  Comes once,
	 * if only with 0, when a connection is ready: t->ehlo says what is
	 * offered.
	 */
	TALK_CREDIT,
	/*
	 * Give it the text of order.mail from the file's offset order.at on:
	 * talk_text() with any number of octets; where the file ends,
	 * talk_text_end(); if it cannot be read, talk_text_failed().
	 */
	TALK_TEXT,
	/* The end of order.mail is about to be sent: it is in doubt. */
	TALK_IN_DOUBT,
	/*
	 * order.mail is over and no longer held; its outcome, and those of its
	 * recipients, are filled in.  A recipient with 'r' or 0 shares the
	 * message's; none with 0 comes before one with another.
	 */
	TALK_OUTCOME,
	/* The hop has failed as such: t->failure.  TALK_OVER follows. */
	TALK_HOP_FAILED,
	/* Close the connection; nothing is held.  order.why: static text. */
	TALK_OVER
};

struct talk_order {
	struct talkmail *mail;
	uint64_t at;
	size_t n;
	const struct talkmail_outcome *outcome; /* t->failure */
	const char *why;
};

/* Which limit of time holds (RFC 5321 4.5.3.2). */
enum talk_timer {
	TALK_TIMER_NONE,
	TALK_TIMER_GREETING,
	TALK_TIMER_EHLO, /* and STARTTLS and AUTH */
	TALK_TIMER_MAIL,
	TALK_TIMER_RCPT,
	TALK_TIMER_DATA,
	TALK_TIMER_TEXT, /* a write, whatever is written */
	TALK_TIMER_FINAL,
	TALK_TIMER_RSET,
	TALK_TIMER_QUIT,
	TALK_TIMER_IDLE
};

struct talk_waits {
	/*
	 * The reply that comes next.  Its time begins when `turn` changes;
	 * bytes that come start it anew, but all in all it is twice as long at
	 * most.
	 */
	enum talk_timer reply;
	uint32_t turn;
	/* TALK_TIMER_TEXT, or none; begins anew with each octet sent. */
	enum talk_timer write;
};

/* A command whose reply has not come, or the greeting. */
struct talk_pending {
	uint8_t what;
	struct talkmail *mail;
	struct talkmail_rcpt *rcpt;
};

/* An address of the run that could be connected to. */
struct talk_peer {
	enum talk_tls tls;
	enum talk_safety safety;
	bool is_named_safely;
	bool is_best;
	bool is_last;
	char host[TALK_HOST_MAX];
	char address[TALK_ADDRESS_MAX];
};

struct talk {
	/* What the latest EHLO offers. */
	struct smtpehlo ehlo;
	/* Of this connection: final replies, and transactions begun. */
	size_t finals;
	size_t transactions;
	/*
	 * Why the hop as such has failed, if it has; set before the messages
	 * are given back.
	 */
	struct talkmail_outcome failure;
	/* Commands whose replies have not come. */
	size_t npending;

	/* Private. */
	const struct talk_settings *settings;
	uint8_t phase;
	bool is_finishing; /* no more messages come */
	bool is_orphan;
	bool is_leaving; /* for the next address, with those that are parked */
	bool is_detour;  /* this connection is only for those */
	bool asks_clear; /* the same address, once more */
	bool says_credit;
	bool says_failure; /* before the end */
	bool was_ready;    /* once, on some connection */
	bool missed; /* some address has not said what it thinks of a message */
	bool must_reset;   /* a transaction has not ended by its text's end */
	bool is_resetting; /* RSET was sent, and nothing behind it */
	bool has_doubt;    /* the current message's is to be told */
	/* Of TLS, and of AUTH. */
	bool was_secured;
	bool was_let_in;
	struct talk_peer peers[TALK_ADDRESSES_MAX];
	size_t npeers; /* the last is the one at hand */
	bool is_answering;
	uint8_t answered; /* what the reply at hand replies to */
	struct smtpanswer answer;
	struct buf reply; /* the words of the reply, so far */
	char reply_store[TALKMAIL_WORDS_MAX];
	/* What is to be sent: from `from` on, but for the last `held`. */
	char *store;
	size_t cap;
	struct buf out;
	size_t from;
	size_t held;
	uint64_t sent; /* octets, all in all */
	struct smtpstuff stuff;
	/* Octets of the text that no longer were of a chunk. */
	char carry[8];
	size_t ncarry;
	/* Messages held, oldest first. */
	struct talkmail *mail[TALK_WINDOW_MAX];
	size_t nmail;
	size_t credits; /* given, and not used */
	/* Whose commands or text are composed, and whose were last. */
	struct talkmail *current;
	struct talkmail *latest;
	struct talk_pending pending[TALK_PENDING_MAX];
	size_t first_pending;
	uint32_t turn;
	const char *why; /* it is over */
};

/* The store is for what is sent, at least TALK_OUTPUT_MIN. */
void talk_init(struct talk *t, const struct talk_settings *settings,
    char *store, size_t cap);

/* One more message; the caller has a credit for it, or it is the first. */
void talk_mail(struct talk *t, struct talkmail *m);

/* Give it up if it has not begun: true, and it is the caller's again. */
bool talk_withdraw(struct talk *t, struct talkmail *m);

/* No more messages come: finish those that are held, QUIT. */
void talk_finish(struct talk *t);

/*
 * Nobody will write results down: do not end another text.  It goes on only to
 * read the replies of those whose end was sent.
 */
void talk_orphan(struct talk *t);

enum talk_do talk_next(struct talk *t, struct talk_order *order);

void talk_connected(struct talk *t, const struct talk_address *a);

/*
 * There are no more addresses.  Why not is told where no server has said more;
 * unreached: of some address nobody knows what it would have said.
 */
void talk_no_address(
    struct talk *t, const struct talkmail_outcome *why, bool unreached);

void talk_secured(struct talk *t, enum talk_safety safety);

/* Bytes of the peer; all of them are taken. */
void talk_input(struct talk *t, struct bytes in);

/* What can be sent now; and how much of it was. */
struct bytes talk_output(const struct talk *t);
void talk_sent(struct talk *t, size_t n);

/* After TALK_TEXT.  How much of it was taken, for want of room. */
size_t talk_text(struct talk *t, struct bytes text);
void talk_text_end(struct talk *t);
void talk_text_failed(struct talk *t, const char *why);

struct talk_waits talk_wait(const struct talk *t);
void talk_expired(struct talk *t, enum talk_timer timer);

/* The connection is gone, or TLS failed; why: "connection closed". */
void talk_lost(struct talk *t, const char *why);

/* "mx1.example.test" and "192.0.2.25", of an outcome. */
const char *talk_host(const struct talk *t, const struct talkmail_outcome *o);
const char *talk_numeric(
    const struct talk *t, const struct talkmail_outcome *o);

#endif
