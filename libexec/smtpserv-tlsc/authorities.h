/* SPDX-License-Identifier: ISC */
/*
 * authorities: the certificates that others are believed by, from a PEM file.
 *
 * A file has all authorities of the world, and a server needs two or three of
 * them.  OpenSSL would keep all as it takes them apart, a MiB and more; here
 * only the text is kept, and where each of them is in it.
 */
#ifndef SMTPSERV_TLSC_AUTHORITIES_H
#define SMTPSERV_TLSC_AUTHORITIES_H

#include <openssl/x509_vfy.h>
#include <stdbool.h>

/*
 * Read the file, and let the store find them in it.  False: OpenSSL's queue of
 * errors says why, or errno.  A process has one such file.
 */
bool authorities_load(X509_STORE *store, const char *file);

/* They are needed no more, nor is the store. */
void authorities_free(void);

#endif
