/* SPDX-License-Identifier: ISC */
/*
 * entry: a service entry as files of a directory, each under the name and with
 * the mode that its super-server wants.
 */
#ifndef SMTPSERV_CONF_ENTRY_H
#define SMTPSERV_CONF_ENTRY_H

#include "program/program.h"

/*
 * kind is a super-server's, name the service's; systemd's units stand one
 * behind the other in the text, each after a comment with its name.  s6 gets
 * the script `finish', too.  Returns the exit code.  Files that are there are
 * replaced, one by one.
 */
int entry_save(const struct program *self, const char *dir, const char *kind,
    const char *name, const char *text);

/*
 * An entry has been printed on standard output: say on standard error how that
 * becomes a script that can be executed, if it is a script, and in a file.
 */
void entry_hint(const struct program *self, const char *kind);

#endif
