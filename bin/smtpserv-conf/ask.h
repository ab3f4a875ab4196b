/* SPDX-License-Identifier: ISC */
/*
 * ask: run one of our programs, and hear what it says.
 */
#ifndef SMTPSERV_CONF_ASK_H
#define SMTPSERV_CONF_ASK_H

#include <stddef.h>

/*
 * What it prints on `fd`, 1 or 2, is cut to cap, with its NUL.  Returns its
 * exit code, XC_TEMP if it has none.  argv[0] is its path; a NULL is the last.
 */
int ask_program(const char *const *argv, int fd, char *said, size_t cap);

/*
 * The value of a field of the last line of logfmt, cut out in place; `name` is
 * " why=".  NULL: there is none.
 */
const char *ask_field(char *line, const char *name);

#endif
