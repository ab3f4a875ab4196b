/* SPDX-License-Identifier: ISC */
/*
 * messageid: the Message-ID of a message, for the log.
 *
 * Pure.  Shown a message's text piece by piece, however it is cut, in bounded
 * memory; its lines end in LF or CR LF.  It is a stranger's: any bytes but
 * blanks and control bytes, with or without brackets, and cut where it is too
 * long.  The first field of that name counts.
 */
#ifndef MAIL_MESSAGEID_H
#define MAIL_MESSAGEID_H

#include "bytes/bytes.h"

enum {
	MESSAGEID_MAX = 200
};

struct messageid {
	/* Private. */
	int state;
	size_t n; /* octets of the field's name, and then of the text */
	char text[MESSAGEID_MAX];
};

void messageid_init(struct messageid *m);

/* False: it is found, or the header is over; more makes no difference. */
bool messageid_feed(struct messageid *m, struct bytes text);

/* What was found so far; empty: nothing. */
struct bytes messageid_view(const struct messageid *m);

#endif
