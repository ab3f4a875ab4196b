/* SPDX-License-Identifier: ISC */
/*
 * origin: where a message comes from, by the fields that we alone have put on
 * top of it.
 *
 * Pure.  The writer of a message can write such fields too, but only below the
 * Received: field of the host that took it from them, where we believe nothing.
 */
#ifndef SMTPSERV_WORK_DELIVER_ORIGIN_H
#define SMTPSERV_WORK_DELIVER_ORIGIN_H

#include "bytes/bytes.h"

struct origin {
	bool is_ours;         /* a report, or a message forwarded here */
	bool was_postmasters; /* and it was forwarded from postmaster */
};

/* By its header, or the beginning of that. */
struct origin origin_of(struct bytes header);

#endif
