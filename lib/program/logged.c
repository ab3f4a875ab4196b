/* SPDX-License-Identifier: ISC */
#include "program/logged.h"

#include <errno.h>

#include "sys/sysconfine.h"

/* A line break in the usage becomes a blank. */
static void
put_joined(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++) {
		char c = *text;

		if (c == '\n') {
			c = ' ';
			while (text[1] == ' ')
				text++;
		}
		(void)buf_putc(b, c);
	}
}

int
logged_misuse(const struct log *l, const struct program *p)
{
	struct log_line line;
	char store[256];
	struct buf want;

	buf_init(&want, store, sizeof(store));
	(void)buf_puts(&want, p->name);
	(void)buf_putc(&want, ' ');
	put_joined(&want, p->synopsis);
	log_begin(&line, l, "usage");
	log_text(&line, "want", buf_view(&want));
	log_end(&line);
	return (XC_PERM);
}

int
logged_fault(const struct log *l, const struct fault *why)
{
	log_fault(l, why);
	return (exit_code_of(fault_class(why)));
}

int
logged_failure(const struct log *l, const char *op, const char *name)
{
	struct fault why;

	(void)fault_set(&why, op, name, errno);
	return (logged_fault(l, &why));
}

void
logged_conf(void *ctx, enum conf_weight weight, const char *file,
    unsigned int line_number, const char *key, const char *text)
{
	const struct log *log = ctx;
	struct log_line line;
	char store[CONF_VALUE_MAX + 16];
	struct buf where;

	if (weight == CONF_NOTE)
		return;
	buf_init(&where, store, sizeof(store));
	(void)buf_printf(&where, "%s:%u", file, line_number);
	log_begin(&line, log, "configuration");
	log_text(&line, "at", buf_view(&where));
	log_text(&line, "key", bytes_of(key));
	log_text(&line, "why", bytes_of(text));
	log_end(&line);
}

void
logged_unconfined(const struct log *l, unsigned int missing)
{
	static const struct {
		unsigned int bit;
		const char *what;
	} rows[] = {
		{ SYSCONFINE_NO_PRIVS, "no_new_privs" },
		{ SYSCONFINE_NO_LANDLOCK, "Landlock" },
		{ SYSCONFINE_NO_SECCOMP, "seccomp" },
		{ SYSCONFINE_NO_LIMITS, "resource limits" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct log_line line;

		if ((missing & rows[i].bit) == 0)
			continue;
		log_begin(&line, l, "unconfined");
		log_text(&line, "missing", bytes_of(rows[i].what));
		log_end(&line);
	}
}
