/* SPDX-License-Identifier: ISC */
/*
 * verdict: what RabbitMQ's programs print, judged: is what the broker confirms
 * on the disks of a majority, and does it stay there?
 *
 * Pure.  Each function is given the whole output of one command, and tells each
 * problem.  Text of any kind is safe: what cannot be read is a problem, too.
 * verdict_queues() comes before verdict_nodes().
 */
#ifndef SMTPSERV_PUBLISH_VERDICT_H
#define SMTPSERV_PUBLISH_VERDICT_H

#include <stdint.h>

#include "base/base.h"
#include "bytes/bytes.h"

enum verdict_weight {
	VERDICT_WARNING = 1, /* mail is safe, and somebody has work to do */
	VERDICT_CRITICAL = 2 /* mail is not taken, or not safe */
};

enum {
	VERDICT_COPIES = 3, /* of the queue, and nodes */
	VERDICT_TEXT_MAX = 512
};

typedef void verdict_tell_fn(
    void *ctx, enum verdict_weight weight, const char *text);

struct verdict {
	const char *exchange;
	const char *queue;
	uint32_t maxsize; /* of a message; 0: no limit */
	verdict_tell_fn *tell;
	void *ctx;
	/* What was seen, as long as the texts live. */
	struct bytes leader;
	struct bytes messages;
	uint64_t most; /* x-max-length-bytes; 0: none was seen */
};

/* A problem in printf's words, cut to VERDICT_TEXT_MAX. */
void verdict_say(const struct verdict *v, enum verdict_weight weight,
    const char *fmt, ...) PRINTF_LIKE(3, 4);

/* rabbitmqctl cluster_status */
void verdict_cluster(const struct verdict *v, struct bytes text);

/* The columns of list_queues, and what it prints of these. */
extern const char *const VERDICT_QUEUE_COLUMNS[];
void verdict_queues(struct verdict *v, struct bytes text);

extern const char *const VERDICT_BINDING_COLUMNS[];
void verdict_bindings(const struct verdict *v, struct bytes text);

/* rabbitmqctl list_operator_policies, or what it cannot do */
void verdict_policies(const struct verdict *v, struct bytes text);

/* An expression for rabbitmqctl eval, and what it prints of this. */
extern const char VERDICT_NODES_EXPRESSION[];
void verdict_nodes(const struct verdict *v, struct bytes text);

#endif
