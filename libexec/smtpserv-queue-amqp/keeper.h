/* SPDX-License-Identifier: ISC */
/*
 * keeper: the process that keeps connections to the brokers, as one who asks.
 *
 * It is asked once, about one message.  Only its own word, whole and with this
 * message's ID, says that the message is taken; whatever else happens is one of
 * the codes by which the caller tries again.
 */
#ifndef SMTPSERV_QUEUE_AMQP_KEEPER_H
#define SMTPSERV_QUEUE_AMQP_KEEPER_H

#include <stdint.h>

#include "handover/handover.h"
#include "submit/refusal.h"

struct keeper {
	/* Private. */
	const char *path;
	uint32_t seconds;
	int fd;
	struct handover_answer answer;
	char in[HANDOVER_ANSWER_MAX + 1];
};

/*
 * A socket to reach it by, at that path, and how long it may take, in all.
 * An exit code; QQEXIT_ACCEPTED: go on.
 */
int keeper_open(
    struct keeper *k, const char *path, uint32_t seconds, struct refusal *no);

/*
 * Hand over the request, with the end of our time, and its files, and wait for
 * the word.  An exit code.
 * If *said is not empty, the code is the keeper's, and so are these words; they
 * are valid as long as *k.
 */
int keeper_ask(struct keeper *k, const struct handover_request *r,
    const int fds[HANDOVER_FDS], struct refusal *no, struct bytes *said);

#endif
