/* SPDX-License-Identifier: ISC */
/*
 * talker: the loop around the engine (talk.h): one conversation after the
 * other, over sockets that the dialer hands in.
 *
 * It runs in a process of its own, in a sandbox, and knows no name that it
 * could connect to or open.  Where messages come from and results go to is the
 * business of its ends.
 */
#ifndef SMTPSERV_REMOTE_TALKER_H
#define SMTPSERV_REMOTE_TALKER_H

#include "conf/settings.h"
#include "hand.h"
#include "letter.h"
#include "log/log.h"
#include "talk.h"
#include "watch.h"

enum {
	TALKER_OUT = 65536,
	TALKER_IN = 16384,
	TALKER_TLS_MAX = 512,
	TALKER_BY_MAX = 16
};

struct talker;

struct talker_ends {
	/* What becomes of messages and connections they log themselves. */
	bool has_log;
	/* Each may be NULL, but for outcome if there are messages. */
	void (*credit)(struct talker *t, size_t n);
	void (*doubt)(struct talker *t, struct letter *l);
	void (*outcome)(struct talker *t, struct letter *l);
	void (*failed)(struct talker *t, const struct talkmail_outcome *o);
	/* There is something to read on `input`. */
	void (*read)(struct talker *t);
};

struct talker {
	const struct settings_remote *remote;
	const struct talker_ends *ends;
	void *ctx; /* of the ends */
	const char *hop;
	struct log *log;
	struct talk_settings *settings;
	bool is_plaintext; /* a password may go in clear on this machine */
	int hand;          /* to the dialer */
	int input;         /* watched for the ends; -1: nothing to watch */
	/* The connection, for the ends and the log. */
	struct talk talk;
	char tls[TALKER_TLS_MAX]; /* the verdict, without its sign; "": clear */
	char by[TALKER_BY_MAX];   /* what made TLS so much */
	char host[TALK_HOST_MAX];
	char address[TALK_ADDRESS_MAX];
	uint32_t port;
	bool is_new;  /* the ends have not been told of it */
	bool is_left; /* by those to whom results go */
	/* Private. */
	bool has_asked; /* the first answer is not asked for */
	bool has_tls;   /* on some connection */
	int sock;       /* -1: none */
	bool is_tcp;
	bool is_deaf; /* it takes nothing more: do not write */
	bool is_over;
	bool was_told; /* by the ends' input, while it waited */
	int64_t begun_ms;
	uint64_t bytes;
	struct watch watch;
	char out[TALKER_OUT];
	char in[TALKER_IN];
};

/*
 * Both stay the caller's.  The first message, if there is one, is given to
 * t->talk after this.
 */
void talker_init(struct talker *t, const struct talker_ends *ends, void *ctx);

/* Until all is over. */
void talker_run(struct talker *t);

/* Part from the dialer; TLS may need a moment to say good-bye. */
void talker_end(struct talker *t);

#endif
