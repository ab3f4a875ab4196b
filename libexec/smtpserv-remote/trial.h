/* SPDX-License-Identifier: ISC */
/*
 * trial: a conversation without a message, told to the person who asked.
 */
#ifndef SMTPSERV_REMOTE_TRIAL_H
#define SMTPSERV_REMOTE_TRIAL_H

#include "talker.h"

/*
 * Run the talker, which is set up but for its ends.  True: a host was there,
 * and offers what it must.
 */
bool trial_run(struct talker *t);

#endif
