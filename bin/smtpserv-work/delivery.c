/* SPDX-License-Identifier: ISC */
#include "delivery.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One line of printable ASCII, whatever it was. */
static void
make_printable(char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '\n' || c == '\r' || c == '\t')
			*text = ' ';
		else if (c < ' ' || c > '~')
			*text = '?';
	}
}

void
outcome_set(struct outcome *out, enum outcome_kind kind, const char *status,
    const char *fmt, ...)
{
	va_list ap;

	*out = (struct outcome){ .kind = kind };
	(void)snprintf(out->status, sizeof(out->status), "%s", status);
	va_start(ap, fmt);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is not. */
	(void)vsnprintf(out->text, sizeof(out->text), fmt, ap);
	va_end(ap);
	make_printable(out->text);
}

void
outcome_fault(struct outcome *out, const char *status, const char *op,
    const char *name, int err)
{
	outcome_set(out, OUTCOME_TRY_AGAIN, status, "unable to %s %s: %s", op,
	    name, strerror(err));
}
