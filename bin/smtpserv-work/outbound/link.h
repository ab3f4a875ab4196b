/* SPDX-License-Identifier: ISC */
/*
 * link: one smtpserv-remote, which has one connection to a hop, and the socket
 * that messages are fed to it by (lib/feed).
 *
 * Nothing blocks.  What is not sent yet is sent when the socket is writable.
 */
#ifndef SMTPSERV_WORK_OUTBOUND_LINK_H
#define SMTPSERV_WORK_OUTBOUND_LINK_H

#include <sys/types.h>

#include "base/base.h"
#include "feed/feed.h"
#include "job.h"

enum {
	LINK_ADDRESS_MAX = 64
};

enum link_state {
	LINK_FREE,
	LINK_STARTING, /* no connection yet */
	LINK_READY,
	LINK_QUITTING, /* it takes no more */
	LINK_GONE      /* its socket is closed, and its end is waited for */
};

struct link {
	enum link_state state;
	int fd; /* to be polled; -1: none */
	uint32_t where;
	uint32_t credit;    /* messages that it may still be given */
	uint32_t fed;       /* those that it was, */
	uint32_t on_way;    /* that it has now, */
	uint32_t answered;  /* and that came to an end there; */
	uint32_t untried;   /* since then, given back */
	uint64_t octets;    /* of them */
	int64_t started_ms; /* and when it was heard of last: */
	int64_t heard_ms;
	/* The host, as it says: texts. */
	bool is_connected; /* or was */
	uint32_t port;
	bool offers_dsn;
	char host[FEED_NAME_MAX + 1];
	char address[LINK_ADDRESS_MAX];
	char tls[FEED_TEXT_MAX + 1];
	/* Private. */
	pid_t pid;
	/* The message that is being sent, its tag, and what of it is: */
	const struct job_errand *errand;
	uint32_t tag;
	size_t next; /* of its recipients */
};

/* Start program for that hop, with -f conf.  False: why. */
bool link_start(struct link *l, const char *program, const char *conf,
    struct bytes name, struct fault *why) MUST_CHECK;

/* Is a message on its way into the socket? */
bool link_is_sending(const struct link *l);

enum link_sent {
	LINK_SENT,
	LINK_BLOCKED, /* a part: call link_go_on() once it is writable */
	LINK_BROKEN,  /* it reads no more; what it said is to be heard */
	LINK_REFUSED  /* this cannot be sent, to anybody: nothing was */
};

/*
 * Feed it the message of the errand, which stays the caller's until all is
 * sent.  text: its file, which stays open here.
 */
enum link_sent link_send(struct link *l, const struct job_errand *e,
    uint32_t tag, int text) MUST_CHECK;
enum link_sent link_go_on(struct link *l) MUST_CHECK;

/* What C says: the host, and how much more it may be given. */
void link_set_host(struct link *l, const struct feed_credit *c);

/* It has given up the message that is being sent to it, if it is that one. */
void link_stop(struct link *l, uint32_t tag);

/* It is to give that one up if it has not begun. */
void link_give_up(struct link *l, uint32_t tag);

/* It is to finish, and end. */
void link_quit(struct link *l);

enum link_heard {
	LINK_RECORD,
	LINK_NOTHING, /* for now */
	LINK_ENDED,   /* it is gone */
	LINK_JUNK     /* that is no record, or not one of a remote */
};

/* The next record, with views into store, of FEED_RECORD_MAX + 1. */
enum link_heard link_hear(
    struct link *l, char *store, struct feed_record *r) MUST_CHECK;

/*
 * From now on it can say nothing more, so it ends no further text.  What it has
 * said can still be heard.
 */
void link_hush(struct link *l);

/* Close the socket. */
void link_cut(struct link *l);

/*
 * LINK_GONE: has it ended by now?  Then it is LINK_FREE.  force: kill it if it
 * has not.
 */
bool link_reap(struct link *l, bool force);

#endif
