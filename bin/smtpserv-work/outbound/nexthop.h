/* SPDX-License-Identifier: ISC */
/*
 * nexthop: how many connections a hop has, and may have.
 *
 * Pure, told the time, in seconds.  Connections are started one by one: the
 * first when something is due, each other one when the last has carried a
 * message and those there are have no room for what is due.  After a failure
 * there is one fewer, and after each minute without one another may be tried.
 * Whether the hop is down is destination.h's to know.
 */
#ifndef SMTPSERV_WORK_OUTBOUND_NEXTHOP_H
#define SMTPSERV_WORK_OUTBOUND_NEXTHOP_H

#include <stdbool.h>
#include <stdint.h>

#include "outbound/hopname.h"

enum {
	NEXTHOP_AGAIN = 60 /* seconds */
};

struct nexthop {
	char name[HOPNAME_MAX]; /* "": none */
	/* Private. */
	uint32_t links;
	uint32_t starting; /* of them, without a connection */
	uint32_t allowed;  /* 0: as many as the settings say */
	uint32_t grows_at;
	bool is_proven; /* the last has carried a message */
};

void nexthop_init(struct nexthop *h, struct bytes name);

/*
 * Something is due.  Is one more to be started for it?  has_room: there is one
 * that can take it.
 */
bool nexthop_wants(
    const struct nexthop *h, uint32_t perhost, bool has_room, uint32_t now);

void nexthop_started(struct nexthop *h);
void nexthop_connected(struct nexthop *h);

/* A message came to an end on it. */
void nexthop_carried(struct nexthop *h);

/*
 * One has ended, and had a connection or had not.  True: it has failed, and so
 * has the hop, as there is no other that works.
 */
bool nexthop_ended(struct nexthop *h, bool was_connected, bool has_carried,
    bool has_failed, uint32_t now);

#endif
