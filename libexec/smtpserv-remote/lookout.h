/* SPDX-License-Identifier: ISC */
/*
 * lookout: what the talker waits for, and what it asks the dialer.
 *
 * While it waits it hears the worker, too.
 */
#ifndef SMTPSERV_REMOTE_LOOKOUT_H
#define SMTPSERV_REMOTE_LOOKOUT_H

#include "hand.h"
#include "talker.h"

/* What happened to fd, as poll(2) says; 0: nothing, or something else. */
short lookout_wait(struct talker *t, int fd, short events, int64_t until_ms);

/* False: too late, or nobody wants to know any more. */
bool lookout_await(struct talker *t, int fd, int64_t until_ms);

/*
 * Ask the dialer; record has HAND_RECORD_MAX.  False: it is gone, and h is a
 * refusal.
 */
bool lookout_ask(struct talker *t, enum hand_kind what, char *record,
    struct hand *h, int *fd);

/* Keep a name as a string; what has no room is cut off. */
void lookout_keep(char *store, size_t cap, struct bytes name);

#endif
