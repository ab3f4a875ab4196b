/* SPDX-License-Identifier: ISC */
#include "options.h"

#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "bytes/bytes.h"
#include "smtp/smtpcmd.h"
#include "smtp/smtpnotify.h"
#include "smtp/smtpxtext.h"

/*
 * Some options are accepted and ignored: they choose a transport, or how much
 * is told.  Here there is one transport, and mistakes are always reported.
 */
#define KNOWN "+A:B:C:D:F:GIL:N:O:R:UV:X:b:d::e:f:h:imno:p:q::r:tvx"

static void
set_mode(struct options *o, char letter)
{
	switch (letter) {
	case 'm':
		o->mode = OPTIONS_SEND;
		break;
	case 's':
		o->mode = OPTIONS_SERVE;
		break;
	case 'p':
		o->mode = OPTIONS_LIST;
		break;
	case 'v':
		o->mode = OPTIONS_VERIFY;
		break;
	case 'i':
		o->mode = OPTIONS_NOTHING;
		break;
	case 'd':
	case 'D':
		o->mode = OPTIONS_ABSENT;
		o->absent = "-bd starts no server here: smtpserv(8) does";
		break;
	default:
		o->mode = OPTIONS_ABSENT;
		o->absent = "there is no such -b here";
		break;
	}
}

/* The worker runs the queue, be it once or again and again. */
static void
set_queue_run(struct options *o, const char *value)
{
	if (value != NULL && value[0] >= '0' && value[0] <= '9') {
		o->mode = OPTIONS_ABSENT;
		if (o->absent == NULL)
			o->absent = "-q with a time starts nothing here: "
				    "smtpserv-work(8) works the queue off";
	} else if (o->mode == OPTIONS_SEND) {
		o->mode = OPTIONS_NOTHING;
	}
}

static void
set_dsn(struct options *o, int opt, const char *value)
{
	struct bytes text = bytes_of(value);

	if (opt == 'N') {
		o->notify = value;
		if (!smtpnotify_is_valid(text))
			o->wrong = "-N: want never, or some of success, "
				   "failure and delay";
	} else if (opt == 'R') {
		o->ret = value;
		if (!bytes_same_nocase(text, bytes_of("full")) &&
		    !bytes_same_nocase(text, bytes_of("hdrs")))
			o->wrong = "-R: want full or hdrs";
	} else {
		o->envid = value;
		if (text.n == 0 || text.n > SMTPCMD_ENVID_MAX ||
		    !smtpxtext_decode(text, NULL))
			o->wrong = "-V: want an xtext of at most 100 octets";
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
		set_mode(o, value[0]);
		break;
	case 'I':
		/* Aliases are read as they stand. */
		o->mode = OPTIONS_NOTHING;
		break;
	case 'q':
		set_queue_run(o, value);
		break;
	case 'N':
	case 'R':
	case 'V':
		set_dsn(o, opt, value);
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
	return (o->wrong == NULL);
}
