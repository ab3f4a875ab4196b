/* SPDX-License-Identifier: ISC */
/*
 * tlsverdict: the line in which smtpserv-tlsc says what became of a handshake.
 *
 *     = TLSv1.3 TLS_AES_256_GCM_SHA384 256 name mx.example.org
 *     ! certificate-host-mismatch the certificate is for other.example
 *
 * Pure.  Behind `=`: protocol, cipher, its bits, how far the server is known,
 * and what showed it; behind `!`: a result type of RFC 8460 4.3, and words.
 * The words may come from a stranger's certificate: they are printable ASCII,
 * or this is not a verdict.
 */
#ifndef TLSPOLICY_TLSVERDICT_H
#define TLSPOLICY_TLSVERDICT_H

#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"

enum {
	TLSVERDICT_MAX = 512, /* octets of a line, with its LF */
	TLSVERDICT_WORD_MAX = 63
};

/* How far the server is known. */
enum tlsverdict_reached {
	TLSVERDICT_ANONYMOUS, /* not at all: the line is private, no more */
	TLSVERDICT_NAME,      /* a CA that we trust knows it by this name */
	TLSVERDICT_DANE       /* its domain's TLSA say so */
};

/* RFC 8460 4.3. */
enum tlsverdict_failure {
	TLSVERDICT_NOT_SUPPORTED, /* starttls-not-supported */
	TLSVERDICT_MISMATCH,      /* certificate-host-mismatch */
	TLSVERDICT_EXPIRED,       /* certificate-expired */
	TLSVERDICT_NOT_TRUSTED,   /* certificate-not-trusted */
	TLSVERDICT_TLSA,          /* tlsa-invalid */
	TLSVERDICT_DNSSEC,        /* dnssec-invalid */
	TLSVERDICT_DANE_REQUIRED, /* dane-required */
	TLSVERDICT_STS_FETCH,     /* sts-policy-fetch-error */
	TLSVERDICT_STS_INVALID,   /* sts-policy-invalid */
	TLSVERDICT_STS_WEBPKI,    /* sts-webpki-invalid */
	TLSVERDICT_OTHER          /* validation-failure */
};

struct tlsverdict {
	bool is_good;
	/* If it is: */
	struct bytes protocol;
	struct bytes cipher;
	uint32_t bits;
	enum tlsverdict_reached reached;
	/* Else: */
	enum tlsverdict_failure failure;
	/* What matched, which may be empty; or why not. */
	struct bytes text;
};

const char *tlsverdict_failure_word(enum tlsverdict_failure failure);
const char *tlsverdict_reached_word(enum tlsverdict_reached reached);

/*
 * Append the line, with its LF; bytes of the text that are not printable ASCII
 * become `?`, and what is too long of it is left out.  False: no room for
 * TLSVERDICT_MAX, or a word that is none.
 */
bool tlsverdict_put(struct buf *out, const struct tlsverdict *v);

/* The line, without its LF.  False: it is not a verdict. */
bool tlsverdict_parse(struct bytes line, struct tlsverdict *v);

#endif
