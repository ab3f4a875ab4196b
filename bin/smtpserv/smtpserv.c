/* SPDX-License-Identifier: ISC */
/*
 * smtpserv: serve smtp.listen with a super-server that is installed.
 *
 * Chooses one, says what will be served and what will not, and becomes it.
 */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "probe.h"
#include "program/configured.h"
#include "program/problem.h"
#include "service/site.h"

/* Where super-servers are that a person's PATH may lack; and site.sbin. */
#define MORE_DIRS "/usr/sbin:/sbin"

static const struct program SELF = { "smtpserv", "[-f file] [-s super-server]",
	NULL };

/* Not on the stack: they are large. */
static struct settings settings;
static struct service_listen listen_on;
static struct site site;
static struct command command;
static char setpriv[SITE_PATH_MAX];

static int
misused(void)
{
	size_t i;
	char store[256];
	struct buf names;

	(void)program_misused(&SELF);
	buf_init(&names, store, sizeof(store));
	for (i = 0; i < SERVERS_COUNT; i++)
		(void)buf_printf(&names, " %s", SERVERS[i].name);
	(void)buf_cstr(&names);
	problem_say(&SELF, "super-servers:%s", store);
	return (XC_PERM);
}

static enum result
load(const char *option)
{
	struct configured conf = { option, problem_conf, &SELF, "" };
	struct fault why;
	enum result r = configured_load(&conf, &settings);

	if (r != RES_OK)
		return (r);
	r = site_find(&site, conf.path, &why);
	if (r != RES_OK)
		(void)problem_fault(&SELF, &why);
	service_get_listen(&settings, SERVICE_SMTP, &listen_on);
	return (r);
}

static void
say_address(
    const char *before, const struct service_address *a, const char *after)
{
	char store[SERVICE_ADDRESS_SIZE + 16];
	struct buf b;

	buf_init(&b, store, sizeof(store));
	service_put_address(&b, a);
	if (buf_cstr(&b) != NULL)
		problem_say(&SELF, "%s%s%s", before, store, after);
}

/*
 * Try the addresses before a super-server does: if one is taken, super-servers
 * differ, and xinetd runs on without it.  A machine without IPv6 is not a
 * mistake, given the default of smtp.listen.
 */
static enum result
try_addresses(void)
{
	struct service_address *kept = listen_on.at;
	struct service_address *a;
	size_t n = listen_on.n;
	size_t i;

	for (a = listen_on.at; a < listen_on.at + n; a++) {
		int err = probe_address(a);

		if (err == EAFNOSUPPORT) {
			say_address("NOT served: ", a,
			    ": this machine has no such protocol");
			continue;
		}
		if (err != 0) {
			problem_say(&SELF, "unable to listen on %s port %u: %s",
			    a->host, (unsigned int)a->port, strerror(err));
			return (RES_TEMP);
		}
		*kept++ = *a;
	}
	listen_on.n = (size_t)(kept - listen_on.at);
	/* An address whose other half is gone serves alone. */
	for (i = 0; i < listen_on.n && listen_on.n < n; i++)
		listen_on.at[i].is_paired = false;
	return (RES_OK);
}

/* The program of that name in a list of directories. */
static bool
find_in(const char *dirs, const char *name, char *path, size_t cap)
{
	struct bytes rest = bytes_of(dirs);
	struct buf b;

	while (rest.n > 0) {
		size_t end = rest.n;

		(void)bytes_find(rest, ':', &end);
		buf_init(&b, path, cap);
		(void)buf_put(&b, bytes_cut(rest, 0, end));
		(void)buf_putc(&b, '/');
		(void)buf_puts(&b, name);
		if (end > 0 && buf_cstr(&b) != NULL && access(path, X_OK) == 0)
			return (true);
		rest = bytes_cut(rest, end + 1, rest.n);
	}
	return (false);
}

static bool
find_program(const char *name, char *path, size_t cap)
{
	const char *dirs = getenv("PATH");

	return ((dirs != NULL && find_in(dirs, name, path, cap)) ||
	    find_in(site.sbin, name, path, cap) ||
	    find_in(MORE_DIRS, name, path, cap));
}

/* A super-server of one address serves the first that it can. */
static const struct service_address *
served_by(const struct server *server)
{
	size_t i;

	for (i = 0; i < listen_on.n; i++)
		if (server->has_v6 || !listen_on.at[i].is_v6)
			return (&listen_on.at[i]);
	return (NULL);
}

static bool
serves_all(const struct server *server)
{
	return (served_by(server) != NULL &&
	    (server->serves_many || listen_on.n == 1));
}

/* The first that is installed and serves all; else the first that serves. */
static const struct server *
choose(char *path, size_t cap)
{
	bool wants_all;
	size_t i;

	for (wants_all = true;; wants_all = false) {
		for (i = 0; i < SERVERS_COUNT; i++)
			if ((wants_all ? serves_all(&SERVERS[i])
				       : served_by(&SERVERS[i]) != NULL) &&
			    find_program(SERVERS[i].name, path, cap))
				return (&SERVERS[i]);
		if (!wants_all)
			break;
	}
	problem_say(&SELF,
	    "no super-server for smtp.listen is installed; apt-get install "
	    "xinetd, say");
	return (NULL);
}

/* SERVERS_COUNT: there is none of that name. */
static size_t
find_server(const char *name)
{
	size_t i = 0;

	while (i < SERVERS_COUNT && strcmp(name, SERVERS[i].name) != 0)
		i++;
	return (i);
}

static const struct server *
choose_by_name(const char *name, char *path, size_t cap)
{
	size_t i = find_server(name);

	if (!find_program(name, path, cap)) {
		problem_say(&SELF, "%s is not installed", name);
		return (NULL);
	}
	if (served_by(&SERVERS[i]) == NULL) {
		problem_say(&SELF,
		    "%s has no IPv6, and smtp.listen nothing else", name);
		return (NULL);
	}
	return (&SERVERS[i]);
}

/*
 * The spool's owner can write there, with a name or without; SERVICE_USER, if
 * there is not a spool.  False: nobody.
 */
static bool
find_owner(struct order *o, const char **name)
{
	const struct passwd *pw;
	struct stat st;

	if (stat(settings.spool.dir, &st) == 0) {
		pw = getpwuid(st.st_uid);
		o->uid = st.st_uid;
		o->gid = pw == NULL ? st.st_gid : pw->pw_gid;
	} else {
		pw = getpwnam(SERVICE_USER);
		if (pw == NULL)
			return (false);
		o->uid = pw->pw_uid;
		o->gid = pw->pw_gid;
	}
	*name = pw == NULL ? NULL : pw->pw_name;
	return (true);
}

/* Can only this machine reach what is served? */
static bool
is_for_this_machine(void)
{
	size_t i;

	for (i = 0; i < listen_on.n; i++)
		if (strncmp(listen_on.at[i].host, "127.", 4) != 0 &&
		    strcmp(listen_on.at[i].host, "::1") != 0)
			return (false);
	return (true);
}

/* The name of a user; one without is told by number. */
static const char *
name_user(uid_t uid, const char *name)
{
	static char store[24];
	struct buf number;

	buf_init(&number, store, sizeof(store));
	(void)buf_put_number(&number, uid);
	return (name == NULL ? buf_cstr(&number) : name);
}

/*
 * Sessions need no privilege: drop root's, if there is another user.  NULL:
 * there should be one.
 */
static const char *
find_user(struct order *o)
{
	const struct passwd *pw;
	const char *name;

	if (geteuid() != 0) {
		pw = getpwuid(geteuid());
		return (name_user(geteuid(), pw == NULL ? NULL : pw->pw_name));
	}
	if (!find_owner(o, &name)) {
		bool is_ours = is_for_this_machine();

		problem_say(&SELF, "there is no user " SERVICE_USER ": %s",
		    is_ours ? "sessions run as root"
			    : "sessions of other machines would run as root");
		return (is_ours ? "root" : NULL);
	}
	if (o->uid == 0) {
		problem_say(&SELF, "the spool is root's: sessions run as root");
		return ("root");
	}
	o->drops = true;
	if (find_program("setpriv", setpriv, sizeof(setpriv)))
		o->setpriv = setpriv;
	name = name_user(o->uid, name);
	problem_say(&SELF, "sessions run as user %s", name);
	return (name);
}

static void
say_addresses(const struct server *server, const struct order *o)
{
	size_t i;

	for (i = 0; i < listen_on.n; i++) {
		const struct service_address *a = &listen_on.at[i];

		if (server->serves_many || a == o->served)
			say_address("listening on ", a,
			    server->is_dual && a->is_v6 && !a->is_paired &&
				    strcmp(a->host, "::") == 0
				? ", and for IPv4, too"
				: "");
		else if (a->is_v6 && !server->has_v6)
			say_address("NOT served: ", a,
			    ": this super-server has no IPv6");
		else
			say_address("NOT served: ", a,
			    ": this super-server "
			    "serves one address; start another smtpserv");
	}
}

static void
say_limits(const struct server *server)
{
	unsigned int sessions = settings.service.sessions;
	unsigned int persource = service_persource(&settings);

	if (server->holds_sessions)
		problem_say(&SELF, "at most %u sessions at once", sessions);
	else
		problem_say(&SELF,
		    "smtp.sessions (%u) does NOT hold: this super-server has "
		    "no limit on sessions",
		    sessions);
	if (persource == sessions)
		return;
	if (server->holds_persource)
		problem_say(&SELF,
		    "at most %u sessions at once from one address", persource);
	else
		problem_say(&SELF,
		    "smtp.persource (%u) does NOT hold: this super-server "
		    "has no limit for one address",
		    persource);
}

static void
say_spool(void)
{
	struct stat st;

	if (stat(settings.spool.dir, &st) != 0)
		problem_say(&SELF,
		    "smtp.subdir: %s: %s; mail will be answered 451",
		    settings.spool.dir, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		problem_say(&SELF,
		    "smtp.subdir: %s: not a directory; mail will be "
		    "answered 451",
		    settings.spool.dir);
}

static int
start(const struct server *server, const char *path)
{
	struct service s = { &settings, &listen_on, site.conf, site.session,
		site.busy[0] == '\0' ? NULL : site.busy, NULL, SERVICE_SYSLOG,
		SERVICE_SMTP, site.tls, site.proxy, site.spool };
	struct order o = { .service = &s, .served = served_by(server) };
	const char *wrong;

	problem_say(&SELF, "%s, found as %s", server->name, path);
	s.user = find_user(&o);
	if (s.user == NULL)
		return (XC_PERM);
	/* smtpserv-tls does, once it has the key. */
	if (service_has_tls(&s))
		o.drops = false;
	say_addresses(server, &o);
	say_limits(server);
	if (server->has_syslog)
		problem_say(&SELF,
		    "sessions log to syslog, because this super-server gives "
		    "them the connection as standard error");
	say_spool();
	command_init(&command, server->name);
	wrong = server->build(&command, &o);
	if (wrong != NULL) {
		problem_say(&SELF, "%s: %s", server->name, wrong);
		return (XC_PERM);
	}
	(void)execv(path, command.argv);
	problem_say(&SELF, "unable to run %s: %s", path, strerror(errno));
	return (XC_TEMP);
}

int
main(int argc, char **argv)
{
	char path[SITE_PATH_MAX];
	const struct server *server;
	const char *file = NULL;
	const char *wanted = NULL;
	enum result r;
	int code;
	int opt;

	if (program_answers(&SELF, argc, argv, &code))
		return (code);
	if (!program_open_standard())
		return (XC_TEMP);
	while ((opt = getopt(argc, argv, "f:s:")) != -1) {
		if (opt == 'f')
			file = optarg;
		else if (opt == 's')
			wanted = optarg;
		else
			return (misused());
	}
	if (optind != argc ||
	    (wanted != NULL && find_server(wanted) == SERVERS_COUNT))
		return (misused());
	r = load(file);
	if (r == RES_OK)
		r = try_addresses();
	if (r != RES_OK)
		return (exit_code_of(r));
	server = wanted == NULL ? choose(path, sizeof(path))
				: choose_by_name(wanted, path, sizeof(path));
	return (server == NULL ? XC_PERM : start(server, path));
}
