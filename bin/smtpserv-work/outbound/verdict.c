/* SPDX-License-Identifier: ISC */
#include "outbound/verdict.h"

#include <string.h>

void
verdict_begin(struct verdict *v, uint32_t tag, struct outcome *outs, size_t n)
{
	size_t i;

	*v = (struct verdict){ .tag = tag, .n = n, .outs = outs };
	for (i = 0; i < n; i++)
		/* A real one has a status. */
		outs[i] = (struct outcome){ .kind = OUTCOME_TRY_AGAIN };
}

static bool
is_known(const struct outcome *out)
{
	return (out->status[0] != '\0');
}

static void
set(struct outcome *out, enum outcome_kind kind, const struct feed_result *r)
{
	char status[FEED_STATUS_MAX];

	/* feed_parse() has seen to its form: of nine octets at most. */
	memcpy(status, r->status.p, r->status.n);
	status[r->status.n] = '\0';
	outcome_set(out, kind, status, "%.*s", (int)r->text.n, r->text.p);
}

/* All whose own answer has not come. */
static void
set_others(struct verdict *v, enum outcome_kind kind,
    const struct feed_result *r, enum outcome_action action)
{
	size_t i;

	for (i = 0; i < v->n; i++) {
		if (is_known(&v->outs[i]))
			continue;
		set(&v->outs[i], kind, r);
		v->outs[i].action = action;
	}
	v->is_over = true;
}

/* h and s. */
static enum verdict_heard
hear_one(struct verdict *v, const struct feed_record *r)
{
	const struct feed_result *one = &r->result;

	if (one->index >= v->n || is_known(&v->outs[one->index]))
		return (VERDICT_LIES);
	set(&v->outs[one->index],
	    r->kind == FEED_RCPT_FAILED ? OUTCOME_FAILED : OUTCOME_TRY_AGAIN,
	    one);
	return (VERDICT_GOES_ON);
}

/* The others were not tried; if there is nobody else, nothing was. */
static void
hear_untried(struct verdict *v, const struct feed_result *r)
{
	size_t i;

	v->is_untried = true;
	v->is_over = true;
	for (i = 0; i < v->n; i++)
		if (is_known(&v->outs[i]))
			v->is_untried = false;
		else
			outcome_set(&v->outs[i], OUTCOME_TRY_AGAIN, "4.4.2",
			    "%.*s", (int)r->text.n, r->text.p);
}

enum verdict_heard
verdict_hear(struct verdict *v, const struct feed_record *r, bool dsn)
{
	if (v->is_over)
		return (VERDICT_LIES);
	switch (r->kind) {
	case FEED_DOUBT:
		v->is_in_doubt = true;
		return (VERDICT_GOES_ON);
	case FEED_RCPT_FAILED:
	case FEED_RCPT_LATER:
		return (hear_one(v, r));
	case FEED_DELIVERED:
		if (!v->is_in_doubt)
			return (VERDICT_LIES);
		set_others(v, OUTCOME_DELIVERED, &r->result,
		    dsn ? OUTCOME_PASSED : OUTCOME_RELAYED);
		return (VERDICT_IS_OVER);
	case FEED_LATER:
		set_others(v, OUTCOME_TRY_AGAIN, &r->result, OUTCOME_FINAL);
		return (VERDICT_IS_OVER);
	case FEED_FAILED:
		set_others(v, OUTCOME_FAILED, &r->result, OUTCOME_FINAL);
		return (VERDICT_IS_OVER);
	case FEED_UNTRIED:
		/* P is said when the end is composed, not when it is sent. */
		v->is_in_doubt = false;
		hear_untried(v, &r->result);
		return (VERDICT_IS_OVER);
	case FEED_MESSAGE:
	case FEED_RCPT:
	case FEED_END:
	case FEED_GIVE_UP:
	case FEED_QUIT:
	case FEED_CREDIT:
	case FEED_BROKEN:
		break;
	}
	return (VERDICT_LIES);
}

void
verdict_lost(struct verdict *v, const char *why)
{
	size_t i;

	v->is_over = true;
	v->is_untried = !v->is_in_doubt;
	for (i = 0; i < v->n; i++) {
		/* One who was refused for good stays so. */
		if (is_known(&v->outs[i])) {
			v->is_untried = false;
			continue;
		}
		outcome_set(&v->outs[i], OUTCOME_TRY_AGAIN, "4.4.2",
		    v->is_in_doubt ? "%s after the text was sent: the next try "
				     "may make a duplicate"
				   : "%s before the text was sent",
		    why);
	}
}
