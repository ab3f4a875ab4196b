/* SPDX-License-Identifier: ISC */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sys/sysio.h"

#define BUSY "421 4.3.2 Too many connections from your address\\r\\n"

enum {
	/* Descriptors of xinetd; it needs a few for each service. */
	XINETD_FILES = 1024
};

void
command_init(struct command *c, const char *program)
{
	c->argc = 0;
	buf_init(&c->text, c->store, sizeof(c->store));
	c->argv[c->argc++] = c->store;
	c->argv[c->argc] = NULL;
	(void)buf_puts(&c->text, program);
	(void)buf_putc(&c->text, '\0');
}

/* If there is an argument too many, c->text shows it. */
static void
begin_arg(struct command *c)
{
	if (c->argc == COMMAND_ARGS_MAX)
		(void)buf_put(
		    &c->text, (struct bytes){ c->store, sizeof(c->store) });
	else if (!buf_overflowed(&c->text))
		c->argv[c->argc++] = c->store + buf_view(&c->text).n;
	c->argv[c->argc] = NULL;
}

static void
add(struct command *c, const char *arg)
{
	begin_arg(c);
	(void)buf_puts(&c->text, arg);
	(void)buf_putc(&c->text, '\0');
}

static void
add_number(struct command *c, uint64_t n)
{
	begin_arg(c);
	(void)buf_put_number(&c->text, n);
	(void)buf_putc(&c->text, '\0');
}

static void
add_option(struct command *c, const char *option, uint64_t n)
{
	add(c, option);
	add_number(c, n);
}

static const char *
finished(const struct command *c)
{
	return (buf_overflowed(&c->text) ? "too many addresses" : NULL);
}

static const char *
add_session(struct command *c, const struct order *o)
{
	struct service_command words;
	size_t i;

	service_get_command(o->service, &words);
	for (i = 0; i < words.n; i++)
		add(c, words.word[i]);
	return (finished(c));
}

static const char *
add_one_address(struct command *c, const struct order *o)
{
	add(c, o->served->host);
	add_number(c, o->served->port);
	return (add_session(c, o));
}

static void
add_limits(struct command *c, const struct order *o)
{
	const struct settings *settings = o->service->settings;

	add_option(c, "-c", settings->service.sessions);
	add_option(c, "-b", service_backlog(settings));
}

static void
add_identity(struct command *c, const struct order *o)
{
	if (!o->drops)
		return;
	add_option(c, "-u", o->uid);
	add_option(c, "-g", o->gid);
}

static const char *
build_s6(struct command *c, const struct order *o)
{
	add_limits(c, o);
	add_option(c, "-C", service_persource(o->service->settings));
	add_identity(c, o);
	return (add_one_address(c, o));
}

static const char *
build_tcpserver(struct command *c, const struct order *o)
{
	/*
	 * No DNS, no ident: they would stall every session.  No -v: the
	 * session logs its own events, once each.
	 */
	add(c, "-HR");
	add(c, "-l");
	add(c, "0");
	add_limits(c, o);
	add_identity(c, o);
	return (add_one_address(c, o));
}

static const char *
build_tcpsvd(struct command *c, const struct order *o)
{
	/* Without a local name it asks DNS at each connection. */
	add(c, "-l");
	add(c, "0");
	add_limits(c, o);
	add(c, "-C");
	begin_arg(c);
	(void)buf_put_number(&c->text, service_persource(o->service->settings));
	(void)buf_puts(&c->text, ":" BUSY);
	(void)buf_putc(&c->text, '\0');
	if (o->drops) {
		add(c, "-u");
		begin_arg(c);
		(void)buf_putc(&c->text, ':');
		(void)buf_put_number(&c->text, o->uid);
		(void)buf_putc(&c->text, ':');
		(void)buf_put_number(&c->text, o->gid);
		(void)buf_putc(&c->text, '\0');
	}
	return (add_one_address(c, o));
}

static const char *
build_activate(struct command *c, const struct order *o)
{
	const struct service_listen *listen = o->service->listen;
	size_t i;

	add(c, "--accept");
	add(c, "--inetd");
	for (i = 0; i < listen->n; i++) {
		/* [::]:P is dual-stack here, and serves 0.0.0.0:P, too. */
		if (listen->at[i].is_paired && !listen->at[i].is_v6)
			continue;
		add(c, "-l");
		begin_arg(c);
		service_put_address(&c->text, &listen->at[i]);
		(void)buf_putc(&c->text, '\0');
	}
	/* It cannot change the user itself. */
	if (o->drops) {
		if (o->setpriv == NULL)
			return ("cannot change the user without setpriv(1)");
		add(c, o->setpriv);
		add(c, "--clear-groups");
		add(c, "--reuid");
		add_number(c, o->uid);
		add(c, "--regid");
		add_number(c, o->gid);
		add(c, "--");
	}
	return (add_session(c, o));
}

/*
 * A copy of fd that xinetd leaves alone: at its start it closes every
 * descriptor up to its limit, so the limit is put below ours.  As the copy
 * survives, xinetd can also read it again at SIGHUP.
 */
static int
put_out_of_reach(int fd)
{
	struct rlimit limit;
	rlim_t reach;
	int high;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return (-1);
	reach =
	    limit.rlim_max > XINETD_FILES ? XINETD_FILES : limit.rlim_max - 1;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		return (-1);
	/* Not close-on-exec, that is the point. */
	high = fcntl(fd, F_DUPFD, (int)reach);
	limit.rlim_cur = reach;
	limit.rlim_max = reach;
	if (high < 0 || setrlimit(RLIMIT_NOFILE, &limit) != 0)
		return (-1);
	return (high);
}

/* Can xinetd open our standard error again?  Not if it is a socket. */
static bool
can_reopen_stderr(void)
{
	int fd = open(
	    "/dev/stderr", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0)
		(void)close(fd);
	return (fd >= 0);
}

static const char *
build_xinetd(struct command *c, const struct order *o)
{
	static char text[SERVICE_TEXT_MAX];
	struct service s = *o->service;
	bool to_stderr = can_reopen_stderr();
	const char *wrong;
	struct buf conf;
	int fd;

	buf_init(&conf, text, sizeof(text));
	if (to_stderr)
		s.log = "FILE /dev/stderr";
	wrong = service_xinetd(&s, &conf);
	if (wrong != NULL || buf_overflowed(&conf))
		return (wrong != NULL ? wrong : "too many addresses");
	fd = memfd_create("xinetd.conf", MFD_CLOEXEC);
	if (fd < 0 || sysio_write_file(fd, buf_view(&conf)) != SYSIO_OK)
		return ("unable to write its configuration to memory");
	fd = put_out_of_reach(fd);
	if (fd < 0)
		return ("unable to hand over its configuration");
	add(c, "-dontfork");
	add(c, to_stderr ? "-filelog" : "-syslog");
	add(c, to_stderr ? "/dev/stderr" : "mail");
	/* Each service counts for itself; this counts them all. */
	add_option(c, "-limit", s.settings->service.sessions);
	add(c, "-f");
	begin_arg(c);
	(void)buf_printf(&c->text, "/proc/self/fd/%d", fd);
	(void)buf_putc(&c->text, '\0');
	return (finished(c));
}

const struct server SERVERS[] = {
	{ "s6-tcpserver", .has_v6 = true, .holds_sessions = true,
	    .holds_persource = true, .build = build_s6 },
	{ "tcpserver", .holds_sessions = true, .build = build_tcpserver },
	{ "xinetd", .has_v6 = true, .serves_many = true, .holds_sessions = true,
	    .holds_persource = true, .has_syslog = true,
	    .build = build_xinetd },
	{ "systemd-socket-activate", .has_v6 = true, .serves_many = true,
	    .is_dual = true, .build = build_activate },
	{ "tcpsvd", .holds_sessions = true, .holds_persource = true,
	    .build = build_tcpsvd }
};

const size_t SERVERS_COUNT = ARRAY_LEN(SERVERS);
