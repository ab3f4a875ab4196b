/* SPDX-License-Identifier: ISC */
#include "whose.h"

#include <stdio.h>
#include <string.h>

#include "table/table.h"

enum {
	NOBODY = 1 /* the exit code */
};

static int
complain(const char *what, const struct fault *why)
{
	(void)fprintf(stderr, "smtpserv-conf: %s: unable to %s %s%s%s\n", what,
	    why->op, why->name, why->err == 0 ? "" : ": ",
	    why->err == 0 ? "" : strerror(why->err));
	return (exit_code_of(fault_class(why)));
}

/* As lines of the table's text; postmaster's key is none of its. */
static int
print_all(struct table *t, struct table_match *m, const char *mailbox)
{
	enum table_answer answer;
	struct bytes key = m->key;
	struct bytes text;

	if (m->by == TABLE_BY_POSTMASTER)
		key = bytes_of("smtp.postmaster");
	while ((answer = table_next(m, &text)) == TABLE_HIT)
		(void)printf(
		    "%.*s %.*s\n", (int)key.n, key.p, (int)text.n, text.p);
	if (answer == TABLE_FAILED)
		return (complain(mailbox, &t->file.why));
	if (m->by == TABLE_BY_ROUTE)
		(void)fprintf(stderr,
		    "smtpserv-conf: %s: only from clients that may relay\n",
		    mailbox);
	return (XC_OK);
}

static int
look_up(struct table *t, const char *mailbox)
{
	static struct table_match match;
	enum table_answer answer = table_find(t, bytes_of(mailbox), &match);

	if (answer == TABLE_MISS)
		answer = table_route(t, bytes_of(mailbox), &match);
	if (answer == TABLE_HIT)
		return (print_all(t, &match, mailbox));
	if (answer == TABLE_FAILED)
		return (complain(mailbox, &t->file.why));
	(void)fprintf(
	    stderr, "smtpserv-conf: %s: nobody here by that name\n", mailbox);
	return (NOBODY);
}

int
whose(const struct settings *settings, const char *host, const char *mailbox)
{
	static char aliases[TABLE_ALIASES_MAX];
	static struct table table;
	struct fault why;
	enum result r;
	int code;

	if (settings->deliver[0] == '\0') {
		(void)fprintf(stderr,
		    "smtpserv-conf: no smtp.deliver is set: every recipient is "
		    "accepted\n");
		return (XC_OK);
	}
	r = table_open(&table, settings->deliver, &why);
	if (r != RES_OK)
		return (complain("smtp.deliver", &why));
	table_set_postmaster(&table, host, settings->postmaster);
	if (settings->aliases[0] != '\0' &&
	    table_load_aliases(&table, settings->aliases, aliases, &why) !=
		RES_OK)
		return (complain("smtp.aliases", &why));
	code = look_up(&table, mailbox);
	table_close(&table);
	return (code);
}
