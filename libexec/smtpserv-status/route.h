/* SPDX-License-Identifier: ISC */
/*
 * route: which page a path means.
 *
 * Pure.  A path is looked up in a table, and what varies in it are numbers
 * only, so nothing of it ever becomes a file's name.
 */
#ifndef SMTPSERV_STATUS_ROUTE_H
#define SMTPSERV_STATUS_ROUTE_H

#include <stdint.h>

#include "bytes/bytes.h"

enum route_page {
	ROUTE_OVERVIEW,
	ROUTE_LIST,    /* number: which part of it, from 1 */
	ROUTE_MESSAGE, /* number: the message's */
	ROUTE_TEXT,    /* likewise: its text as it lies there */
	ROUTE_PART,    /* likewise, and the part of it, from 1 */
	ROUTE_STYLE
};

struct route {
	enum route_page page;
	uint32_t number;
	uint32_t part;
};

/* False: no page has this path. */
bool route_find(struct bytes path, struct route *r);

#endif
