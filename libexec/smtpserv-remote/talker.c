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
#include "lookout.h"
#include "secure.h"
#include "sys/sysclock.h"

enum {
	PIECE = 65536,
	/* Milliseconds for the dialer to end. */
	END_MS = 2000
};

void
talker_init(struct talker *t, const struct talker_ends *ends, void *ctx)
{
	t->ends = ends;
	t->ctx = ctx;
	t->sock = -1;
	t->watch.remote = t->remote;
	talk_init(&t->talk, t->settings, t->out, sizeof(t->out));
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

static bool
is_this_machine(struct bytes address)
{
	return (bytes_same(address, bytes_of("::1")) ||
	    bytes_starts_nocase(address, bytes_of("127.")));
}

static void
start_tls(struct talker *t)
{
	enum talk_safety safety;
	char why[TLSVERDICT_MAX];

	if (secure_start(t, &safety, why))
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
	lookout_keep(t->host, sizeof(t->host), h->host);
	lookout_keep(t->address, sizeof(t->address), h->address);
	lookout_keep(t->by, sizeof(t->by), h->by);
	t->port = h->port;
	t->is_new = true;
	t->settings->may_login_in_clear =
	    t->is_plaintext && is_this_machine(h->address);
	t->begun_ms = sysclock_ms();
	t->bytes = 0;
	if (h->is_first)
		good = secure_start(t, &a.safety, why);
	talk_connected(&t->talk, &a);
	if (!good)
		talk_lost(&t->talk, why);
}

/* No address: what is said of it comes from us, never from a stranger. */
static void
say_no(struct talker *t, const struct hand *h)
{
	struct talkmail_outcome why = { .letter = h->letter };

	lookout_keep(why.status, sizeof(why.status), h->status);
	lookout_keep(why.words, sizeof(why.words), h->text);
	talk_no_address(&t->talk, &why, h->is_unreached);
}

static void
connect_next(struct talker *t, enum hand_kind what)
{
	char record[HAND_RECORD_MAX];
	struct hand h;
	int fd;

	hang_up(t, "next address");
	if (lookout_ask(t, what, record, &h, &fd) && h.kind == HAND_ADDRESS &&
	    fd >= 0)
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
	got = lookout_wait(t, t->sock, events, reply < write ? reply : write);
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
		} else if (is_long &&
		    lookout_wait(t, t->sock, POLLIN, 0) != 0) {
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
