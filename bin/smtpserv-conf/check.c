/* SPDX-License-Identifier: ISC */
#include "check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ask.h"
#include "service/site.h"

enum {
	TEXT_MAX = 512
};

void
check_tell(const struct check *c, enum conf_weight weight, const char *key,
    const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	c->report(c->ctx, weight, c->conf, 0, key, text);
}

enum conf_weight
check_weight(const struct check *c, int err)
{
	return (err == EACCES && !c->eyes->are_theirs ? CONF_NOTE : CONF_ERROR);
}

const char *
check_name(const struct check *c)
{
	return (c->eyes->are_theirs ? c->eyes->user.name : "you");
}

void
check_conf(const struct check *c)
{
	if (access(c->conf, R_OK) != 0)
		check_tell(c, check_weight(c, errno), "",
		    "cannot be read by %s: %s: sessions will answer 421",
		    check_name(c), strerror(errno));
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
		check_tell(c, check_weight(c, err), "smtp.subdir",
		    "%s %s by %s: %s: mail will be answered 451", path, what,
		    check_name(c), strerror(err));
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
		check_tell(c, check_weight(c, errno), "smtp.subdir",
		    "%s: mail will be answered 451",
		    errno == ENOENT ? "no such directory" : strerror(errno));
	} else if (!S_ISDIR(st.st_mode)) {
		check_tell(c, CONF_ERROR, "smtp.subdir",
		    "not a directory: mail will be answered 451");
	} else if (is_open(c, subdir, R_OK | W_OK | X_OK,
		       "cannot be read and written")) {
		(void)snprintf(
		    counter, sizeof(counter), "%s/sequence.seq", subdir);
		(void)is_open(
		    c, counter, R_OK | W_OK, "cannot be read and written");
	}
}

void
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
	check_tell(c, check_weight(c, err), key,
	    "no program that can be run by %s: %s", check_name(c), otherwise);
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
		check_tell(c, CONF_NOTE, "smtp.queue",
		    "without smtp.deliver every recipient is accepted, from "
		    "everybody: an open relay, if its program sends to others");
	if (s->session.auth[0] != '\0' && s->session.auth_plaintext != 0)
		check_tell(c, CONF_NOTE, "smtp.auth.plaintext",
		    "without TLS everybody on the way can read the passwords");
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
	    ask_program(
		(const char *const[]){ site.tls, "-n", "-f", site.conf, NULL },
		STDERR_FILENO, log, sizeof(log)) == 0)
		return;
	/* To cut a value ends the line there: `file`, the first, comes last. */
	reason = ask_field(log, " why=");
	file = ask_field(log, " file=");
	if (reason == NULL) {
		check_tell(c, CONF_ERROR, "smtp.tls.cert",
		    "cannot be tried: smtpserv-tls -n does not run: STARTTLS "
		    "will be answered 454");
		return;
	}
	check_tell(c,
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
