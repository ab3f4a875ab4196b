/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-pull: take messages from a broker's queue into the spool.
 *
 * This file is the wiring: arguments, configuration, signals, sandbox.  The
 * work is pull.c's.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "amqp/amqpsite.h"
#include "conf/amqp.h"
#include "conf/pull.h"
#include "log/log.h"
#include "program/configured.h"
#include "program/logged.h"
#include "program/problem.h"
#include "pull.h"
#include "sandbox.h"
#include "spool/complete.h"
#include "sys/sysclock.h"
#include "sys/sysfile.h"

enum {
	PERIOD_MS = 10000 /* between two files of counters */
};

static const struct program SELF = { "smtpserv-pull", "[-f file]", NULL };

static volatile sig_atomic_t stopped;
static volatile sig_atomic_t asked;

static void
hear(int signo)
{
	if (signo == SIGHUP)
		asked = 1;
	else
		stopped = 1;
}

static const struct program_signals SIGNALS = {
	.hear = hear,
	.heard = { SIGTERM, SIGINT, SIGHUP },
	/* A write(2) beyond a file limit then fails: trouble, as any other. */
	.ignored = { SIGPIPE, SIGXFSZ },
};

static struct settings settings;

/* The counters' file, if there is one; a failure is told once. */
static void
save(const struct tally *t)
{
	static char text[TALLY_TEXT_MAX];
	static int64_t due_ms;
	static bool has_failed;
	struct buf out;
	bool is_good;

	if (settings.pull.stat[0] == '\0' ||
	    (sysclock_ms() < due_ms && !stopped))
		return;
	due_ms = sysclock_ms() + PERIOD_MS;
	buf_init(&out, text, sizeof(text));
	tally_print(t, &out);
	is_good = sysfile_replace(settings.pull.stat, buf_view(&out));
	if (!is_good && !has_failed)
		problem_say(&SELF, "unable to write %s", settings.pull.stat);
	has_failed = !is_good;
}

static int
configure(const char *file)
{
	struct configured conf = { file, problem_conf, &SELF, "" };
	struct keyset sets[] = { AMQP_KEYS, PULL_KEYS };
	const char *key;
	const char *wrong;
	enum result r;

	sets[0].next = &sets[1];
	r = configured_load_more(&conf, &settings, sets);
	if (r != RES_OK)
		return (exit_code_of(r));
	if (settings.amqp.nodes[0] == '\0')
		return (exit_code_of(configured_wrong(
		    &conf, AMQP_PREFIX "nodes", "must be set")));
	wrong = amqpsite_wrong(&settings.amqp, &key);
	if (wrong == NULL)
		return (XC_OK);
	return (problem_fail(&SELF, XC_PERM, AMQP_PREFIX "%s: %s", key, wrong));
}

/* What a power cut has left of messages that were acknowledged comes first. */
static enum result
open_spool(struct spool *spool, struct pulled *pulled, struct fault *why)
{
	bool sync = settings.spool.sync != 0;
	struct complete done;
	enum result r = spool_open(spool, settings.spool.dir, sync, why);

	if (r == RES_OK && sync)
		r = complete_all(spool->dirfd, 0, SYSCLOCK_NEVER, &done, why);
	return (r == RES_OK ? pulled_open(pulled, spool, sync, why) : r);
}

static int
serve(void)
{
	/* Not on the stack: it is large. */
	static struct pulled pulled;
	static sigset_t waiting;
	struct spool spool;
	struct amqpsite site;
	struct log log;
	struct pull_order order = { .settings = &settings,
		.site = &site,
		.spool = &spool,
		.pulled = &pulled,
		.log = &log,
		.waiting = &waiting,
		.stop = &stopped,
		.anew = &asked,
		.save = save };
	unsigned int missing;
	struct fault why;

	program_set_signals(&SIGNALS, &waiting);
	program_cut_by_timers();
	log_init(&log, STDERR_FILENO, NULL, (uint64_t)getpid());
	if (setenv("RES_OPTIONS", AMQPSITE_RESOLVER, 0) != 0)
		(void)logged_failure(&log, "set", "RES_OPTIONS"); /* go on */
	if (open_spool(&spool, &pulled, &why) != RES_OK)
		return (problem_fault(&SELF, &why));
	amqpsite_init(&site, &settings.amqp);
	if (sandbox_enter(spool.dirfd, &settings, &site, &missing, &why) !=
	    RES_OK)
		return (problem_fault(&SELF, &why));
	logged_unconfined(&log, missing);
	return (exit_code_of(pull_run(&order, &why)));
}

int
main(int argc, char **argv)
{
	const char *file = NULL;
	int code;

	if (program_answers(&SELF, argc, argv, &code))
		return (code);
	if (argc == 3 && strcmp(argv[1], "-f") == 0)
		file = argv[2];
	else if (argc != 1)
		return (program_misused(&SELF));
	if (!program_open_standard())
		return (XC_TEMP);
	code = configure(file);
	return (code == XC_OK ? serve() : code);
}
