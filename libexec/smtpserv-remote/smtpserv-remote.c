/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-remote: bring mail to another host.
 *
 * Two processes.  This one reads the command line and the settings, and goes on
 * as the dialer (dialer.c), which reaches hosts and never reads a byte of them.
 * Its child, the talker (talker.c), speaks with them and has nothing to lose:
 * it is in a sandbox before the first byte comes.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/remote.h"
#include "dialer.h"
#include "order.h"
#include "program/configured.h"
#include "program/logged.h"
#include "program/problem.h"
#include "sys/sysio.h"

enum {
	HOST_SIZE = 256, /* octets of our name */
	WHY_SIZE = 1024
};

/* A report that says no more than a letter, Z or D, and why. */
static void
single_say(char letter, const char *status, const char *words)
{
	char store[WHY_SIZE + 64];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	(void)buf_printf(&out, "%c%s (#%s)\n", letter, words, status);
	(void)buf_putc(&out, '\0');
	/* A reader that sees no end takes it for Z. */
	(void)sysio_write_file(STDOUT_FILENO, buf_view(&out));
}

static const struct program SELF = { "smtpserv-remote",
	"[-f file] host sender recipient ...\n"
	"       smtpserv-remote -n [-f file] host\n"
	"       smtpserv-remote --feed [-f file] [--requiretls | --tlsno] hop",
	NULL };

/* A peer that is gone is an error of send(2). */
static const struct program_signals SIGNALS = {
	.ignored = { SIGPIPE, SIGXFSZ },
	.usual = { SIGCHLD, SIGTERM, SIGINT, SIGHUP },
};

struct rooms {
	int code; /* to end with */
	struct order order;
	struct configured configured;
	struct settings settings;
	char name[HOST_SIZE];
	struct dialer dialer;
	struct log log;
	/* The first thing that is wrong with the settings. */
	struct buf why;
	char why_store[WHY_SIZE];
};

/* Not on the stack: it is large, and touched only as far as it is used. */
static struct rooms rooms;

/*
 * A mistake that is not about mail that leaves is somebody else's business, and
 * so is a spool that is not named.
 */
static bool
is_ours(const struct rooms *r, unsigned int line, const char *key)
{
	if (key[0] == '\0')
		return (line > 0 || r->order.config != NULL ||
		    access(r->configured.path, F_OK) == 0 || errno != ENOENT);
	return (strncmp(key, REMOTE_PREFIX, strlen(REMOTE_PREFIX)) == 0 ||
	    strcmp(key, "hostname") == 0 || strcmp(key, "domain") == 0);
}

/* A conf_report_fn. */
static void
take_mistake(void *ctx, enum conf_weight weight, const char *file,
    unsigned int line, const char *key, const char *text)
{
	struct rooms *r = ctx;

	if (weight == CONF_NOTE || !is_ours(r, line, key) ||
	    buf_view(&r->why).n > 0)
		return;
	problem_put_conf(&r->why, weight, file, line, key, text);
}

/* Each kind of start has its own way to say why nothing was done; false. */
static bool
refuse(struct rooms *r, char letter, const char *status, const char *why)
{
	struct log_line line;

	r->code = letter == 'D' ? XC_PERM : XC_TEMP;
	if (why == NULL)
		why = "settings that are wrong, and too long to be told";
	if (r->order.kind == ORDER_SEND) {
		single_say(letter, status, why);
		r->code = XC_OK;
	} else if (r->order.kind == ORDER_TRY) {
		problem_say(&SELF, "%s", why);
	} else {
		log_begin(&line, &r->log, "refused");
		log_text(&line, "why", bytes_of(why));
		log_end(&line);
	}
	return (false);
}

static bool
load(struct rooms *r)
{
	buf_init(&r->why, r->why_store, sizeof(r->why_store));
	r->configured = (struct configured){
		.option = r->order.config, .report = take_mistake, .ctx = r
	};
	/* A mistake in what is not for us does not matter. */
	if (configured_load_more(&r->configured, &r->settings, &REMOTE_KEYS) !=
		RES_OK &&
	    buf_view(&r->why).n > 0)
		return (refuse(r, 'Z', "4.3.5", buf_cstr(&r->why)));
	if (configured_host(&r->configured, &r->settings, r->name,
		sizeof(r->name)) != RES_OK)
		return (refuse(r, 'Z', "4.3.5", buf_cstr(&r->why)));
	return (true);
}

static bool
find_host(struct rooms *r)
{
	struct dialer *d = &r->dialer;

	if (!relay_parse(bytes_of(r->order.argv[0]), &d->finder.to))
		return (refuse(r, 'D', "5.1.2", "this is not a host"));
	d->remote = &r->settings.remote;
	d->finder.config = r->order.config;
	d->finder.port = d->finder.to.port;
	if (d->finder.port == 0)
		d->finder.port = (uint16_t)r->settings.remote.port;
	d->is_requiretls = r->order.is_requiretls;
	d->is_tlsno = r->order.is_tlsno;
	return (true);
}

/*
 * qmail-rspawn gives its programs the report's pipe as descriptor 2, too.  What
 * is logged must not get in there.
 */
static void
set_log(struct rooms *r)
{
	struct stat out;
	struct stat err;

	if (r->order.kind == ORDER_SEND && fstat(STDOUT_FILENO, &out) == 0 &&
	    fstat(STDERR_FILENO, &err) == 0 && !S_ISCHR(out.st_mode) &&
	    out.st_dev == err.st_dev && out.st_ino == err.st_ino)
		(void)close(STDERR_FILENO);
	log_start(&r->log, SELF.name);
}

static bool
run(struct rooms *r)
{
	if (!load(r) || !find_host(r))
		return (false);
	return (refuse(r, 'Z', "4.3.0", "this program cannot send yet"));
}

/* What is missing is not in the message, but in who starts us. */
static int
misuse(const struct rooms *r)
{
	if (r->order.kind != ORDER_SEND)
		return (program_misused(&SELF));
	single_say('D', "5.3.5", "smtpserv-remote was started wrongly");
	return (XC_OK);
}

int
main(int argc, char **argv)
{
	struct rooms *r = &rooms;
	int code;

	if (program_answers(&SELF, argc, argv, &code))
		return (code);
	/* qmail-rspawn takes this for a trouble that passes. */
	if (!program_has_connection())
		return (XC_TEMP);
	if (!order_parse(argc, argv, &r->order))
		return (misuse(r));
	set_log(r);
	/* A password may be in here: no core, and no looking in. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	program_set_signals(&SIGNALS, NULL);
	/* Where it went wrong, it is said why. */
	(void)run(r);
	return (r->code);
}
