/* SPDX-License-Identifier: ISC */
/*
 * lots: the recipients of a message who have to be tried, by where their mail
 * goes.
 *
 * Pure but for its memory.  Recipients of one lot wait for the same
 * destination; where they may share an agent, several are taken at once.
 */
#ifndef SMTPSERV_WORK_LOTS_H
#define SMTPSERV_WORK_LOTS_H

#include "base/base.h"
#include "envelope/plan.h"

enum {
	/* RFC 5321 4.5.3.1.8: every server takes as many as this. */
	LOTS_SHARED_MAX = 100
};

struct lot {
	uint32_t where;
	bool is_shared;
	uint64_t maildir; /* all go to this one; 0: they do not */
	bool is_left;     /* after lots_note_left() */
	size_t n;
	/* Private. */
	size_t first; /* recipient */
	size_t at;    /* of the items: the next, */
	size_t end;
};

struct lots_item;

struct lots {
	struct lot *list;
	size_t n;
	/* Private. */
	struct lots_item *items;
};

/* Who can share the way: those at a server, or those of one Maildir. */
struct lots_way {
	bool is_shared;
	uint64_t maildir;
};

/* Where a recipient's mail goes, and who goes with it. */
typedef uint32_t lots_where_fn(
    void *ctx, struct bytes mailbox, struct lots_way *way);

/* False: no memory; it may be freed all the same. */
bool lots_make(struct lots *l, const struct plan *p, lots_where_fn *where,
    void *ctx) MUST_CHECK;
void lots_free(struct lots *l);

/* Is anybody left in it? */
bool lots_has(const struct lot *lot);

/* Note which lots have a recipient that is still to be tried. */
void lots_note_left(struct lots *l, const struct plan *p);

/*
 * The next recipients of a lot, max or LOTS_SHARED_MAX at most, or one where
 * they share nothing; 0: none is left.
 */
size_t lots_take(
    const struct lots *l, struct lot *lot, size_t *rcpts, size_t max);

#endif
