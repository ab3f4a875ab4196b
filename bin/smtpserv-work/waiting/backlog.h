/* SPDX-License-Identifier: ISC */
/*
 * backlog: the messages that wait in the spool, kept up to date.
 *
 * The directory is read at the beginning and from time to time; in between
 * the kernel tells what comes.  Whatever is due is handed out by
 * backlog_next(), and comes back by backlog_put_back() or backlog_forget().
 */
#ifndef SMTPSERV_WORK_WAITING_BACKLOG_H
#define SMTPSERV_WORK_WAITING_BACKLOG_H

#include "log/log.h"
#include "waiting/queue.h"

struct backlog {
	struct queue queue;
	int watch;     /* readable if there is news; -1: there is never any */
	bool is_blind; /* the directory could not be read at last */
	bool is_lost;  /* another directory has its name now, or none */
	/* Private. */
	const char *dir;
	int dirfd;
	bool once; /* what was tried is never due again */
	int64_t started_ms;
	int64_t scan_ms; /* when the directory is read next */
};

void backlog_open(struct backlog *b, int dirfd, const char *dir, bool once);
void backlog_close(struct backlog *b);

/* Read the directory. */
void backlog_look(struct backlog *b, const struct log *log);

/* The same, if it is time; and before that the news, if there is some. */
void backlog_refresh(struct backlog *b, bool has_news, const struct log *log);

/* Is one due?  The next that is, which is the caller's then; see queue.h. */
bool backlog_is_due(const struct backlog *b);
bool backlog_next(struct backlog *b, bool bulk, uint32_t *number);

/* It is due again after so many seconds. */
void backlog_put_back(struct backlog *b, uint32_t number,
    enum queue_state state, uint32_t seconds);
/* It is large, and waits for a place. */
void backlog_defer(struct backlog *b, uint32_t number);
void backlog_forget(struct backlog *b, uint32_t number);

/* How long nothing will become due by itself, in milliseconds. */
int64_t backlog_patience(const struct backlog *b);

#endif
