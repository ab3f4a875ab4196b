/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-broker: run the programs that a session may not run itself.
 *
 * The session is on descriptor 0, a socket; lib/broker has the records.  The
 * session faces a stranger, so this side holds to its own limits: for a record,
 * for time, and for wrong passwords.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/broker.h"
#include "bytes/num.h"
#include "child.h"
#include "program/program.h"
#include "sys/sysclock.h"
#include "sys/sysfd.h"

/* checkpassword runs this when the password is right. */
#define SUBPROGRAM "/bin/true"

enum {
	SECONDS = 300,
	SECONDS_MAX = 3600,
	/* Seconds for a program to see that its message was given up. */
	ABORT_WAIT = 5,
	/*
	 * A refused password is not answered sooner, so that guessing is slow,
	 * and the time does not tell a user that exists from one that does not.
	 */
	REFUSAL_MS = 2000
};

/* The pipes of a qmail-queue. */
enum {
	MESSAGE,
	ENVELOPE,
	REPORT
};

struct broker {
	const char *auth;
	const char *queue;
	bool gives_whole; /* the whole envelope, to the latter */
	uint32_t seconds;
	unsigned int refusals;
	bool is_under_way; /* a message */
	struct child child;
	char record[BROKER_RECORD_MAX + 1];
};

static const struct program SELF = { "smtpserv-broker",
	"[-a command] [-e] [-q command] [-t seconds]", NULL };

static int64_t
deadline(const struct broker *b)
{
	return (sysclock_after(sysclock_ms(), b->seconds));
}

/* False: the session is gone. */
static bool
answer(unsigned int code, pid_t pid, struct bytes said)
{
	char store[BROKER_SAID_MAX + 64];
	struct broker_answer a = { code, pid < 0 ? 0 : (uint32_t)pid, said };
	struct buf out;
	struct bytes text;

	buf_init(&out, store, sizeof(store));
	if (!broker_put_answer(&out, &a))
		return (false);
	text = buf_view(&out);
	return (send(STDIN_FILENO, text.p, text.n, MSG_NOSIGNAL) ==
	    (ssize_t)text.n);
}

/* One question to checkpassword: its exit code. */
static unsigned int
check_password(struct broker *b, struct bytes secret)
{
	struct child *c = &b->child;
	int64_t until = deadline(b);
	unsigned int code;

	*c = (struct child){ .pipe = { { 3, false, -1 }, { -1, false, -1 },
				 { -1, false, -1 } } };
	child_start(c, b->auth, SUBPROGRAM, STDIN_FILENO);
	/* A program that did not read it says so by its code. */
	child_write(c, &c->pipe[0], secret, until);
	code = child_wait(c, until, true);
	return (c->is_given_up ? BROKER_GIVEN_UP : code);
}

static bool
login(struct broker *b, struct bytes secret)
{
	struct bytes none = { NULL, 0 };
	int64_t until = sysclock_ms() + REFUSAL_MS;
	unsigned int code = 1;

	if (b->auth == NULL || b->is_under_way || !broker_is_secret(secret))
		return (false);
	if (b->refusals < BROKER_TRIES_MAX)
		code = check_password(b, secret);
	explicit_bzero(b->record, sizeof(b->record));
	if (code != 0) {
		b->refusals++;
		child_idle(STDIN_FILENO, until);
	}
	return (answer(code, b->child.pid, none));
}

static bool
begin(struct broker *b)
{
	if (b->queue == NULL || b->is_under_way)
		return (false);
	b->is_under_way = true;
	b->child = (struct child){ .pipe = { { 0, false, -1 }, { 1, false, -1 },
				       { 6, true, -1 } },
		.gets_whole = b->gives_whole };
	child_start(&b->child, b->queue, NULL, STDIN_FILENO);
	return (true);
}

static bool
add_whole(struct broker *b, struct bytes lines)
{
	if (!b->is_under_way || !b->gives_whole)
		return (false);
	child_add_whole(&b->child, lines);
	return (true);
}

static bool
pass_on(struct broker *b, int which, struct bytes text)
{
	if (!b->is_under_way)
		return (false);
	/* qmail-queue reads the text to its end, and then the envelope. */
	if (which == ENVELOPE)
		child_close(&b->child.pipe[MESSAGE]);
	child_write(&b->child, &b->child.pipe[which], text, deadline(b));
	return (true);
}

/* The program sees an envelope that ends early. */
static bool
give_up(struct broker *b)
{
	uint32_t wait = b->seconds < ABORT_WAIT ? b->seconds : ABORT_WAIT;

	/* Nobody asks how it ended. */
	if (b->is_under_way)
		(void)child_wait(
		    &b->child, sysclock_after(sysclock_ms(), wait), false);
	b->is_under_way = false;
	return (true);
}

static bool
commit(struct broker *b)
{
	struct bytes last = { "", 1 };
	struct bytes none = { NULL, 0 };
	struct child *c = &b->child;
	unsigned int code;

	if (!pass_on(b, ENVELOPE, last))
		return (false);
	if (c->is_given_up)
		/* The session does not wait for more than that. */
		return (answer(BROKER_GIVEN_UP, c->pid, none) && give_up(b));
	b->is_under_way = false;
	/* From here on it may be taken, so it is given its time. */
	code = child_wait(c, deadline(b), false);
	if (code == 0 && c->is_unread)
		code = BROKER_UNREAD;
	return (answer(code, c->pid, (struct bytes){ c->said, c->nsaid }));
}

/* False: the session is gone, or sent a record that it must not. */
static bool
obey(struct broker *b, struct bytes record)
{
	struct bytes rest = bytes_cut(record, 1, record.n);

	switch (record.p[0]) {
	case BROKER_LOGIN:
		return (login(b, rest));
	case BROKER_BEGIN:
		return (begin(b));
	case BROKER_WHOLE:
		return (add_whole(b, rest));
	case BROKER_TEXT:
		return (pass_on(b, MESSAGE, rest));
	case BROKER_ENVELOPE:
		return (pass_on(b, ENVELOPE, rest));
	case BROKER_COMMIT:
		return (commit(b));
	case BROKER_ABORT:
		return (give_up(b));
	default:
		return (false);
	}
}

static int
serve(struct broker *b)
{
	ssize_t n;

	for (;;) {
		n = recv(STDIN_FILENO, b->record, sizeof(b->record), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || n > BROKER_RECORD_MAX ||
		    !obey(b, (struct bytes){ b->record, (size_t)n }))
			break;
	}
	/* It is always true: obey() wants it so. */
	(void)give_up(b);
	return (n == 0 ? XC_OK : XC_TEMP);
}

static void
wake(int sig)
{
	(void)sig;
}

/*
 * The session ends us, by its end.  How the session is ended in order is its
 * own business.
 */
static const struct program_signals SIGNALS = {
	.hear = wake,
	.heard = { SIGCHLD },
	.ignored = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE },
};

static bool
read_options(struct broker *b, int argc, char **argv)
{
	uint64_t n;
	int opt;

	opterr = 0;
	while ((opt = getopt(argc, argv, "a:eq:t:")) != -1)
		switch (opt) {
		case 'a':
			b->auth = optarg;
			break;
		case 'e':
			b->gives_whole = true;
			break;
		case 'q':
			b->queue = optarg;
			break;
		case 't':
			if (!num_parse(bytes_of(optarg), SECONDS_MAX, &n) ||
			    n == 0)
				return (false);
			b->seconds = (uint32_t)n;
			break;
		default:
			return (false);
		}
	return (optind == argc);
}

int
main(int argc, char **argv)
{
	/* Not on the stack: it is large. */
	static struct broker broker = { .seconds = SECONDS };
	sigset_t waiting;
	int code;

	if (program_answers(&SELF, argc, argv, &code))
		return (code);
	if (!read_options(&broker, argc, argv))
		return (program_misused(&SELF));
	/*
	 * The descriptors that the starter had open are not for the programs.
	 */
	sysfd_close_others(NULL, 0);
	/* Passwords go through here: no core, and no looking in. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	program_set_signals(&SIGNALS, &waiting);
	return (serve(&broker));
}
