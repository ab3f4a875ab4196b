/* SPDX-License-Identifier: ISC */
/*
 * claim: the consumer's side of the spool.
 *
 * A consumer locks N.WRK, checks that the name is still there, works while
 * the files keep their names, then removes WRK before TXT.  A claim ends
 * with the process: another consumer then finds the message unchanged.
 */
#ifndef SPOOL_CLAIM_H
#define SPOOL_CLAIM_H

#include <stdint.h>

#include "base/base.h"
#include "bytes/bytes.h"
#include "spool/scan.h"

enum claim_status {
	CLAIM_OK,
	CLAIM_BUSY,  /* another process works on it, or is committing it */
	CLAIM_GONE,  /* the message is not there (any more) */
	CLAIM_FAILED /* why says what failed */
};

struct claim {
	uint32_t number;
	int wrk_fd; /* the lock; also to read the envelope from */
	int dirfd;
	enum scan_kind kind; /* of the envelope */
};

enum claim_status claim_take(
    int dirfd, uint32_t number, struct claim *c, struct fault *why) MUST_CHECK;

/* The same of a message that is held back: SCAN_HELD; or SCAN_WRK. */
enum claim_status claim_take_as(int dirfd, uint32_t number, enum scan_kind kind,
    struct claim *c, struct fault *why) MUST_CHECK;

/* Open the text for reading; -1 and why. */
int claim_open_text(const struct claim *c, struct fault *why);

/*
 * Done with the message: remove it and release the claim.  WRK's removal is
 * durable before TXT goes, so a crash cannot leave an envelope without text.
 */
enum result claim_finish(struct claim *c, struct fault *why) MUST_CHECK;

/* The same of several, with one sync for all; goes on after a failure. */
enum result claim_finish_all(
    struct claim *list, size_t n, struct fault *why) MUST_CHECK;

/*
 * Give the envelopes of n messages, whose names are of one kind, the other: WRK
 * or HELD, so that consumers see them or do not; never over one that exists.
 * The claims stay.  Each has its new name, durably, before it loses the old
 * one: a crash leaves it one or both, and of both scan_clean() keeps WRK.
 * Those that are not moved keep their kind; the first failure is reported.
 */
enum result claim_move_all(struct claim *list, size_t n, enum scan_kind kind,
    struct fault *why) MUST_CHECK;

/* Leave the message to others. */
void claim_release(struct claim *c);

#endif
