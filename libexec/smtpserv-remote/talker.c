/* SPDX-License-Identifier: ISC */
#include "talker.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "journal.h"
#include "sys/sysclock.h"
#include "sys/syspass.h"
#include "tlspolicy/tlsverdict.h"

enum {
	PIECE = 65536,
	/* For a handshake; smtpserv-tlsc has less. */
	TLS_SECONDS = 60,
	/* Milliseconds for the dialer to end. */
	END_MS = 2000
};

void
talker_init(struct talker *t)
{
	t->sock = -1;
	t->watch.remote = t->remote;
	talk_init(&t->talk, t->settings, t->out, sizeof(t->out));
}

static int
milliseconds_to(int64_t until_ms)
{
	int64_t left;

	if (until_ms == SYSCLOCK_NEVER)
		return (-1);
	left = until_ms - sysclock_ms();
	if (left < 0)
		return (0);
	return (left < INT32_MAX ? (int)left : INT32_MAX);
}

/*
 * Wait for one of these, or for what the ends watch, which is read then.  What
 * happened to fd: 0 if nothing did.
 */
static short
wait_for(struct talker *t, int fd, short events, int64_t until_ms)
{
	struct pollfd list[2] = { { fd, events, 0 }, { t->input, POLLIN, 0 } };
	int n = poll(list, 2, milliseconds_to(until_ms));

	if (n <= 0)
		return (0);
	if (list[1].revents != 0) {
		t->was_told = true;
		t->ends->read(t);
	}
	return (list[0].revents);
}

/*
 * Wait until there is something to read from fd; false: too late, or nobody
 * wants to know any more.
 */
static bool
await(struct talker *t, int fd, int64_t until_ms)
{
	while (!t->is_left && sysclock_ms() < until_ms)
		if (wait_for(t, fd, POLLIN, until_ms) != 0)
			return (true);
	return (false);
}

static void
hang_up(struct talker *t, const char *why)
{
	if (t->sock < 0)
		return;
	if (!t->ends->has_log)
		journal_connection(t, why);
	(void)close(t->sock);
	t->sock = -1;
}

/*
 * Ask the dialer; the first address comes without that.  False: it is gone; h
 * is a refusal.
 */
static bool
ask(struct talker *t, enum hand_kind what, char *record, struct hand *h,
    int *fd)
{
	char byte = (char)what;
	ssize_t n = -1;

	*fd = -1;
	if (t->has_asked)
		/* Where nobody listens, the last answer may be there. */
		(void)send(t->hand, &byte, 1, MSG_NOSIGNAL);
	t->has_asked = true;
	if (await(t, t->hand, SYSCLOCK_NEVER))
		n = syspass_receive(t->hand, record, HAND_RECORD_MAX, fd);
	if (n > 0 && hand_parse((struct bytes){ record, (size_t)n }, h))
		return (true);
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	*h = (struct hand){ .kind = HAND_NO,
		.letter = 'Z',
		.status = bytes_of("4.3.0"),
		.text = bytes_of("the dialer is gone") };
	return (false);
}

static void
put_name(char *store, size_t cap, struct bytes name)
{
	struct buf b;

	buf_init(&b, store, cap - 1);
	store[buf_put_text(&b, name)] = '\0';
}

static bool
is_this_machine(struct bytes address)
{
	return (bytes_same(address, bytes_of("::1")) ||
	    bytes_starts_nocase(address, bytes_of("127.")));
}

/*
 * The verdict's line, which comes before all else.  It is taken out of the
 * stream without a byte of what is behind it.
 */
static bool
read_verdict(struct talker *t, int fd, char *line, size_t cap, size_t *n)
{
	int64_t until = sysclock_after(sysclock_ms(), TLS_SECONDS);
	size_t end = 0;

	for (*n = 0; *n < cap; *n += end) {
		ssize_t got;

		if (!await(t, fd, until))
			return (false);
		got = recv(fd, line + *n, cap - *n, MSG_PEEK);
		if (got <= 0)
			return (false);
		end = (size_t)got;
		if (bytes_find((struct bytes){ line + *n, end }, '\n', &end))
			return (recv(fd, line + *n, end + 1, 0) ==
				(ssize_t)end + 1 &&
			    (*n += end) < cap);
		if (recv(fd, line + *n, end, 0) != got)
			return (false);
	}
	return (false);
}

/* The clear side of TLS is the socket from here on; false: why not. */
static bool
take_verdict(struct talker *t, int fd, enum talk_safety *safety, char *why)
{
	struct tlsverdict v;
	char line[TLSVERDICT_MAX];
	size_t n;

	if (!read_verdict(t, fd, line, sizeof(line), &n) ||
	    !tlsverdict_parse((struct bytes){ line, n }, &v))
		return (false);
	journal_tls(t, (struct bytes){ line, n });
	if (!v.is_good) {
		put_name(why, TLSVERDICT_MAX, v.text);
		return (false);
	}
	/* smtpserv-tlsc keeps it open. */
	(void)close(t->sock);
	t->sock = fd;
	t->is_tcp = false;
	t->has_tls = true;
	put_name(t->tls, sizeof(t->tls), (struct bytes){ line + 2, n - 2 });
	*safety =
	    v.reached == TLSVERDICT_ANONYMOUS ? TALK_ENCRYPTED : TALK_VERIFIED;
	return (true);
}

/* TLS on the socket at hand.  False: why not. */
static bool
secure(struct talker *t, enum talk_safety *safety, char *why)
{
	char record[HAND_RECORD_MAX];
	struct hand h;
	int fd;

	put_name(why, TLSVERDICT_MAX, bytes_of("TLS could not be started"));
	if (ask(t, HAND_TLS, record, &h, &fd) && h.kind == HAND_TLS &&
	    fd >= 0 && take_verdict(t, fd, safety, why))
		return (true);
	if (fd >= 0)
		(void)close(fd);
	return (false);
}

static void
start_tls(struct talker *t)
{
	enum talk_safety safety;
	char why[TLSVERDICT_MAX];

	if (secure(t, &safety, why))
		talk_secured(&t->talk, safety);
	else
		talk_lost(&t->talk, why);
}

static void
begin(struct talker *t, const struct hand *h, int fd)
{
	struct talk_address a = { .host = h->host,
		.address = h->address,
		.tls = (enum talk_tls)h->tls,
		.safety = TALK_CLEAR,
		.is_named_safely = h->is_proven,
		.is_best = h->is_best,
		.is_last = h->is_last,
		.has_missed = h->is_unreached };
	char why[TLSVERDICT_MAX];
	bool good = true;

	t->sock = fd;
	t->is_tcp = true;
	t->is_deaf = false;
	t->tls[0] = '\0';
	put_name(t->host, sizeof(t->host), h->host);
	put_name(t->address, sizeof(t->address), h->address);
	put_name(t->by, sizeof(t->by), h->by);
	t->port = h->port;
	t->is_new = true;
	t->settings->may_login_in_clear =
	    t->is_plaintext && is_this_machine(h->address);
	t->begun_ms = sysclock_ms();
	t->bytes = 0;
	if (h->is_first)
		good = secure(t, &a.safety, why);
	talk_connected(&t->talk, &a);
	if (!good)
		talk_lost(&t->talk, why);
}

/* No address: what is said of it comes from us, never from a stranger. */
static void
say_no(struct talker *t, const struct hand *h)
{
	struct talkmail_outcome why = { .letter = h->letter };

	put_name(why.status, sizeof(why.status), h->status);
	put_name(why.words, sizeof(why.words), h->text);
	talk_no_address(&t->talk, &why, h->is_unreached);
}

static void
connect_next(struct talker *t, enum hand_kind what)
{
	char record[HAND_RECORD_MAX];
	struct hand h;
	int fd;

	hang_up(t, "next address");
	if (ask(t, what, record, &h, &fd) && h.kind == HAND_ADDRESS && fd >= 0)
		begin(t, &h, fd);
	else
		say_no(t, &h);
}

/* More of the text that the engine asks for. */
static void
read_text(struct talker *t, const struct talk_order *order)
{
	struct letter *l = letter_of(order->mail);
	char piece[PIECE];
	ssize_t n;

	do
		n = pread(
		    l->fd, piece, sizeof(piece), l->from + (off_t)order->at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		talk_text_failed(&t->talk, strerror(errno));
	else if (n == 0)
		talk_text_end(&t->talk);
	else
		/* What it did not take it asks for again. */
		(void)talk_text(&t->talk, (struct bytes){ piece, (size_t)n });
}

static void
finish_one(struct talker *t, struct letter *l)
{
	if (!t->ends->has_log)
		journal_letter(t, l);
	t->ends->outcome(t, l);
}

static void
take_failure(struct talker *t, const struct talkmail_outcome *o)
{
	if (!t->ends->has_log)
		journal_failure(t, o);
	if (t->ends->failed != NULL)
		t->ends->failed(t, o);
}

/* Do what the engine says, until it waits. */
static void
obey(struct talker *t)
{
	struct talk_order order;

	while (!t->is_over)
		switch (talk_next(&t->talk, &order)) {
		case TALK_WAIT:
			return;
		case TALK_CONNECT:
			connect_next(t, HAND_NEXT);
			break;
		case TALK_CONNECT_CLEAR:
			connect_next(t, HAND_CLEAR);
			break;
		case TALK_START_TLS:
			start_tls(t);
			break;
		case TALK_CREDIT:
			if (t->ends->credit != NULL)
				t->ends->credit(t, order.n);
			break;
		case TALK_TEXT:
			read_text(t, &order);
			break;
		case TALK_IN_DOUBT:
			letter_of(order.mail)->is_in_doubt = true;
			if (t->ends->doubt != NULL)
				t->ends->doubt(t, letter_of(order.mail));
			break;
		case TALK_OUTCOME:
			finish_one(t, letter_of(order.mail));
			break;
		case TALK_HOP_FAILED:
			take_failure(t, order.outcome);
			break;
		case TALK_OVER:
			hang_up(t, order.why);
			t->is_over = true;
			break;
		}
}

/* As much as goes at once.  True: something went. */
static bool
send_some(struct talker *t, struct bytes out)
{
	ssize_t n = send(t->sock, out.p, out.n, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0) {
		talk_sent(&t->talk, (size_t)n);
		t->bytes += (uint64_t)n;
		watch_wrote(&t->watch);
		t->watch.was_used = t->talk.transactions > 0;
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		/* What the server has said before it hung up counts. */
		t->is_deaf = true;
	}
	return (n > 0);
}

static void
read_some(struct talker *t)
{
	ssize_t n = recv(t->sock, t->in, sizeof(t->in), MSG_DONTWAIT);

	if (n > 0) {
		watch_heard(&t->watch, sysclock_ms());
		talk_input(&t->talk, (struct bytes){ t->in, (size_t)n });
	} else if (n == 0) {
		talk_lost(&t->talk, "connection closed");
	} else if (errno != EAGAIN && errno != EINTR) {
		talk_lost(&t->talk, strerror(errno));
	}
}

/*
 * A server may write reply after reply, and each only when the one before was
 * acknowledged.
 */
static void
hurry(const struct talker *t)
{
	if (t->is_tcp && t->talk.npending > 1)
		/* Only speed depends on it. */
		(void)setsockopt(t->sock, IPPROTO_TCP, TCP_QUICKACK,
		    &(int){ 1 }, sizeof(int));
}

static void
wait_and_read(struct talker *t, bool wants_write)
{
	struct talk_waits w = talk_wait(&t->talk);
	int64_t now = sysclock_ms();
	int64_t reply = watch_reply(&t->watch, &w, now);
	int64_t write =
	    t->is_deaf ? SYSCLOCK_NEVER : watch_write(&t->watch, &w, now);
	short events = wants_write ? POLLIN | POLLOUT : POLLIN;
	short got;

	hurry(t);
	t->was_told = false;
	got = wait_for(t, t->sock, events, reply < write ? reply : write);
	if ((got & ~POLLOUT) != 0)
		read_some(t);
	now = sysclock_ms();
	/* What was told may be what was waited for. */
	if (got != 0 || t->was_told)
		return;
	if (now >= reply)
		talk_expired(&t->talk, w.reply);
	else if (now >= write)
		talk_expired(&t->talk, w.write);
}

void
talker_run(struct talker *t)
{
	/* Is more sent than goes at once? */
	bool is_long = false;

	for (obey(t); !t->is_over; obey(t)) {
		struct bytes out = talk_output(&t->talk);

		if (out.n == 0 || t->is_deaf) {
			is_long = false;
			wait_and_read(t, false);
		} else if (is_long && wait_for(t, t->sock, POLLIN, 0) != 0) {
			/* A server may say no while a text is under way. */
			is_long = false;
			read_some(t);
		} else {
			is_long = send_some(t, out);
			if (!is_long)
				wait_and_read(t, !t->is_deaf);
		}
	}
}

void
talker_end(struct talker *t)
{
	struct pollfd end = { t->hand, POLLIN, 0 };

	if (!t->has_tls)
		return;
	/* Then the dialer ends, and with it, if need be, TLS. */
	(void)shutdown(t->hand, SHUT_WR);
	(void)poll(&end, 1, END_MS);
}
