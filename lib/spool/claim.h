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
};

enum claim_status claim_take(
    int dirfd, uint32_t number, struct claim *c, struct fault *why) MUST_CHECK;

/* Open the text for reading; -1 and why. */
int claim_open_text(const struct claim *c, struct fault *why);

/*
 * Done with the message: remove it and release the claim.  WRK's removal is
 * durable before TXT goes, so a crash cannot leave an envelope without text.
 */
enum result claim_finish(struct claim *c, struct fault *why) MUST_CHECK;

/* Leave the message to others. */
void claim_release(struct claim *c);

#endif
