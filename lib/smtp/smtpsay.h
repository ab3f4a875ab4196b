/* SPDX-License-Identifier: ISC */
/*
 * smtpsay: a client's MAIL and RCPT (RFC 5321 4.1.1, 1870, 6152, 6531, 3461,
 * 8689, 3030), for SMTP and LMTP.
 *
 * Pure.  Only parameters that the server offers are written.  What comes from
 * an envelope cannot be more than it is meant to be: a path is a mailbox or is
 * refused, and a parameter that is malformed is left out.
 */
#ifndef SMTP_SMTPSAY_H
#define SMTP_SMTPSAY_H

#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"
#include "smtp/smtpehlo.h"

enum {
	SMTPSAY_MAX = 2048 /* octets of the longest command */
};

struct smtpsay_mail {
	struct bytes sender;
	bool has_size;
	uint64_t size;
	bool is_8bit;
	bool is_binary; /* BINARYMIME rules 8BITMIME out */
	bool smtputf8;
	bool requiretls;
	bool says_auth; /* AUTH=<> (RFC 4954 5) */
	/* DSN parameters, as they came, or empty. */
	struct bytes ret;
	struct bytes envid;
};

struct smtpsay_rcpt {
	struct bytes mailbox;
	/* DSN parameters, as they came, or empty. */
	struct bytes notify;
	struct bytes orcpt;
};

/*
 * Add a path with its brackets: as it is if it is a mailbox, or with its local
 * part quoted if that makes it one.  False, and nothing added: it is not one,
 * or does not fit.
 */
bool smtpsay_path(struct buf *out, struct bytes mailbox);

/* Add the command with its line end; false, and nothing added, likewise. */
bool smtpsay_mail(struct buf *out, const struct smtpsay_mail *m,
    const struct smtpehlo *offers);
bool smtpsay_rcpt(struct buf *out, const struct smtpsay_rcpt *r,
    const struct smtpehlo *offers);

#endif
