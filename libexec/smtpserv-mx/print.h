/* SPDX-License-Identifier: ISC */
/*
 * print: the route that follows from what a search has found so far.
 *
 * Pure.  A host whose records were not all looked up counts as one that cannot
 * be reached.
 */
#ifndef SMTPSERV_MX_PRINT_H
#define SMTPSERV_MX_PRINT_H

#include "base/base.h"
#include "bytes/buf.h"
#include "search.h"

/* RES_OK: there are addresses; else it says why not.  `out` is overwritten. */
enum result print_route(const struct search *s, struct buf *out);

#endif
