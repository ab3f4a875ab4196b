/* SPDX-License-Identifier: ISC */
/*
 * reportmail: a report as a message of its own, committed into the spool.
 *
 * It comes from <>, so that no report ever answers it.  The text of the
 * original is read twice and never held whole.
 */
#ifndef REPORT_REPORTMAIL_H
#define REPORT_REPORTMAIL_H

#include "base/base.h"
#include "report/report.h"
#include "spool/spool.h"

struct reportmail {
	struct bytes envelope; /* of the original, as report.h has it */
	enum report_kind kind;
	struct bytes host; /* our name */
	int txt_fd;        /* the original's text; its offset is left alone */
	const char *eol;   /* of the spool's texts: "\n" or "\r\n" */
	time_t now;
	time_t arrived;
	time_t attempted;
	time_t expires;
};

/*
 * Write the report that is due (report_due() says REPORT_TO_SENDER or
 * REPORT_TO_POSTMASTER) and commit it; *number is its own.  Locks are waited
 * for until the deadline.  On failure there is no report, unless only the
 * last sync failed.
 */
enum result report_commit(const struct spool *spool,
    const struct reportmail *mail, int64_t until_ms, uint32_t *number,
    struct fault *why) MUST_CHECK;

#endif
