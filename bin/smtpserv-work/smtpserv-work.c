/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-work: do what is to be done with the messages in the spool.
 */
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "log/log.h"
#include "program/configured.h"
#include "program/problem.h"
#include "spool/complete.h"
#include "spool/scan.h"
#include "spool/spool.h"
#include "work.h"

static const struct program SELF = { "smtpserv-work",
	"[--once] [-f file] [-- command ...]", NULL };

static volatile sig_atomic_t stopped;

static void
stop(int signo)
{
	(void)signo;
	stopped = 1;
}

static const struct program_signals SIGNALS = {
	.hear = stop,
	.heard = { SIGTERM, SIGINT },
	.ignored = { SIGPIPE },
	/* Deliveries are children, and their ends are heard of. */
	.usual = { SIGCHLD },
};

/* What dead sessions, and workers before us, have left. */
static void
clean(const struct log *log, const struct spool *spool)
{
	struct log_line line;
	struct fault why = { .err = 0 };
	struct complete done;
	uint64_t removed;

	if (complete_all(spool->dirfd, 0, &done, &why) != RES_OK)
		log_fault(log, &why);
	if (scan_clean(spool->dirfd, &removed, &why) != RES_OK)
		log_fault(log, &why);
	log_begin(&line, log, "start");
	log_number(&line, "completed", done.completed);
	log_number(&line, "removed", removed + done.removed);
	log_number(&line, "stages", spool->stages.is_one ? 1 : 2);
	log_text(&line, "why", bytes_of(spool->stages.why));
	log_end(&line);
}

/*
 * Three descriptors a delivery, and some.  If there are fewer, deliveries that
 * cannot be begun are tried later, and the log says so.
 */
static void
set_limit(uint32_t workers)
{
	rlim_t want = 3 * (rlim_t)workers + 64;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= want)
		return;
	limit.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
	/* Without it deliveries that find none are tried again. */
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int
work(struct work_order *order, const struct log *log)
{
	struct fault why;
	enum work_end end;

	set_limit(order->site.settings->workers);
	clean(log, order->site.spool);
	end = work_run(order, &why);
	if (end == WORK_FAILED)
		return (problem_fault(&SELF, &why));
	return (order->once && end == WORK_LEFT ? XC_TEMP : XC_OK);
}

static int
serve(const char *file, bool once, char *const *command)
{
	static struct settings settings;
	static char host[512];
	struct spool spool;
	struct log log;
	sigset_t waiting;
	struct fault why;
	struct configured conf = { file, problem_conf, &SELF, "" };
	struct work_order order = { .once = once,
		.terminal = isatty(STDERR_FILENO) == 1 ? STDERR_FILENO : -1,
		.stop = &stopped,
		.waiting = &waiting,
		.log = &log,
		.site = { &settings, &spool, host, command } };
	enum result r = configured_load(&conf, &settings);

	if (r != RES_OK)
		return (exit_code_of(r));
	if (command == NULL && settings.deliver[0] == '\0')
		return (problem_fail(&SELF, XC_PERM,
		    "no way to deliver: set smtp.deliver, or give a command "
		    "after --"));
	if (configured_host(&conf, &settings, host, sizeof(host)) != RES_OK)
		return (XC_PERM);
	program_set_signals(&SIGNALS, &waiting);
	log_init(&log, STDERR_FILENO, NULL, (uint64_t)getpid());
	if (spool_open(&spool, settings.subdir, settings.sync != 0, &why) !=
	    RES_OK)
		return (problem_fault(&SELF, &why));
	return (work(&order, &log));
}

int
main(int argc, char **argv)
{
	const char *file = NULL;
	bool once = false;
	int code;
	int i;

	if (program_answers(&SELF, argc, argv, &code))
		return (code);
	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--once") == 0)
			once = true;
		else if (strcmp(argv[i], "-f") == 0 && i + 1 < argc &&
		    file == NULL)
			file = argv[++i];
		else
			return (program_misused(&SELF));
	}
	if (i < argc && argv[i + 1] == NULL)
		return (program_misused(&SELF));
	if (!program_open_standard())
		return (XC_TEMP);
	return (serve(file, once, i < argc ? argv + i + 1 : NULL));
}
