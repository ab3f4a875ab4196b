/* SPDX-License-Identifier: ISC */
/*
 * courier: serves one client after the other, each with one message, and keeps
 * one link to a broker meanwhile.
 */
#ifndef SMTPSERV_PUBLISH_COURIER_H
#define SMTPSERV_PUBLISH_COURIER_H

#include "conf/settings.h"
#include "log/log.h"
#include "sending.h"
#include "tally.h"

struct courier {
	const struct log *log;
	const struct settings *settings;
	struct amqpsite site;
	struct tally *tally;
	struct sending sending;
	/* Private. */
	size_t node; /* where the next message is tried first */
};

/* The number of this courier among all: they begin at different nodes. */
void courier_init(struct courier *c, const struct log *log,
    const struct settings *settings, struct tally *tally, size_t number);

/* Serve a client to its end, and close it. */
void courier_serve(struct courier *c, int client);

#endif
