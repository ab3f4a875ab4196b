/* SPDX-License-Identifier: ISC */
/*
 * backlog: the messages that wait in the spool, kept up to date.
 *
 * The directory is read at the beginning and from time to time; in between
 * the kernel tells what comes.  A message that is due, and does not wait for a
 * destination that is down or full, is handed out by backlog_next(), and comes
 * back by one of the functions that follow it.
 */
#ifndef SMTPSERV_WORK_WAITING_BACKLOG_H
#define SMTPSERV_WORK_WAITING_BACKLOG_H

#include "log/log.h"
#include "waiting/destination.h"
#include "waiting/queue.h"

enum {
	/* Seconds until a message that waits for several is looked at again. */
	BACKLOG_MIXED = 300
};

struct backlog {
	struct queue queue;
	struct destinations destinations;
	int watch;     /* readable if there is news; -1: there is never any */
	bool is_blind; /* the directory could not be read at last */
	bool is_lost;  /* another directory has its name now, or none */
	/* Private. */
	const char *dir;
	int dirfd;
	bool once;     /* a message that was tried is never due again */
	bool is_deaf;  /* news were lost since the directory was read */
	bool is_asked; /* somebody wants a message to be tried now */
	int64_t started_ms;
	int64_t scan_ms; /* when the directory is read next */
};

void backlog_open(
    struct backlog *b, int dirfd, const char *dir, bool once, uint32_t slots);
void backlog_close(struct backlog *b);

/* Read the directory. */
void backlog_look(struct backlog *b, const struct log *log);

/* The same, if it is time; and before that the news, if there is some. */
void backlog_refresh(struct backlog *b, bool has_news, const struct log *log);

/* Seconds since we started, by which queue and destinations count. */
uint32_t backlog_now(const struct backlog *b);

/* What the caller has room for. */
struct backlog_room {
	bool bulk;   /* large messages, too */
	bool agents; /* all but those that wait for hops */
	bool others; /* those of which it is not known where they go */
};

/* Is one due?  Then the next is the caller's, if there is room for it. */
bool backlog_is_due(const struct backlog *b);
bool backlog_next(
    struct backlog *b, const struct backlog_room *room, uint32_t *number);

/* May something start there now, if there is a slot? */
bool backlog_is_open(const struct backlog *b, uint32_t where);

/* Seconds: until it is due again, and until it is looked at in any case. */
struct backlog_times {
	uint32_t due;
	uint32_t alarm;
};

/* It was tried, and goes to that destination. */
void backlog_put_back(struct backlog *b, uint32_t number, uint32_t where,
    const struct backlog_times *times);
/* Somebody else has it. */
void backlog_share(struct backlog *b, uint32_t number, uint32_t seconds);
/* It waits for that destination, as due as it was; or is large, and waits for
 * a place. */
void backlog_hold(
    struct backlog *b, uint32_t number, uint32_t where, uint32_t alarm);
/* That one is down: those that wait for several may go elsewhere. */
void backlog_release(struct backlog *b, uint32_t where);
void backlog_defer(struct backlog *b, uint32_t number);
void backlog_forget(struct backlog *b, uint32_t number);
/* All of them are due now, and no destination is waited for. */
void backlog_hurry(struct backlog *b);

/* Forget where messages go. */
void backlog_unroute(struct backlog *b);

/* How long nothing will become due by itself, in milliseconds. */
int64_t backlog_patience(const struct backlog *b);

#endif
