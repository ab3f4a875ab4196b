/* SPDX-License-Identifier: ISC */
/*
 * envelope: sender, recipients and facts, in the form of N.CMD and N.WRK.
 *
 * Pure.  The writer collects the text of the file in memory the caller owns;
 * the reader takes it apart.  The format is smtpserv-spool(5): From:, then To:
 * in order, then lines that only some messages have.  The writer refuses a
 * value that the reader could not read back, so a control byte never gets in.
 */
#ifndef ENVELOPE_ENVELOPE_H
#define ENVELOPE_ENVELOPE_H

#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"

enum {
	/* So far recipients are looked for: enough for a thousand. */
	ENVELOPE_ONCE_MAX = 256 * 1024
};

struct envelope {
	size_t nrcpt; /* as often as they were added */
	/* Private. */
	struct buf text;
};

/* Bytes of store that n recipients of any legal length need. */
size_t envelope_store_size(size_t nrcpt);

void envelope_init(struct envelope *e, char *store, size_t cap);

/* Begin anew with this sender, empty for <>.  False: a control byte. */
bool envelope_set_sender(struct envelope *e, struct bytes mailbox);

/* False: a control byte, or no room; the envelope is as before. */
bool envelope_add_rcpt(struct envelope *e, struct bytes mailbox);

/* The same with RFC 3461's facts about this recipient; empty: not said. */
bool envelope_add_rcpt_dsn(struct envelope *e, struct bytes mailbox,
    struct bytes notify, struct bytes orcpt);

/*
 * The same, but one who is in it with the very same lines stays in it once.  It
 * is another recipient who has other facts: each is owed a report of their own.
 */
bool envelope_add_rcpt_once(struct envelope *e, struct bytes mailbox,
    struct bytes notify, struct bytes orcpt);

/* A line `Name: value`, after the recipients; false as above. */
bool envelope_add_fact(
    struct envelope *e, const char *name, struct bytes value);

/* Who sent it; empty for <>. */
struct bytes envelope_sender(const struct envelope *e);

/* The whole text of the file. */
struct bytes envelope_text(const struct envelope *e);

enum envelope_status {
	ENVELOPE_LINE,     /* *name and *value are set, views into the text */
	ENVELOPE_END,      /* all of it was read */
	ENVELOPE_BAD_LINE, /* not `Name: value`, or a control byte */
	ENVELOPE_NOT_ENDED /* the last line has no line end: torn */
};

/*
 * The next line of *rest, which moves on.  CR LF is taken for LF.  A reader
 * skips names that it does not know.
 */
enum envelope_status envelope_next(
    struct bytes *rest, struct bytes *name, struct bytes *value);

#endif
