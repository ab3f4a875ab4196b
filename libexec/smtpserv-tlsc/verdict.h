/* SPDX-License-Identifier: ISC */
/*
 * verdict: what a handshake has shown, as one line (tlsverdict.h).
 */
#ifndef SMTPSERV_TLSC_VERDICT_H
#define SMTPSERV_TLSC_VERDICT_H

#include "bytes/buf.h"
#include "engine.h"

/* Hands are shaken.  False: no room. */
bool verdict_put_good(struct buf *out, const struct engine *e);

/*
 * They are not.  OpenSSL's queue of errors, and errno, are as the failure left
 * them; `why` is NULL, or what it was.
 */
bool verdict_put_bad(struct buf *out, const struct engine *e, const char *why);

#endif
