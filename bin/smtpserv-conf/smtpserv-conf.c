/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-conf: what the configuration says, is worth, and means to a
 * super-server.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "check.h"
#include "deliver.h"
#include "eyes.h"
#include "service/service.h"
#include "service/site.h"
#include "whose.h"

#define PROGRAM  "smtpserv-conf"
#define SYNOPSIS PROGRAM " [-f file] command ..."

/* What a command works on. */
struct task {
	const char *path; /* the configuration */
	int argc;
	char **argv; /* argv[0] is the command */
};

/* Where problems go, and whether there was one that counts. */
struct problems {
	FILE *to;
	bool with_notes;
	bool has_error;
};

/* Not on the stack: it is large. */
static struct settings settings;

static void
print_usage(FILE *to)
{
	(void)fprintf(to,
	    "usage: " SYNOPSIS "\n"
	    "commands:\n"
	    "\tcheck [-u user]\n"
	    "\tget key\n"
	    "\tlist\n"
	    "\twhose mailbox\n"
	    "\tservice [-r role] [-u user] xinetd | s6 | tcpserver | systemd | "
	    "inetd\n");
}

static int
misused(void)
{
	print_usage(stderr);
	return (XC_PERM);
}

static void
print_problem(void *ctx, enum conf_weight weight, const char *file,
    unsigned int line, const char *key, const char *text)
{
	struct problems *p = ctx;

	if (weight == CONF_ERROR)
		p->has_error = true;
	else if (!p->with_notes)
		return;
	(void)fprintf(p->to, "%s:", file);
	if (line > 0)
		(void)fprintf(p->to, "%u:", line);
	(void)fprintf(p->to, " %s%s%s%s\n", weight == CONF_NOTE ? "note: " : "",
	    key, key[0] == '\0' ? "" : ": ", text);
}

/* For the commands that need a good configuration: notes are for `check`. */
static enum result
load(const struct task *t)
{
	struct problems p = { .to = stderr };

	return (conf_load(t->path, &settings, print_problem, &p));
}

/* Who we are, "" if that is a problem. */
static const char *
check_host(const struct task *t, struct problems *p, struct buf *host)
{
	struct utsname machine;

	if (uname(&machine) != 0)
		machine.nodename[0] = '\0';
	if (settings_host(&settings, machine.nodename, host) &&
	    buf_cstr(host) != NULL)
		return (buf_cstr(host));
	print_problem(p, CONF_ERROR, t->path, 0, "hostname",
	    "hostname.domain is not a domain name");
	return ("");
}

/* What `check` looks at as somebody else. */
struct looking {
	const struct task *task;
	struct problems *problems;
	const struct eyes *eyes;
	enum result loaded;
};

static int
look(void *ctx)
{
	const struct looking *l = ctx;
	char store[sizeof(settings.hostname) + sizeof(settings.domain)];
	struct check c = { l->task->path, &settings, l->eyes, print_problem,
		l->problems };
	struct buf host;

	buf_init(&host, store, sizeof(store));
	if (l->loaded == RES_OK) {
		check_conf(&c);
		check_spool(&c);
		check_programs(&c);
	}
	deliver_check(&settings, l->task->path,
	    check_host(l->task, l->problems, &host), l->eyes->are_theirs,
	    print_problem, l->problems);
	return (l->problems->has_error ? XC_FOUND : XC_OK);
}

static int
check(const struct task *t)
{
	struct problems p = { .to = stdout, .with_notes = true };
	struct eyes eyes;
	struct looking l = { t, &p, &eyes, RES_OK };
	struct check c = { t->path, &settings, &eyes, print_problem, &p };
	const char *user = NULL;
	struct fault why;
	int opt;
	int code;

	optind = 1;
	while ((opt = getopt(t->argc, t->argv, "+u:")) != -1) {
		if (opt != 'u')
			return (misused());
		user = optarg;
	}
	if (optind != t->argc)
		return (misused());
	l.loaded = conf_load(t->path, &settings, print_problem, &p);
	if (l.loaded == RES_TEMP)
		return (XC_TEMP);
	if (eyes_open(&eyes, &settings, user, &why) != RES_OK) {
		(void)fprintf(stderr, PROGRAM ": unable to %s %s: %s\n", why.op,
		    why.name, strerror(why.err));
		return (exit_code_of(fault_class(&why)));
	}
	if (l.loaded == RES_OK)
		check_tls(&c);
	code = eyes_look(&eyes, look, &l);
	return (code == XC_OK && p.has_error ? XC_FOUND : code);
}

static const char *
value_of(const struct key *key, struct buf *value)
{
	buf_reset(value);
	key_get(key, &settings, value);
	return (buf_cstr(value));
}

static int
get(const struct task *t)
{
	char store[CONF_VALUE_MAX + 1];
	struct buf value;
	const struct key *key;
	enum result r;

	if (t->argc != 2)
		return (misused());
	key = key_named(t->argv[1]);
	if (key == NULL || key->type == KEY_STACK) {
		(void)fprintf(stderr, PROGRAM ": %s: %s\n", t->argv[1],
		    key == NULL ? "no such key" : key->meaning);
		return (XC_PERM);
	}
	r = load(t);
	if (r != RES_OK)
		return (exit_code_of(r));
	buf_init(&value, store, sizeof(store));
	(void)printf("%s\n", value_of(key, &value));
	return (XC_OK);
}

static int
list(const struct task *t)
{
	char store[CONF_VALUE_MAX + 1];
	struct buf value;
	size_t i;
	enum result r = load(t);

	if (r != RES_OK)
		return (exit_code_of(r));
	buf_init(&value, store, sizeof(store));
	for (i = 0; i < KEYS_COUNT; i++) {
		const char *text;
		const char *quote;

		if (KEYS[i].type == KEY_STACK)
			continue;
		text = value_of(&KEYS[i], &value);
		quote = strpbrk(text, " \t=#;") != NULL ? "\"" : "";
		/* An empty value would not load: it means that none is set. */
		(void)printf("%s%s = %s%s%s\n", text[0] == '\0' ? "# " : "",
		    KEYS[i].name, quote, text, quote);
	}
	return (XC_OK);
}

static int
ask_whose(const struct task *t)
{
	char store[sizeof(settings.hostname) + sizeof(settings.domain)];
	struct problems p = { .to = stderr };
	struct buf host;
	enum result r;

	if (t->argc != 2)
		return (misused());
	r = load(t);
	if (r != RES_OK)
		return (exit_code_of(r));
	buf_init(&host, store, sizeof(store));
	return (whose(&settings, check_host(t, &p, &host), t->argv[1]));
}

static int
print_service(const struct task *t, service_print_fn *print, const char *user,
    enum service_role role)
{
	static char text[SERVICE_TEXT_MAX];
	static struct site site;
	static struct service_listen listen;
	struct service s = { &settings, &listen, site.conf, site.session, NULL,
		user, SERVICE_SYSLOG, role, site.tls, site.proxy };
	struct fault why;
	struct buf out;
	const char *wrong;
	enum result r = site_find(&site, t->path, &why);

	if (r != RES_OK) {
		(void)fprintf(stderr, PROGRAM ": unable to %s %s: %s\n", why.op,
		    why.name, strerror(why.err));
		return (exit_code_of(r));
	}
	if (site.busy[0] != '\0')
		s.busy = site.busy;
	service_get_listen(&settings, role, &listen);
	buf_init(&out, text, sizeof(text));
	wrong = print(&s, &out);
	if (wrong == NULL && buf_cstr(&out) == NULL)
		wrong = "the entry would be too long";
	if (wrong != NULL) {
		(void)fprintf(stderr, PROGRAM ": no such entry: %s\n", wrong);
		return (XC_PERM);
	}
	(void)fputs(text, stdout);
	return (XC_OK);
}

static int
service(const struct task *t)
{
	const char *user = SERVICE_USER;
	service_print_fn *print = NULL;
	enum service_role role = SERVICE_SMTP;
	enum result r;
	int opt;

	optind = 1;
	while ((opt = getopt(t->argc, t->argv, "+r:u:")) != -1) {
		if (opt == 'u' && service_is_user(optarg))
			user = optarg;
		else if (opt != 'r' || !service_role_named(optarg, &role))
			return (misused());
	}
	if (t->argc - optind == 1)
		print = service_named(t->argv[optind]);
	if (print == NULL)
		return (misused());
	r = load(t);
	return (r == RES_OK ? print_service(t, print, user, role)
			    : exit_code_of(r));
}

static int
obey(const struct task *t)
{
	if (strcmp(t->argv[0], "check") == 0)
		return (check(t));
	if (strcmp(t->argv[0], "get") == 0)
		return (get(t));
	if (strcmp(t->argv[0], "list") == 0 && t->argc == 1)
		return (list(t));
	if (strcmp(t->argv[0], "whose") == 0)
		return (ask_whose(t));
	if (strcmp(t->argv[0], "service") == 0)
		return (service(t));
	return (misused());
}

int
main(int argc, char **argv)
{
	char path[CONF_VALUE_MAX];
	struct task t = { path, 0, NULL };
	const char *file = NULL;
	int code;
	int opt;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		print_usage(stdout);
		return (XC_OK);
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return (
		    puts(PROGRAM " " SMTPSERV_VERSION) < 0 ? XC_TEMP : XC_OK);
	while ((opt = getopt(argc, argv, "+f:")) != -1) {
		if (opt != 'f')
			return (misused());
		file = optarg;
	}
	t.argc = argc - optind;
	t.argv = argv + optind;
	if (t.argc == 0)
		return (misused());
	if (!conf_path(path, sizeof(path), file, getenv("WATTCP.CFG"),
		getenv("WATTCP_CFG"))) {
		(void)fprintf(stderr, PROGRAM ": file name too long\n");
		return (XC_PERM);
	}
	code = obey(&t);
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		(void)fprintf(
		    stderr, PROGRAM ": unable to write: %s\n", strerror(errno));
		return (XC_TEMP);
	}
	return (code);
}
