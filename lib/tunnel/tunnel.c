/* SPDX-License-Identifier: ISC */
#include "tunnel/tunnel.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/sysclock.h"

static int
poll_timeout(int64_t until_ms)
{
	int64_t left = until_ms - sysclock_ms();

	if (until_ms == SYSCLOCK_NEVER)
		return (-1);
	return (left <= 0 ? 0 : left > 60000 ? 60000 : (int)left);
}

/* What TLS is waiting for; 0: nothing, ret is an answer. */
static int
wanted(ssize_t ret)
{
	if (ret == TUNNEL_WANTS_IN)
		return (POLLIN);
	return (ret == TUNNEL_WANTS_OUT ? POLLOUT : 0);
}

static bool
wait_for_net(const struct tunnel *t, int events, int64_t until_ms)
{
	struct pollfd pfd = { t->net, (short)events, 0 };
	int n;

	do {
		if (sysclock_ms() >= until_ms)
			return (false);
		n = poll(&pfd, 1, poll_timeout(until_ms));
	} while (n == 0 || (n < 0 && errno == EINTR));
	return (n > 0);
}

enum tunnel_shaken
tunnel_handshake(struct tunnel *t, int64_t until_ms)
{
	for (;;) {
		ssize_t ret = t->library->handshake(t->tls);
		int events = wanted(ret);

		if (ret == 0)
			return (TUNNEL_SHAKEN);
		if (events == 0)
			return (TUNNEL_REFUSED);
		if (!wait_for_net(t, events, until_ms))
			return (TUNNEL_SILENT);
	}
}

/* A socket has another descriptor, and a pipe does not mind. */
static void
shut(int *fd, int how)
{
	if (*fd >= 0) {
		(void)shutdown(*fd, how);
		(void)close(*fd);
	}
	*fd = -1;
}

/* All of it has been passed on, or nobody wants it. */
static void
empty(struct tunnel_half *half)
{
	explicit_bzero(half->bytes, half->n);
	half->n = 0;
}

static void
pass_on(struct tunnel_half *half, ssize_t n)
{
	half->done += (size_t)n;
	if (half->done == half->n)
		empty(half);
}

/* From the connection.  True: something happened. */
static bool
pull_net(struct tunnel *t)
{
	ssize_t n;

	/*
	 * Bytes that nobody takes stay where they are, so that this comes to an
	 * end.
	 */
	if (t->net_is_over || t->to_program < 0 || t->in.n > 0)
		return (false);
	n = t->library->read(t->tls, t->in.bytes, sizeof(t->in.bytes));
	t->wants |= wanted(n);
	if (n > 0) {
		t->in.n = (size_t)n;
		t->in.done = 0;
		return (true);
	}
	/* The end, or bytes that are not TLS: there is nobody more to hear. */
	t->net_is_over = wanted(n) == 0;
	return (t->net_is_over);
}

static bool
push_net(struct tunnel *t)
{
	ssize_t n;

	if (t->out.n == 0)
		return (false);
	n = t->library->write(
	    t->tls, t->out.bytes + t->out.done, t->out.n - t->out.done);
	t->wants |= wanted(n);
	if (n < 0 && wanted(n) == 0) {
		/* A peer that does not listen will not be told. */
		empty(&t->out);
		shut(&t->from_program, SHUT_RD);
		return (true);
	}
	if (n <= 0)
		return (false);
	pass_on(&t->out, n);
	return (true);
}

static bool
is_passing(void)
{
	return (errno == EAGAIN || errno == EINTR);
}

static bool
pull_program(struct tunnel *t)
{
	ssize_t n;

	if (t->from_program < 0 || t->out.n > 0)
		return (false);
	n = read(t->from_program, t->out.bytes, sizeof(t->out.bytes));
	if (n > 0) {
		t->out.n = (size_t)n;
		t->out.done = 0;
		return (true);
	}
	if (n < 0 && is_passing())
		return (false);
	shut(&t->from_program, SHUT_RD);
	return (true);
}

static bool
push_program(struct tunnel *t)
{
	ssize_t n;

	if (t->in.n == 0) {
		if (!t->net_is_over || t->to_program < 0)
			return (false);
		shut(&t->to_program, SHUT_WR);
		return (true);
	}
	n = write(
	    t->to_program, t->in.bytes + t->in.done, t->in.n - t->in.done);
	if (n < 0 && is_passing())
		return (false);
	if (n < 0) {
		/*
		 * A program that reads no more may still have something to say.
		 */
		shut(&t->to_program, SHUT_WR);
		empty(&t->in);
		return (true);
	}
	pass_on(&t->in, n);
	return (true);
}

/*
 * What nothing but an event can change.  That the program has ended is one,
 * even if the peer does not take what it said before that.
 */
static bool
wait_for_events(struct tunnel *t, int64_t until_ms)
{
	struct pollfd fds[3] = { { t->net, (short)t->wants, 0 },
		{ t->has_ended ? -1 : t->from_program,
		    t->out.n == 0 ? POLLIN : 0, 0 },
		{ t->in.n > 0 || t->hears_out ? t->to_program : -1,
		    t->in.n > 0 ? POLLOUT : 0, 0 } };
	int n;

	/* A connection that is over would be ready all the time. */
	if (t->wants == 0)
		fds[0].fd = -1;
	if (sysclock_ms() >= until_ms)
		return (false);
	n = poll(fds, 3, poll_timeout(until_ms));
	if (n > 0 && (fds[1].revents & POLLHUP) != 0)
		t->has_ended = true;
	/* There is nobody to hear any more. */
	if (n > 0 && t->in.n == 0 && fds[2].revents != 0)
		shut(&t->to_program, SHUT_WR);
	return (n >= 0 || errno == EINTR);
}

/* Say that this was all, and make sure that it arrives. */
static void
close_net(struct tunnel *t, int64_t until_ms)
{
	int64_t linger_ms = sysclock_ms() + t->linger_ms;
	int events;

	do
		events = wanted(t->library->close(t->tls));
	while (events != 0 && wait_for_net(t, events, until_ms));
	if (shutdown(t->net, SHUT_WR) != 0)
		return;
	/* Input that nobody reads would reset what is on its way. */
	while (wait_for_net(t, POLLIN, linger_ms))
		if (read(t->net, t->in.bytes, sizeof(t->in.bytes)) <= 0)
			break;
}

/* Each way, as far as it goes.  True: something happened. */
static bool
move(struct tunnel *t)
{
	bool moved;

	t->wants = 0;
	moved = pull_program(t);
	moved = push_net(t) || moved;
	moved = pull_net(t) || moved;
	return (push_program(t) || moved);
}

static bool
has_gone(const struct tunnel *t)
{
	if (t->hears_out && t->to_program >= 0)
		return (false);
	return (t->has_ended || t->from_program < 0);
}

static bool
is_done(const struct tunnel *t)
{
	return (t->from_program < 0 && t->out.n == 0 && has_gone(t));
}

static int64_t
last_words_until(const struct tunnel *t, int64_t ends_at)
{
	int64_t until_ms = sysclock_ms() + t->last_words_ms;

	return (until_ms < ends_at ? until_ms : ends_at);
}

void
tunnel_carry(struct tunnel *t, int64_t ends_at)
{
	int64_t until_ms = ends_at;
	bool is_last = false;

	while (!is_done(t)) {
		if (!is_last && has_gone(t)) {
			until_ms = last_words_until(t, ends_at);
			is_last = true;
		}
		if (!move(t) && !wait_for_events(t, until_ms))
			break;
		/*
		 * A peer that never rests does not get more time than others.
		 */
		if (sysclock_ms() >= until_ms)
			break;
	}
	shut(&t->to_program, SHUT_WR);
	empty(&t->in);
	empty(&t->out);
	close_net(t, is_last ? until_ms : last_words_until(t, ends_at));
}
