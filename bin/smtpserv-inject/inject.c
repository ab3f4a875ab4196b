/* SPDX-License-Identifier: ISC */
#include "inject.h"

#include <sysexits.h>

const struct program INJECT_SELF = { "smtpserv-inject",
	"[-it] [-C file] [-F name] [-f sender] [-b mode] "
	"[-N notify] [-o option] [-R return] [-V envid] [recipient ...]",
	NULL };

int
inject_failed(const struct fault *why)
{
	/* Whatever the fault is, sendmail's caller may try again. */
	(void)problem_fault(&INJECT_SELF, why);
	return (EX_TEMPFAIL);
}
