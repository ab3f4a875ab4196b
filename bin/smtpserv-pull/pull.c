/* SPDX-License-Identifier: ISC */
#include "pull.h"

#include <poll.h>
#include <string.h>
#include <time.h>

#include "amqp/amqplink.h"
#include "consumer.h"
#include "intake.h"
#include "pause.h"
#include "sys/sysclock.h"
#include "sys/sysio.h"
#include "waiting.h"

enum {
	LOST_MS = 200, /* before the next node, doubling */
	LOST_MOST_MS = 5000,
	TROUBLE_MS = 1000, /* after trouble here, doubling */
	TROUBLE_MOST_MS = 60000,
	/* After a silence as long as this the server is asked for a word. */
	QUIET_MS = 30000,
	/* Between two looks at a spool that has enough. */
	HOLD_MS = 1000,
	/* Before a queue that did not want us is asked again. */
	CANCELLED_MS = 200,
	/* Messages after which the spool is looked at again, at most. */
	ROOM_MOST = 64,
	/* To take leave, or not. */
	LEAVE_MS = 1000
};

enum flow {
	STARTING,
	FLOWING,
	STOPPING,
	STOPPED
};

enum step {
	GO_ON,
	LEAVE,   /* a signal wants it */
	LOST,    /* the node */
	TROUBLE, /* here */
	BROKEN   /* here, and for good */
};

struct pull {
	const struct pull_order *o;
	size_t node;
	struct consumer consumer;
	struct intake intake;
	struct tally tally;
	struct pause lost;
	struct pause trouble;
	struct fault why;
	enum flow flow;
	bool is_asked; /* the server owes us a word */
	bool is_in_hand;
	bool is_known; /* what is in hand */
	uint64_t size; /* of it */
	int64_t began_ms;
	int64_t heard_ms;
	int64_t look_ms; /* not before that is the spool looked at */
	uint64_t room;   /* messages, until the next look */
};

static int64_t
patience(const struct pull *p)
{
	return (sysclock_after(sysclock_ms(), p->o->settings->amqp.time));
}

static void
log_node(const struct pull *p, const char *event, bool has_why)
{
	const struct amqpsite_node *node = &p->o->site->nodes[p->node];
	struct log_line line;

	log_begin(&line, p->o->log, event);
	log_text(&line, "node", bytes_of(node->host));
	log_number(&line, "port", (uint64_t)node->port);
	if (has_why && p->consumer.link.code != 0)
		log_number(&line, "code", p->consumer.link.code);
	if (has_why)
		log_text(&line, "why", bytes_of(p->consumer.link.why));
	log_end(&line);
}

static void
log_message(const struct pull *p, const char *event)
{
	struct log_line line;
	const char *wrong = intake_wrong(&p->intake);

	log_begin(&line, p->o->log, event);
	log_text(&line, "id", intake_id(&p->intake));
	if (!p->is_known) {
		log_number(&line, "number", p->intake.number);
		log_number(
		    &line, "ms", (uint64_t)(sysclock_ms() - p->began_ms));
		log_number(&line, "size", p->size);
		if (wrong != NULL)
			log_text(&line, "wrong", bytes_of(wrong));
	}
	log_end(&line);
}

static void
log_hold(const struct pull *p, const char *event, uint64_t waiting)
{
	struct log_line line;

	log_begin(&line, p->o->log, event);
	log_number(&line, "waiting", waiting);
	log_end(&line);
}

/* It has been told, and what becomes of the connection. */
static enum step
fault(struct pull *p)
{
	log_fault(p->o->log, &p->why);
	p->tally.troubles++;
	return (p->why.broken ? BROKEN : TROUBLE);
}

static enum step
step_of(enum amqplink_word word)
{
	return (word == AMQPLINK_OK ? GO_ON : LOST);
}

static enum step
start(struct pull *p)
{
	const struct settings_amqp *amqp = &p->o->settings->amqp;

	p->flow = STARTING;
	p->heard_ms = sysclock_ms();
	return (step_of(consumer_start(
	    &p->consumer, amqp->queue, amqp->prefetch, patience(p))));
}

/* Enough messages wait: the others stay in the queue, which has more copies. */
static enum step
hold(struct pull *p, uint64_t waiting)
{
	p->look_ms = sysclock_ms() + HOLD_MS;
	p->room = 0;
	if (!p->tally.is_holding) {
		p->tally.holds++;
		p->tally.is_holding = true;
		log_hold(p, "holding", waiting);
	}
	if (p->flow != FLOWING)
		return (GO_ON);
	p->flow = STOPPING;
	/* Its time begins here, however long the last commit took. */
	p->heard_ms = sysclock_ms();
	return (step_of(consumer_stop(&p->consumer, patience(p))));
}

/* Between two messages: is there room for the next one? */
static enum step
mind_the_spool(struct pull *p)
{
	uint64_t most = p->o->settings->pull.most;
	uint64_t waiting;

	if (p->flow == STARTING || p->room > 0 || sysclock_ms() < p->look_ms)
		return (GO_ON);
	if (waiting_count(p->o->spool->dirfd, &waiting, &p->why) != RES_OK)
		return (fault(p));
	if (waiting >= most)
		return (hold(p, waiting));
	if (p->flow == STOPPING)
		return (GO_ON);
	p->room = most - waiting < ROOM_MOST ? most - waiting : ROOM_MOST;
	if (p->tally.is_holding)
		log_hold(p, "going_on", waiting);
	p->tally.is_holding = false;
	return (p->flow == STOPPED ? start(p) : GO_ON);
}

static enum step
end_message(struct pull *p)
{
	if (p->is_known) {
		p->tally.duplicates++;
		log_message(p, "duplicate");
	} else if (intake_end(&p->intake, &p->why) != RES_OK) {
		return (fault(p));
	} else {
		tally_pulled(&p->tally, p->size,
		    (uint64_t)(sysclock_ms() - p->began_ms),
		    intake_wrong(&p->intake) != NULL);
		log_message(p, "pulled");
		p->room -= p->room > 0 ? 1 : 0;
		pause_reset(&p->trouble);
	}
	p->is_in_hand = false;
	return (step_of(consumer_ack(&p->consumer, patience(p))));
}

static enum step
begin_message(struct pull *p, const struct intake_facts *facts)
{
	p->began_ms = sysclock_ms();
	p->size = p->consumer.left;
	if (intake_begin(&p->intake, facts, &p->is_known, &p->why) != RES_OK)
		return (fault(p));
	p->is_in_hand = true;
	return (p->consumer.left == 0 ? end_message(p) : GO_ON);
}

static enum step
take_piece(struct pull *p, struct bytes piece)
{
	if (!p->is_known && intake_piece(&p->intake, piece, &p->why) != RES_OK)
		return (fault(p));
	return (p->consumer.left == 0 ? end_message(p) : GO_ON);
}

/* A server that answers nothing is as good as lost. */
static enum step
silent(struct pull *p)
{
	static const char text[] = "no word from it";

	_Static_assert(sizeof(text) <= sizeof(p->consumer.link.why), "no room");
	memcpy(p->consumer.link.why, text, sizeof(text));
	p->consumer.link.code = 0;
	return (LOST);
}

/* Until something comes, at most until then; or a signal. */
static void
wait_until(const struct pull *p, int fd, int64_t until_ms)
{
	struct pollfd in = { fd, POLLIN, 0 };
	int64_t left = until_ms - sysclock_ms();
	struct timespec ts = { 0, 0 };

	if (left > 0)
		ts = (struct timespec){ left / 1000, (left % 1000) * 1000000 };
	/* Whatever ends it, the caller looks again. */
	(void)ppoll(&in, fd < 0 ? 0 : 1, &ts, p->o->waiting);
}

/* Nothing is there.  The server is asked for a word now and then. */
static enum step
rest(struct pull *p)
{
	const struct settings_amqp *amqp = &p->o->settings->amqp;
	bool is_due = p->is_asked || p->flow == STARTING || p->flow == STOPPING;
	int64_t now = sysclock_ms();
	int64_t until = is_due ? sysclock_after(p->heard_ms, amqp->time)
			       : p->heard_ms + QUIET_MS;

	if (now >= until && is_due)
		return (silent(p));
	if (now >= until) {
		p->is_asked = true;
		p->heard_ms = now;
		return (step_of(
		    consumer_ask(&p->consumer, amqp->prefetch, patience(p))));
	}
	if (p->room == 0 && p->look_ms > now && p->look_ms < until)
		until = p->look_ms;
	wait_until(p, amqplink_socket(&p->consumer.link), until);
	return (GO_ON);
}

static enum step
turn(struct pull *p)
{
	struct intake_facts facts;
	struct bytes piece;
	bool is_inside = consumer_is_inside(&p->consumer);
	enum consumer_event event = consumer_next(&p->consumer, &facts, &piece,
	    is_inside ? patience(p) : sysclock_ms());

	if (event == CONSUMER_NOTHING)
		return (is_inside ? silent(p) : rest(p));
	p->heard_ms = sysclock_ms();
	p->is_asked = false;
	switch (event) {
	case CONSUMER_STARTED:
		p->flow = FLOWING;
		pause_reset(&p->lost);
		break;
	case CONSUMER_CANCELLED:
		log_node(p, "cancelled", false);
		p->look_ms = p->heard_ms + CANCELLED_MS;
		p->room = 0;
		p->flow = STOPPED;
		break;
	case CONSUMER_STOPPED:
		p->flow = STOPPED;
		break;
	case CONSUMER_MESSAGE:
		return (begin_message(p, &facts));
	case CONSUMER_PIECE:
		return (take_piece(p, piece));
	case CONSUMER_LOST:
		return (LOST);
	case CONSUMER_NOTHING:
	case CONSUMER_ANSWER:
		break;
	}
	return (GO_ON);
}

/* Signals come at no other time than this, and while we wait. */
static bool
is_called_away(const struct pull *p)
{
	(void)sysio_look(SYSCLOCK_NEVER, p->o->waiting);
	return (*p->o->stop || *p->o->anew);
}

/* What is on its way is the queue's again. */
static void
leave(struct pull *p)
{
	int64_t until = sysclock_ms() + LEAVE_MS;

	if (p->flow == STOPPED ||
	    (p->flow != STOPPING &&
		consumer_stop(&p->consumer, until) != AMQPLINK_OK))
		return;
	consumer_drain(&p->consumer, until);
}

/* One connection, from the beginning to the end. */
static enum step
serve(struct pull *p)
{
	enum step step;

	consumer_init(&p->consumer);
	p->flow = STOPPED;
	p->room = 0;
	p->look_ms = 0;
	p->is_in_hand = false;
	p->heard_ms = sysclock_ms();
	p->is_asked = false;
	do {
		if (!p->is_in_hand)
			p->o->save(&p->tally);
		step = p->is_in_hand ? GO_ON : mind_the_spool(p);
		if (step == GO_ON)
			step = turn(p);
		if (step == GO_ON && !p->is_in_hand && is_called_away(p))
			step = LEAVE;
	} while (step == GO_ON);
	intake_drop(&p->intake);
	if (step != LOST)
		leave(p);
	return (step);
}

/* Connect to a node, and stay until something ends it. */
static enum step
visit(struct pull *p)
{
	*p->o->anew = 0;
	if (amqplink_dial(&p->consumer.link, p->o->site, p->node,
		patience(p)) != AMQPLINK_OK)
		return (LOST);
	p->tally.connections++;
	log_node(p, "connected", false);
	return (serve(p));
}

enum result
pull_run(const struct pull_order *order, struct fault *why)
{
	static struct pull pull;
	struct pull *p = &pull;
	enum step step = GO_ON;

	*p = (struct pull){ .o = order };
	amqplink_init(&p->consumer.link);
	intake_init(&p->intake, order->spool, order->pulled);
	pause_init(&p->lost, LOST_MS, LOST_MOST_MS);
	pause_init(&p->trouble, TROUBLE_MS, TROUBLE_MOST_MS);
	while (!*order->stop && step != BROKEN) {
		int64_t until = 0;

		step = visit(p);
		if (step == LOST) {
			log_node(p, "lost", true);
			p->tally.lost++;
			p->node = (p->node + 1) % order->site->nnodes;
			until = sysclock_ms() + pause_next(&p->lost);
		}
		amqplink_close(&p->consumer.link);
		if (step == TROUBLE)
			until = sysclock_ms() + pause_next(&p->trouble);
		while (!*order->stop && sysclock_ms() < until)
			wait_until(p, -1, until);
		order->save(&p->tally);
	}
	*why = p->why;
	return (step == BROKEN ? fault_class(why) : RES_OK);
}
