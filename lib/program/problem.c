/* SPDX-License-Identifier: ISC */
#include "program/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sys/sysio.h"

enum {
	/* A path, a line number, a key, and the mistake in its value. */
	LINE_SIZE = 2048
};

/* In one piece, so that no other program's line comes between. */
static PRINTF_LIKE(2, 0) void say(
    const struct program *p, const char *fmt, va_list ap)
{
	char store[LINE_SIZE];
	size_t n;

	(void)snprintf(store, sizeof(store), "%s: ", p->name);
	n = strlen(store);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is not. */
	(void)vsnprintf(store + n, sizeof(store) - n, fmt, ap);
	n += strlen(store + n);
	/* In the place of the NUL. */
	store[n++] = '\n';
	/* Nobody can be told that the line was lost. */
	(void)sysio_write_file(STDERR_FILENO, (struct bytes){ store, n });
}

void
problem_say(const struct program *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(p, fmt, ap);
	va_end(ap);
}

int
problem_fail(const struct program *p, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(p, fmt, ap);
	va_end(ap);
	return (code);
}

int
problem_fault(const struct program *p, const struct fault *why)
{
	int code = exit_code_of(fault_class(why));

	if (why->err == 0)
		return (problem_fail(p, code, "%s: %s", why->name, why->op));
	return (problem_fail(p, code, "unable to %s %s: %s", why->op, why->name,
	    strerror(why->err)));
}

void
problem_put_conf(struct buf *b, enum conf_weight weight, const char *file,
    unsigned int line, const char *key, const char *text)
{
	(void)buf_puts(b, file);
	(void)buf_putc(b, ':');
	if (line > 0)
		(void)buf_printf(b, "%u:", line);
	(void)buf_printf(b, " %s%s%s%s", weight == CONF_NOTE ? "note: " : "",
	    key, key[0] == '\0' ? "" : ": ", text);
}

void
problem_conf(void *ctx, enum conf_weight weight, const char *file,
    unsigned int line, const char *key, const char *text)
{
	char store[LINE_SIZE];
	struct buf b;
	const char *told;

	if (weight == CONF_NOTE)
		return;
	buf_init(&b, store, sizeof(store));
	problem_put_conf(&b, weight, file, line, key, text);
	told = buf_cstr(&b);
	problem_say(ctx, "%s", told == NULL ? text : told);
}
