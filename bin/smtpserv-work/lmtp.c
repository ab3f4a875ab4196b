/* SPDX-License-Identifier: ISC */
#include "lmtp.h"

void
lmtp_deliver(
    const struct delivery *d, const struct instruction *in, struct outcome *out)
{
	(void)d;
	(void)in;
	outcome_set(
	    out, OUTCOME_TRY_AGAIN, "4.3.5", "this version cannot speak LMTP");
}
