/* SPDX-License-Identifier: ISC */
/*
 * N.WRK on its way through the worker: what is damaged is refused as
 * plan_check() refuses it; what is not is printed so that it reads the
 * same, is settled at random, and printed and read once more.  No recipient
 * comes or goes unless he was settled, no line of the message is lost, and
 * what is printed fits where plan_size() says, and is no damage.  The reasons
 * for which recipients wait come back from a text of their own, too; and one
 * that is damaged, as the input is taken for, changes nothing else.
 *
 * Options: the seed of the dice, 95 choices.  Then the envelope.
 */
#include "envelope/plan.h"

#include <string.h>

#include "base/base.h"
#include "envelope/envelope.h"
#include "fuzz.h"

enum {
	RCPTS_MAX = FUZZ_TEXT_MAX / 3,
	PRINTED_MAX = 128 * RCPTS_MAX
};

static struct plan_rcpt before[RCPTS_MAX];
static struct plan_rcpt after[RCPTS_MAX];
static char printed[PRINTED_MAX];
static char again[PRINTED_MAX];

static struct bytes
print(const struct plan *p, char *store)
{
	struct buf b;

	fuzz_must(plan_size(p) <= PRINTED_MAX, "the size is sensible");
	buf_init(&b, store, plan_size(p));
	plan_print(p, &b);
	fuzz_must(!buf_overflowed(&b), "plan_size() is room enough");
	return (buf_view(&b));
}

static enum plan_state
as_read(enum plan_state state)
{
	return (state == PLAN_RUNNING || state == PLAN_TRIED ? PLAN_WAITING
							     : state);
}

static bool
is_same(const struct plan_rcpt *a, const struct plan_rcpt *b)
{
	return (as_read(a->state) == b->state &&
	    bytes_same(a->mailbox, b->mailbox) &&
	    (b->state != PLAN_WAITING ||
		(a->tries == b->tries && bytes_same(a->tried, b->tried) &&
		    bytes_same(a->done, b->done))) &&
	    bytes_same(a->notify, b->notify) &&
	    bytes_same(a->orcpt, b->orcpt) &&
	    (b->state == PLAN_WAITING ||
		(bytes_same(a->status, b->status) &&
		    bytes_same(a->diagnostic, b->diagnostic) &&
		    bytes_same(a->action, b->action))));
}

/* Is there another of that mailbox?  Then a reason may be taken for theirs. */
static bool
is_twice(const struct plan *p, size_t at)
{
	size_t i;

	for (i = 0; i < p->nrcpt; i++)
		if (i != at &&
		    bytes_same(p->rcpt[i].mailbox, p->rcpt[at].mailbox))
			return (true);
	return (false);
}

static size_t
count_facts(struct bytes text)
{
	struct bytes name;
	struct bytes value;
	size_t n = 0;

	while (envelope_next(&text, &name, &value) == ENVELOPE_LINE)
		n += plan_is_fact(name);
	return (n);
}

/* The plan as it was read, with the reasons of the other. */
static void
check_reasons(const struct plan *p, struct bytes in)
{
	struct buf b;
	struct plan q;
	size_t i;

	buf_init(&b, again, plan_size(p));
	plan_print_reasons(p, &b);
	fuzz_must(!buf_overflowed(&b), "plan_size() is room for the reasons");
	(void)plan_parse(&q, p->text, after);
	plan_read_reasons(&q, buf_view(&b));
	for (i = 0; i < p->nrcpt; i++)
		fuzz_must(p->rcpt[i].state != PLAN_TRIED ||
			q.rcpt[i].state != PLAN_WAITING || is_twice(p, i) ||
			is_same(&p->rcpt[i], &q.rcpt[i]),
		    "the reason is the same");
	plan_read_reasons(&q, in);
	for (i = 0; i < p->nrcpt; i++)
		fuzz_must(bytes_same(p->rcpt[i].mailbox, q.rcpt[i].mailbox) &&
			bytes_same(p->rcpt[i].notify, q.rcpt[i].notify),
		    "it is a reason, and no more");
}

/* Printed, and read back: nothing is lost, and nothing is new. */
static void
check_round(const struct plan *p)
{
	struct bytes text = print(p, printed);
	struct plan q;
	const char *wrong = plan_parse(&q, text, after);
	size_t left = p->nrcpt - plan_in(p, PLAN_GONE);
	size_t i;
	size_t j = 0;

	/* Without recipients it would not be kept. */
	if (left == 0)
		return;
	fuzz_must(wrong == NULL, "what is printed is no damage");
	fuzz_must(q.nrcpt == left, "nobody comes or goes");
	for (i = 0; i < p->nrcpt; i++) {
		if (p->rcpt[i].state == PLAN_GONE)
			continue;
		fuzz_must(is_same(&p->rcpt[i], &q.rcpt[j]), "he is the same");
		j++;
	}
	fuzz_must(bytes_same(p->sender, q.sender) &&
		bytes_same(p->body, q.body) && bytes_same(p->envid, q.envid) &&
		bytes_same(p->ret, q.ret) && p->smtputf8 == q.smtputf8 &&
		p->requiretls == q.requiretls &&
		p->delay_reported == q.delay_reported,
	    "the message is the same");
	fuzz_must(count_facts(p->text) == count_facts(text),
	    "no line of the message is lost");
	fuzz_must(bytes_same(text, print(&q, again)),
	    "printed once more it is the same");
}

static void
settle_some(struct plan *p, struct fuzz_dice *dice)
{
	size_t i;

	for (i = 0; i < p->nrcpt; i++) {
		static const enum plan_state states[] = { PLAN_DELIVERED,
			PLAN_TRIED, PLAN_FAILED };
		enum plan_state state = states[fuzz_dice_throw(dice, 3)];
		bool is_expanded = fuzz_dice_throw(dice, 2) == 1;

		if (p->rcpt[i].state == PLAN_WAITING &&
		    fuzz_dice_throw(dice, 2) == 1) {
			if (state == PLAN_TRIED)
				plan_try(p, i, bytes_of("then"));
			plan_settle(p, i, state, bytes_of("5.1.1"),
			    bytes_of("some reason"),
			    bytes_of(is_expanded ? "expanded" : ""));
		}
	}
	if (fuzz_dice_throw(dice, 4) == 0)
		p->delay_reported = true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	struct fuzz_dice dice;
	struct bytes sender;
	struct plan p;
	const char *wrong;
	size_t nrcpt;

	fuzz_dice_init(&dice, fuzz_option(&in, 95));
	fuzz_must(plan_count(in) <= RCPTS_MAX, "a recipient takes some bytes");
	wrong = plan_parse(&p, in, before);
	fuzz_must((wrong == NULL) == (plan_check(in, &sender, &nrcpt) == NULL),
	    "damage is damage to all");
	if (wrong != NULL)
		return (0);
	fuzz_must(
	    nrcpt == plan_in(&p, PLAN_WAITING), "each To: is to be tried");
	check_round(&p);
	settle_some(&p, &dice);
	check_round(&p);
	check_reasons(&p, in);
	return (0);
}
