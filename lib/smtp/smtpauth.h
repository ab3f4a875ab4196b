/* SPDX-License-Identifier: ISC */
/*
 * smtpauth: a client's half of AUTH PLAIN and AUTH LOGIN (RFC 4954, RFC 4616).
 *
 * Pure.  It is shown the argument of AUTH and then the lines that follow, piece
 * by piece, however they are cut.  It takes them apart in constant memory and
 * ends with a user and a password, which stand in it until smtpauth_wipe().
 * Base64 is what RFC 4648 says and nothing else: no blanks, no line ends, the
 * right padding, no bits left over.  Only CR LF ends a line.
 */
#ifndef SMTP_SMTPAUTH_H
#define SMTP_SMTPAUTH_H

#include "bytes/bytes.h"

enum {
	SMTPAUTH_LINE_MAX = 12288, /* octets with CR LF, RFC 4954 4 */
	/*
	 * checkpassword reads no more than 512 bytes: user, password and an
	 * empty third field, each with its NUL.
	 */
	SMTPAUTH_SECRET_MAX = 512 - 3,
	SMTPAUTH_STORE = 2 * SMTPAUTH_SECRET_MAX + 2
};

enum smtpauth_status {
	SMTPAUTH_MORE,   /* the line goes on */
	SMTPAUTH_PROMPT, /* say 334 and smtpauth_prompt(), then feed */
	SMTPAUTH_DONE,   /* ask whether they are right */
	/* Do not ask: empty, too long, another's identity, a control byte. */
	SMTPAUTH_WRONG,
	SMTPAUTH_CANCELLED, /* the client has said `*` */
	SMTPAUTH_UNKNOWN,   /* no such mechanism */
	SMTPAUTH_BAD_TEXT,  /* not base64, or not of the mechanism's form */
	SMTPAUTH_TOO_LONG   /* a line of more than SMTPAUTH_LINE_MAX */
};

struct smtpauth {
	/* Private. */
	int step;
	bool is_login;
	/* The line. */
	size_t octets;
	bool has_cr;
	bool is_bad;
	bool is_star;
	/* Base64: digits and padding of the line, and the bits at hand. */
	size_t digits;
	size_t padding;
	unsigned int bits;
	/* What was decoded, of PLAIN all, of LOGIN one after the other. */
	size_t n;
	bool is_too_much;
	struct bytes user;
	struct bytes password;
	char store[SMTPAUTH_STORE];
};

/* A mechanism and perhaps an initial response, as they stand behind AUTH. */
enum smtpauth_status smtpauth_begin(struct smtpauth *a, struct bytes argument);

/* After SMTPAUTH_PROMPT: what the client sends, up to the end of its line. */
enum smtpauth_status smtpauth_feed(
    struct smtpauth *a, struct bytes in, size_t *used);

/* Base64, to stand behind 334. */
const char *smtpauth_prompt(const struct smtpauth *a);

/* After SMTPAUTH_DONE. */
struct bytes smtpauth_user(const struct smtpauth *a);
struct bytes smtpauth_password(const struct smtpauth *a);

/* Forget them, so that no memory of them is left. */
void smtpauth_wipe(struct smtpauth *a);

#endif
