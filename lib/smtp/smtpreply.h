/* SPDX-License-Identifier: ISC */
/*
 * smtpreply: the catalogue of replies, and a writer that formats them.
 *
 * Pure: the writer fills a buffer, the program sends it.  Each fixed reply
 * is one row of the catalogue, so that no text is spelled twice and tests
 * can name them.  No reply ever repeats a byte that the client sent.
 */
#ifndef SMTP_SMTPREPLY_H
#define SMTP_SMTPREPLY_H

#include "bytes/buf.h"
#include "bytes/bytes.h"

enum {
	SMTPREPLY_LINE_MAX = 512, /* with CR LF, RFC 5321 4.5.3.1.5 */
	SMTPREPLY_ROOM = 1024     /* one reply of any kind fits */
};

struct smtp_reply {
	unsigned int code;
	const char *enhanced; /* RFC 3463, or NULL */
	const char *text;
};

extern const struct smtp_reply SMTPREPLY_SENDER_OK;
extern const struct smtp_reply SMTPREPLY_RCPT_OK;
extern const struct smtp_reply SMTPREPLY_OK;
extern const struct smtp_reply SMTPREPLY_BYE;
extern const struct smtp_reply SMTPREPLY_VRFY;
extern const struct smtp_reply SMTPREPLY_START_TLS;
extern const struct smtp_reply SMTPREPLY_GO_AHEAD;
extern const struct smtp_reply SMTPREPLY_AUTH_OK;
extern const struct smtp_reply SMTPREPLY_CHUNK_OK;

extern const struct smtp_reply SMTPREPLY_IDLE;
extern const struct smtp_reply SMTPREPLY_TOO_LATE;
extern const struct smtp_reply SMTPREPLY_SHUTDOWN;
extern const struct smtp_reply SMTPREPLY_ERRORS;
extern const struct smtp_reply SMTPREPLY_JUNK;
extern const struct smtp_reply SMTPREPLY_ALIEN_HTTP;
extern const struct smtp_reply SMTPREPLY_ALIEN_TLS;
extern const struct smtp_reply SMTPREPLY_ALIEN_SSH;
extern const struct smtp_reply SMTPREPLY_ALIEN_FIELD;
extern const struct smtp_reply SMTPREPLY_BROKEN;
extern const struct smtp_reply SMTPREPLY_BAD_SETUP;

extern const struct smtp_reply SMTPREPLY_DISK_FAULT;
extern const struct smtp_reply SMTPREPLY_LOCAL_FAULT;
extern const struct smtp_reply SMTPREPLY_NO_TABLE;
extern const struct smtp_reply SMTPREPLY_NO_SPACE;
extern const struct smtp_reply SMTPREPLY_TOO_MANY_RCPTS;
extern const struct smtp_reply SMTPREPLY_NO_TLS_NOW;

extern const struct smtp_reply SMTPREPLY_UNKNOWN;
extern const struct smtp_reply SMTPREPLY_LINE_TOO_LONG;
extern const struct smtp_reply SMTPREPLY_BARE_LF;
extern const struct smtp_reply SMTPREPLY_BAD_BYTE;
extern const struct smtp_reply SMTPREPLY_BAD_ARGUMENT;
extern const struct smtp_reply SMTPREPLY_BAD_SENDER;
extern const struct smtp_reply SMTPREPLY_BAD_RCPT;
extern const struct smtp_reply SMTPREPLY_SENDER_NO_DOMAIN;
extern const struct smtp_reply SMTPREPLY_RCPT_NO_DOMAIN;
extern const struct smtp_reply SMTPREPLY_PATH_TOO_LONG;
extern const struct smtp_reply SMTPREPLY_BAD_PARAMETER;
extern const struct smtp_reply SMTPREPLY_UNKNOWN_PARAMETER;
extern const struct smtp_reply SMTPREPLY_ABSENT;
extern const struct smtp_reply SMTPREPLY_BAD_SEQUENCE;
extern const struct smtp_reply SMTPREPLY_NEEDS_UTF8;
extern const struct smtp_reply SMTPREPLY_NEEDS_AUTH;
extern const struct smtp_reply SMTPREPLY_NEEDS_TLS;
extern const struct smtp_reply SMTPREPLY_TOO_BIG;
extern const struct smtp_reply SMTPREPLY_NOBODY;
extern const struct smtp_reply SMTPREPLY_BARE_EOL;
extern const struct smtp_reply SMTPREPLY_TOO_MANY_HOPS;
extern const struct smtp_reply SMTPREPLY_AUTH_TRIES;
extern const struct smtp_reply SMTPREPLY_AUTH_LATER;
extern const struct smtp_reply SMTPREPLY_AUTH_TOO_LONG;
extern const struct smtp_reply SMTPREPLY_AUTH_BAD_TEXT;
extern const struct smtp_reply SMTPREPLY_AUTH_CANCELLED;
extern const struct smtp_reply SMTPREPLY_AUTH_UNKNOWN;
extern const struct smtp_reply SMTPREPLY_AUTH_WRONG;
extern const struct smtp_reply SMTPREPLY_AUTH_NEEDS_TLS;

struct smtpreply {
	/* Private. */
	struct buf out;
};

void smtpreply_init(struct smtpreply *r, char *store, size_t cap);

void smtpreply_put(struct smtpreply *r, const struct smtp_reply *row);

/* A one-line reply of text made on the spot; enhanced may be NULL. */
void smtpreply_line(struct smtpreply *r, unsigned int code,
    const char *enhanced, struct bytes text);

/* One line of several: all but the last have `more` set. */
void smtpreply_part(
    struct smtpreply *r, unsigned int code, bool more, struct bytes text);

/* False when the next reply might not fit: send what is pending first. */
bool smtpreply_has_room(const struct smtpreply *r);
struct bytes smtpreply_pending(const struct smtpreply *r);
void smtpreply_sent(struct smtpreply *r);

#endif
