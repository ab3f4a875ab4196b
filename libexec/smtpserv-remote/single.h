/* SPDX-License-Identifier: ISC */
/*
 * single: one message, and qmail-remote's report of it on descriptor 1.
 */
#ifndef SMTPSERV_REMOTE_SINGLE_H
#define SMTPSERV_REMOTE_SINGLE_H

#include "talker.h"

/*
 * Run the talker, which is set up but for its ends, with this message.  Its
 * text is weighed here.  False: the report is not whole.
 */
bool single_run(struct talker *t, struct letter *l);

/* A report of no more than a letter, Z or D, and why.  False: it is lost. */
bool single_say(char letter, const char *status, const char *words);

#endif
