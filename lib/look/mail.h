/* SPDX-License-Identifier: ISC */
/*
 * mail: what the spool says of one message: its state, its times, and why its
 * recipients wait.
 *
 * Only looks: nothing is locked or changed.
 */
#ifndef LOOK_MAIL_H
#define LOOK_MAIL_H

#include <stdint.h>
#include <time.h>

#include "envelope/plan.h"
#include "spool/scan.h"

enum mail_state {
	MAIL_WAITING,
	MAIL_CLAIMED,    /* a consumer has it, or its commit is not over */
	MAIL_HELD,       /* N.HLD */
	MAIL_ASIDE,      /* N.BAD */
	MAIL_DAMAGED,    /* `wrong` says how */
	MAIL_UNREADABLE, /* to us; likewise */
	MAIL_STATES
};

struct mail {
	uint32_t number;
	enum scan_kind kind; /* of the envelope */
	enum mail_state state;
	const char *wrong;       /* static text, or NULL */
	uint64_t size;           /* of the text */
	time_t born;             /* when it was accepted */
	struct timespec written; /* the envelope's time */
	/* If it is damaged, it has no recipients here, but so many: */
	struct plan plan;
	size_t nrcpt; /* to be tried */
	/* Private. */
	char *text;
	char *reasons;
	struct plan_rcpt *store;
};

/*
 * kind: SCAN_WRK, SCAN_HELD or SCAN_BAD.  False: it is gone, and there is
 * nothing to free.
 */
bool mail_read(
    int dirfd, uint32_t number, enum scan_kind kind, struct mail *m) MUST_CHECK;
void mail_free(struct mail *m);

const char *mail_state_word(enum mail_state state);

/* Seconds since it was accepted. */
uint64_t mail_age(const struct mail *m, time_t now);

/* Seconds until the next try, 0 if it is due; false: there will be none. */
bool mail_next(
    const struct mail *m, uint32_t queuelife, time_t now, uint64_t *seconds);

/* Is this one still to be tried? */
bool mail_is_waiting(const struct plan_rcpt *r);

/* The one with the most tries, or NULL: nobody was tried. */
const struct plan_rcpt *mail_most_tried(const struct mail *m);

#endif
