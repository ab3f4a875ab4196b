/* SPDX-License-Identifier: ISC */
/*
 * smtpehlo: what a server offers, by its reply to EHLO or LHLO (RFC 5321
 * 4.1.1.1), for a client.
 *
 * Pure.  It is shown the texts of the reply's lines, without their codes.  The
 * first is the server's name and a greeting, whatever it looks like; each of
 * the others is a keyword, in any case, and parameters behind blanks.  What is
 * not known, or malformed, is ignored.
 */
#ifndef SMTP_SMTPEHLO_H
#define SMTP_SMTPEHLO_H

#include <stdint.h>

#include "bytes/bytes.h"

/* AUTH's mechanisms that we know (RFC 4616, and LOGIN by custom). */
enum {
	SMTPEHLO_PLAIN = 1 << 0,
	SMTPEHLO_LOGIN = 1 << 1
};

struct smtpehlo {
	size_t lines; /* 0: no reply yet, or HELO's */
	bool pipelining;
	bool has_size;
	uint64_t size; /* the limit; 0: none */
	bool eightbit; /* 8BITMIME */
	bool smtputf8;
	bool dsn;
	bool chunking;
	bool binarymime;
	bool starttls;
	bool requiretls;
	bool has_auth;
	unsigned int auth; /* a set of mechanisms */
	/* LIMITS (RFC 9422); 0: none is said. */
	uint64_t rcptmax;
	uint64_t mailmax;
	uint64_t rcptdomainmax;
};

/* As before a reply: everything is forgotten. */
void smtpehlo_init(struct smtpehlo *e);

/* The next line of the reply. */
void smtpehlo_line(struct smtpehlo *e, struct bytes text);

#endif
