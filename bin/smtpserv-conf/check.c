/* SPDX-License-Identifier: ISC */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "service/site.h"
#include "sys/sysio.h"

enum {
	TEXT_MAX = 512
};

static void tell(const struct check *c, enum conf_weight weight,
    const char *key, const char *fmt, ...) PRINTF_LIKE(4, 5);

static void
tell(const struct check *c, enum conf_weight weight, const char *key,
    const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	c->report(c->ctx, weight, c->conf, 0, key, text);
}

/* A lack of permission is an error only if these are the sessions' eyes. */
static enum conf_weight
weight_of(const struct check *c, int err)
{
	return (err == EACCES && !c->eyes->are_theirs ? CONF_NOTE : CONF_ERROR);
}

static const char *
name_of(const struct check *c)
{
	return (c->eyes->are_theirs ? c->eyes->user.name : "you");
}

void
check_conf(const struct check *c)
{
	if (access(c->conf, R_OK) != 0)
		tell(c, weight_of(c, errno), "",
		    "cannot be read by %s: %s: sessions will answer 421",
		    name_of(c), strerror(errno));
}

/* False, and the problem told, if the path cannot be read and written. */
static bool
is_open(const struct check *c, const char *path, int how, const char *what)
{
	int err;

	if (access(path, how) == 0)
		return (true);
	err = errno;
	if (err != ENOENT)
		tell(c, weight_of(c, err), "smtp.subdir",
		    "%s %s by %s: %s: mail will be answered 451", path, what,
		    name_of(c), strerror(err));
	return (false);
}

void
check_spool(const struct check *c)
{
	const char *subdir = c->settings->spool.dir;
	char counter[CONF_VALUE_MAX + 16];
	struct stat st;

	/* A queue needs no spool. */
	if (c->settings->session.queue[0] != '\0')
		return;
	if (stat(subdir, &st) != 0) {
		tell(c, weight_of(c, errno), "smtp.subdir",
		    "%s: mail will be answered 451",
		    errno == ENOENT ? "no such directory" : strerror(errno));
	} else if (!S_ISDIR(st.st_mode)) {
		tell(c, CONF_ERROR, "smtp.subdir",
		    "not a directory: mail will be answered 451");
	} else if (is_open(c, subdir, R_OK | W_OK | X_OK,
		       "cannot be read and written")) {
		(void)snprintf(
		    counter, sizeof(counter), "%s/sequence.seq", subdir);
		(void)is_open(
		    c, counter, R_OK | W_OK, "cannot be read and written");
	}
}

/* A program that sessions run: its first word. */
static void
check_program(const struct check *c, const char *key, const char *command,
    const char *otherwise)
{
	char path[CONF_VALUE_MAX];
	size_t n = strcspn(command, " \t");
	int err;

	if (n == 0)
		return;
	memcpy(path, command, n);
	path[n] = '\0';
	if (access(path, X_OK) == 0)
		return;
	err = errno;
	tell(c, weight_of(c, err), key, "no program that can be run by %s: %s",
	    name_of(c), otherwise);
}

void
check_programs(const struct check *c)
{
	const struct settings *s = c->settings;

	check_program(
	    c, "smtp.queue", s->session.queue, "mail will be answered 451");
	check_program(
	    c, "smtp.auth", s->session.auth, "AUTH will be answered 454");
	/* qmail-queue checks no recipients, so the session must. */
	if (s->session.queue[0] != '\0' && s->who.deliver[0] == '\0')
		tell(c, CONF_NOTE, "smtp.queue",
		    "without smtp.deliver every recipient is accepted, from "
		    "everybody: an open relay, if its program sends to others");
	if (s->session.auth[0] != '\0' && s->session.auth_plaintext != 0)
		tell(c, CONF_NOTE, "smtp.auth.plaintext",
		    "without TLS everybody on the way can read the passwords");
}

/* The child: its log goes into the pipe. */
static void
run_tls(const struct site *site, int to)
{
	if (dup2(to, STDERR_FILENO) >= 0)
		(void)execl(
		    site->tls, site->tls, "-n", "-f", site->conf, (char *)NULL);
	_exit(XC_TEMP);
}

/* Ask the program that speaks TLS: 0 if it can use certificate and key. */
static int
try_key(const struct site *site, char *log, size_t cap)
{
	int status = 0;
	int ends[2];
	size_t n = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return (XC_TEMP);
	pid = fork();
	if (pid == 0)
		run_tls(site, ends[1]);
	(void)close(ends[1]);
	/* A log that is too long is cut, and its writer is not held up. */
	(void)sysio_read_file(ends[0], log, cap - 1, &n);
	log[n] = '\0';
	(void)close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return (XC_TEMP);
	return (pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : XC_TEMP);
}

/* The value of a field of the last line of logfmt, cut out in place. */
static const char *
field_of(char *line, const char *name)
{
	char *at = strstr(line, name);

	if (at == NULL)
		return (NULL);
	at += strlen(name);
	if (*at == '"')
		at[1 + strcspn(at + 1, "\"\n")] = '\0';
	else
		at[strcspn(at, " \n")] = '\0';
	return (*at == '"' ? at + 1 : at);
}

void
check_tls(const struct check *c)
{
	static struct site site;
	char log[2048];
	struct fault why;
	const char *reason;
	const char *file;

	if (c->settings->tls.cert[0] == '\0')
		return;
	if (site_find(&site, c->conf, &why) == RES_OK &&
	    try_key(&site, log, sizeof(log)) == 0)
		return;
	/* To cut a value ends the line there: `file`, the first, comes last. */
	reason = field_of(log, " why=");
	file = field_of(log, " file=");
	if (reason == NULL) {
		tell(c, CONF_ERROR, "smtp.tls.cert",
		    "cannot be tried: smtpserv-tls -n does not run: STARTTLS "
		    "will be answered 454");
		return;
	}
	tell(c,
	    !c->eyes->are_theirs && strstr(reason, strerror(EACCES)) != NULL
		? CONF_NOTE
		: CONF_ERROR,
	    file != NULL && c->settings->tls.key[0] != '\0' &&
		    strcmp(file, c->settings->tls.key) == 0
		? "smtp.tls.key"
		: "smtp.tls.cert",
	    "%s%s", reason,
	    strncmp(reason, "expired", 7) == 0
		? ""
		: ": STARTTLS will be answered 454");
}
