/* SPDX-License-Identifier: ISC */
#include "order.h"

#include <string.h>

/* An option with its argument, if it is that; how many words it has. */
static int
take_option(struct order *o, char **argv, int argc)
{
	const char *word = argv[0];

	if (strcmp(word, "-f") == 0 && argc > 1) {
		o->config = argv[1];
		return (2);
	}
	if (strcmp(word, "-n") == 0)
		o->kind = ORDER_TRY;
	else if (strcmp(word, "--feed") == 0)
		o->kind = ORDER_FEED;
	else if (strcmp(word, "--requiretls") == 0)
		o->is_requiretls = true;
	else if (strcmp(word, "--tlsno") == 0)
		o->is_tlsno = true;
	else
		return (0);
	return (1);
}

bool
order_parse(int argc, char **argv, struct order *o)
{
	int at = 1;
	int n;

	*o = (struct order){ .kind = ORDER_SEND };
	while (at < argc && (n = take_option(o, argv + at, argc - at)) > 0)
		at += n;
	o->argv = argv + at;
	o->argc = argc - at;
	if (o->kind == ORDER_SEND)
		return (o->argc >= 3);
	return (o->argc == 1);
}
