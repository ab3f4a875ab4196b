/* SPDX-License-Identifier: ISC */
/*
 * request: what a client hands over: an ID, and two files, which become the
 * body of one message.
 *
 * A client is not believed.  Its files must be regular ones, of the sizes that
 * it says; they are read by pread(2), and never beyond that size, so another
 * process that moves an offset or appends changes nothing.
 */
#ifndef SMTPSERV_PUBLISH_REQUEST_H
#define SMTPSERV_PUBLISH_REQUEST_H

#include "handover/handover.h"

struct request {
	struct bytes id;
	uint64_t message; /* octets */
	uint64_t envelope;
	uint64_t rcpts;
	int64_t ends_ms; /* until then the client waits */
	/* Private. */
	int fds[HANDOVER_FDS];
	char line[HANDOVER_REQUEST_MAX];
};

enum request_status {
	REQUEST_GOOD,
	REQUEST_GONE,      /* nobody to answer */
	REQUEST_BAD,       /* not a request: QQEXIT_BUG */
	REQUEST_UNREADABLE /* its files are not what they should be: READ */
};

/*
 * Read it from a client that has just come.  most: octets of a message, 0: any
 * number.  In any case wants request_close().
 */
enum request_status request_read(
    struct request *r, int client, uint64_t most, int64_t until_ms);
void request_close(struct request *r);

/* The octets of the body: envelope, empty line, message. */
uint64_t request_size(const struct request *r);

/*
 * Octets of the body from `at` on, as many as fit.  False: the files have fewer
 * than was said.
 */
bool request_piece(
    const struct request *r, uint64_t at, char *into, size_t cap, size_t *n);

#endif
