/* SPDX-License-Identifier: ISC */
#include "dialer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "program/program.h"
#include "sys/sysclock.h"
#include "sys/syspass.h"

enum {
	/* smtpserv-mx has 30 of its own. */
	ROUTE_SECONDS = 40,
	/* Milliseconds for TLS to say good-bye. */
	LEAVE_MS = 1000
};

/* Send it to the talker; it reads nothing else, so there is room. */
static void
tell(struct dialer *d, const struct hand *h, int fd)
{
	char store[HAND_RECORD_MAX];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	if (!hand_put(&out, h) || !syspass_send(d->talk, buf_view(&out), fd))
		d->is_over = true;
}

static void
say_no(struct dialer *d, char letter, struct bytes status, struct bytes text)
{
	struct hand h = { .kind = HAND_NO,
		.letter = letter,
		.is_unreached = d->is_unreached,
		.status = status,
		.text = text };

	tell(d, &h, -1);
}

static void
say_later(struct dialer *d, const char *status, const char *op, int err)
{
	char store[512];
	struct buf text;

	buf_init(&text, store, sizeof(store));
	(void)buf_printf(&text, "%s: %s", op, strerror(err));
	say_no(d, 'Z', bytes_of(status), buf_view(&text));
}

static void
close_socket(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* TLS ends when its clear side does, which the talker has closed. */
static void
leave(struct dialer *d)
{
	int code;

	close_socket(&d->socket);
	if (d->tls > 0)
		/* What it says of its end nobody asks. */
		(void)helper_wait(d->tls, sysclock_ms() + LEAVE_MS, &code);
	d->tls = 0;
}

/* What smtpserv-mx is asked: a domain, or [host]:port. */
static bool
put_question(const struct dialer *d, struct buf *out)
{
	if (d->to.kind == RELAY_DOMAIN)
		return (buf_puts(out, d->host) && buf_cstr(out) != NULL);
	(void)buf_putc(out, '[');
	(void)buf_put(out, d->to.name);
	(void)buf_printf(out, "]:%u", (unsigned int)d->port);
	return (buf_cstr(out) != NULL);
}

static pid_t
start_mx(struct dialer *d, int out, char *question)
{
	static char name[] = "smtpserv-mx";
	static char option[] = "-f";
	char path[HELPER_PATH_MAX];
	char config[CONF_VALUE_MAX];
	char *argv[5] = { name, question };
	struct helper_fd fds[1] = { { out, STDOUT_FILENO } };
	struct fault why;

	if (d->config != NULL) {
		(void)snprintf(config, sizeof(config), "%s", d->config);
		argv[1] = option;
		argv[2] = config;
		argv[3] = question;
	}
	if (program_find(path, sizeof(path), 1, "/smtpserv-mx", &why) != RES_OK)
		return (-1);
	return (helper_start(path, argv, fds, ARRAY_LEN(fds)));
}

/* An address needs nobody who looks for it. */
static void
make_route(struct dialer *d)
{
	struct route_hop *hop = &d->route.hops[0];
	char text[INET6_ADDRSTRLEN];

	(void)snprintf(
	    text, sizeof(text), "%.*s", (int)d->to.name.n, d->to.name.p);
	*hop = (struct route_hop){
		.host = bytes_of(d->host),
		.address = d->to.name,
		.is_v6 = d->to.kind == RELAY_IPV6,
		.port = d->port,
	};
	d->route.verdict = ROUTE_OK;
	d->route.n = 1;
	d->has_route =
	    inet_pton(hop->is_v6 ? AF_INET6 : AF_INET, text, hop->ip) == 1;
}

void
dialer_begin(struct dialer *d)
{
	char question[ROUTE_NAME_MAX + 16];
	struct buf b;
	int ends[2];

	d->socket = d->mx_out = -1;
	d->mx = d->tls = 0;
	buf_init(&d->why, d->why_store, sizeof(d->why_store));
	buf_init(&b, question, sizeof(question));
	if (d->to.kind == RELAY_IPV4 || d->to.kind == RELAY_IPV6) {
		make_route(d);
		return;
	}
	if (!put_question(d, &b) || pipe2(ends, O_CLOEXEC) != 0)
		return;
	d->mx_out = ends[0];
	d->mx = start_mx(d, ends[1], question);
	(void)close(ends[1]);
}

/* Until there is something to read, or the talker has gone. */
static bool
wait_for_mx(struct dialer *d, int64_t until_ms)
{
	struct pollfd list[2] = { { d->mx_out, POLLIN, 0 }, { d->talk, 0, 0 } };
	int64_t left = until_ms - sysclock_ms();
	int n = poll(list, 2, left > 0 ? (int)left : 0);

	if (n > 0 && list[1].revents != 0)
		d->is_over = true;
	return (!d->is_over && (n > 0 || (n < 0 && errno == EINTR)));
}

/* All that smtpserv-mx prints. */
static struct bytes
read_route(struct dialer *d)
{
	int64_t until = sysclock_after(sysclock_ms(), ROUTE_SECONDS);
	struct bytes text = { d->text, 0 };
	ssize_t n = -1;

	while (n != 0 && text.n < sizeof(d->text) && wait_for_mx(d, until)) {
		n = read(d->mx_out, d->text + text.n, sizeof(d->text) - text.n);
		if (n > 0)
			text.n += (size_t)n;
		else if (n < 0 && errno != EINTR)
			break;
	}
	/* Without its end it is not a whole route. */
	if (n != 0)
		text.n = 0;
	return (text);
}

static void
get_route(struct dialer *d)
{
	int code;

	if (d->has_route || d->mx <= 0)
		return;
	d->has_route = route_parse(read_route(d), &d->route);
	close_socket(&d->mx_out);
	/* Its text says it all. */
	(void)helper_wait(d->mx,
	    d->has_route ? sysclock_ms() + LEAVE_MS : sysclock_ms(), &code);
	d->mx = 0;
}

/* "host[address]: why", for the report. */
static void
put_why(struct dialer *d, const struct route_hop *hop, struct bytes why)
{
	struct bytes all = buf_view(&d->why);

	if (all.n > 0)
		(void)buf_puts(&d->why, "; ");
	(void)buf_put(&d->why, hop->host);
	if (hop->address.n > 0 && hop->host.p[0] != '[') {
		(void)buf_putc(&d->why, '[');
		(void)buf_put(&d->why, hop->address);
		(void)buf_putc(&d->why, ']');
	}
	(void)buf_puts(&d->why, ": ");
	(void)buf_put(&d->why, why);
	d->is_unreached = true;
	/* What has no room is left out whole. */
	if (buf_overflowed(&d->why))
		buf_cut(&d->why, all.n);
}

/* Our own address, if one is set for that family. */
static const union reach_address *
source_of(const struct dialer *d, bool is_v6, union reach_address *store)
{
	const char *text = is_v6 ? d->remote->source6 : d->remote->source;
	unsigned char ip[ROUTE_IP_SIZE];

	if (text[0] == '\0' ||
	    inet_pton(is_v6 ? AF_INET6 : AF_INET, text, ip) != 1)
		return (NULL);
	reach_set(store, is_v6, ip, 0);
	return (store);
}

static bool
is_wanted(const struct dialer *d, const struct route_hop *hop)
{
	if (d->remote->family == SETTINGS_FAMILY_4)
		return (!hop->is_v6);
	return (d->remote->family != SETTINGS_FAMILY_6 || hop->is_v6);
}

static enum reach_status
connect_hop(struct dialer *d, const struct route_hop *hop)
{
	union reach_address to;
	union reach_address source;
	int64_t until =
	    sysclock_after(sysclock_ms(), d->remote->timeout.connect);

	reach_set(&to, hop->is_v6, hop->ip, (uint16_t)hop->port);
	return (reach(&to, source_of(d, hop->is_v6, &source), d->talk, until,
	    &d->socket));
}

static void
say_address(struct dialer *d, const struct route_hop *hop)
{
	struct hand h = { .kind = HAND_ADDRESS,
		.host = hop->host,
		.address = hop->address,
		.port = hop->port,
		.tls = d->tls_need,
		.is_best = hop->preference == d->route.hops[0].preference,
		.is_last = d->next == d->route.n };

	tell(d, &h, d->socket);
}

/* True: the talker has its answer. */
static bool
try_hop(struct dialer *d, const struct route_hop *hop)
{
	switch (connect_hop(d, hop)) {
	case REACH_OK:
		say_address(d, hop);
		return (true);
	case REACH_FAILED:
		put_why(d, hop, bytes_of(strerror(errno)));
		return (false);
	case REACH_NO_SOURCE:
		say_later(
		    d, "4.3.0", "unable to use smtp.remote.source", errno);
		return (true);
	case REACH_GIVEN_UP:
		break;
	}
	d->is_over = true;
	return (true);
}

/* Can it be tried at all? */
static bool
is_open(struct dialer *d, const struct route_hop *hop)
{
	if (hop->is_error)
		put_why(d, hop, hop->words);
	else if (!is_wanted(d, hop))
		put_why(d, hop, bytes_of("not of smtp.remote.family"));
	else
		return (true);
	return (false);
}

/* What a relay does is never a message's fault: another day it may do it. */
static void
say_verdict(struct dialer *d)
{
	char status[16];
	struct bytes said = d->route.status;
	bool is_final =
	    said.n > 0 && said.p[0] == '5' && d->to.kind == RELAY_DOMAIN;

	if (said.n >= sizeof(status))
		said = bytes_of("4.4.3");
	(void)snprintf(status, sizeof(status), "%.*s", (int)said.n, said.p);
	if (!is_final)
		status[0] = '4';
	say_no(d, is_final ? 'D' : 'Z', bytes_of(status), d->route.words);
}

static void
next_address(struct dialer *d)
{
	leave(d);
	get_route(d);
	if (d->is_over)
		return;
	if (!d->has_route) {
		say_no(d, 'Z', bytes_of("4.3.0"),
		    bytes_of("smtpserv-mx has said nothing of use"));
		return;
	}
	if (d->route.verdict != ROUTE_OK) {
		say_verdict(d);
		return;
	}
	while (d->next < d->route.n) {
		const struct route_hop *hop = &d->route.hops[d->next++];

		d->tls_need = HAND_TLS_NONE;
		if (is_open(d, hop) && try_hop(d, hop))
			return;
	}
	say_no(d, 'Z', bytes_of("4.4.1"), buf_view(&d->why));
}

/* The address at hand once more, where clear text is allowed. */
static void
same_address(struct dialer *d)
{
	leave(d);
	if (d->next == 0 || d->tls_need != HAND_TLS_MAY) {
		d->is_over = true;
		return;
	}
	d->tls_need = HAND_TLS_NONE;
	if (!try_hop(d, &d->route.hops[d->next - 1]))
		next_address(d);
}

static void
serve_one(struct dialer *d, char asked)
{
	switch (asked) {
	case HAND_NEXT:
		next_address(d);
		break;
	case HAND_CLEAR:
		same_address(d);
		break;
	default:
		/* Such a talker is not ours any more. */
		d->is_over = true;
		break;
	}
}

void
dialer_serve(struct dialer *d)
{
	char asked;
	ssize_t n;

	while (!d->is_over) {
		n = recv(d->talk, &asked, 1, 0);
		if (n == 1)
			serve_one(d, asked);
		else if (n == 0 || errno != EINTR)
			break;
	}
	(void)close(d->talk);
	leave(d);
	helper_kill(d->mx);
}
