/* SPDX-License-Identifier: ISC */
/*
 * origin: what the fields that we alone have put on top of a message say of
 * where it comes from.
 *
 * Pure.  Whoever writes a message can write such fields too, but only below the
 * Received: field of whoever took it from them, where nothing is believed.
 */
#ifndef SMTPSERV_WORK_DELIVER_ORIGIN_H
#define SMTPSERV_WORK_DELIVER_ORIGIN_H

#include "bytes/bytes.h"

struct origin {
	bool is_ours;         /* a report, or what was forwarded here */
	bool was_postmasters; /* and it was forwarded from postmaster */
};

/* By its header, or the beginning of that. */
struct origin origin_of(struct bytes header);

#endif
