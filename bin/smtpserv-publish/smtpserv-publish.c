/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-publish: keeper of connections to a message broker.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "conf/amqp.h"
#include "program/configured.h"
#include "program/problem.h"

static const struct program SELF = { "smtpserv-publish",
	"[-f file] check [-n node]", NULL };

static const struct program_signals SIGNALS = { .ignored = { SIGPIPE } };

static int
check(struct configured *conf, int argc, char **argv)
{
	static struct settings settings;
	const char *node = NULL;
	enum result r;
	int opt;

	optind = 1;
	while ((opt = getopt(argc, argv, "+n:")) != -1) {
		if (opt != 'n')
			return (program_misused(&SELF));
		node = optarg;
	}
	if (optind != argc)
		return (program_misused(&SELF));
	r = configured_load_bare(conf, &settings, &AMQP_KEYS);
	if (r != RES_OK)
		return (exit_code_of(r));
	return (check_broker(&SELF, &settings, node));
}

int
main(int argc, char **argv)
{
	struct configured conf = { NULL, problem_conf, &SELF, "" };
	int code;
	int opt;

	if (program_answers(&SELF, argc, argv, &code))
		return (code);
	if (!program_open_standard())
		return (XC_TEMP);
	program_set_signals(&SIGNALS, NULL);
	while ((opt = getopt(argc, argv, "+f:")) != -1) {
		if (opt != 'f')
			return (program_misused(&SELF));
		conf.option = optarg;
	}
	if (optind == argc || strcmp(argv[optind], "check") != 0)
		return (program_misused(&SELF));
	code = check(&conf, argc - optind, argv + optind);
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		return (problem_fail(
		    &SELF, XC_TEMP, "unable to write: %s", strerror(errno)));
	return (code);
}
