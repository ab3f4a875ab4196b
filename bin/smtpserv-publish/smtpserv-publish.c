/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-publish: keeper of connections to a message broker.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "conf/amqp.h"
#include "crew.h"
#include "program/configured.h"
#include "program/logged.h"
#include "program/problem.h"
#include "trial.h"

static const struct program SELF = { "smtpserv-publish",
	"[-n] [-f file]\n[-f file] check [-n node]", NULL };

static volatile sig_atomic_t stopped;
static volatile sig_atomic_t renewed;

static void
hear(int signo)
{
	if (signo == SIGHUP)
		renewed = 1;
	else if (signo != SIGCHLD)
		stopped = 1;
}

static const struct program_signals CHECKING = { .ignored = { SIGPIPE } };

/* A message is finished before a signal is heard. */
static const struct program_signals KEEPING = {
	.hear = hear,
	.heard = { SIGTERM, SIGINT, SIGHUP, SIGCHLD },
	.ignored = { SIGPIPE },
	.usual = { SIGQUIT },
};

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

/* The socket that all workers accept at, from whoever bound it. */
static bool
is_listener(int fd)
{
	int domain = 0;
	int listens = 0;
	socklen_t n = sizeof(domain);
	socklen_t m = sizeof(listens);

	return (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &n) == 0 &&
	    domain == AF_UNIX &&
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &m) == 0 &&
	    listens != 0);
}

static int
keep(const struct settings *settings, const struct log *log)
{
	sigset_t waiting;
	struct crew crew = { .self = &SELF,
		.log = log,
		.settings = settings,
		.listener = STDIN_FILENO,
		.waiting = &waiting,
		.is_stopped = &stopped,
		.is_renewed = &renewed };
	int flags = fcntl(STDIN_FILENO, F_GETFL);

	if (!is_listener(STDIN_FILENO))
		return (problem_fail(&SELF, XC_PERM,
		    "descriptor 0 is not a listening Unix socket"));
	if (flags < 0 || fcntl(STDIN_FILENO, F_SETFL, flags | O_NONBLOCK) != 0)
		return (logged_failure(log, "make non-blocking", "0"));
	program_set_signals(&KEEPING, &waiting);
	return (crew_run(&crew));
}

static int
work(struct configured *conf, bool is_trial)
{
	static struct settings settings;
	struct log log;
	enum result r = configured_load_bare(conf, &settings, &AMQP_KEYS);

	if (r != RES_OK)
		return (exit_code_of(r));
	log_start(&log, SELF.name);
	r = trial_run(&settings.amqp, is_trial, &log);
	if (r != RES_OK || is_trial)
		return (exit_code_of(r));
	return (keep(&settings, &log));
}

static int
command(struct configured *conf, int argc, char **argv)
{
	int code;

	if (strcmp(argv[0], "check") != 0)
		return (program_misused(&SELF));
	program_set_signals(&CHECKING, NULL);
	code = check(conf, argc, argv);
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		return (problem_fail(
		    &SELF, XC_TEMP, "unable to write: %s", strerror(errno)));
	return (code);
}

int
main(int argc, char **argv)
{
	struct configured conf = { NULL, problem_conf, &SELF, "" };
	bool is_trial = false;
	int code;
	int opt;

	if (program_answers(&SELF, argc, argv, &code))
		return (code);
	if (!program_open_standard())
		return (XC_TEMP);
	while ((opt = getopt(argc, argv, "+nf:")) != -1) {
		if (opt != 'f' && opt != 'n')
			return (program_misused(&SELF));
		if (opt == 'f')
			conf.option = optarg;
		else
			is_trial = true;
	}
	if (optind == argc)
		return (work(&conf, is_trial));
	if (is_trial)
		return (program_misused(&SELF));
	return (command(&conf, argc - optind, argv + optind));
}
