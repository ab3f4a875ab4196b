/* SPDX-License-Identifier: ISC */
/*
 * problem: problems, told to the person who started the program, each in a line
 * on standard error that begins with the program's name.  A line that is too
 * long is cut.
 */
#ifndef PROGRAM_PROBLEM_H
#define PROGRAM_PROBLEM_H

#include "bytes/buf.h"
#include "conf/conf.h"
#include "program/program.h"

/* "smtpserv-work: ..." */
void problem_say(const struct program *p, const char *fmt, ...)
    PRINTF_LIKE(2, 3);

/* The same; returns the exit code to end with. */
int problem_fail(const struct program *p, int code, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* "smtpserv-work: unable to OP NAME: error", and the exit code for it. */
int problem_fault(const struct program *p, const struct fault *why);

/* A conf_report_fn.  ctx is the struct program; notes are not told. */
void problem_conf(void *ctx, enum conf_weight weight, const char *file,
    unsigned int line, const char *key, const char *text);

/* The text of such a line, without the program's name. */
void problem_put_conf(struct buf *b, enum conf_weight weight, const char *file,
    unsigned int line, const char *key, const char *text);

#endif
