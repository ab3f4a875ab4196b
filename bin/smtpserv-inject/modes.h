/* SPDX-License-Identifier: ISC */
/*
 * modes: what other programs do for sendmail's command line: SMTP on standard
 * input and output, and the list of what waits.
 */
#ifndef SMTPSERV_INJECT_MODES_H
#define SMTPSERV_INJECT_MODES_H

#include "inject.h"

/*
 * -bs: become a session that hands its messages to smtpserv-queue, and may send
 * where the command line may.  Returns only if that cannot be run.
 */
int modes_serve(struct inject *in);

/*
 * -bp: all that waits, for one who may read the spool; else what the caller has
 * sent.  An exit code of sysexits.h.
 */
int modes_list(struct inject *in);

/*
 * -bv: what smtpserv-conf whose says of each recipient.  EX_OK, or the worst of
 * the answers, as a code of sysexits.h.
 */
int modes_verify(struct inject *in);

/* Is smtpserv-queue set-user-ID, to another user than the caller? */
bool modes_is_privileged(const struct inject *in);

#endif
