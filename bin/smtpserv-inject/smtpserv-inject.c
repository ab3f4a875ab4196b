/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-inject: sendmail's command line, for local programs.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sysexits.h>
#include <unistd.h>

#include "inject.h"
#include "modes.h"
#include "post.h"

#define PROGRAM "smtpserv-inject"
#define USAGE                                                                  \
	"usage: " PROGRAM " [-it] [-C file] [-F name] [-f sender] [-b mode] "  \
	"[-N notify] [-o option] [-R return] [-V envid] [recipient ...]\n"

/* Not on the stack: it is large. */
static struct inject inject;

static void
print_problem(void *ctx, enum conf_weight weight, const char *file,
    unsigned int line, const char *key, const char *text)
{
	(void)ctx;
	if (weight == CONF_ERROR)
		inject_say("%s:%u: %s%s%s", file, line, key,
		    key[0] == '\0' ? "" : ": ", text);
}

static int
configure(struct inject *in)
{
	char path[CONF_VALUE_MAX];
	struct utsname machine;
	struct fault why;
	struct buf host;

	buf_init(&host, in->host, sizeof(in->host));
	if (uname(&machine) != 0)
		machine.nodename[0] = '\0';
	if (!conf_path(path, sizeof(path), in->options.conf,
		getenv("WATTCP.CFG"), getenv("WATTCP_CFG"))) {
		inject_say("file name too long");
		return (EX_USAGE);
	}
	if (conf_load(path, &in->settings, print_problem, NULL) != RES_OK)
		return (EX_CONFIG);
	if (!settings_host(&in->settings, machine.nodename, &host) ||
	    buf_cstr(&host) == NULL) {
		inject_say("%s: hostname.domain is not a domain name", path);
		return (EX_CONFIG);
	}
	if (site_find(&in->site, path, &why) != RES_OK) {
		/* It says so; the code is another. */
		(void)inject_failed(&why);
		return (EX_OSFILE);
	}
	return (EX_OK);
}

/* Beside the session: PREFIX/libexec. */
static bool
put_queue(struct inject *in)
{
	struct bytes session = bytes_of(in->site.session);
	struct buf b;

	while (session.n > 0 && session.p[session.n - 1] != '/')
		session.n--;
	buf_init(&b, in->queue, sizeof(in->queue));
	(void)buf_put(&b, session);
	(void)buf_puts(&b, "smtpserv-queue");
	return (buf_cstr(&b) != NULL);
}

/* What else there is to know before anything is done. */
static int
prepare(struct inject *in)
{
	int code = configure(in);

	if (code != EX_OK)
		return (code);
	if (!put_queue(in))
		return (EX_OSFILE);
	/* It would not take what it is not sure of. */
	if (in->options.conf != NULL && getuid() != 0 &&
	    modes_is_privileged(in)) {
		inject_say("-C does nothing here: %s is set-user-ID, and takes "
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
		inject_say("%s", in->options.absent);
		return (EX_USAGE);
	}
	code = prepare(in);
	if (code != EX_OK)
		return (code);
	if (mode == OPTIONS_SERVE)
		return (modes_serve(in));
	return (mode == OPTIONS_LIST ? modes_list(in) : post_mail(in));
}

int
main(int argc, char **argv)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction usual = { .sa_handler = SIG_DFL };

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return (fputs(USAGE, stdout) < 0 ? EX_IOERR : EX_OK);
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return (
		    puts(PROGRAM " " SMTPSERV_VERSION) < 0 ? EX_IOERR : EX_OK);
	/* A program that is gone says why by its exit code.  Neither fails. */
	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigaction(SIGCHLD, &usual, NULL);
	if (argc < 1 || !options_read(argc, argv, &inject.options)) {
		if (inject.options.wrong != NULL)
			inject_say("%s", inject.options.wrong);
		else
			(void)fputs(USAGE, stderr);
		return (EX_USAGE);
	}
	return (run(&inject));
}
