/* SPDX-License-Identifier: ISC */
/*
 * lmtpdialog: a client's half of an LMTP conversation (RFC 2033) that brings
 * one message to one recipient.
 *
 * Pure.  It is fed with the lines of the server's replies and says what to
 * send.  A command is sent only when the one before was answered, so a server
 * needs no PIPELINING, and a recipient that is refused costs no text.
 *
 * Only what the server offers is used.  Its acceptance is final delivery, so
 * the success that a sender wants to hear of is reported by us, and SUCCESS is
 * not handed on in NOTIFY.  A refusal that is not about this message but about
 * LMTP itself (the greeting, LHLO) is temporary, whatever its code: it is our
 * own set-up that is wrong.
 */
#ifndef SMTPSERV_WORK_DELIVER_LMTPDIALOG_H
#define SMTPSERV_WORK_DELIVER_LMTPDIALOG_H

#include "bytes/buf.h"
#include "deliver/delivery.h"
#include "smtp/smtpanswer.h"

enum {
	LMTPDIALOG_COMMAND_MAX = 2048
};

struct lmtpdialog_mail {
	const char *server; /* who it is, for the outcome's text */
	struct bytes host;  /* who we are */
	struct bytes sender;
	struct bytes recipient;
	/* DSN parameters, as they came, or empty. */
	struct bytes notify;
	struct bytes orcpt;
	struct bytes envid;
	struct bytes ret;
	struct bytes body; /* "8BITMIME", "BINARYMIME" or empty */
	bool smtputf8;
	uint64_t size;
};

enum lmtpdialog_next {
	LMTPDIALOG_READ, /* the next line */
	LMTPDIALOG_SEND, /* lmtpdialog_command(), then read */
	LMTPDIALOG_TEXT, /* the text, stuffed, and its end, then read */
	LMTPDIALOG_DONE  /* the outcome is known; send QUIT, if it still goes */
};

struct lmtpdialog {
	struct outcome outcome; /* once it is done */
	/* Private. */
	const struct lmtpdialog_mail *mail;
	int state;
	bool offers_size;
	bool offers_8bitmime;
	bool offers_smtputf8;
	bool offers_dsn;
	struct buf command;
	struct buf reply;
	char command_store[LMTPDIALOG_COMMAND_MAX];
	char reply_store[OUTCOME_TEXT_MAX];
};

/* The mail is borrowed.  First the greeting is to be read. */
void lmtpdialog_init(struct lmtpdialog *d, const struct lmtpdialog_mail *mail);

/* A line of a reply, as smtpanswer has it. */
enum lmtpdialog_next lmtpdialog_line(struct lmtpdialog *d,
    enum smtpanswer_status status, const struct smtpanswer *line);

struct bytes lmtpdialog_command(const struct lmtpdialog *d);

/* The connection has ended, or is given up; why: what has happened. */
void lmtpdialog_lost(struct lmtpdialog *d, const char *why);

#endif
