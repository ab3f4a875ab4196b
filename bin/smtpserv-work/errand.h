/* SPDX-License-Identifier: ISC */
/*
 * errand: the task of an agent, from its start to its outcomes.
 */
#ifndef SMTPSERV_WORK_ERRAND_H
#define SMTPSERV_WORK_ERRAND_H

#include "deliver/deliver.h"
#include "desk.h"

/* What an agent must know of the worker. */
struct errand_office {
	const struct deliver_site *site;
	const struct desk *desk;
	const struct outbound *outbound;
	struct lookup *lookup; /* of which the agent gets a copy */
	int watch;             /* -1: none */
};

/* For the errand of the slot.  False and errno: there is none. */
bool errand_start(
    const struct errand_office *office, struct slot *s) MUST_CHECK;

#endif
