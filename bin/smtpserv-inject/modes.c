/* SPDX-License-Identifier: ISC */
#include "modes.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "qmail/qqexit.h"

static char option_f[] = "-f";

bool
modes_is_privileged(const struct inject *in)
{
	struct stat st;

	return (stat(in->queue, &st) == 0 && (st.st_mode & S_ISUID) != 0 &&
	    st.st_uid != geteuid());
}

/* As smtp.queue has it: words, with blanks between. */
static bool
put_queue(const struct inject *in, char *command)
{
	struct buf b;
	size_t at;

	buf_init(&b, command, CONF_VALUE_MAX);
	(void)buf_puts(&b, in->queue);
	if (in->options.conf != NULL) {
		(void)buf_puts(&b, " -f ");
		(void)buf_puts(&b, in->site.conf);
	}
	return (buf_cstr(&b) != NULL &&
	    !bytes_find(bytes_of(in->queue), ' ', &at) &&
	    !bytes_find(bytes_of(in->site.conf), ' ', &at));
}

/* Variables of another client than our caller: a web server's, say. */
static void
forget_client(void)
{
	static const char *const names[] = { "PROTO", "TCPREMOTEIP",
		"TCPREMOTEPORT", "TCPREMOTEHOST", "TCPREMOTEINFO", "TCPLOCALIP",
		"TCPLOCALPORT", "TCPLOCALHOST", "REMOTE_ADDR", "REMOTE_HOST",
		"REMOTE_PORT", "DATABYTES", "QMAILQUEUE", "UCSPITLS",
		"SMTPSERV_NOTIFY", "SMTPSERV_RET", "SMTPSERV_ENVID",
		"SMTPSERV_ENVELOPE" };
	size_t i;

	/* This fails only for names that cannot be a variable's. */
	for (i = 0; i < ARRAY_LEN(names); i++)
		(void)unsetenv(names[i]);
}

int
modes_serve(struct inject *in)
{
	static char option_q[] = "-q";
	char command[CONF_VALUE_MAX];
	char *argv[] = { in->site.session, option_f, in->site.conf, option_q,
		command, NULL };

	if (!put_queue(in, command)) {
		problem_say(&INJECT_SELF,
		    "a path is too long, or has a blank: %s -f %s", in->queue,
		    in->site.conf);
		return (EX_CONFIG);
	}
	forget_client();
	if (setenv("RELAYCLIENT", "", 1) != 0)
		return (EX_OSERR);
	/* Its log is not for sendmail's caller: closed, it goes to syslog. */
	(void)fcntl(STDERR_FILENO, F_SETFD, FD_CLOEXEC);
	(void)execv(argv[0], argv);
	problem_say(
	    &INJECT_SELF, "unable to run %s: %s", argv[0], strerror(errno));
	return (EX_OSFILE);
}

/* Its exit code; QQEXIT_CRASHED if it had none. */
static int
run(char *const *argv)
{
	int status = 0;
	pid_t pid;
	int err = posix_spawn(&pid, argv[0], NULL, NULL, argv, environ);

	if (err != 0) {
		problem_say(&INJECT_SELF, "unable to run %s: %s", argv[0],
		    strerror(err));
		return (QQEXIT_CRASHED);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return (WIFEXITED(status) ? WEXITSTATUS(status) : QQEXIT_CRASHED);
}

static int
list_all(struct inject *in)
{
	static char list[] = "list";
	char path[SITE_PATH_MAX];
	char *argv[] = { path, option_f, in->site.conf, list, NULL };
	struct fault why;
	int code;

	if (program_find(path, sizeof(path), 2, "/bin/smtpserv-spool", &why) !=
	    RES_OK) {
		/* It tells the fault; our code is another one. */
		(void)problem_fault(&INJECT_SELF, &why);
		return (EX_OSFILE);
	}
	code = run(argv);
	return (code == XC_OK     ? EX_OK
		: code == XC_PERM ? EX_CONFIG
				  : EX_TEMPFAIL);
}

static int
list_own(struct inject *in)
{
	static char option_l[] = "-l";
	char *argv[] = { in->queue, option_l, option_f, in->site.conf, NULL };
	int code;

	if (in->options.conf == NULL)
		argv[2] = NULL;
	code = run(argv);
	return (code == QQEXIT_ACCEPTED ? EX_OK
		: code == QQEXIT_CONFIG ? EX_CONFIG
					: EX_TEMPFAIL);
}

int
modes_verify(struct inject *in)
{
	static char whose[] = "whose";
	char path[SITE_PATH_MAX];
	char *argv[] = { path, option_f, in->site.conf, whose, NULL, NULL };
	struct fault why;
	int worst = EX_OK;
	int i;

	if (program_find(path, sizeof(path), 2, "/bin/smtpserv-conf", &why) !=
	    RES_OK) {
		/* As above. */
		(void)problem_fault(&INJECT_SELF, &why);
		return (EX_OSFILE);
	}
	for (i = 0; i < in->options.nrecipients; i++) {
		int code;

		argv[4] = in->options.recipients[i];
		code = run(argv);
		if (code == XC_TEMP || code == QQEXIT_CRASHED)
			worst = EX_TEMPFAIL;
		else if (code != XC_OK && worst == EX_OK)
			worst = EX_NOUSER;
	}
	return (worst);
}

int
modes_list(struct inject *in)
{
	if (eaccess(in->settings.spool.dir, R_OK | X_OK) == 0 ||
	    errno != EACCES)
		return (list_all(in));
	if (modes_is_privileged(in))
		return (list_own(in));
	problem_say(&INJECT_SELF,
	    "%s is not yours to read, and smtpserv-queue is not "
	    "set-user-ID to its user",
	    in->settings.spool.dir);
	return (EX_NOPERM);
}
