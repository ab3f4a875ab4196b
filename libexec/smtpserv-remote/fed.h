/* SPDX-License-Identifier: ISC */
/*
 * fed: the remote's side of the feed (lib/feed): messages come from the worker,
 * and what became of them goes back.
 */
#ifndef SMTPSERV_REMOTE_FED_H
#define SMTPSERV_REMOTE_FED_H

#include "feed/feed.h"
#include "talker.h"

enum {
	FED_STORE = 131072 /* octets of an envelope */
};

enum fed_state {
	FED_FREE,
	FED_FILLING, /* its envelope comes */
	FED_READY,   /* it waits for the engine's credit */
	FED_HELD     /* the engine has it */
};

struct fed_slot {
	enum fed_state state;
	uint64_t turn; /* they are sent in the order in which they came */
	struct letter letter;
	struct buf strings;
	struct talkmail_rcpt rcpts[FEED_RCPTS_MAX];
	char store[FED_STORE];
};

struct fed {
	size_t promised; /* messages that the worker may still send */
	size_t allowed;  /* messages that the engine still takes */
	uint64_t came;   /* messages, so far */
	bool has_quit;
	struct fed_slot slots[TALK_WINDOW_MAX];
};

/*
 * Run the talker, which is set up but for its ends.  The worker's records come
 * from t->input, which must not block, and ours go to descriptor 0.
 */
void fed_run(struct fed *f, struct talker *t);

#endif
