/* SPDX-License-Identifier: ISC */
/*
 * talkmail: a message that is to be sent, its recipients, and what became of
 * them.
 *
 * Pure.  All memory is the caller's.  The views must stand until the message
 * is the caller's again.  Whoever makes one fills in what comes before
 * "Private", and leaves the rest zero.
 *
 * A message takes one transaction or several: a server may take fewer
 * recipients at once than it has, and VERP gives each a sender of its own.  A
 * recipient's result counts once its transaction is settled.  Until then it can
 * be undone.
 */
#ifndef SMTPSERV_REMOTE_TALKMAIL_H
#define SMTPSERV_REMOTE_TALKMAIL_H

#include <stdint.h>

#include "bytes/bytes.h"
#include "smtp/smtpcmd.h"
#include "smtp/smtpehlo.h"
#include "talkoutcome.h"

enum {
	TALKMAIL_RCPTS_MAX = 100, /* of a transaction (RFC 5321 4.5.3.1.8) */
	TALKMAIL_TRIES = 2 /* conversations in which a recipient is put off */
};

struct talkmail_rcpt {
	struct bytes mailbox;
	/* DSN parameters, as they came, or empty. */
	struct bytes notify;
	struct bytes orcpt;
	/* Private, but for the outcome once the message is over. */
	struct talkmail_outcome outcome;
	uint8_t state;
	uint8_t tries; /* conversations in which it was put off */
	bool is_new;   /* its outcome is of the transaction at hand */
};

struct talkmail {
	uint32_t tag;        /* the caller's, for its own use */
	struct bytes sender; /* `list-@host-@[]` is VERP, qmail's way */
	struct talkmail_rcpt *rcpt;
	size_t nrcpt;
	/* Of the text: what text.h finds out. */
	bool has_size; /* false: nobody knows before it is read */
	uint64_t size; /* octets on the wire */
	bool is_8bit;
	bool is_utf8; /* its header has UTF-8 */
	/* Of the envelope, as it came. */
	enum smtp_body body;
	bool requiretls;
	struct bytes envid;
	enum smtp_ret ret;

	/* Filled in once the message is over. */
	struct talkmail_outcome outcome;
	/*
	 * Delivered by a host that offers DSN: it tells of the success, if the
	 * sender wants to hear of it.  Else that is ours (RFC 3461 5.2.2).
	 */
	bool took_dsn;

	/* Private. */
	uint8_t state;
	bool goes_elsewhere; /* it is for the next address, as a whole */
	/* The transaction at hand. */
	bool by_bdat;
	bool is_alone;     /* nothing is sent ahead of its text */
	bool is_told;      /* that it is in doubt */
	uint8_t step;      /* what is composed next */
	size_t next;       /* recipient: the next to be composed */
	size_t nchosen;    /* recipients */
	size_t naccepted;  /* of them */
	size_t npending;   /* commands whose replies have not come */
	bool is_unclean;   /* it has not ended by its text's end */
	uint64_t read;     /* octets of the file */
	uint64_t done;     /* octets of the text, dots not counted */
	uint64_t chunk;    /* what is left of the chunk at hand */
	uint64_t chunk_at; /* where it ends in all that is sent; 0: not yet */
	uint64_t end_at;   /* where the text does, likewise */
	struct talkmail_outcome verdict;
};

enum talkmail_state {
	TALKMAIL_WAITING,
	TALKMAIL_BEGUN,   /* a transaction is under way */
	TALKMAIL_MATCHED, /* its replies are in, but may be others' */
	TALKMAIL_PARKED,  /* for the next address */
	TALKMAIL_OVER
};

/* `list-@host-@[]`? */
bool talkmail_is_verp(const struct talkmail *m);

/*
 * Begin a transaction: choose recipients of those that are left, in their
 * order, as many as the server takes at once.  How many.
 */
size_t talkmail_choose(struct talkmail *m, const struct smtpehlo *offers);

/* The next of those that are chosen, from m->next on; NULL: no more. */
struct talkmail_rcpt *talkmail_next(struct talkmail *m);

/* A reply to RCPT. */
void talkmail_answered(struct talkmail *m, struct talkmail_rcpt *r,
    unsigned int code, struct bytes text, uint8_t from);

/*
 * A refusal of one without asking.  It is final, or another address could take
 * it back.
 */
void talkmail_refuse(struct talkmail_rcpt *r, const char *status,
    const char *why, bool is_final);

/*
 * The transaction has come to its end, and its results stand; m->verdict, if it
 * has a letter, is for those that were accepted, or not even asked for.  If it
 * goes_elsewhere, another address may say otherwise.  Then the message is over,
 * parked (not if this is the last address), or waits for its next transaction.
 * missed: of some address nobody knows what it would have said.
 */
void talkmail_settle(struct talkmail *m, bool is_last, bool missed);

/* There is another address, which is not known to refuse it. */
void talkmail_resume(struct talkmail *m);

/*
 * The transaction has not come to its end, and is as if it had not been: but
 * for its recipients' results, if they stand.
 */
void talkmail_undo(struct talkmail *m, bool stands);

/* Its end was sent, but nobody knows what became of it: m->verdict says so. */
void talkmail_doubt(struct talkmail *m, bool stands);

/*
 * There is no other address, or nobody will ask it: over.  why (Z): for those
 * of whom nothing is known.
 */
void talkmail_close(
    struct talkmail *m, bool missed, const struct talkmail_outcome *why);

/* Has it anything that would be lost with N? */
bool talkmail_was_tried(const struct talkmail *m);

#endif
