/* SPDX-License-Identifier: ISC */
#include "options.h"

#include <string.h>
#include <unistd.h>

#include "base/base.h"

/*
 * Those that are not looked at say how others are to transport the message, or
 * how much is to be told: here there is one way, and mistakes are told.
 */
#define KNOWN "+A:B:C:D:F:GIL:N:O:R:UV:X:b:d::e:f:h:imno:p:q::r:tvx"

static enum options_mode
mode_of(char letter)
{
	switch (letter) {
	case 'm':
		return (OPTIONS_SEND);
	case 's':
		return (OPTIONS_SERVE);
	case 'p':
		return (OPTIONS_LIST);
	case 'i':
		return (OPTIONS_NOTHING);
	default:
		return (OPTIONS_ABSENT);
	}
}

/* By what name was it called? */
static enum options_mode
mode_by_name(const char *program)
{
	const char *slash = strrchr(program, '/');
	const char *name = slash == NULL ? program : slash + 1;

	if (strcmp(name, "mailq") == 0)
		return (OPTIONS_LIST);
	return (
	    strcmp(name, "newaliases") == 0 ? OPTIONS_NOTHING : OPTIONS_SEND);
}

static void
take(struct options *o, int opt, const char *value)
{
	switch (opt) {
	case 'C':
		o->conf = value;
		break;
	case 'F':
		o->name = value;
		break;
	case 'f':
	case 'r':
		o->sender = value;
		break;
	case 'i':
		o->dot_is_text = true;
		break;
	case 'o':
		o->dot_is_text = o->dot_is_text || strcmp(value, "i") == 0;
		break;
	case 't':
		o->from_header = true;
		break;
	case 'b':
		o->mode = mode_of(value[0]);
		break;
	case 'I':
	case 'q':
		/* The worker runs the queue, and there are no aliases. */
		o->mode = OPTIONS_NOTHING;
		break;
	default:
		break;
	}
}

bool
options_read(int argc, char **argv, struct options *o)
{
	int opt;

	*o = (struct options){ .mode = mode_by_name(argv[0]) };
	opterr = 0;
	while ((opt = getopt(argc, argv, KNOWN)) != -1) {
		if (opt == '?')
			return (false);
		take(o, opt, optarg);
	}
	o->recipients = argv + optind;
	o->nrecipients = argc - optind;
	return (true);
}
