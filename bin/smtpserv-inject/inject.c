/* SPDX-License-Identifier: ISC */
#include "inject.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

void
inject_say(const char *fmt, ...)
{
	va_list ap;

	(void)fputs("smtpserv-inject: ", stderr);
	va_start(ap, fmt);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is not. */
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputs("\n", stderr);
}

int
inject_failed(const struct fault *why)
{
	inject_say(
	    "unable to %s %s: %s", why->op, why->name, strerror(why->err));
	return (EX_TEMPFAIL);
}
