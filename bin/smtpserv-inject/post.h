/* SPDX-License-Identifier: ISC */
/*
 * post: a message from standard input, to smtpserv-queue(8).
 */
#ifndef SMTPSERV_INJECT_POST_H
#define SMTPSERV_INJECT_POST_H

#include "inject.h"

/* Once it is configured.  An exit code of sysexits.h. */
int post_mail(struct inject *in);

#endif
