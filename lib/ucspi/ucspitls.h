/* SPDX-License-Identifier: ISC */
/*
 * ucspitls: what UCSPI-TLS says about a connection, to a program and by one.
 *
 * After `Y' the side that speaks TLS writes records NAME=value, each with a
 * NUL behind it, and one NUL more.  Part of it (the name that the client asks
 * for, its certificate) is a stranger's, so nothing is believed but the two
 * words kept here.  Pure.
 */
#ifndef UCSPI_UCSPITLS_H
#define UCSPI_UCSPITLS_H

#include "bytes/buf.h"
#include "bytes/bytes.h"

enum {
	UCSPITLS_WORD_MAX = 63,
	/* Records that are longer are skipped. */
	UCSPITLS_RECORD_MAX = 127
};

/* "" where nothing was said, or no plain word. */
struct ucspitls_facts {
	char protocol[UCSPITLS_WORD_MAX + 1]; /* SSL_PROTOCOL: TLSv1.3 */
	char cipher[UCSPITLS_WORD_MAX + 1];   /* SSL_CIPHER, IANA's name */
};

struct ucspitls {
	struct ucspitls_facts facts;
	/* Private. */
	char record[UCSPITLS_RECORD_MAX];
	size_t n;
	bool too_long;
	bool ended;
};

void ucspitls_init(struct ucspitls *u);

/* Bytes that came.  True: the end was among them. */
bool ucspitls_feed(struct ucspitls *u, struct bytes in);

/* Append a record. */
bool ucspitls_put(struct buf *out, const char *name, struct bytes value);

/* Keep a protocol and a cipher, as variables give them; NULL: not set. */
void ucspitls_set_facts(
    struct ucspitls_facts *facts, const char *protocol, const char *cipher);

/*
 * The name that IANA gave a cipher suite, for RFC 8314's clause of Received:,
 * from OpenSSL's: ECDHE-RSA-AES128-GCM-SHA256 is
 * TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256.  False, and nothing is appended:
 * this is neither.
 */
bool ucspitls_put_cipher(struct buf *out, struct bytes name);

#endif
