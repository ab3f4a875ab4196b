/* SPDX-License-Identifier: ISC */
/*
 * overview: the first page: how much waits, how that was over the last day, and
 * for whom.
 */
#ifndef SMTPSERV_STATUS_OVERVIEW_H
#define SMTPSERV_STATUS_OVERVIEW_H

#include "layout.h"

enum {
	/*
	 * So long a processor reads envelopes, the oldest first, and so many
	 * however long it takes; then the page says how far that came.
	 */
	OVERVIEW_WORK_MS = 700,
	OVERVIEW_LEAST = 1000,
	OVERVIEW_DESTINATIONS = 25, /* that are shown */
	OVERVIEW_MESSAGES = 10
};

enum result overview_put(struct page *p, struct fault *why) MUST_CHECK;

#endif
