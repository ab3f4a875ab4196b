/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-queue-amqp: qmail-queue's protocol to the keeper, who publishes.
 *
 * This file is the wiring: arguments, environment, configuration, signals.
 * What it reads is lib/submit's, where that waits is parcel.c's, and who
 * decides is asked by keeper.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "conf/amqp.h"
#include "keeper.h"
#include "parcel.h"
#include "program/configured.h"
#include "program/logged.h"
#include "sandbox.h"
#include "submit/caller.h"
#include "submit/dsn.h"
#include "submit/submit.h"

enum {
	/* Seconds more than the keeper has, who may answer in its last. */
	GRACE = 5
};

static const struct program SELF = { "smtpserv-queue-amqp", "[-f file]", NULL };

struct queue {
	struct log log;
	struct settings settings;
	char host[256];
	char comment[64];
	char id[HANDOVER_ID_MAX];
	sigset_t waiting;
	int said; /* or -1 */
	struct parcel parcel;
	struct keeper keeper;
	struct submit submit;
};

/* Signals come only while we wait, and then end the wait: nothing to do. */
static void
wake(int sig)
{
	(void)sig;
}

static const struct program_signals SIGNALS = {
	.hear = wake,
	.heard = { SIGTERM, SIGINT, SIGHUP },
	/* A write(2) beyond a file limit then fails, which is 53. */
	.ignored = { SIGPIPE, SIGXFSZ },
};

static const char *
variable(const char *name)
{
	return (getenv(name));
}

/* The configuration, and who we and our caller are. */
static bool
configure(struct queue *q, const char *option)
{
	struct configured conf = { option, logged_conf, &q->log, "" };
	struct buf comment;

	buf_init(&comment, q->comment, sizeof(q->comment));
	(void)buf_printf(
	    &comment, "%s, uid %lu", SELF.name, (unsigned long)getuid());
	return (buf_cstr(&comment) != NULL &&
	    configured_load_more(&conf, &q->settings, &AMQP_KEYS) == RES_OK &&
	    configured_host(&conf, &q->settings, q->host, sizeof(q->host)) ==
		RES_OK);
}

/* One, for all that may be done to have it stored. */
static bool
make_id(struct queue *q)
{
	struct timespec now;
	struct buf id;
	uint64_t chance;

	buf_init(&id, q->id, sizeof(q->id));
	if (clock_gettime(CLOCK_REALTIME, &now) != 0 ||
	    getrandom(&chance, sizeof(chance), 0) != (ssize_t)sizeof(chance) ||
	    !handover_put_id(&id,
		(uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec,
		(uint32_t)getpid(), chance, bytes_of(q->host)))
		return (false);
	q->parcel.id = buf_view(&id);
	return (true);
}

/* All that is needed, of which nothing can be had later. */
static int
prepare(struct queue *q)
{
	struct submit *s = &q->submit;
	struct fault why;
	int code;

	s->settings = &q->settings;
	s->sink = &PARCEL_SINK;
	s->ctx = &q->parcel;
	s->host = q->host;
	s->comment = q->comment;
	s->message = STDIN_FILENO;
	s->envelope = STDOUT_FILENO;
	s->is_strangers = false;
	s->waiting = &q->waiting;
	if (!make_id(q))
		return (refusal_set(&s->no, QQEXIT_BUG, "3.0", "no ID"));
	if (parcel_open(&q->parcel, q->settings.spool.dir, &why) != RES_OK)
		return (refusal_fault(&s->no, &why, QQEXIT_CONFIG));
	code = keeper_open(&q->keeper, q->settings.amqp.socket,
	    q->settings.amqp.time + GRACE, &s->no);
	if (code == QQEXIT_ACCEPTED)
		logged_unconfined(&q->log, sandbox_enter());
	return (code);
}

static void
log_outcome(const struct queue *q, int code, struct bytes said)
{
	const struct submit *s = &q->submit;
	struct log_line line;

	log_begin(
	    &line, &q->log, code == QQEXIT_ACCEPTED ? "accepted" : "refused");
	if (code != QQEXIT_ACCEPTED)
		log_text(&line, "why", said);
	log_text(&line, "id", q->parcel.id);
	log_text(&line, "from", submit_sender(s));
	log_number(&line, "rcpts", s->lines.nrcpt);
	log_number(&line, "size", s->text.size);
	if (messageid_view(&s->id).n > 0)
		log_text(&line, "msgid", messageid_view(&s->id));
	log_end(&line);
}

/* The keeper's word is ours. */
static int
hand_over(struct queue *q)
{
	const struct parcel *p = &q->parcel;
	struct handover_request r = { .id = p->id,
		.message = p->size[PARCEL_MESSAGE],
		.envelope = p->size[PARCEL_ENVELOPE] };
	struct bytes said;
	int code = keeper_ask(&q->keeper, &r, p->fds, &q->submit.no, &said);

	if (said.n == 0) {
		caller_tell(q->said, &q->log, &q->submit.no, "");
		return (code);
	}
	log_outcome(q, code, said);
	caller_hand_on(q->said, said);
	return (code);
}

static int
take(struct queue *q)
{
	const char *wrong = dsn_read(&q->submit, variable);
	int code;

	if (wrong != NULL) {
		logged_conf(&q->log, CONF_ERROR, "environment", 0, wrong,
		    "not of its form");
		caller_say(q->said, QQEXIT_ENVELOPE, "5.4", wrong);
		return (QQEXIT_ENVELOPE);
	}
	code = prepare(q);
	if (code == QQEXIT_ACCEPTED)
		code = submit_take(&q->submit);
	if (code == QQEXIT_ACCEPTED)
		return (hand_over(q));
	caller_tell(q->said, &q->log, &q->submit.no, "");
	return (code);
}

static int
run(struct queue *q, const char *option)
{
	/* It would write where its caller says, by rights of another. */
	if (getauxval(AT_SECURE) != 0) {
		caller_say(q->said, QQEXIT_REFUSED, "7.1",
		    "smtpserv-queue-amqp is not to be set-user-ID");
		return (QQEXIT_REFUSED);
	}
	program_set_signals(&SIGNALS, &q->waiting);
	if (configure(q, option))
		return (take(q));
	caller_say(q->said, QQEXIT_CONFIG, "3.5",
	    "the configuration cannot be read, or is wrong");
	return (QQEXIT_CONFIG);
}

int
main(int argc, char **argv)
{
	/* Not on the stack: it is large. */
	static struct queue queue;
	int code;

	if (program_answers(&SELF, argc, argv, &code))
		return (code);
	if (!program_has_connection())
		return (QQEXIT_READ);
	queue.said =
	    caller_said(getenv("SMTPSERV_ENVELOPE") != NULL ? DSN_FULL_FD : -1);
	log_start(&queue.log, SELF.name);
	if (argc == 1)
		return (run(&queue, NULL));
	if (argc == 3 && argv[1][0] == '-' && argv[1][1] == 'f' &&
	    argv[1][2] == '\0')
		return (run(&queue, argv[2]));
	return (program_misused(&SELF));
}
