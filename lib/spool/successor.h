/* SPDX-License-Identifier: ISC */
/*
 * successor: a new envelope for a message that is claimed.
 *
 * It is written as N.CMD, and takes the place of the old one by a rename.  It
 * is locked before, so nobody else can claim the message at any moment; and a
 * crash leaves the one or the other, and perhaps a CMD that `clean` removes.
 */
#ifndef SPOOL_SUCCESSOR_H
#define SPOOL_SUCCESSOR_H

#include <time.h>

#include "spool/claim.h"

/*
 * N.CMD, empty, locked, and with the owner of the old envelope: its descriptor;
 * -1 and errno.  One that a crash has left is removed.
 */
int successor_create(const struct claim *c);

/*
 * Replace the envelope, whose new modification time is `written`.  Its data is
 * durable; its name is when the caller has synced the directory.  The claim
 * stays.
 */
enum result successor_put(struct claim *c, struct bytes text,
    const struct timespec *written, struct fault *why) MUST_CHECK;

#endif
