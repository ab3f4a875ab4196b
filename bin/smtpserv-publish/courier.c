/* SPDX-License-Identifier: ISC */
#include "courier.h"

#include <poll.h>
#include <unistd.h>

#include "course.h"
#include "request.h"
#include "sys/sysclock.h"
#include "sys/sysio.h"

enum {
	MS = 1000,
	REQUEST_MS = 5000, /* a client sends its request at once */
	ANSWER_MS = 1000,  /* so long before its end a client has its answer */
	/* Of smtp.amqp.time, so that there is time for another node. */
	TRIES_IN_TIME = 3,
	PATIENCE_MAX_MS = 10000
};

/* A message on its way, or what was to become one. */
struct errand {
	struct request request;
	struct course course;
	int64_t began_ms;
};

void
courier_init(struct courier *c, const struct log *log,
    const struct settings *settings, struct tally *tally, size_t number)
{
	uint32_t patience_ms = settings->amqp.time * MS / TRIES_IN_TIME;

	*c = (struct courier){
		.log = log, .settings = settings, .tally = tally
	};
	amqpsite_init(&c->site, &settings->amqp);
	amqplink_init(&c->sending.link);
	c->sending.site = &c->site;
	c->sending.exchange = settings->amqp.exchange;
	c->sending.patience_ms =
	    patience_ms < PATIENCE_MAX_MS ? patience_ms : PATIENCE_MAX_MS;
	c->node = number % c->site.nnodes;
}

static void
log_node(struct log_line *line, const struct courier *c, size_t node)
{
	char store[AMQPSITE_HOST_MAX + 16];
	struct buf b;

	buf_init(&b, store, sizeof(store));
	(void)buf_printf(
	    &b, "%s:%d", c->site.nodes[node].host, c->site.nodes[node].port);
	log_text(line, "node", buf_view(&b));
}

/* What a try tells of the node, whatever becomes of the message. */
static void
log_try(const struct courier *c, size_t node, enum sending_end end)
{
	static const char *const words[] = { [SENDING_NACKED] = "nacked",
		[SENDING_RETURNED] = "returned",
		[SENDING_REFUSED] = "refused",
		[SENDING_TOO_LARGE] = "refused",
		[SENDING_BLOCKED] = "blocked",
		[SENDING_UNREACHED] = "unreached",
		[SENDING_STALLED] = "stalled",
		[SENDING_LOST] = "lost",
		[SENDING_SILENT] = "silent",
		[SENDING_HELD] = "blocked" };
	const struct amqplink *l = &c->sending.link;
	struct log_line line;

	if ((size_t)end >= ARRAY_LEN(words) || words[end] == NULL)
		return;
	log_begin(&line, c->log, words[end]);
	log_node(&line, c, node);
	if (l->code != 0)
		log_number(&line, "reply", l->code);
	log_text(&line, "why", bytes_of(l->why));
	log_end(&line);
}

static void
log_link(struct courier *c, size_t node, uint64_t before)
{
	struct log_line line;

	if (c->sending.links == before)
		return;
	tally_add_links(c->tally, c->sending.links - before);
	log_begin(&line, c->log, "connected");
	log_node(&line, c, node);
	log_end(&line);
}

static void
log_end_of(const struct courier *c, const struct errand *e, int64_t ms)
{
	const struct course *course = &e->course;
	struct log_line line;

	log_begin(&line, c->log,
	    course->code == QQEXIT_ACCEPTED ? "published" : "unpublished");
	log_text(&line, "id", e->request.id);
	if (course->code == QQEXIT_ACCEPTED) {
		log_node(&line, c, course->node);
		log_number(&line, "size", request_size(&e->request));
		log_number(&line, "rcpts", e->request.rcpts);
	} else {
		log_number(&line, "code", (uint64_t)course->code);
		log_text(&line, "why", bytes_of(course->text));
	}
	log_number(&line, "tries", course->tries);
	log_number(&line, "ms", (uint64_t)ms);
	log_end(&line);
}

static void
answer(const struct errand *e, int client)
{
	char store[HANDOVER_ANSWER_MAX];
	struct buf out;
	bool good;

	buf_init(&out, store, sizeof(store));
	if (e->course.code == QQEXIT_ACCEPTED)
		good = handover_put_yes(&out, e->request.id);
	else
		good = handover_put_no(&out, e->course.code, e->course.status,
		    bytes_of(e->course.text));
	/* A client that is gone does not take it for a yes. */
	if (good)
		(void)sysio_write(
		    client, buf_view(&out), sysclock_ms() + ANSWER_MS, NULL);
}

/* One that has waited too long has told its own client so. */
static bool
is_gone(int client)
{
	struct pollfd p = { .fd = client };

	return (poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)) != 0);
}

/* The client's time has run since it came, and may end before ours. */
static int64_t
end_of(const struct courier *c, const struct errand *e)
{
	int64_t ours = e->began_ms + (int64_t)c->settings->amqp.time * MS;
	int64_t theirs = e->request.ends_ms - ANSWER_MS;

	return (ours < theirs ? ours : theirs);
}

static void
carry(struct courier *c, struct errand *e, int64_t until_ms)
{
	const struct settings_amqp *amqp = &c->settings->amqp;
	enum sending_end end;
	size_t node;

	course_init(&e->course, c->node, c->site.nnodes, until_ms,
	    (int64_t)amqp->refusal * MS);
	do {
		uint64_t links = c->sending.links;

		if (e->course.pause_ms > 0)
			sysclock_sleep_ms(e->course.pause_ms);
		node = e->course.node;
		end = sending_try(&c->sending, node, &e->request, until_ms);
		log_link(c, node, links);
		log_try(c, node, end);
	} while (course_take(&e->course, end, sysclock_ms()));
	/* Stay where it works, and begin elsewhere where it did not. */
	c->node = e->course.node;
}

/* It is not for the broker at all. */
static void
turn_away(struct errand *e, int code, const char *status, const char *text)
{
	e->course =
	    (struct course){ .code = code, .status = status, .text = text };
}

/* Of a request that is good: nothing is in doubt of what is not begun. */
static void
begin(struct courier *c, struct errand *e)
{
	int64_t until_ms = end_of(c, e);

	if (sysclock_ms() < until_ms)
		carry(c, e, until_ms);
	else
		turn_away(e, QQEXIT_UNREACHABLE, "4.1",
		    "the keeper has too much to do");
}

void
courier_serve(struct courier *c, int client)
{
	struct errand e = { .began_ms = sysclock_ms() };
	enum request_status status = request_read(&e.request, client,
	    c->settings->session.maxsize, e.began_ms + REQUEST_MS);
	int64_t ms;

	if (status == REQUEST_GOOD && is_gone(client))
		status = REQUEST_GONE;
	if (status == REQUEST_GOOD)
		begin(c, &e);
	else if (status == REQUEST_BAD)
		turn_away(&e, QQEXIT_BUG, "3.0", "not a request");
	else if (status == REQUEST_UNREADABLE)
		turn_away(&e, QQEXIT_READ, "3.0",
		    "the files are not what they should be");
	if (status != REQUEST_GONE) {
		answer(&e, client);
		ms = sysclock_ms() - e.began_ms;
		log_end_of(c, &e, ms);
		tally_add(c->tally, e.course.code, request_size(&e.request),
		    (uint64_t)ms, e.course.tries);
	}
	request_close(&e.request);
	(void)close(client);
}
