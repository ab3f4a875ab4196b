/* SPDX-License-Identifier: ISC */
/*
 * parcel: a message and its envelope in two files without a name, which are
 * gone with the process.
 *
 * Somebody is to be told the sizes of both before the first byte, so all is
 * read before anything is handed over.  Nothing of it needs to be durable.
 */
#ifndef SMTPSERV_QUEUE_AMQP_PARCEL_H
#define SMTPSERV_QUEUE_AMQP_PARCEL_H

#include <stdint.h>

#include "handover/handover.h"
#include "submit/sink.h"

enum parcel_file {
	PARCEL_MESSAGE,
	PARCEL_ENVELOPE
};

struct parcel {
	int fds[HANDOVER_FDS];
	uint64_t size[HANDOVER_FDS];
	struct bytes id; /* what its trace says: the caller's to set */
};

/* Its ctx is a struct parcel. */
extern const struct sink PARCEL_SINK;

/* On failure what is open already goes with the process. */
enum result parcel_open(
    struct parcel *p, const char *dir, struct fault *why) MUST_CHECK;

/*
 * A file in that directory that has lost its name, for file systems that make
 * none without one.  Its descriptor, or -1: errno.
 */
int parcel_make_named(const char *dir, unsigned int n);

#endif
