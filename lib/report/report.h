/* SPDX-License-Identifier: ISC */
/*
 * report: the message that tells a sender what became of their mail (RFC 3464,
 * in a multipart/report of RFC 6522; RFC 6533 if they use SMTPUTF8).
 *
 * Pure.  A report is a function of the envelope N.WRK as it stands after a pass
 * of the worker.  There a recipient's line says how they fared:
 *
 *     To: bruce@gnat           not yet: it will be tried again
 *     Failed: bruce@gnat       not at all
 *     Delivered: bruce@gnat    they have it
 *
 * and the lines behind it belong to that recipient alone:
 *
 *     Notify: FAILURE,DELAY    as the client gave it
 *     Orcpt: rfc822;bruce@gnat likewise, in xtext
 *     Status: 5.1.1            RFC 3463
 *     Diagnostic: 550 5.1.1 no such user (lmtp:[::1]:24)
 *     Action: relayed          of one delivered: or relayed, expanded
 *
 * A report is written in two pieces, through a port; the text of the original,
 * or its header, is copied between them, as original.h has it.  Nothing in
 * these lines can begin a header line or a MIME part.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdint.h>
#include <time.h>

#include "bytes/bytes.h"
#include "report/original.h"
#include "report/wording.h"

enum {
	/* Of a larger message only the header is returned. */
	REPORT_FULL_MAX = 262144
};

enum report_kind {
	REPORT_FINAL, /* of those that failed, or were delivered */
	REPORT_DELAY  /* of those that still wait */
};

/* To whom a report is due. */
enum report_to {
	REPORT_TO_NOBODY, /* nobody asked */
	REPORT_TO_SENDER,
	REPORT_TO_POSTMASTER, /* nobody else: the message came from <> */
	REPORT_TO_NOWHERE     /* one to postmaster himself has failed */
};

enum report_to report_due(struct bytes envelope, enum report_kind kind);

/* How much of the original is returned: RET, its size, and the kind decide. */
bool report_is_full(
    struct bytes envelope, enum report_kind kind, uint64_t size);

/* Does the report, and so its envelope, need SMTPUTF8? */
bool report_is_utf8(struct bytes envelope);

struct report_facts {
	struct bytes envelope;
	enum report_kind kind;
	struct bytes host;     /* our name */
	uint32_t number;       /* of the report */
	uint64_t size;         /* of the original */
	struct bytes boundary; /* 8 to 60 letters and digits, drawn by lot */
	const char *eol;
	time_t now;
	time_t arrived;   /* when the original came */
	time_t attempted; /* when it was tried last */
	time_t expires;   /* until when it will be tried */
};

/*
 * Everything before the original's text, and after it, to the port of
 * wording.h.  `original` was fed as much of the text as report_is_full() says:
 * all of it or the header.
 */
bool report_head(const struct report_facts *facts,
    const struct original *original, const struct report_port *port);
bool report_tail(
    const struct report_facts *facts, const struct report_port *port);

#endif
