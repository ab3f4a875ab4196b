/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-work: do what is to be done with the messages in the spool.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "conf/conf.h"
#include "conf/keys.h"
#include "log/log.h"
#include "spool/complete.h"
#include "spool/scan.h"
#include "spool/spool.h"
#include "work.h"

#define PROGRAM  "smtpserv-work"
#define SYNOPSIS PROGRAM " [--once] [-f file] [-- command ...]"

static volatile sig_atomic_t stopped;

static void
stop(int signo)
{
	(void)signo;
	stopped = 1;
}

static int
complain(int code, const char *what, const char *why)
{
	(void)fprintf(stderr, PROGRAM ": %s%s%s\n", what,
	    why[0] == '\0' ? "" : ": ", why);
	return (code);
}

static int
fail(const struct fault *why)
{
	char store[256];
	struct buf text;
	const char *cstr;

	buf_init(&text, store, sizeof(store));
	(void)buf_printf(&text, "unable to %s %s", why->op, why->name);
	cstr = buf_cstr(&text);
	return (complain(exit_code_of(fault_class(why)),
	    cstr == NULL ? why->op : cstr,
	    why->err == 0 ? "" : strerror(why->err)));
}

static void
print_problem(void *ctx, enum conf_weight weight, const char *file,
    unsigned int line, const char *key, const char *text)
{
	(void)ctx;
	if (weight != CONF_ERROR)
		return;
	if (line > 0)
		(void)fprintf(stderr, PROGRAM ": %s:%u: %s%s%s\n", file, line,
		    key, key[0] == '\0' ? "" : ": ", text);
	else
		(void)fprintf(stderr, PROGRAM ": %s: %s%s%s\n", file, key,
		    key[0] == '\0' ? "" : ": ", text);
}

/* The settings, or the exit code. */
static int
configure(const char *option, struct settings *s)
{
	char path[CONF_VALUE_MAX];

	if (!conf_path(path, sizeof(path), option, getenv("WATTCP.CFG"),
		getenv("WATTCP_CFG")))
		return (complain(XC_PERM, option, "file name too long"));
	return (exit_code_of(conf_load(path, s, print_problem, NULL)));
}

static bool
find_host(const struct settings *s, char *host, size_t cap)
{
	char machine[256];
	struct buf name;

	buf_init(&name, host, cap);
	if (gethostname(machine, sizeof(machine)) != 0)
		return (false);
	machine[sizeof(machine) - 1] = '\0';
	return (settings_host(s, machine, &name) && buf_cstr(&name) != NULL);
}

/* Ends are heard of while waiting, and at no other time. */
static bool
set_signals(sigset_t *waiting)
{
	struct sigaction action = { .sa_handler = stop };
	sigset_t ends;

	(void)sigemptyset(&action.sa_mask);
	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGINT);
	return (sigprocmask(SIG_BLOCK, &ends, waiting) == 0 &&
	    sigdelset(waiting, SIGTERM) == 0 &&
	    sigdelset(waiting, SIGINT) == 0 &&
	    sigaction(SIGTERM, &action, NULL) == 0 &&
	    sigaction(SIGINT, &action, NULL) == 0 &&
	    signal(SIGCHLD, SIG_DFL) != SIG_ERR &&
	    signal(SIGPIPE, SIG_IGN) != SIG_ERR);
}

/* What dead sessions, and workers before us, have left. */
static void
clean(const struct log *log, int dirfd)
{
	struct log_line line;
	struct fault why = { .err = 0 };
	struct complete done;
	uint64_t removed;

	if (complete_all(dirfd, 0, &done, &why) != RES_OK)
		log_fault(log, &why);
	if (scan_clean(dirfd, &removed, &why) != RES_OK)
		log_fault(log, &why);
	log_begin(&line, log, "start");
	log_number(&line, "completed", done.completed);
	log_number(&line, "removed", removed + done.removed);
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
	clean(log, order->site.spool->dirfd);
	end = work_run(order, &why);
	if (end == WORK_FAILED)
		return (fail(&why));
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
	struct work_order order = { .once = once,
		.terminal = isatty(STDERR_FILENO) == 1 ? STDERR_FILENO : -1,
		.stop = &stopped,
		.waiting = &waiting,
		.log = &log,
		.site = { &settings, &spool, host, command } };
	int code = configure(file, &settings);

	if (code != XC_OK)
		return (code);
	if (command == NULL && settings.deliver[0] == '\0')
		return (complain(XC_PERM,
		    "what is to be done with the mail? Set smtp.deliver, or "
		    "name a command",
		    ""));
	if (!find_host(&settings, host, sizeof(host)))
		return (complain(XC_PERM,
		    "hostname and domain do not make a domain name", ""));
	if (!set_signals(&waiting))
		return (complain(
		    XC_TEMP, "unable to set signals", strerror(errno)));
	log_init(&log, STDERR_FILENO, NULL, (uint64_t)getpid());
	if (spool_open(&spool, settings.subdir, settings.sync != 0, &why) !=
	    RES_OK)
		return (fail(&why));
	return (work(&order, &log));
}

/* Without these a file could become descriptor 2, and get the log. */
static bool
open_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		(void)close(fd);
	return (fd >= 0);
}

static int
misused(void)
{
	(void)fprintf(stderr, "usage: " SYNOPSIS "\n");
	return (XC_PERM);
}

int
main(int argc, char **argv)
{
	const char *file = NULL;
	bool once = false;
	int i;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return (printf("usage: " SYNOPSIS "\n") < 0);
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return (printf(PROGRAM " " SMTPSERV_VERSION "\n") < 0);
	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--once") == 0)
			once = true;
		else if (strcmp(argv[i], "-f") == 0 && i + 1 < argc &&
		    file == NULL)
			file = argv[++i];
		else
			return (misused());
	}
	if (i < argc && argv[i + 1] == NULL)
		return (misused());
	if (!open_standard_files())
		return (XC_TEMP);
	return (serve(file, once, i < argc ? argv + i + 1 : NULL));
}
