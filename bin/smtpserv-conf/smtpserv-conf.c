/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-conf: what the configuration says, what is wrong with it, and what
 * it means to a super-server.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "conf/amqp.h"
#include "conf/pull.h"
#include "conf/remote.h"
#include "deliver.h"
#include "entry.h"
#include "eyes.h"
#include "leave.h"
#include "make.h"
#include "program/configured.h"
#include "program/problem.h"
#include "publish.h"
#include "service/service.h"
#include "service/site.h"
#include "whose.h"

static const struct program SELF = { "smtpserv-conf", "[-f file] command ...",
	"commands:\n"
	"\tcheck [-u user]\n"
	"\tget key\n"
	"\tlist\n"
	"\twhose mailbox\n"
	"\ttable text [table]\n"
	"\tservice [-d dir] [-r role] [-u user] xinetd | s6 | tcpserver "
	"| systemd | inetd\n" };

/* `check' runs children, and their exit codes are the answers. */
static const struct program_signals SIGNALS = { .usual = { SIGCHLD } };

enum {
	HOST_SIZE = 512 /* hostname and domain */
};

/* What a command works on. */
struct task {
	struct configured conf;
	int argc;
	char **argv; /* argv[0] is the command */
};

/* Not on the stack: it is large. */
static struct settings settings;

static int
misused(void)
{
	return (program_misused(&SELF));
}

/* For `check`: tell errors and notes on stdout.  ctx: was there an error? */
static void
print_problem(void *ctx, enum conf_weight weight, const char *file,
    unsigned int line, const char *key, const char *text)
{
	char store[3 * CONF_VALUE_MAX];
	bool *has_error = ctx;
	struct buf b;
	const char *told;

	if (weight == CONF_ERROR)
		*has_error = true;
	buf_init(&b, store, sizeof(store));
	problem_put_conf(&b, weight, file, line, key, text);
	told = buf_cstr(&b);
	(void)printf("%s\n", told == NULL ? text : told);
}

/* Of every program. */
static const struct keyset *
all_keys(void)
{
	static struct keyset sets[3];

	sets[0] = REMOTE_KEYS;
	sets[0].next = &sets[1];
	sets[1] = AMQP_KEYS;
	sets[1].next = &sets[2];
	sets[2] = PULL_KEYS;
	return (sets);
}

/* For commands that need a good configuration; only `check` tells notes. */
static enum result
load(struct task *t)
{
	return (configured_load_more(&t->conf, &settings, all_keys()));
}

/* Our host name, "" if that is a problem. */
static const char *
find_host(const struct task *t, char host[HOST_SIZE])
{
	return (configured_host(&t->conf, &settings, host, HOST_SIZE) == RES_OK
		? host
		: "");
}

/* What `check` looks at as somebody else. */
struct looking {
	const struct task *task;
	bool *has_error;
	const struct eyes *eyes;
	enum result loaded;
};

static int
look(void *ctx)
{
	const struct looking *l = ctx;
	char host[HOST_SIZE];
	const char *name;
	struct check c = { l->task->conf.path, &settings, l->eyes,
		print_problem, l->has_error };

	if (l->loaded == RES_OK) {
		check_conf(&c);
		check_spool(&c);
		check_programs(&c);
	}
	name = find_host(l->task, host);
	deliver_check(&settings, l->task->conf.path, name, l->eyes->are_theirs,
	    print_problem, l->has_error);
	if (l->loaded == RES_OK)
		leave_check(&c, name);
	deliver_check_route(
	    &settings, l->task->conf.path, print_problem, l->has_error);
	deliver_check_waiting(&settings, l->task->conf.path, name, CONF_ERROR,
	    print_problem, l->has_error);
	return (*l->has_error ? XC_FOUND : XC_OK);
}

static int
check(struct task *t)
{
	bool has_error = false;
	struct eyes eyes;
	struct looking l = { t, &has_error, &eyes, RES_OK };
	struct check c = { t->conf.path, &settings, &eyes, print_problem,
		&has_error };
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
	t->conf.report = print_problem;
	t->conf.ctx = &has_error;
	l.loaded = load(t);
	if (l.loaded == RES_TEMP)
		return (XC_TEMP);
	if (eyes_open(&eyes, &settings, user, &why) != RES_OK)
		return (problem_fault(&SELF, &why));
	if (l.loaded == RES_OK) {
		check_tls(&c);
		publish_check(&c);
	}
	code = eyes_look(&SELF, &eyes, look, &l);
	return (code == XC_OK && has_error ? XC_FOUND : code);
}

static int
make(struct task *t)
{
	char host[HOST_SIZE];
	char path[CONF_VALUE_MAX];
	bool has_error = false;
	struct eyes eyes;
	struct make m = { &SELF, t->conf.path, host, t->argv[1], path, &eyes,
		print_problem, &has_error };
	struct fault why;
	enum result r;

	if (t->argc != 2 && t->argc != 3)
		return (misused());
	r = load(t);
	if (r != RES_OK)
		return (exit_code_of(r));
	(void)snprintf(path, sizeof(path), "%s",
	    t->argc == 3 ? t->argv[2] : settings.who.deliver);
	if (path[0] == '\0')
		return (problem_fail(
		    &SELF, XC_PERM, "smtp.deliver is not set: which table?"));
	if (eyes_open(&eyes, &settings, NULL, &why) != RES_OK)
		return (problem_fault(&SELF, &why));
	m.host = find_host(t, host);
	return (make_table(&m, &settings));
}

static const char *
value_of(const struct key *key, struct buf *value)
{
	buf_reset(value);
	key_get(key, &settings, value);
	return (buf_cstr(value));
}

static int
get(struct task *t)
{
	char store[CONF_VALUE_MAX + 1];
	struct buf value;
	const struct key *key;
	enum result r;

	if (t->argc != 2)
		return (misused());
	key = key_named_in(all_keys(), t->argv[1]);
	if (key == NULL || key->type == KEY_STACK)
		return (problem_fail(&SELF, XC_PERM, "%s: %s", t->argv[1],
		    key == NULL ? "no such key" : key->meaning));
	r = load(t);
	if (r != RES_OK)
		return (exit_code_of(r));
	buf_init(&value, store, sizeof(store));
	(void)printf("%s\n", value_of(key, &value));
	return (XC_OK);
}

static void
list_key(const struct key *key, struct buf *value)
{
	const char *text;
	const char *quote;

	if (key->type == KEY_STACK)
		return;
	text = value_of(key, value);
	quote = strpbrk(text, " \t=#;") != NULL ? "\"" : "";
	/* An empty value would not load: it means that none is set. */
	(void)printf("%s%s = %s%s%s\n", text[0] == '\0' ? "# " : "", key->name,
	    quote, text, quote);
}

static int
list(struct task *t)
{
	char store[CONF_VALUE_MAX + 1];
	struct buf value;
	const struct keyset *set;
	size_t i;
	enum result r = load(t);

	if (r != RES_OK)
		return (exit_code_of(r));
	buf_init(&value, store, sizeof(store));
	for (i = 0; i < KEYS_COUNT; i++)
		list_key(&KEYS[i], &value);
	for (set = all_keys(); set != NULL; set = set->next)
		for (i = 0; i < set->count; i++)
			list_key(&set->rows[i], &value);
	return (XC_OK);
}

static int
ask_whose(struct task *t)
{
	char host[HOST_SIZE];
	enum result r;

	if (t->argc != 2)
		return (misused());
	r = load(t);
	if (r != RES_OK)
		return (exit_code_of(r));
	return (whose(&SELF, &settings, find_host(t, host), t->argv[1]));
}

static int
print_service(const struct task *t, service_print_fn *print, const char *user,
    enum service_role role, const char *dir)
{
	static char text[SERVICE_TEXT_MAX];
	static struct site site;
	static struct service_listen listen;
	struct service s = { &settings, &listen, site.conf, site.session, NULL,
		user, SERVICE_SYSLOG, role, site.tls, site.proxy, site.spool };
	struct fault why;
	struct buf out;
	const char *wrong;
	enum result r = site_find(&site, t->conf.path, &why);

	if (r != RES_OK)
		return (problem_fault(&SELF, &why));
	if (site.busy[0] != '\0')
		s.busy = site.busy;
	if (role == SERVICE_STATUS)
		s.session = site.status;
	service_get_listen(&settings, role, &listen);
	buf_init(&out, text, sizeof(text));
	wrong = print(&s, &out);
	if (wrong == NULL && buf_cstr(&out) == NULL)
		wrong = "the entry would be too long";
	if (wrong != NULL)
		return (
		    problem_fail(&SELF, XC_PERM, "no such entry: %s", wrong));
	if (dir != NULL)
		return (entry_save(
		    &SELF, dir, t->argv[optind], service_name(&s), text));
	(void)fputs(text, stdout);
	entry_hint(&SELF, t->argv[optind]);
	return (XC_OK);
}

static int
service(struct task *t)
{
	const char *user = SERVICE_USER;
	const char *dir = NULL;
	service_print_fn *print = NULL;
	enum service_role role = SERVICE_SMTP;
	enum result r;
	int opt;

	optind = 1;
	while ((opt = getopt(t->argc, t->argv, "+d:r:u:")) != -1) {
		if (opt == 'd')
			dir = optarg;
		else if (opt == 'u' && service_is_user(optarg))
			user = optarg;
		else if (opt != 'r' || !service_role_named(optarg, &role))
			return (misused());
	}
	if (t->argc - optind == 1)
		print = service_named(t->argv[optind]);
	if (print == NULL)
		return (misused());
	r = load(t);
	return (r == RES_OK ? print_service(t, print, user, role, dir)
			    : exit_code_of(r));
}

static int
obey(struct task *t)
{
	if (strcmp(t->argv[0], "check") == 0)
		return (check(t));
	if (strcmp(t->argv[0], "get") == 0)
		return (get(t));
	if (strcmp(t->argv[0], "list") == 0 && t->argc == 1)
		return (list(t));
	if (strcmp(t->argv[0], "whose") == 0)
		return (ask_whose(t));
	if (strcmp(t->argv[0], "table") == 0)
		return (make(t));
	if (strcmp(t->argv[0], "service") == 0)
		return (service(t));
	if (strcmp(t->argv[0], "list") == 0)
		return (misused());
	return (problem_fail(&SELF, XC_PERM,
	    "%s: no such command; --help lists them", t->argv[0]));
}

int
main(int argc, char **argv)
{
	struct task t = { { NULL, problem_conf, &SELF, "" }, 0, NULL };
	int code;
	int opt;

	if (program_answers(&SELF, argc, argv, &code))
		return (code);
	if (!program_open_standard())
		return (XC_TEMP);
	program_set_signals(&SIGNALS, NULL);
	while ((opt = getopt(argc, argv, "+f:")) != -1) {
		if (opt != 'f')
			return (misused());
		t.conf.option = optarg;
	}
	t.argc = argc - optind;
	t.argv = argv + optind;
	if (t.argc == 0)
		return (misused());
	if (configured_find(&t.conf) != RES_OK)
		return (XC_PERM);
	code = obey(&t);
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		return (problem_fail(
		    &SELF, XC_TEMP, "unable to write: %s", strerror(errno)));
	return (code);
}
