/* SPDX-License-Identifier: ISC */
#include "whose.h"

#include <stdio.h>
#include <string.h>

#include "hop.h"
#include "program/problem.h"
#include "table/table.h"

enum {
	NOBODY = 1 /* the exit code */
};

/* Print lines of the table's text; postmaster's key is not in it. */
static int
print_all(const struct program *self, const struct settings *settings,
    struct table *t, struct table_match *m, const char *mailbox)
{
	struct instruction in;
	enum table_answer answer;
	struct bytes key = m->key;
	struct bytes text;

	if (m->by == TABLE_BY_POSTMASTER)
		key = bytes_of("smtp.postmaster");
	while ((answer = table_next(m, &text)) == TABLE_HIT) {
		(void)printf(
		    "%.*s %.*s\n", (int)key.n, key.p, (int)text.n, text.p);
		if (instruction_parse(text, &in) == NULL)
			hop_print(settings, mailbox, &in);
	}
	if (answer == TABLE_FAILED)
		return (problem_fault(self, &t->file.why));
	if (m->by == TABLE_BY_ROUTE)
		problem_say(
		    self, "%s: only from clients that may relay", mailbox);
	return (XC_OK);
}

static int
look_up(const struct program *self, const struct settings *settings,
    struct table *t, const char *mailbox)
{
	static struct table_match match;
	enum table_answer answer = table_find(t, bytes_of(mailbox), &match);

	if (answer == TABLE_MISS)
		answer = table_route(t, bytes_of(mailbox), &match);
	if (answer == TABLE_HIT)
		return (print_all(self, settings, t, &match, mailbox));
	if (answer == TABLE_FAILED)
		return (problem_fault(self, &t->file.why));
	if (strchr(mailbox, '@') == NULL)
		return (problem_fail(self, NOBODY,
		    "%s: nobody here by that name: want user@domain", mailbox));
	return (problem_fail(
	    self, NOBODY, "%s: nobody here by that name", mailbox));
}

int
whose(const struct program *self, const struct settings *settings,
    const char *host, const char *mailbox)
{
	static char aliases[TABLE_ALIASES_MAX];
	static struct table table;
	struct fault why;
	enum result r;
	int code;

	if (settings->who.deliver[0] == '\0')
		return (problem_fail(self, XC_OK,
		    "no smtp.deliver is set: every recipient is accepted"));
	r = table_open(&table, settings->who.deliver, &why);
	if (r != RES_OK)
		return (problem_fault(self, &why));
	table_set_postmaster(&table, host, settings->who.postmaster);
	if (settings->who.aliases[0] != '\0' &&
	    table_load_aliases(&table, settings->who.aliases, aliases, &why) !=
		RES_OK)
		return (problem_fault(self, &why));
	code = look_up(self, settings, &table, mailbox);
	table_close(&table);
	return (code);
}
