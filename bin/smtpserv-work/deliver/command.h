/* SPDX-License-Identifier: ISC */
/*
 * command: a delivery by a program, as of qmail-command(8).
 *
 * The program gets the message on descriptor 0 and the variables of
 * environ.h, in a session of its own.  Its exit code is the verdict; the
 * beginning of its output goes into the outcome's text.  If it runs too long or
 * prints without end, it has failed for now, and all processes that it has
 * started are killed; if it ends, those left in its process group are.  The
 * caller must be a process without other children.
 */
#ifndef SMTPSERV_WORK_DELIVER_COMMAND_H
#define SMTPSERV_WORK_DELIVER_COMMAND_H

#include "deliver/delivery.h"

/* argv as for execvp(3): `sh -c` and an instruction, or a command line. */
/* With whose rights, see rights.h; user is a name, or empty. */
void command_deliver(const struct delivery *d, struct bytes user,
    char *const argv[], struct outcome *out);

/*
 * Pure.  The verdict of an exit code; output is what was printed.  has_left:
 * processes of its group were still there, and killed.
 */
void command_verdict(
    int code, bool has_left, const char *output, struct outcome *out);

#endif
