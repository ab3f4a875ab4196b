/* SPDX-License-Identifier: ISC */
/*
 * account: the file of accounts at relays, which nobody else may read.
 */
#ifndef RELAY_ACCOUNT_H
#define RELAY_ACCOUNT_H

#include "bytes/buf.h"
#include "relay/relay.h"

/*
 * The account for that host and port.  RELAY_BAD: the file cannot be used, and
 * `why`, which then ends in a NUL, says so without a word of it.
 */
enum relay_found account_find(const char *path, const struct relay *r,
    uint16_t port, struct relay_account *account, struct buf *why);

#endif
