/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-work: deliver the messages in the spool.
 */
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "conf/remote.h"
#include "desk.h"
#include "log/log.h"
#include "program/configured.h"
#include "program/problem.h"
#include "spool/complete.h"
#include "spool/scan.h"
#include "spool/spool.h"
#include "sys/sysclock.h"
#include "table/table.h"
#include "work.h"

enum {
	HOST_SIZE = 512 /* octets of our name */
};

static const struct program SELF = { "smtpserv-work",
	"[--once [--now]] [-f file] [-- command ...]", NULL };

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
	.ignored = { SIGPIPE },
	/* Deliveries are children, and their ends are heard of. */
	.usual = { SIGCHLD, SIGQUIT },
};

/* Clean up what dead sessions, and workers before us, have left. */
static void
clean(const struct log *log, const struct spool *spool)
{
	struct log_line line;
	struct fault why = { .err = 0 };
	struct complete done;
	uint64_t removed;

	if (complete_all(spool->dirfd, 0, SYSCLOCK_NEVER, &done, &why) !=
	    RES_OK)
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
 * A file that is not a table, such as the text of one, keeps all mail waiting:
 * say so at once, not when the first mail comes.  It may be mended meanwhile.
 */
static void
look_at_table(const struct log *log, const struct deliver_site *site)
{
	static struct table table;
	struct fault why;

	if (site->command != NULL)
		return;
	if (table_open(&table, site->settings->who.deliver, &why) != RES_OK)
		log_fault(log, &why);
	table_close(&table);
}

/*
 * Ask for two descriptors per message at hand, three per delivery, as many per
 * message on its way, and some.
 * If we get fewer, deliveries that cannot be begun are tried later, and the log
 * says so.
 */
static void
set_limit(uint32_t workers, uint32_t flights)
{
	rlim_t want = 2 * desk_jobs(workers) + 3 * (rlim_t)workers +
	    3 * (rlim_t)flights + 64;
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

	set_limit(order->site.settings->work.workers,
	    order->site.settings->remote.inflight);
	clean(log, order->site.spool);
	look_at_table(log, &order->site);
	end = work_run(order, &why);
	if (end == WORK_FAILED)
		return (problem_fault(&SELF, &why));
	return (order->once && end == WORK_LEFT ? XC_TEMP : XC_OK);
}

/* The state that lasts while the worker runs. */
struct service {
	struct configured conf;
	struct settings *settings; /* those that are good */
	struct settings *spare;
	struct work_order *order;
	char subdir[CONF_VALUE_MAX]; /* outlives them */
	char host[HOST_SIZE];
	char remote[PATH_MAX];
	struct spool spool;
	struct log log;
};

/*
 * Read the configuration again, and take it if it is good.  The open spool and
 * the memory allocated for the workers stay as they are.
 */
static void
reload(void *ctx)
{
	struct service *s = ctx;
	struct settings *fresh = s->spare;
	char host[HOST_SIZE];
	struct log_line line;

	if (configured_load_more(&s->conf, fresh, &REMOTE_KEYS) != RES_OK ||
	    configured_host(&s->conf, fresh, host, sizeof(host)) != RES_OK)
		return;
	fresh->work.workers = s->settings->work.workers;
	fresh->remote.inflight = s->settings->remote.inflight;
	fresh->spool.sync = s->settings->spool.sync;
	fresh->spool.dir = s->subdir;
	s->spare = s->settings;
	s->settings = fresh;
	s->order->site.settings = fresh;
	memcpy(s->host, host, sizeof(host));
	log_begin(&line, &s->log, "reload");
	log_end(&line);
	look_at_table(&s->log, &s->order->site);
}

/* Clean up what has been left since. */
static void
clean_again(void *ctx)
{
	struct service *s = ctx;
	struct log_line line;
	struct fault why = { .err = 0 };
	uint64_t removed;

	if (scan_clean(s->spool.dirfd, &removed, &why) != RES_OK)
		log_fault(&s->log, &why);
	if (removed == 0)
		return;
	log_begin(&line, &s->log, "clean");
	log_number(&line, "removed", removed);
	log_end(&line);
}

static int
serve(const char *file, struct work_order *order, char *const *command)
{
	static struct settings settings[2];
	static struct service s = { .settings = &settings[0],
		.spare = &settings[1] };
	static sigset_t waiting;
	struct fault why;
	enum result r;

	s.conf = (struct configured){ file, problem_conf, &SELF, "" };
	r = configured_load_more(&s.conf, s.settings, &REMOTE_KEYS);
	if (r != RES_OK)
		return (exit_code_of(r));
	if (command == NULL && s.settings->who.deliver[0] == '\0')
		return (problem_fail(&SELF, XC_PERM,
		    "no way to deliver: set smtp.deliver, or give a command "
		    "after --"));
	if (configured_host(&s.conf, s.settings, s.host, sizeof(s.host)) !=
	    RES_OK)
		return (XC_PERM);
	memcpy(
	    s.subdir, s.settings->spool.dir, strlen(s.settings->spool.dir) + 1);
	s.settings->spool.dir = s.subdir;
	if (program_find(s.remote, sizeof(s.remote), 2,
		"/libexec/smtpserv-remote", &why) != RES_OK)
		return (problem_fault(&SELF, &why));
	program_set_signals(&SIGNALS, &waiting);
	log_init(&s.log, STDERR_FILENO, NULL, (uint64_t)getpid());
	if (spool_open(&s.spool, s.settings->spool.dir,
		s.settings->spool.sync != 0, &why) != RES_OK)
		return (problem_fault(&SELF, &why));
	order->terminal = isatty(STDERR_FILENO) == 1 ? STDERR_FILENO : -1;
	order->stop = &stopped;
	order->again = &asked;
	order->reload = reload;
	order->clean = clean_again;
	order->ctx = &s;
	s.order = order;
	order->waiting = &waiting;
	order->log = &s.log;
	order->site = (struct deliver_site){ s.settings, &s.spool, s.host,
		command, s.remote, s.conf.path };
	return (work(order, &s.log));
}

int
main(int argc, char **argv)
{
	const char *file = NULL;
	/* Static, as the service that has it lasts as long as the program. */
	static struct work_order order;
	int code;
	int i;

	if (program_answers(&SELF, argc, argv, &code))
		return (code);
	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--once") == 0)
			order.once = true;
		else if (strcmp(argv[i], "--now") == 0)
			order.now = true;
		else if (strcmp(argv[i], "-f") == 0 && i + 1 < argc &&
		    file == NULL)
			file = argv[++i];
		else
			return (program_misused(&SELF));
	}
	/* Without --once the schedule holds, and only SIGHUP overrides it. */
	if ((i < argc && argv[i + 1] == NULL) || (order.now && !order.once))
		return (program_misused(&SELF));
	if (!program_open_standard())
		return (XC_TEMP);
	return (serve(file, &order, i < argc ? argv + i + 1 : NULL));
}
