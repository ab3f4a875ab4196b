/* SPDX-License-Identifier: ISC */
/*
 * amqplink: one connection to a message broker with one channel, by
 * librabbitmq, in which nothing waits longer than its caller allows.
 *
 * Frames are sent and read one by one, so that the caller can look what has
 * come between two of them, and needs memory for one only.  No call of the
 * library is trusted to end: while it sends, a timer of this link runs, whose
 * signal (SIGALRM) carries the socket, and the program's handler must
 * shutdown(2) that; see program_cut_by_timers().  A deadline is a moment of
 * sysclock_ms().
 *
 * After any word but AMQPLINK_OK and AMQPLINK_TIMEOUT of amqplink_read() a link
 * is of no use any more and wants amqplink_close().
 */
#ifndef AMQP_AMQPLINK_H
#define AMQP_AMQPLINK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "amqp/amqpsite.h"
#include "amqp/rabbitmq.h"
#include "bytes/bytes.h"

enum {
	AMQPLINK_CHANNEL = 1, /* the only one */
	AMQPLINK_WHY_MAX = 256
};

enum amqplink_word {
	AMQPLINK_OK,
	AMQPLINK_TIMEOUT,   /* the deadline came first */
	AMQPLINK_UNREACHED, /* nobody there, or nobody who speaks AMQP */
	AMQPLINK_REFUSED,   /* it is there, and does not want us, or we it */
	AMQPLINK_CLOSED,    /* by the server's word: code and why */
	AMQPLINK_LOST       /* without a word, or after nonsense */
};

struct amqplink {
	/* What went wrong, or why it is blocked: for the log. */
	char why[AMQPLINK_WHY_MAX];
	unsigned int code; /* the server's, of CLOSED and REFUSED; 0: none */
	bool is_blocked;   /* the server has said that it takes nothing now */
	/* Private. */
	amqp_connection_state_t state;
	bool is_broken;
	bool has_timer;
	timer_t timer;
};

/* Not open; amqplink_close() does nothing to it. */
void amqplink_init(struct amqplink *l);
bool amqplink_is_open(const struct amqplink *l);

/*
 * What TLS reads once in a process, before that is confined; and the files of
 * the site, for a trial.  NULL, or static text that says which key's file
 * cannot be used, beginning with that.
 */
const char *amqplink_prepare(const struct amqpsite *site);

/*
 * Connect and log in to that node, and open the channel.  Certificates and the
 * login are read now.  The server is told that we want to hear when it is
 * blocked.  A name of the node is looked up, for which the resolver has its own
 * time.  Not OK: it is closed again.
 */
enum amqplink_word amqplink_dial(struct amqplink *l,
    const struct amqpsite *site, size_t node, int64_t until_ms) MUST_CHECK;

/*
 * Send a method on the channel and wait for the one that answers it; other
 * frames that come meanwhile are kept for amqplink_read().
 */
enum amqplink_word amqplink_ask(struct amqplink *l,
    amqp_method_number_t request, amqp_method_number_t answer, void *method,
    int64_t until_ms) MUST_CHECK;

/*
 * The next frame of the channel, or of the connection, whose views are valid
 * until the next call; a deadline that is past: what has come already, if it is
 * whole.  connection.blocked and .unblocked are kept in is_blocked, and given,
 * too; a close is AMQPLINK_CLOSED.
 */
enum amqplink_word amqplink_read(
    struct amqplink *l, amqp_frame_t *frame, int64_t until_ms) MUST_CHECK;

/* Send a method on the channel; `method` is the library's struct of that id. */
enum amqplink_word amqplink_method(struct amqplink *l, amqp_method_number_t id,
    void *method, int64_t until_ms) MUST_CHECK;

/* The frame behind a publish: what the message is, and how long. */
enum amqplink_word amqplink_header(struct amqplink *l, uint64_t size,
    amqp_basic_properties_t *properties, int64_t until_ms) MUST_CHECK;

/* The next piece of it, at most amqplink_piece_max() octets. */
enum amqplink_word amqplink_body(
    struct amqplink *l, struct bytes piece, int64_t until_ms) MUST_CHECK;
size_t amqplink_piece_max(const struct amqplink *l);

/*
 * The socket, to wait at until something may have come; before the wait
 * amqplink_read() must have said AMQPLINK_TIMEOUT.  -1: not open.
 */
int amqplink_socket(const struct amqplink *l);

/*
 * At once.  A server that can hear it is told, so that it does not complain.
 */
void amqplink_close(struct amqplink *l);

/* A text of ours as the library wants it; and a view. */
amqp_bytes_t amqplink_bytes(const char *text);
amqp_bytes_t amqplink_view(struct bytes text);

#endif
