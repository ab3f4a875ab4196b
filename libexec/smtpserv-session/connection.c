/* SPDX-License-Identifier: ISC */
#include "connection.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "session.h"
#include "sys/sysclock.h"

enum {
	/* Seconds for the last reply to be sent and read. */
	LAST_REPLY = 10,
	/* Seconds for the client to finish the handshake of TLS. */
	HANDSHAKE = 60,
	LINGER = 2
};

/* Set by signals, which come only while we wait. */
static volatile sig_atomic_t stop_asked;

void
connection_stop(int sig)
{
	(void)sig;
	stop_asked = 1;
}

void
connection_init(struct connection *c)
{
	smtpreply_init(&c->replies, c->out, sizeof(c->out));
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return (a < b ? a : b);
}

/* Wait for a time of inactivity, but not beyond the session's end. */
static int64_t
wait_until(const struct connection *c)
{
	return (sooner(c->ends_at, sysclock_after(sysclock_ms(), c->inactive)));
}

static enum sysio_status
flush(struct connection *c, int64_t until_ms)
{
	enum sysio_status status = sysio_write(STDOUT_FILENO,
	    smtpreply_pending(&c->replies), until_ms, c->waiting);

	smtpreply_sent(&c->replies);
	return (status);
}

/* Send as the loop does: wait for as long as a client may be silent. */
static enum sysio_status
send_pending(struct connection *c)
{
	enum sysio_status status = flush(c, wait_until(c));

	return (status == SYSIO_SIGNAL && !stop_asked ? SYSIO_FAILED : status);
}

static enum sysio_status
fill(struct connection *c)
{
	size_t room = sizeof(c->in) - c->nin;
	size_t got = 0;
	enum sysio_status status;

	/* A terminal's line ends grow. */
	if (c->is_terminal)
		room /= 2;
	do {
		status = sysio_read(STDIN_FILENO, c->in + c->nin, room, &got,
		    wait_until(c), c->waiting);
	} while (status == SYSIO_SIGNAL && !stop_asked);
	if (status == SYSIO_OK && c->is_terminal)
		got = smtpline_from_terminal(c->in + c->nin, got);
	c->nin += got;
	return (status);
}

/*
 * More input, if the session wants some.  If it has enough to do, this does
 * not wait, but looks whether a signal or the session's end is to stop it.
 */
static enum sysio_status
get_input(struct connection *c, enum session_next next)
{
	enum sysio_status status;

	if (next != SESSION_AGAIN && (next == SESSION_READ || c->nin == 0))
		return (fill(c));
	status = sysio_look(c->ends_at, c->waiting);
	return (status == SYSIO_SIGNAL && !stop_asked ? SYSIO_OK : status);
}

/* The input that is there, as far as the session takes it. */
static enum session_next
feed(struct connection *c)
{
	struct bytes in = { c->in, c->nin };
	size_t used = 0;
	enum session_next next =
	    session_feed(c->session, in, &used, &c->replies);

	c->nin -= used;
	if (c->nin > 0 && used > 0)
		memmove(c->in, c->in + used, c->nin);
	/* The old bytes of the input that was moved still stand behind it. */
	if (c->session->has_secret)
		explicit_bzero(c->in + c->nin, used);
	c->session->has_secret = false;
	return (next);
}

/* The client was told to begin: input that it sent before that is void. */
static enum sysio_status
start_tls(struct connection *c)
{
	struct log_line line;
	struct ucspitls_facts facts;
	enum sysio_status status = starttls_begin(c->tls, &facts,
	    sooner(c->ends_at, sysclock_after(sysclock_ms(), HANDSHAKE)),
	    c->waiting);

	c->nin = 0;
	log_begin(&line, c->log, status == SYSIO_OK ? "tls" : "notls");
	if (status == SYSIO_OK) {
		log_text(&line, "protocol", bytes_of(facts.protocol));
		log_text(&line, "cipher", bytes_of(facts.cipher));
		session_secure(c->session, facts.protocol, facts.cipher);
	}
	log_end(&line);
	return (status);
}

/* Why the loop ended, as the log says it, and the reply that goes with it. */
struct ending {
	const char *why;
	const struct smtp_reply *last_words; /* or NULL */
	bool by_client;
};

static struct ending
ending_of(const struct connection *c, enum sysio_status status)
{
	switch (status) {
	case SYSIO_EOF:
		return ((struct ending){ "closed by client", NULL, true });
	case SYSIO_SIGNAL:
		return (
		    (struct ending){ "signal", &SMTPREPLY_SHUTDOWN, false });
	case SYSIO_TIMEOUT:
		if (sysclock_ms() >= c->ends_at)
			return ((struct ending){
			    "smtp.maxtime", &SMTPREPLY_TOO_LATE, false });
		return ((struct ending){ "inactive", &SMTPREPLY_IDLE, false });
	case SYSIO_OK:
	case SYSIO_FAILED:
		break;
	}
	return ((struct ending){ strerror(errno), NULL, true });
}

/*
 * The loop: feed what is there; send what is pending before every wait.  That
 * one rule makes pipelining right (RFC 2920 3.2).
 */
static struct ending
converse(struct connection *c)
{
	enum session_next next = SESSION_READ;
	enum sysio_status status = SYSIO_OK;

	while (next != SESSION_HANG_UP) {
		/* A signal may have come while a port waited. */
		status = stop_asked ? SYSIO_SIGNAL : send_pending(c);
		if (status == SYSIO_OK && next != SESSION_AGAIN)
			intake_log_outcome(c->intake);
		if (status == SYSIO_OK && next == SESSION_START_TLS) {
			if (start_tls(c) != SYSIO_OK)
				return (
				    (struct ending){ "no TLS", NULL, true });
			next = SESSION_READ;
		}
		if (status == SYSIO_OK)
			status = get_input(c, next);
		if (status != SYSIO_OK)
			return (ending_of(c, status));
		next = feed(c);
	}
	return ((struct ending){
	    c->session->quit ? "quit" : "hung up", NULL, false });
}

/*
 * We hang up, perhaps while the client still sends: make sure that the last
 * reply arrives.  A kernel that closes a socket with unread input resets the
 * connection, and throws away what we sent.
 */
static void
linger(struct connection *c)
{
	int64_t until = sysclock_after(sysclock_ms(), LINGER);
	size_t got;

	if (shutdown(STDOUT_FILENO, SHUT_WR) != 0)
		return;
	while (sysio_read(STDIN_FILENO, c->in, sizeof(c->in), &got, until,
		   c->waiting) == SYSIO_OK)
		continue;
}

static void
finish(struct connection *c, struct ending end)
{
	struct log_line line;
	int64_t until = sysclock_after(sysclock_ms(), LAST_REPLY);
	bool is_heard;

	if (end.last_words != NULL)
		session_stop(c->session, end.last_words, &c->replies);
	else
		session_drop(c->session);
	is_heard = flush(c, until) == SYSIO_OK;
	intake_log_outcome(c->intake);
	log_begin(&line, c->log, "end");
	log_text(&line, "why", bytes_of(end.why));
	log_number(&line, "accepted", c->intake->accepted);
	log_number(&line, "refused", c->intake->refused);
	log_end_last(&line);
	if (is_heard && !end.by_client && !c->session->quit)
		linger(c);
}

void
connection_turn_away(struct connection *c)
{
	smtpreply_put(&c->replies, &SMTPREPLY_BAD_SETUP);
	/* Whether it arrived or not, it was the last reply. */
	(void)flush(c, sysclock_after(sysclock_ms(), LAST_REPLY));
}

bool
connection_greet(struct connection *c)
{
	enum sysio_status status;

	session_greet(c->session, &c->replies);
	status = send_pending(c);
	if (status != SYSIO_OK)
		finish(c, ending_of(c, status));
	return (status == SYSIO_OK);
}

void
connection_serve(struct connection *c)
{
	finish(c, converse(c));
}
