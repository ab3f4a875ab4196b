/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-queue: qmail-queue's protocol into the spool.
 *
 * This file is the wiring: arguments, environment, configuration, signals.
 * The work is submit.c's.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/base.h"
#include "dsn.h"
#include "submit.h"
#include "sys/sysio.h"
#include "waiting.h"

#define PROGRAM "smtpserv-queue"
#define USAGE   "usage: " PROGRAM " [-l] [-f file]\n"

enum {
	UMASK = 027,
	/* Of a file, so that a limit cannot spoil the counter. */
	FILE_MIN = 4096,
	SAID_FD = 6 /* where the protocol has words */
};

struct program {
	struct log log;
	struct settings settings;
	char host[256];
	sigset_t waiting;
	int said; /* or -1 */
};

/* Signals come only while we wait, and then end the wait: nothing to do. */
static void
wake(int sig)
{
	(void)sig;
}

/* None of these calls can fail with these arguments. */
static void
set_signals(sigset_t *waiting)
{
	static const int stops[] = { SIGTERM, SIGINT, SIGHUP };
	/* A terminal sends them to whatever runs there, locks and all. */
	static const int pauses[] = { SIGTSTP, SIGTTIN, SIGTTOU };
	struct sigaction stop = { .sa_handler = wake };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t blocked;
	size_t i;

	(void)sigemptyset(waiting);
	(void)sigemptyset(&blocked);
	for (i = 0; i < ARRAY_LEN(stops); i++) {
		(void)sigaddset(&blocked, stops[i]);
		(void)sigaction(stops[i], &stop, NULL);
	}
	for (i = 0; i < ARRAY_LEN(pauses); i++)
		(void)sigaddset(&blocked, pauses[i]);
	(void)sigaction(SIGPIPE, &ignore, NULL);
	/* A file limit is then an error of write(2): 53. */
	(void)sigaction(SIGXFSZ, &ignore, NULL);
	(void)sigprocmask(SIG_SETMASK, &blocked, NULL);
}

static void
log_conf(void *ctx, enum conf_weight weight, const char *file,
    unsigned int line_number, const char *key, const char *text)
{
	const struct log *log = ctx;
	struct log_line line;
	char store[1200];
	struct buf where;

	if (weight == CONF_NOTE)
		return;
	buf_init(&where, store, sizeof(store));
	(void)buf_printf(&where, "%s:%u", file, line_number);
	log_begin(&line, log, "configuration");
	log_text(&line, "at", buf_view(&where));
	log_text(&line, "key", bytes_of(key));
	log_text(&line, "why", bytes_of(text));
	log_end(&line);
}

/* The configuration, and who we are by it. */
static bool
configure(struct program *p, const char *option)
{
	char path[CONF_VALUE_MAX];
	struct utsname machine;
	struct buf host;

	buf_init(&host, p->host, sizeof(p->host));
	if (uname(&machine) != 0)
		machine.nodename[0] = '\0';
	if (!conf_path(path, sizeof(path), option, secure_getenv("WATTCP.CFG"),
		secure_getenv("WATTCP_CFG"))) {
		log_conf(&p->log, CONF_ERROR, option == NULL ? "" : option, 0,
		    "", "file name too long");
		return (false);
	}
	if (conf_load(path, &p->settings, log_conf, &p->log) != RES_OK)
		return (false);
	if (!settings_host(&p->settings, machine.nodename, &host) ||
	    buf_cstr(&host) == NULL) {
		log_conf(&p->log, CONF_ERROR, path, 0, "hostname",
		    "hostname.domain is not a domain name");
		return (false);
	}
	return (true);
}

static bool
is_set_user_id(void)
{
	return (getauxval(AT_SECURE) != 0);
}

/* No core in the caller's directory, and no line that is half written. */
static bool
set_limits(struct fault *why)
{
	struct rlimit none = { 0, 0 };
	struct rlimit file;

	if (setrlimit(RLIMIT_CORE, &none) == 0 &&
	    getrlimit(RLIMIT_FSIZE, &file) == 0) {
		file.rlim_cur = file.rlim_max;
		errno = EFBIG;
		if (file.rlim_max >= FILE_MIN &&
		    setrlimit(RLIMIT_FSIZE, &file) == 0)
			return (true);
	}
	(void)fault_set(why, "do with", "the caller's limits", errno);
	return (false);
}

/*
 * Set-user-ID, so that every user may send: nothing of who calls, neither what
 * files are for others, nor whose group they have, nor who can kill us, is to
 * matter from here on.  Only root, who could do anything with the spool, may
 * name a configuration.
 */
static bool
be_the_spools_user(struct program *p, const char *option)
{
	struct fault why;
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (!is_set_user_id())
		return (true);
	(void)umask(UMASK);
	if (option != NULL && getuid() != 0)
		(void)fault_set(&why, "use, as set-user-ID,", "-f", EPERM);
	else if (setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
		(void)fault_set(&why, "become", "the spool's user", errno);
	else if (set_limits(&why))
		return (true);
	log_fault(&p->log, &why);
	submit_say(p->said, QQEXIT_REFUSED, "7.1",
	    option != NULL
		? "smtpserv-queue is set-user-ID, and takes the machine's "
		  "configuration only"
		: "smtpserv-queue cannot be the spool's user, within the "
		  "caller's limits");
	return (false);
}

/*
 * Words go to the protocol's descriptor, if it can be that: a pipe.  What else
 * the caller had open is none of ours.
 */
static int
keep_said(void)
{
	struct stat st;
	int flags = fcntl(SAID_FD, F_GETFL);
	bool is_pipe = flags >= 0 && (flags & O_ACCMODE) == O_WRONLY &&
	    fstat(SAID_FD, &st) == 0 && S_ISFIFO(st.st_mode);
	unsigned int first = 3;

	if (is_pipe) {
		/* Nobody who does not read is waited for. */
		(void)fcntl(SAID_FD, F_SETFL, flags | O_NONBLOCK);
		(void)syscall(SYS_close_range, first, SAID_FD - 1, 0U);
		first = SAID_FD + 1;
	}
	(void)syscall(SYS_close_range, first, ~0U, 0U);
	return (is_pipe ? SAID_FD : -1);
}

/* What waits of the caller's. */
static int
list(struct program *p, const char *option)
{
	uid_t caller = getuid();
	struct fault why;

	if (!be_the_spools_user(p, option))
		return (QQEXIT_REFUSED);
	if (!configure(p, option))
		return (QQEXIT_CONFIG);
	if (waiting_list(p->settings.subdir, caller, &why) == RES_OK)
		return (QQEXIT_ACCEPTED);
	log_fault(&p->log, &why);
	return (QQEXIT_SPOOL);
}

static const char *
variable(const char *name)
{
	return (getenv(name));
}

static int
run(struct program *p, const char *option)
{
	unsigned long caller = getuid();
	char store[64];
	struct buf comment;
	struct submit submit = { .settings = &p->settings,
		.log = &p->log,
		.host = p->host,
		.comment = store,
		.message = STDIN_FILENO,
		.envelope = STDOUT_FILENO,
		.is_strangers = is_set_user_id(),
		.said = p->said,
		.waiting = &p->waiting };
	const char *wrong;

	set_signals(&p->waiting);
	if (!be_the_spools_user(p, option))
		return (QQEXIT_REFUSED);
	if (!configure(p, option)) {
		submit_say(p->said, QQEXIT_CONFIG, "3.5",
		    "the configuration cannot be read, or is wrong");
		return (QQEXIT_CONFIG);
	}
	wrong = dsn_read(&submit, variable);
	if (wrong != NULL) {
		log_conf(&p->log, CONF_ERROR, "environment", 0, wrong,
		    "not of its form");
		submit_say(p->said, QQEXIT_ENVELOPE, "5.4", wrong);
		return (QQEXIT_ENVELOPE);
	}
	buf_init(&comment, store, sizeof(store));
	(void)buf_printf(&comment, PROGRAM ", uid %lu", caller);
	if (buf_cstr(&comment) == NULL)
		return (QQEXIT_BUG);
	return (submit_message(&submit));
}

static int
say(int fd, const char *text)
{
	return (
	    sysio_write_file(fd, bytes_of(text)) == SYSIO_OK ? XC_OK : XC_TEMP);
}

int
main(int argc, char **argv)
{
	/* Not on the stack: it is large. */
	static struct program program;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return (say(STDOUT_FILENO, USAGE));
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return (say(STDOUT_FILENO, PROGRAM " " SMTPSERV_VERSION "\n"));
	/* Without these a file of the spool could become descriptor 0 or 1. */
	if (fcntl(STDIN_FILENO, F_GETFD) < 0 ||
	    fcntl(STDOUT_FILENO, F_GETFD) < 0)
		return (QQEXIT_READ);
	program.said = keep_said();
	/* Where 2 is closed, it goes to syslog, and not into such a file. */
	log_start(&program.log, PROGRAM);
	if (argc >= 2 && strcmp(argv[1], "-l") == 0) {
		if (argc == 2)
			return (list(&program, NULL));
		if (argc == 4 && strcmp(argv[2], "-f") == 0)
			return (list(&program, argv[3]));
	} else if (argc == 1) {
		return (run(&program, NULL));
	} else if (argc == 3 && strcmp(argv[1], "-f") == 0) {
		return (run(&program, argv[2]));
	}
	(void)say(STDERR_FILENO, USAGE);
	return (XC_PERM);
}
