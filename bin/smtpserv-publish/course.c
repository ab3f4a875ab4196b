/* SPDX-License-Identifier: ISC */
#include "course.h"

#include "qmail/qqexit.h"

void
course_init(struct course *c, size_t node, size_t nnodes, int64_t until_ms,
    int64_t refusal_ms)
{
	*c = (struct course){ .node = node,
		.nnodes = nnodes,
		.until_ms = until_ms,
		.refusal_ms = refusal_ms };
}

static bool
over(struct course *c, int code, const char *status, const char *text)
{
	c->code = code;
	c->status = status;
	c->text = text;
	return (false);
}

/* It may be on its way to be stored, or stored. */
static bool
over_in_doubt(struct course *c)
{
	if (c->has_word)
		return (over(c, QQEXIT_TIMED_OUT, "4.1",
		    "no broker has confirmed it in time"));
	return (over(c, QQEXIT_LOST, "4.2", "the broker was lost"));
}

/* Every node was tried, or the time is over, and none has taken it. */
static bool
over_without(struct course *c)
{
	if (c->is_doubtful)
		return (over_in_doubt(c));
	if (c->has_nack)
		return (over(c, QQEXIT_NOT_NOW, "3.2",
		    "the brokers refuse it: no majority, or a full queue"));
	if (c->has_refusal)
		return (over(c, QQEXIT_CONFIG, "3.5",
		    "the brokers have no such queue, or do not want us"));
	return (over(c, QQEXIT_UNREACHABLE, "4.1", "no broker can be reached"));
}

/* A word that is the client's, unless there is a doubt. */
static bool
over_by(struct course *c, int code, const char *status, const char *text)
{
	if (!c->is_doubtful)
		return (over(c, code, status, text));
	c->has_word = true;
	return (over_in_doubt(c));
}

static bool
again(struct course *c, unsigned int pause_ms, int64_t now_ms)
{
	c->node = (c->node + 1) % c->nnodes;
	c->pause_ms = pause_ms;
	if (now_ms + (int64_t)pause_ms >= c->until_ms)
		return (over_without(c));
	return (true);
}

/* `most` tries in a row that nothing came of are enough. */
static bool
after_failures(struct course *c, size_t most, int64_t now_ms)
{
	c->failures++;
	if (c->failures >= most)
		return (over_without(c));
	return (again(c, 0, now_ms));
}

/* A try that no word came of; a lone node gets a second one. */
static bool
after_failure(struct course *c, int64_t now_ms)
{
	return (after_failures(c, c->nnodes == 1 ? 2 : c->nnodes, now_ms));
}

static bool
after_nack(struct course *c, int64_t now_ms)
{
	c->has_word = true;
	c->failures = 0;
	if (!c->has_nack)
		c->first_ms = now_ms;
	c->has_nack = true;
	if (now_ms + COURSE_NACK_PAUSE_MS - c->first_ms >= c->refusal_ms)
		return (over_without(c));
	return (again(c, COURSE_NACK_PAUSE_MS, now_ms));
}

static bool
after_silence(struct course *c, int64_t now_ms)
{
	c->is_doubtful = true;
	c->has_word = true;
	if (++c->silences >= COURSE_SILENCES)
		return (over_in_doubt(c));
	return (again(c, 0, now_ms));
}

/* A node that does not want it; another may. */
static bool
after_refusal(struct course *c, int64_t now_ms)
{
	c->has_refusal = true;
	c->has_word = true;
	return (after_failures(c, c->nnodes, now_ms));
}

bool
course_take(struct course *c, enum sending_end end, int64_t now_ms)
{
	c->tries++;
	switch (end) {
	case SENDING_CONFIRMED:
		return (over(c, QQEXIT_ACCEPTED, "", ""));
	case SENDING_NACKED:
		return (after_nack(c, now_ms));
	case SENDING_RETURNED:
	case SENDING_REFUSED:
		return (after_refusal(c, now_ms));
	case SENDING_TOO_LARGE:
		return (over_by(
		    c, QQEXIT_CUSTOM, "3.4", "larger than the broker takes"));
	case SENDING_BLOCKED:
		return (over_by(c, QQEXIT_WRITE, "3.1",
		    "a broker is out of memory or disk"));
	case SENDING_UNREADABLE:
		return (over_by(
		    c, QQEXIT_READ, "3.0", "the message could not be read"));
	case SENDING_UNREACHED:
	case SENDING_STALLED:
		return (after_failure(c, now_ms));
	case SENDING_LOST:
		c->is_doubtful = true;
		c->has_word = false;
		return (after_failure(c, now_ms));
	case SENDING_SILENT:
		return (after_silence(c, now_ms));
	case SENDING_HELD:
		c->is_doubtful = true;
		c->has_word = true;
		return (over_in_doubt(c));
	}
	return (over(c, QQEXIT_BUG, "3.0", "no such end"));
}
