/* SPDX-License-Identifier: ISC */
/*
 * hop: where mail that leaves goes, and how well it is protected on the way.
 */
#ifndef SMTPSERV_CONF_HOP_H
#define SMTPSERV_CONF_HOP_H

#include "conf/settings.h"
#include "table/instruction.h"

/*
 * Print two lines, if the instruction is smtp: for that mailbox.  What a
 * socketmap would say is not asked, but that it would be.
 */
void hop_print(const struct settings *settings, const char *mailbox,
    const struct instruction *in);

#endif
