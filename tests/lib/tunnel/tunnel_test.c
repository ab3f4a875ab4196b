/* SPDX-License-Identifier: ISC */
#include "tunnel/tunnel.h"

#include <atf-c.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/sysclock.h"
#include "sys/sysfd.h"

/* A library that changes nothing: what it carries can be read on the way. */
static ssize_t
answer(ssize_t n, ssize_t later)
{
	if (n < 0)
		return (errno == EAGAIN ? later : TUNNEL_BROKEN);
	return (n);
}

static ssize_t
read_plain(void *tls, void *into, size_t n)
{
	return (answer(read(*(int *)tls, into, n), TUNNEL_WANTS_IN));
}

static ssize_t
write_plain(void *tls, const void *from, size_t n)
{
	return (answer(write(*(int *)tls, from, n), TUNNEL_WANTS_OUT));
}

/* A server's hand is one byte. */
static ssize_t
shake_plain(void *tls)
{
	char byte;
	ssize_t n = read_plain(tls, &byte, 1);

	if (n == 1)
		return (byte == 'y' ? 0 : TUNNEL_BROKEN);
	return (n == 0 ? TUNNEL_BROKEN : n);
}

static ssize_t
close_plain(void *tls)
{
	(void)write_plain(tls, "#", 1);
	return (0);
}

static const struct tunnel_library PLAIN = { .read = read_plain,
	.write = write_plain,
	.handshake = shake_plain,
	.close = close_plain };

/* A tunnel in a process of its own, between two sockets that are ours. */
struct world {
	int peer;    /* -1 once it is closed */
	int program; /* likewise */
	pid_t pid;
};

static struct tunnel tunnel;

/* Exits 0 if it ended in time, and what was carried is no longer there. */
static void
carry(int net, int clear, bool hears_out)
{
	size_t i;

	tunnel.library = &PLAIN;
	tunnel.tls = &net;
	tunnel.net = net;
	tunnel.from_program = clear;
	tunnel.to_program = dup(clear);
	tunnel.last_words_ms = 200;
	tunnel.hears_out = hears_out;
	if (!sysfd_set_nonblocking(net) || !sysfd_set_nonblocking(clear))
		_exit(1);
	tunnel_carry(&tunnel, sysclock_after(sysclock_ms(), 60));
	for (i = 0; i < sizeof(tunnel.out.bytes); i++)
		if (tunnel.out.bytes[i] != '\0')
			_exit(2);
	_exit(0);
}

static void
begin(struct world *w, bool hears_out)
{
	int net[2];
	int clear[2];

	(void)signal(SIGPIPE, SIG_IGN);
	ATF_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, net) == 0);
	ATF_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, clear) == 0);
	w->pid = fork();
	ATF_REQUIRE(w->pid >= 0);
	if (w->pid == 0) {
		(void)close(net[0]);
		(void)close(clear[0]);
		carry(net[1], clear[1], hears_out);
	}
	(void)close(net[1]);
	(void)close(clear[1]);
	w->peer = net[0];
	w->program = clear[0];
}

static void
end(struct world *w)
{
	int status;

	ATF_REQUIRE_EQ(w->pid, waitpid(w->pid, &status, 0));
	ATF_CHECK_MSG(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	    "status %x", status);
}

static void
say(int fd, const char *text)
{
	ATF_REQUIRE_EQ((ssize_t)strlen(text), write(fd, text, strlen(text)));
}

/* The text comes, however it is cut; "" is the end. */
static void
hear(int fd, const char *text)
{
	char got[64] = "";
	size_t n = 0;
	size_t want = strlen(text);
	ssize_t more = 1;

	while (more > 0 && (n < want || want == 0)) {
		more = read(fd, got + n, want == 0 ? 1 : want - n);
		if (more > 0)
			n += (size_t)more;
	}
	ATF_CHECK_STREQ(text, got);
}

ATF_TC_WITHOUT_HEAD(tunnel_carry__both_ways_until_the_program_ends);
ATF_TC_BODY(tunnel_carry__both_ways_until_the_program_ends, tc)
{
	struct world w;

	begin(&w, false);
	say(w.program, "ping");
	hear(w.peer, "ping");
	say(w.peer, "pong");
	hear(w.program, "pong");
	say(w.program, "password");
	(void)close(w.program);
	hear(w.peer, "password#");
	hear(w.peer, "");
	end(&w);
}

/* A socket that is given twice must not keep its end secret. */
ATF_TC_WITHOUT_HEAD(tunnel_carry__the_program_sees_the_peers_end);
ATF_TC_BODY(tunnel_carry__the_program_sees_the_peers_end, tc)
{
	struct world w;

	begin(&w, true);
	say(w.peer, "bye");
	(void)close(w.peer);
	hear(w.program, "bye");
	hear(w.program, "");
	(void)close(w.program);
	end(&w);
}

ATF_TC_WITHOUT_HEAD(tunnel_carry__hears_out_who_has_no_more_to_say);
ATF_TC_BODY(tunnel_carry__hears_out_who_has_no_more_to_say, tc)
{
	struct world w;

	begin(&w, true);
	say(w.program, "QUIT");
	ATF_REQUIRE(shutdown(w.program, SHUT_WR) == 0);
	hear(w.peer, "QUIT");
	say(w.peer, "221");
	hear(w.program, "221");
	(void)close(w.peer);
	hear(w.program, "");
	end(&w);
}

/* Fill what is between until no more goes in. */
static void
stuff(int fd)
{
	char text[4096];

	memset(text, 'p', sizeof(text));
	ATF_REQUIRE(sysfd_set_nonblocking(fd));
	for (;;) {
		ssize_t n = write(fd, text, sizeof(text));

		if (n < 0 && errno == EAGAIN && usleep(20000) == 0)
			n = write(fd, text, sizeof(text));
		if (n < 0)
			break;
	}
}

/* OB-171: not even a peer that neither reads nor speaks keeps it. */
ATF_TC_WITHOUT_HEAD(tunnel_carry__ends_soon_after_the_program);
ATF_TC_BODY(tunnel_carry__ends_soon_after_the_program, tc)
{
	struct world w;

	begin(&w, true);
	stuff(w.program);
	(void)close(w.program);
	end(&w);
	begin(&w, true);
	ATF_REQUIRE(shutdown(w.program, SHUT_WR) == 0);
	(void)close(w.program);
	end(&w);
}

ATF_TC_WITHOUT_HEAD(tunnel_handshake__done_refused_or_too_slow);
ATF_TC_BODY(tunnel_handshake__done_refused_or_too_slow, tc)
{
	static const struct tunnel_library *const library = &PLAIN;
	int ends[2];

	ATF_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	ATF_REQUIRE(sysfd_set_nonblocking(ends[1]));
	tunnel.library = library;
	tunnel.tls = &ends[1];
	tunnel.net = ends[1];
	ATF_CHECK_EQ(TUNNEL_SILENT,
	    tunnel_handshake(&tunnel, sysclock_ms() + 1));
	say(ends[0], "yn");
	ATF_CHECK_EQ(TUNNEL_SHAKEN,
	    tunnel_handshake(&tunnel, sysclock_after(sysclock_ms(), 60)));
	ATF_CHECK_EQ(TUNNEL_REFUSED,
	    tunnel_handshake(&tunnel, sysclock_after(sysclock_ms(), 60)));
	(void)close(ends[0]);
	ATF_CHECK_EQ(TUNNEL_REFUSED,
	    tunnel_handshake(&tunnel, sysclock_after(sysclock_ms(), 60)));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, tunnel_carry__both_ways_until_the_program_ends);
	ATF_TP_ADD_TC(tp, tunnel_carry__the_program_sees_the_peers_end);
	ATF_TP_ADD_TC(tp, tunnel_carry__hears_out_who_has_no_more_to_say);
	ATF_TP_ADD_TC(tp, tunnel_carry__ends_soon_after_the_program);
	ATF_TP_ADD_TC(tp, tunnel_handshake__done_refused_or_too_slow);
	return (atf_no_error());
}
