/* SPDX-License-Identifier: ISC */
/*
 * logged: problems of a program that nobody watches, told in its log.
 */
#ifndef PROGRAM_LOGGED_H
#define PROGRAM_LOGGED_H

#include "conf/conf.h"
#include "log/log.h"
#include "program/program.h"

/* event=usage want="...", as for a wrong command line; XC_PERM. */
int logged_misuse(const struct log *l, const struct program *p);

/* event=fault, and the exit code for it. */
int logged_fault(const struct log *l, const struct fault *why);

/* The same for a call that has just failed; errno says why. */
int logged_failure(const struct log *l, const char *op, const char *name);

/* event=unconfined for each part that sysconfine_enter() says is missing. */
void logged_unconfined(const struct log *l, unsigned int missing);

/* A conf_report_fn: event=configuration.  ctx is the log; no notes. */
void logged_conf(void *ctx, enum conf_weight weight, const char *file,
    unsigned int line, const char *key, const char *text);

#endif
