/* SPDX-License-Identifier: ISC */
/*
 * lmtpdialog: a client's half of an LMTP conversation (RFC 2033) that brings
 * one message to some recipients.
 *
 * Pure.  It is fed with the lines of the server's replies and says what to
 * send.  A server with PIPELINING (RFC 2920) gets the commands in groups, each
 * small enough that the two sides never both wait to write; any other server
 * gets a command when the one before was answered, and a text only if it has
 * accepted a recipient.
 *
 * Only extensions that the server offers are used.  Its acceptance is final
 * delivery, so the success that a sender wants to hear of is reported by us,
 * and SUCCESS is not handed on in NOTIFY.  A refusal that is not about this
 * message but about LMTP itself (the greeting, LHLO) is temporary, whatever its
 * code: it is our own set-up that is wrong.
 */
#ifndef SMTPSERV_WORK_DELIVER_LMTPDIALOG_H
#define SMTPSERV_WORK_DELIVER_LMTPDIALOG_H

#include "bytes/buf.h"
#include "deliver/delivery.h"
#include "smtp/smtpanswer.h"
#include "smtp/smtpehlo.h"
#include "smtp/smtpsay.h"

enum {
	LMTPDIALOG_GROUP_MAX = 8192 /* of commands that are sent together */
};

struct lmtpdialog_rcpt {
	struct bytes mailbox;
	/* DSN parameters, as they came, or empty. */
	struct bytes notify;
	struct bytes orcpt;
	/* What became of it, once that is known. */
	bool is_known;
	struct outcome outcome;
};

struct lmtpdialog_mail {
	const char *server; /* who it is, for the outcome's text */
	struct bytes host;  /* who we are */
	struct bytes sender;
	struct lmtpdialog_rcpt *rcpt;
	size_t nrcpt;
	/* DSN parameters, as they came, or empty. */
	struct bytes envid;
	struct bytes ret;
	struct bytes body; /* "8BITMIME", "BINARYMIME" or empty */
	bool smtputf8;
	uint64_t size;
};

enum lmtpdialog_next {
	LMTPDIALOG_READ, /* the next line */
	LMTPDIALOG_SEND, /* lmtpdialog_commands(), then read */
	LMTPDIALOG_TEXT, /* the text, stuffed, and its end, then read */
	LMTPDIALOG_DONE  /* all outcomes are known; QUIT, if it still goes */
};

struct lmtpdialog {
	/* It waits for a text that it will not get: just hang up. */
	bool wants_text;
	/* Private. */
	const struct lmtpdialog_mail *mail;
	int state;
	/* MAIL, each recipient, DATA: how many are sent, and answered. */
	size_t sent;
	size_t answered;
	size_t accepted; /* recipients */
	struct smtpehlo offers;
	struct buf line;
	struct buf group;
	struct buf reply;
	char line_store[SMTPSAY_MAX];
	char group_store[LMTPDIALOG_GROUP_MAX];
	char reply_store[OUTCOME_TEXT_MAX];
};

/*
 * The mail is borrowed, and its recipients' outcomes are filled in.  First the
 * greeting is to be read.
 */
void lmtpdialog_init(struct lmtpdialog *d, const struct lmtpdialog_mail *mail);

/* A line of a reply, as smtpanswer has it. */
enum lmtpdialog_next lmtpdialog_line(struct lmtpdialog *d,
    enum smtpanswer_status status, const struct smtpanswer *line);

struct bytes lmtpdialog_commands(const struct lmtpdialog *d);

/* The connection has ended, or is given up; why: what has happened. */
void lmtpdialog_lost(struct lmtpdialog *d, const char *why);

#endif
