/* SPDX-License-Identifier: ISC */
/*
 * outbound: mail that leaves: hops, the connections to them, and the messages
 * that are on their way.
 *
 * A message on its way is a flight.  It keeps its place until its outcomes are
 * durable, so at most smtp.remote.inflight messages are sent once more if we
 * die, and of these only those whose end was sent.
 */
#ifndef SMTPSERV_WORK_OUTBOUND_OUTBOUND_H
#define SMTPSERV_WORK_OUTBOUND_OUTBOUND_H

#include <poll.h>

#include "desk.h"
#include "outbound/link.h"
#include "outbound/nexthop.h"
#include "outbound/verdict.h"
#include "progress.h"
#include "waiting/backlog.h"
#include "work.h"

struct flight {
	size_t left; /* parts of the errand that are not durable; 0: free */
	bool is_settled;
	struct job_errand errand;
	struct verdict verdict;
	struct link *link;
	int64_t sent_ms;
	struct outcome out[FEED_RCPTS_MAX];
};

struct outbound {
	size_t n; /* of the links: the number of descriptors */
	/* Private. */
	struct link *links;
	size_t nflights;
	struct flight *flights;
	const struct work_order *order;
	struct backlog *backlog;
	struct progress *progress;
	uint32_t tag; /* the last one */
	bool is_stopping;
	struct nexthop hops[DESTINATION_MAX];
};

/* All three stay the caller's.  False: no memory; it may be closed. */
bool outbound_open(struct outbound *o, const struct work_order *order,
    struct backlog *backlog, struct progress *progress) MUST_CHECK;
void outbound_close(struct outbound *o);

/* The hop of a destination's row. */
void outbound_name(struct outbound *o, uint32_t where, struct bytes name);

/* How many messages more could be on their way? */
size_t outbound_room(const struct outbound *o);

/* Feed of the job what can be fed now. */
void outbound_feed(struct outbound *o, struct job *j);

/* Start and end links, as the time has come for it. */
void outbound_advance(struct outbound *o, bool stop);

/* Set n descriptors to be polled; and what came of that. */
void outbound_watch(const struct outbound *o, struct pollfd *fds);
void outbound_hear(struct outbound *o, const struct pollfd *fds);

/* As desk_clear(). */
void outbound_clear(struct outbound *o, const struct job *j);

/* Will something happen that has to be waited for? */
bool outbound_is_busy(const struct outbound *o);

/* Milliseconds until outbound_advance() has something to do. */
int64_t outbound_patience(const struct outbound *o, int64_t now);

/* The settings are others: no connection is used any longer. */
void outbound_hurry(struct outbound *o);

/* In an agent: close what is not its own. */
void outbound_close_others(const struct outbound *o);

/*
 * Private: in flights.c, of what is on its way, and in ends.c, where links end;
 * for feeding.c, which sends messages, hearing.c, which hears of them, and
 * outbound.c.
 */
const struct settings_remote *outbound_remote(const struct outbound *o);
struct destinations *outbound_table(const struct outbound *o);
bool outbound_is_alive(const struct link *l);

/* How many messages the link can take now. */
uint32_t outbound_room_of(const struct outbound *o, const struct link *l);

/* May one more be on its way there? */
bool outbound_has_room(const struct outbound *o, uint32_t where);

/* Tell the table what a hop can take. */
void outbound_refresh(struct outbound *o, uint32_t where);

/* It is known what became of it, or that it was no try. */
void outbound_settle(struct outbound *o, struct flight *f);

/* A record about a message.  False: it lies. */
bool outbound_hear_message(
    struct outbound *o, struct link *l, const struct feed_record *r);

/* It takes no more; from now on its QUIT is waited for. */
void outbound_dismiss(struct outbound *o, struct link *l);

/* The link is over: what it had, the next one may have. */
void outbound_end(struct outbound *o, struct link *l, bool has_failed,
    const struct outcome *words);
void outbound_fail(struct outbound *o, struct link *l, const char *what);

#endif
