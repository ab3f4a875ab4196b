/* SPDX-License-Identifier: ISC */
/*
 * listing: all messages, the oldest first, a part on each page.
 */
#ifndef SMTPSERV_STATUS_LISTING_H
#define SMTPSERV_STATUS_LISTING_H

#include "layout.h"

enum {
	LISTING_ROWS = 100
};

/* The part is counted from 1; one behind the last is empty. */
enum result listing_put(
    struct page *p, uint32_t part, struct fault *why) MUST_CHECK;

#endif
