/* SPDX-License-Identifier: ISC */
/*
 * talkfit: whether a message can be sent over a connection as it is, and how
 * its addresses are spelled there.
 *
 * Pure.
 */
#ifndef SMTPSERV_REMOTE_TALKFIT_H
#define SMTPSERV_REMOTE_TALKFIT_H

#include "smtp/smtpsay.h"
#include "talk.h"

/* Why a message must not go this way. */
struct talkfit_refusal {
	const char *status;
	const char *why;
	bool is_final; /* no address would make it better */
};

/* NULL: it can go. */
const struct talkfit_refusal *talkfit_refusal(
    const struct talk *t, const struct talkmail *m);

/*
 * Refuse those of the recipients chosen that cannot be sent to; how many are
 * left.
 */
size_t talkfit_sift(const struct talk *t, struct talkmail *m);

/* Add the commands; false: no room for it. */
bool talkfit_put_mail(struct talk *t, struct talkmail *m);
bool talkfit_put_rcpt(struct talk *t, const struct talkmail_rcpt *r);

#endif
