/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-inject: sendmail's command line, for local programs.
 */
#include <signal.h>
#include <sysexits.h>
#include <unistd.h>

#include "inject.h"
#include "modes.h"
#include "post.h"
#include "program/configured.h"

/* Not on the stack: it is large. */
static struct inject inject;

static const struct program_signals SIGNALS = {
	/* If a program we write to is gone, its exit code says why. */
	.ignored = { SIGPIPE },
	.usual = { SIGCHLD },
};

static int
configure(struct inject *in)
{
	struct configured conf = { in->options.conf, problem_conf, &INJECT_SELF,
		"" };
	struct fault why;
	enum result r;

	if (configured_find(&conf) != RES_OK)
		return (EX_USAGE);
	if (configured_load(&conf, &in->settings) != RES_OK ||
	    configured_host(&conf, &in->settings, in->host, sizeof(in->host)) !=
		RES_OK)
		return (EX_CONFIG);
	r = site_find(&in->site, conf.path, &why);
	if (r == RES_OK)
		r = program_find(in->queue, sizeof(in->queue), 2,
		    "/libexec/smtpserv-queue", &why);
	if (r == RES_OK)
		return (EX_OK);
	/* It tells the fault; our code is another one. */
	(void)problem_fault(&INJECT_SELF, &why);
	return (EX_OSFILE);
}

/* Find out the rest before anything is done. */
static int
prepare(struct inject *in)
{
	int code = configure(in);

	if (code != EX_OK)
		return (code);
	/* A set-user-ID smtpserv-queue would not take the caller's file. */
	if (in->options.conf != NULL && getuid() != 0 &&
	    modes_is_privileged(in)) {
		problem_say(&INJECT_SELF,
		    "-C does nothing here: %s is set-user-ID, and takes "
		    "the machine's configuration only",
		    in->queue);
		return (EX_USAGE);
	}
	return (EX_OK);
}

static int
run(struct inject *in)
{
	enum options_mode mode = in->options.mode;
	int code = EX_OK;

	if (mode == OPTIONS_NOTHING)
		return (EX_OK);
	if (mode == OPTIONS_ABSENT) {
		problem_say(&INJECT_SELF, "%s", in->options.absent);
		return (EX_USAGE);
	}
	code = prepare(in);
	if (code != EX_OK)
		return (code);
	if (mode == OPTIONS_VERIFY)
		return (modes_verify(in));
	if (mode == OPTIONS_SERVE)
		return (modes_serve(in));
	return (mode == OPTIONS_LIST ? modes_list(in) : post_mail(in));
}

int
main(int argc, char **argv)
{
	int code;

	if (program_answers(&INJECT_SELF, argc, argv, &code))
		return (code == XC_OK ? EX_OK : EX_IOERR);
	if (!program_open_standard())
		return (EX_OSERR);
	program_set_signals(&SIGNALS, NULL);
	if (argc < 1 || !options_read(argc, argv, &inject.options)) {
		if (inject.options.wrong != NULL)
			problem_say(&INJECT_SELF, "%s", inject.options.wrong);
		else
			(void)program_misused(&INJECT_SELF);
		return (EX_USAGE);
	}
	return (run(&inject));
}
