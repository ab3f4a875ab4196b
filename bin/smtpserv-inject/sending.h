/* SPDX-License-Identifier: ISC */
/*
 * sending: the outgoing message, to smtpserv-queue(8).
 *
 * It is one message for all recipients, or several if one may not have so many
 * recipients.  Problems are told where they are met.
 */
#ifndef SMTPSERV_INJECT_SENDING_H
#define SMTPSERV_INJECT_SENDING_H

#include "base/base.h"
#include "bytes/bytes.h"
#include "inject.h"

/* What an outgoing message is made of. */
struct sending {
	struct inject *in;
	struct bytes header;
	int body; /* where it is kept for more than one message, or -1 */
};

/*
 * Before a body is sent several times: keep it, as far as it could be sent.
 */
enum result sending_keep(struct sending *s, struct fault *why) MUST_CHECK;

/* To all recipients.  An exit code of sysexits.h. */
int sending_all(struct sending *s);

/*
 * Tell the sender, by mail, of the recipients that were refused, in case that
 * nobody reads the caller's standard error.
 */
void sending_report(struct inject *in);

#endif
