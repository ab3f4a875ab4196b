/* SPDX-License-Identifier: ISC */
/*
 * smtphead: where a message's header ends, and whether it has a Date and a
 * Message-ID, which a submission server may add (RFC 6409 8).
 *
 * Pure.  Shown a message's text piece by piece, however it is cut, in bounded
 * memory.  A header with a line that is not of a field is damaged: nobody can
 * say where it ends, and nothing should be added to it.
 */
#ifndef SMTP_SMTPHEAD_H
#define SMTP_SMTPHEAD_H

#include "bytes/bytes.h"

struct smtphead {
	bool has_date;
	bool has_message_id;
	/* Private. */
	int state;
	size_t n;      /* octets of the name so far */
	bool may_date; /* they are the beginning of that name */
	bool may_message_id;
};

void smtphead_init(struct smtphead *h);

/*
 * True once, and *at says where in this piece: in front of the empty line that
 * ends the header.
 */
bool smtphead_feed(struct smtphead *h, struct bytes text, size_t *at);

/* The text is over: was it all header, and its last line whole? */
bool smtphead_is_whole(const struct smtphead *h);

#endif
