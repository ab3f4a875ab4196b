/* SPDX-License-Identifier: ISC */
/*
 * whose: what the table of smtp.deliver says of one mailbox.
 */
#ifndef SMTPSERV_CONF_WHOSE_H
#define SMTPSERV_CONF_WHOSE_H

#include "conf/keys.h"
#include "program/program.h"

/*
 * Print the mailbox's key and instructions, as the session and the worker
 * find them; `self` tells what is wrong.  Returns the exit code: 1 is for a
 * mailbox of nobody.
 */
int whose(const struct program *self, const struct settings *settings,
    const char *host, const char *mailbox);

#endif
