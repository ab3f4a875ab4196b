/* SPDX-License-Identifier: ISC */
/*
 * spool: one message's way into the spool directory, all or nothing.
 *
 * begin    takes a number; creates N.CMD, locked, with the envelope, and N.TMP
 * append   adds text to N.TMP
 * commit   renames TMP to TXT; makes durable, side by side, the data of TXT
 *          and CMD and the names (the counter was, in begin); renames CMD to
 *          WRK; makes that name durable.  Where one stage is enough (stages.h)
 *          CMD is renamed to a mark (mark.h) before the syncs, and WRK's name
 *          is not waited for: complete_all() gives it again.  Each step is
 *          checked, and only after RES_OK may the client hear 250
 * abort    removes whatever there is; safe at any point, safe twice
 *
 * The message exists for others exactly when N.WRK does, and from then on
 * nothing here removes any of it.  smtpserv-spool(5) describes the format, the
 * states and the files that a crash leaves in each.
 */
#ifndef SPOOL_SPOOL_H
#define SPOOL_SPOOL_H

#include <stdint.h>

#include "base/base.h"
#include "bytes/bytes.h"
#include "spool/counter.h"
#include "spool/mark.h"
#include "spool/owner.h"
#include "spool/scan.h"
#include "spool/stages.h"

enum {
	/* Seconds that a program that can wait does, for the counter's lock. */
	SPOOL_LOCK_WAIT = 10
};

struct spool {
	int dirfd;
	struct owner owner; /* of the files that are made here */
	struct stages stages;
	/* Private. */
	bool sync;
	char boot[COUNTER_BOOT_ID];
};

struct spool_msg {
	uint32_t number; /* valid after spool_begin() */
	/* Private. */
	const struct spool *spool;
	int cmd_fd;
	int tmp_fd;
	struct mark_sum text;
	struct mark_sum envelope;
	uint64_t handed;          /* bytes of the text, to the disk */
	char mark[MARK_NAME_MAX]; /* the envelope's name, if not CMD, or "" */
	bool has_cmd;             /* the envelope is there, by either name */
	bool has_tmp;
	bool has_txt;
};

/*
 * Open the directory, and find how many stages a commit has: before a sandbox.
 * sync false: no syncs, for throw-away spools.
 */
enum result spool_open(
    struct spool *s, const char *dir, bool sync, struct fault *why) MUST_CHECK;
void spool_close(struct spool *s);

/* Bytes that could be stored now; UINT64_MAX if that can't be known. */
uint64_t spool_space(const struct spool *s);

/* A struct spool_msg on which spool_abort() does nothing. */
void spool_msg_init(struct spool_msg *m);

/* Locks are waited for until the deadline, a moment of sysclock_ms(). */
enum result spool_begin(const struct spool *s, struct spool_msg *m,
    struct bytes envelope, int64_t until_ms, struct fault *why) MUST_CHECK;

/* To TMP, and to CMD where a fact becomes known only later. */
enum result spool_append(
    struct spool_msg *m, struct bytes text, struct fault *why) MUST_CHECK;
enum result spool_append_envelope(
    struct spool_msg *m, struct bytes text, struct fault *why) MUST_CHECK;

/*
 * On failure the caller aborts.  If only the last sync failed, the message had
 * become visible, and the abort removes nothing.
 */
enum result spool_commit(struct spool_msg *m, struct fault *why) MUST_CHECK;
void spool_abort(struct spool_msg *m);

#endif
