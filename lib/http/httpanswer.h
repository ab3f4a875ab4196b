/* SPDX-License-Identifier: ISC */
/*
 * httpanswer: the head of an answer, the last on its connection.
 *
 * Pure.  Each says that a browser is to run nothing, to fetch nothing from
 * elsewhere, to show the page in no other's frame, to keep no copy, and to take
 * the type as it is.
 */
#ifndef HTTP_HTTPANSWER_H
#define HTTP_HTTPANSWER_H

#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"

enum {
	HTTPANSWER_HEAD_MAX = 2048
};

struct httpanswer {
	unsigned int code;
	const char *type;     /* with its charset; "": a download */
	struct bytes name;    /* of a download, as a stranger has it */
	const char *allow;    /* the methods, for 405, or NULL */
	uint64_t length;      /* of the body */
	unsigned int max_age; /* seconds that it may be kept; 0: not at all */
};

/* "Not Found"; a code that is not in use here has none. */
const char *httpanswer_reason(unsigned int code);

void httpanswer_put(struct buf *out, const struct httpanswer *a);

#endif
