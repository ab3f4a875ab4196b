/* SPDX-License-Identifier: ISC */
/*
 * intake: one message on its way from the queue into the spool.
 *
 * begin   is it known?  Else a number is taken, and its files are made
 * piece   more of the body, which goes to the disk as it comes
 * end     the message is committed, durably, and its id is noted
 * drop    removes whatever there is; safe at any point, safe twice
 *
 * Only after an end that is RES_OK, or a begin that knows it, may the message
 * be acknowledged.  What cannot be read as a message is committed all the same,
 * with an envelope that is damaged, so that smtpserv-work sets it aside for a
 * person, and the queue is rid of it.
 */
#ifndef SMTPSERV_PULL_INTAKE_H
#define SMTPSERV_PULL_INTAKE_H

#include <stdint.h>

#include "base/base.h"
#include "bytes/bytes.h"
#include "published/published.h"
#include "pulled.h"
#include "spool/spool.h"

/* What the broker says of a message, before its body; views. */
struct intake_facts {
	struct bytes id; /* empty: none was given */
	struct bytes type;
	bool has_envelope_bytes; /* and it is a number that is not negative */
	uint64_t envelope_bytes;
	bool is_again; /* it has been delivered before, to us or to another */
};

struct intake {
	uint32_t number; /* after an end */
	/* Private. */
	const struct spool *spool;
	struct pulled *pulled;
	struct spool_msg msg;
	struct published_split split;
	uint64_t envelope_bytes;
	uint64_t nenvelope; /* octets of it in the spool */
	const char *wrong;  /* why it is not a message, or NULL */
	bool has_envelope_bytes;
	bool has_msg;
	bool is_locked;
	char last;  /* octet of the envelope */
	size_t nid; /* 0: it has none that can be used */
	char id[PUBLISHED_ID_MAX];
};

void intake_init(
    struct intake *i, const struct spool *spool, struct pulled *pulled);

/* *is_known: it is here already, and its body is not wanted. */
enum result intake_begin(struct intake *i, const struct intake_facts *facts,
    bool *is_known, struct fault *why) MUST_CHECK;

enum result intake_piece(
    struct intake *i, struct bytes piece, struct fault *why) MUST_CHECK;

enum result intake_end(struct intake *i, struct fault *why) MUST_CHECK;

void intake_drop(struct intake *i);

/* Why it is not a message, after an end; or NULL. */
const char *intake_wrong(const struct intake *i);

/* The message's id, or empty. */
struct bytes intake_id(const struct intake *i);

#endif
