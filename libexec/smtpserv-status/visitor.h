/* SPDX-License-Identifier: ISC */
/*
 * visitor: the client on descriptors 0 and 1: one request, one answer, each
 * under a deadline.
 */
#ifndef SMTPSERV_STATUS_VISITOR_H
#define SMTPSERV_STATUS_VISITOR_H

#include <stdint.h>

#include "http/httpanswer.h"
#include "http/httprequest.h"

enum {
	/* Seconds for the whole head, however slowly it comes. */
	VISITOR_READ_SECONDS = 10,
	/* Likewise for the whole answer. */
	VISITOR_WRITE_SECONDS = 60
};

struct visitor {
	struct httprequest request; /* views into the store */
	/* Private. */
	char store[HTTPREQUEST_HEAD_MAX];
	size_t n;
	int64_t ends_at; /* of the answer; 0: it has not begun */
	uint64_t left;   /* octets of the body that are still to come */
};

/*
 * Read the request, until a moment of sysclock_ms(): 0, or the code of the
 * answer to what came instead.  False: the client has gone, or never said a
 * word.
 */
bool visitor_read(struct visitor *v, int64_t until, unsigned int *code);

/* The head of the answer; of HEAD that is all, and bodies are not sent. */
bool visitor_begin(struct visitor *v, const struct httpanswer *a);

/* The body, or a part of it.  False: the client has gone, or is too slow. */
bool visitor_send(struct visitor *v, struct bytes part);

/*
 * The end: what the client is still sending is thrown away for a moment, so
 * that a reset of the connection does not take the answer from it.
 */
void visitor_end(struct visitor *v);

#endif
