/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-queue: qmail-queue's protocol into the spool.
 *
 * This file is the wiring: arguments, environment, configuration, signals.
 * What it reads is lib/submit's, and where it goes is
 * spooled.c's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program/configured.h"
#include "program/logged.h"
#include "spooled.h"
#include "submit/caller.h"
#include "submit/dsn.h"
#include "submit/submit.h"
#include "tether.h"
#include "waiting.h"

enum {
	UMASK = 027,
	/* Of a file, so that a limit cannot spoil the counter. */
	FILE_MIN = 4096
};

static const struct program SELF = { "smtpserv-queue", "[-l] [-f file]", NULL };

/* A caller without permission is told what makes it possible. */
#define DENIED " (smtpserv-queue is not set-user-ID to the spool's user)"

struct queue {
	struct log log;
	struct settings settings;
	char host[256];
	sigset_t waiting;
	uid_t caller;
	int said; /* or -1 */
	struct spooled spooled;
	struct submit submit;
};

/* Signals come only while we wait, and then end the wait: nothing to do. */
static void
wake(int sig)
{
	(void)sig;
}

static const struct program_signals SIGNALS = {
	.hear = wake,
	.heard = { SIGTERM, SIGINT, SIGHUP },
	/* A terminal sends them to all its programs, with or without locks. */
	.held = { SIGTSTP, SIGTTIN, SIGTTOU },
	/* A write(2) beyond a file limit then fails, which is 53. */
	.ignored = { SIGPIPE, SIGXFSZ },
	/* The end of a child is to be heard of. */
	.usual = { SIGCHLD },
};

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
 * Set-user-ID, so that every user may send.  From here on nothing of the caller
 * matters: neither the mode that its files get, nor its group, nor its right to
 * kill us.  Only root, who could do anything with the spool, may name a
 * configuration.
 */
static bool
be_the_spools_user(struct queue *q, const char *option)
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
	log_fault(&q->log, &why);
	caller_say(q->said, QQEXIT_REFUSED, "7.1",
	    option != NULL
		? "smtpserv-queue is set-user-ID, and takes the machine's "
		  "configuration only"
		: "smtpserv-queue cannot be the spool's user, within the "
		  "caller's limits");
	return (false);
}

/* The configuration, and our host's name by it. */
static bool
configure(struct queue *q, struct configured *conf)
{
	return (configured_load(conf, &q->settings) == RES_OK &&
	    configured_host(conf, &q->settings, q->host, sizeof(q->host)) ==
		RES_OK);
}

/* Show the caller's waiting messages. */
static int
list(struct queue *q, const char *option)
{
	struct configured conf = { option, logged_conf, &q->log, "" };
	struct fault why;

	if (!be_the_spools_user(q, option))
		return (QQEXIT_REFUSED);
	if (!configure(q, &conf))
		return (QQEXIT_CONFIG);
	if (waiting_list(q->settings.spool.dir, q->settings.work.queuelife,
		q->caller, &why) == RES_OK)
		return (QQEXIT_ACCEPTED);
	log_fault(&q->log, &why);
	return (QQEXIT_SPOOL);
}

static const char *
variable(const char *name)
{
	return (getenv(name));
}

static int
refuse_fault(struct queue *q, const struct fault *why, int otherwise)
{
	return (refusal_fault(&q->submit.no, why, otherwise));
}

static void
log_accepted(const struct queue *q)
{
	const struct submit *s = &q->submit;
	struct log_line line;

	log_begin(&line, &q->log, "accepted");
	log_number(&line, "number", q->spooled.msg.number);
	log_text(&line, "from", submit_sender(s));
	log_number(&line, "rcpts", s->lines.nrcpt);
	log_number(&line, "size", s->text.size);
	if (messageid_view(&s->id).n > 0)
		log_text(&line, "msgid", messageid_view(&s->id));
	log_end(&line);
}

/* All of it, into the spool, or why not. */
static int
spool_it(struct queue *q)
{
	struct submit *s = &q->submit;
	struct fault why;
	int code;

	if (spooled_open(&q->spooled, &q->settings, s->is_strangers, &why) !=
	    RES_OK)
		return (refuse_fault(q, &why, QQEXIT_SPOOL));
	code = submit_take(s);
	if (code == QQEXIT_ACCEPTED &&
	    spooled_commit(&q->spooled, &why) != RES_OK)
		code = refuse_fault(q, &why, QQEXIT_WRITE);
	return (code);
}

static void
prepare(struct queue *q)
{
	struct submit *s = &q->submit;

	s->settings = &q->settings;
	s->sink = &SPOOLED_SINK;
	s->ctx = &q->spooled;
	s->host = q->host;
	s->message = STDIN_FILENO;
	s->envelope = STDOUT_FILENO;
	s->is_strangers = is_set_user_id();
	s->waiting = &q->waiting;
}

/* The message, by a process that is the spool's user's if we may be that. */
static int
take(struct queue *q, const char *option)
{
	struct configured conf = { option, logged_conf, &q->log, "" };
	struct submit *s = &q->submit;
	char store[64];
	struct buf comment;
	const char *wrong;
	int code;

	if (!configure(q, &conf)) {
		caller_say(q->said, QQEXIT_CONFIG, "3.5",
		    "the configuration cannot be read, or is wrong");
		return (QQEXIT_CONFIG);
	}
	prepare(q);
	wrong = dsn_read(s, variable);
	if (wrong != NULL) {
		logged_conf(&q->log, CONF_ERROR, "environment", 0, wrong,
		    "not of its form");
		caller_say(q->said, QQEXIT_ENVELOPE, "5.4", wrong);
		return (QQEXIT_ENVELOPE);
	}
	buf_init(&comment, store, sizeof(store));
	(void)buf_printf(
	    &comment, "%s, uid %lu", SELF.name, (unsigned long)q->caller);
	s->comment = buf_cstr(&comment);
	if (s->comment == NULL)
		return (QQEXIT_BUG);
	code = spool_it(q);
	if (code == QQEXIT_ACCEPTED) {
		log_accepted(q);
		return (code);
	}
	caller_tell(q->said, &q->log, &s->no, s->is_strangers ? "" : DENIED);
	spooled_abort(&q->spooled);
	return (code);
}

static int
run(struct queue *q, const char *option)
{
	int code = QQEXIT_SPOOL;
	struct fault why;
	pid_t parent;

	program_set_signals(&SIGNALS, &q->waiting);
	if (!is_set_user_id())
		return (take(q, option));
	parent = tether_begin(&q->waiting, &code);
	if (parent < 0) {
		(void)fault_set(&why, "start", "a process", errno);
		log_fault(&q->log, &why);
		caller_say(q->said, QQEXIT_SPOOL, "3.0",
		    "its caller can have no more processes");
	}
	if (parent <= 0)
		return (code);
	if (!be_the_spools_user(q, option))
		return (QQEXIT_REFUSED);
	tether_fasten(parent);
	return (take(q, option));
}

int
main(int argc, char **argv)
{
	/* Not on the stack: it is large. */
	static struct queue queue;
	int code;

	if (program_answers(&SELF, argc, argv, &code))
		return (code);
	if (!program_has_connection())
		return (QQEXIT_READ);
	queue.said =
	    caller_said(getenv("SMTPSERV_ENVELOPE") != NULL ? DSN_FULL_FD : -1);
	queue.caller = getuid();
	/* Where 2 is closed, it goes to syslog, and not into such a file. */
	log_start(&queue.log, SELF.name);
	if (argc >= 2 && strcmp(argv[1], "-l") == 0) {
		if (argc == 2)
			return (list(&queue, NULL));
		if (argc == 4 && strcmp(argv[2], "-f") == 0)
			return (list(&queue, argv[3]));
	} else if (argc == 1) {
		return (run(&queue, NULL));
	} else if (argc == 3 && strcmp(argv[1], "-f") == 0) {
		return (run(&queue, argv[2]));
	}
	return (program_misused(&SELF));
}
