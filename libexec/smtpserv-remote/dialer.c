/* SPDX-License-Identifier: ISC */
#include "dialer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hand.h"
#include "helper.h"
#include "program/program.h"
#include "reach.h"
#include "sys/sysclock.h"
#include "sys/syspass.h"

enum {
	/* Milliseconds for TLS to say good-bye. */
	LEAVE_MS = 1000,
	PORT_SMTPS = 465,
	/* Of the time to connect: 3 of 30 seconds. */
	FIRST_PART = 10,
	/* UCSPI's descriptors of a client. */
	NETWORK_IN = 6,
	NETWORK_OUT = 7
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

/*
 * Is there an address of the other family that is as good?  Where one family
 * leads nowhere, nobody is to wait long for it: each of the two gets a part of
 * the time first.
 */
static bool
has_rival(const struct dialer *d, const struct route_hop *hop)
{
	size_t i;

	for (i = d->next; i < d->route->n; i++) {
		const struct route_hop *other = &d->route->hops[i];

		if (other->preference != hop->preference)
			break;
		if (!other->is_error && other->is_v6 != hop->is_v6 &&
		    is_wanted(d, other))
			return (true);
	}
	return (false);
}

static enum reach_status
connect_hop(struct dialer *d, const struct route_hop *hop)
{
	union reach_address to;
	union reach_address source;
	int64_t ms = (int64_t)d->remote->timeout.connect * 1000;
	int64_t until =
	    sysclock_ms() + (has_rival(d, hop) ? ms / FIRST_PART : ms);

	reach_set(&to, hop->is_v6, hop->ip, (uint16_t)hop->port);
	return (reach(&to, source_of(d, hop->is_v6, &source), d->watch, until,
	    &d->socket));
}

static enum hand_tls
tls_of(const struct dialer *d)
{
	if (d->need.level == TLSPOLICY_NONE || d->is_clear)
		return (HAND_TLS_NONE);
	return (tlsneed_is_strict(&d->need) ? HAND_TLS_MUST : HAND_TLS_MAY);
}

static void
say_address(struct dialer *d, const struct route_hop *hop)
{
	struct hand h = { .kind = HAND_ADDRESS,
		.host = hop->host,
		.address = hop->address,
		.port = hop->port,
		.tls = tls_of(d),
		.by = bytes_of(d->is_clear ? "clear" : d->need.by),
		.is_first = hop->port == PORT_SMTPS &&
		    d->finder.to.kind != RELAY_DOMAIN &&
		    tls_of(d) != HAND_TLS_NONE,
		.is_proven = d->finder.to.kind != RELAY_DOMAIN ||
		    d->route->is_secure || d->policy.words.match.n > 0,
		.is_best = hop->preference == d->route->hops[0].preference,
		.is_last = d->next == d->route->n && d->put_off == 0 };

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
		if (errno == ETIMEDOUT && has_rival(d, hop)) {
			d->put_off |= UINT32_C(1) << d->at;
			return (false);
		}
		d->is_unreached = true;
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

/* Can it be had as well as is wanted? */
static bool
is_good_enough(struct dialer *d, const struct route_hop *hop)
{
	enum tlsneed_answer answer = shield_need(&d->shield, hop, &d->need);

	d->is_clear = false;
	if (answer == TLSNEED_TRY)
		return (true);
	d->is_skipped = d->is_skipped || answer == TLSNEED_SKIP;
	d->is_unfit = d->is_unfit || answer == TLSNEED_UNFIT;
	put_why(d, hop, bytes_of(d->need.why));
	return (false);
}

/* Can it be tried at all? */
static bool
is_open(struct dialer *d, const struct route_hop *hop)
{
	if (hop->is_error) {
		d->is_unreached = true;
		put_why(d, hop, hop->words);
		return (false);
	}
	if (!is_wanted(d, hop)) {
		d->is_unreached = true;
		put_why(d, hop, bytes_of("not of smtp.remote.family"));
		return (false);
	}
	return (is_good_enough(d, hop));
}

/* What a relay does is never a message's fault: another day it may do it. */
static void
say_verdict(struct dialer *d)
{
	char status[16];
	struct bytes said = d->route->status;
	bool is_final =
	    said.n > 0 && said.p[0] == '5' && d->finder.to.kind == RELAY_DOMAIN;

	if (said.n >= sizeof(status))
		said = bytes_of("4.4.3");
	(void)snprintf(status, sizeof(status), "%.*s", (int)said.n, said.p);
	if (!is_final)
		status[0] = '4';
	say_no(d, is_final ? 'D' : 'Z', bytes_of(status), d->route->words);
}

/* Of the addresses there is none left. */
static void
say_end(struct dialer *d)
{
	if (d->is_unreached || (!d->is_skipped && !d->is_unfit))
		say_no(d, 'Z', bytes_of("4.4.1"), buf_view(&d->why));
	else if (d->is_skipped)
		say_no(d, 'Z', bytes_of("4.7.5"), buf_view(&d->why));
	else
		say_no(d, 'D', bytes_of("5.7.10"), buf_view(&d->why));
}

/* What the hop's policy is; while smtpserv-mx looks for the hosts. */
static bool
ask_policy(struct dialer *d)
{
	struct policy *p = &d->policy;
	enum result r = policy_find(d->remote, bytes_of(d->hop), d->watch, p);
	struct log_line line;

	if (r != RES_OK) {
		say_no(d, 'Z', bytes_of("4.7.5"), bytes_of(p->why));
		return (false);
	}
	if (p->words.source != TLSPOLICY_ABSENT)
		d->shield.policy = &p->words;
	if (p->why[0] != '\0') {
		log_begin(&line, d->log, "policy");
		log_text(&line, "hop", bytes_of(d->hop));
		log_text(&line, "why", bytes_of(p->why));
		log_end(&line);
	}
	return (true);
}

/* The next address: in their order, and then those that were put off. */
static bool
take_next(struct dialer *d)
{
	if (d->next < d->route->n) {
		d->at = d->next++;
		return (true);
	}
	for (d->at = 0; d->at < d->route->n; d->at++)
		if ((d->put_off & UINT32_C(1) << d->at) != 0) {
			d->put_off &= ~(UINT32_C(1) << d->at);
			return (true);
		}
	return (false);
}

static void
next_address(struct dialer *d)
{
	leave(d);
	if (d->route == NULL) {
		if (!ask_policy(d))
			return;
		d->route = finder_route(&d->finder, d->watch, &d->is_over);
	}
	d->shield.route = d->route;
	if (d->is_over)
		return;
	if (d->route == NULL) {
		say_no(d, 'Z', bytes_of("4.3.0"),
		    bytes_of("smtpserv-mx has said nothing of use"));
		return;
	}
	if (d->route->verdict != ROUTE_OK) {
		say_verdict(d);
		return;
	}
	while (take_next(d)) {
		const struct route_hop *hop = &d->route->hops[d->at];

		if (is_open(d, hop) && try_hop(d, hop))
			return;
	}
	say_end(d);
}

/* The address at hand once more, where clear text is allowed. */
static void
same_address(struct dialer *d)
{
	leave(d);
	if (d->next == 0 || tls_of(d) != HAND_TLS_MAY) {
		d->is_over = true;
		return;
	}
	d->is_clear = true;
	if (!try_hop(d, &d->route->hops[d->at]))
		next_address(d);
}

/* False: errno, or there are more words than it can be told. */
static bool
start_tlsc(struct dialer *d, int clear)
{
	struct helper_fd fds[] = { { clear, STDIN_FILENO },
		{ clear, STDOUT_FILENO }, { d->socket, NETWORK_IN },
		{ d->socket, NETWORK_OUT } };
	char *argv[SHIELD_WORDS_MAX];
	char path[HELPER_PATH_MAX];
	struct fault why;

	errno = E2BIG;
	if (!shield_argv(
		&d->shield, &d->route->hops[d->at], &d->need, d->words, argv) ||
	    program_find(path, sizeof(path), 1, "/smtpserv-tlsc", &why) !=
		RES_OK)
		return (false);
	d->tls = helper_start(path, argv, fds, ARRAY_LEN(fds));
	return (d->tls > 0);
}

/* TLS on the socket at hand, which is then the program's alone. */
static void
secure(struct dialer *d)
{
	struct hand h = { .kind = HAND_TLS };
	int pair[2];

	if (d->socket < 0 || tls_of(d) == HAND_TLS_NONE) {
		d->is_over = true;
		return;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		say_later(d, "4.3.0", "unable to start TLS", errno);
		return;
	}
	if (start_tlsc(d, pair[1]))
		tell(d, &h, pair[0]);
	else
		say_later(d, "4.3.0", "unable to start TLS", errno);
	close_socket(&pair[0]);
	close_socket(&pair[1]);
	close_socket(&d->socket);
}

static void
serve_one(struct dialer *d, char asked)
{
	switch (asked) {
	case HAND_NEXT:
		next_address(d);
		break;
	case HAND_TLS:
		secure(d);
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

bool
dialer_begin(struct dialer *d)
{
	d->socket = -1;
	d->tls = 0;
	d->shield = (struct shield){ .remote = d->remote,
		.to = &d->finder.to,
		.is_requiretls = d->is_requiretls,
		.is_tlsno = d->is_tlsno,
		.has_account = d->has_account,
		.is_plaintext = d->is_plaintext };
	buf_init(&d->why, d->why_store, sizeof(d->why_store));
	finder_begin(&d->finder);
	next_address(d);
	return (!d->is_over);
}

bool
dialer_is_needed(struct dialer *d)
{
	bool is_ended =
	    d->route == NULL || (d->next == d->route->n && d->put_off == 0);

	if (!is_ended || (d->socket >= 0 && tls_of(d) != HAND_TLS_NONE))
		return (true);
	if (d->socket >= 0)
		say_end(d);
	close_socket(&d->socket);
	close_socket(&d->talk);
	finder_end(&d->finder);
	return (false);
}

void
dialer_serve(struct dialer *d)
{
	char asked;
	ssize_t n;

	d->watch = d->talk;
	while (!d->is_over) {
		n = recv(d->talk, &asked, 1, 0);
		if (n == 1)
			serve_one(d, asked);
		else if (n == 0 || errno != EINTR)
			break;
	}
	/* The talker waits for our end, which is that of TLS, too. */
	leave(d);
	(void)close(d->talk);
	finder_end(&d->finder);
}
