/* SPDX-License-Identifier: ISC */
/*
 * check: the command `check`: look at the broker with its operator's eyes, for
 * a person or a monitor.
 */
#ifndef SMTPSERV_PUBLISH_CHECK_H
#define SMTPSERV_PUBLISH_CHECK_H

#include "conf/keys.h"
#include "program/program.h"

enum {
	CHECK_WARNING = 1, /* exit codes, beside the house's */
	CHECK_CRITICAL = 2
};

/*
 * Print each problem, or that there is none.  node is the one to ask, or NULL:
 * this machine's.  The worst is the exit code; XC_TEMP: nobody could be asked.
 */
int check_broker(const struct program *self, const struct settings *settings,
    const char *node);

#endif
