/* SPDX-License-Identifier: ISC */
#include "finder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "conf/conf.h"
#include "helper.h"
#include "program/program.h"
#include "sys/sysclock.h"

enum {
	/* smtpserv-mx has 30 of its own. */
	ROUTE_SECONDS = 40,
	/* Milliseconds for its end, when it has said all. */
	END_MS = 1000
};

/* What smtpserv-mx is asked: a domain, or [host]:port. */
static bool
put_question(const struct finder *f, struct buf *out)
{
	if (f->to.kind == RELAY_DOMAIN)
		return (buf_put(out, f->to.name) && buf_cstr(out) != NULL);
	(void)buf_putc(out, '[');
	(void)buf_put(out, f->to.name);
	(void)buf_printf(out, "]:%u", (unsigned int)f->port);
	return (buf_cstr(out) != NULL);
}

static pid_t
start_mx(const struct finder *f, int out, char *question)
{
	static char name[] = "smtpserv-mx";
	static char option[] = "-f";
	char path[HELPER_PATH_MAX];
	char config[CONF_VALUE_MAX];
	char *argv[5] = { name, question };
	struct helper_fd fds[1] = { { out, STDOUT_FILENO } };
	struct fault why;

	if (f->config != NULL) {
		(void)snprintf(config, sizeof(config), "%s", f->config);
		argv[1] = option;
		argv[2] = config;
		argv[3] = question;
	}
	if (program_find(path, sizeof(path), 1, "/smtpserv-mx", &why) != RES_OK)
		return (0);
	return (helper_start(path, argv, fds, ARRAY_LEN(fds)));
}

/* An address needs nobody who looks for it. */
static void
make_route(struct finder *f)
{
	struct route_hop *hop = &f->route.hops[0];
	char text[INET6_ADDRSTRLEN];
	struct buf host;

	buf_init(&host, f->text, sizeof(f->text));
	(void)buf_putc(&host, '[');
	(void)buf_put(&host, f->to.name);
	(void)buf_putc(&host, ']');
	(void)snprintf(
	    text, sizeof(text), "%.*s", (int)f->to.name.n, f->to.name.p);
	*hop = (struct route_hop){
		.host = buf_view(&host),
		.address = f->to.name,
		.is_v6 = f->to.kind == RELAY_IPV6,
		.port = f->port,
	};
	f->route.verdict = ROUTE_OK;
	f->route.n = 1;
	f->has_route =
	    inet_pton(hop->is_v6 ? AF_INET6 : AF_INET, text, hop->ip) == 1;
}

void
finder_begin(struct finder *f)
{
	char question[ROUTE_NAME_MAX + 16];
	struct buf b;
	int ends[2];

	f->out = -1;
	f->mx = 0;
	if (f->to.kind == RELAY_IPV4 || f->to.kind == RELAY_IPV6) {
		make_route(f);
		return;
	}
	buf_init(&b, question, sizeof(question));
	if (!put_question(f, &b) || pipe2(ends, O_CLOEXEC) != 0)
		return;
	f->out = ends[0];
	f->mx = start_mx(f, ends[1], question);
	(void)close(ends[1]);
}

/* Until there is something to read, or the other side of watch has gone. */
static bool
wait_for_text(const struct finder *f, int watch, int64_t until_ms, bool *over)
{
	struct pollfd list[2] = { { f->out, POLLIN, 0 }, { watch, 0, 0 } };
	int64_t left = until_ms - sysclock_ms();
	int n = poll(list, 2, left > 0 ? (int)left : 0);

	*over = *over || (n > 0 && list[1].revents != 0);
	return (!*over && (n > 0 || (n < 0 && errno == EINTR)));
}

/* All that smtpserv-mx prints; without its end it is not a whole route. */
static bool
read_text(struct finder *f, int watch, struct bytes *text, bool *over)
{
	int64_t until = sysclock_after(sysclock_ms(), ROUTE_SECONDS);
	ssize_t n = -1;

	*text = (struct bytes){ f->text, 0 };
	while (n != 0 && text->n < sizeof(f->text) &&
	    wait_for_text(f, watch, until, over)) {
		n = read(f->out, f->text + text->n, sizeof(f->text) - text->n);
		if (n > 0)
			text->n += (size_t)n;
		else if (n < 0 && errno != EINTR)
			break;
	}
	return (n == 0);
}

const struct route *
finder_route(struct finder *f, int watch, bool *is_over)
{
	struct bytes text;
	int code;

	if (f->mx > 0) {
		f->has_route = read_text(f, watch, &text, is_over) &&
		    route_parse(text, &f->route);
		if (f->has_route)
			/* Its text says it all. */
			(void)helper_wait(f->mx, sysclock_ms() + END_MS, &code);
		else
			helper_kill(f->mx);
		f->mx = 0;
	}
	return (f->has_route ? &f->route : NULL);
}

void
finder_end(struct finder *f)
{
	helper_kill(f->mx);
	f->mx = 0;
	if (f->out >= 0)
		(void)close(f->out);
	f->out = -1;
}
