/* SPDX-License-Identifier: ISC */
#include "plan.h"

#include "envelope/envelope.h"
#include "report/fates.h"

enum {
	/* Names, blanks and line ends of one recipient's lines. */
	RCPT_OVERHEAD = 96,
	/* `From: `, `Delay-Reported: yes` and their line ends. */
	PLAN_OVERHEAD = 64
};

/* The lines that belong to a recipient, or are ours. */
static const char *const NO_FACTS[] = { "From", "To", "Failed", "Delivered",
	"Notify", "Orcpt", "Status", "Diagnostic", "Action", "Delay-Reported" };

static bool
is_named(struct bytes name, const char *want)
{
	return (bytes_same_nocase(name, bytes_of(want)));
}

/* A line that begins a recipient, and in which state. */
static bool
is_rcpt(struct bytes name, enum plan_state *state)
{
	if (is_named(name, "To"))
		*state = PLAN_WAITING;
	else if (is_named(name, "Failed"))
		*state = PLAN_FAILED;
	else if (is_named(name, "Delivered"))
		*state = PLAN_DELIVERED;
	else
		return (false);
	return (true);
}

size_t
plan_count(struct bytes text)
{
	struct bytes name;
	struct bytes value;
	enum plan_state state;
	size_t n = 0;

	while (envelope_next(&text, &name, &value) == ENVELOPE_LINE)
		if (is_rcpt(name, &state))
			n++;
	return (n);
}

bool
plan_is_fact(struct bytes name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(NO_FACTS); i++)
		if (is_named(name, NO_FACTS[i]))
			return (false);
	return (true);
}

/* A line about the recipient before it. */
static void
read_rcpt_fact(struct plan_rcpt *r, struct bytes name, struct bytes value)
{
	if (is_named(name, "Notify"))
		r->notify = value;
	else if (is_named(name, "Orcpt"))
		r->orcpt = value;
	else if (is_named(name, "Status"))
		r->status = value;
	else if (is_named(name, "Diagnostic"))
		r->diagnostic = value;
	else if (is_named(name, "Action"))
		r->action = value;
}

static void
read_fact(struct plan *p, struct bytes name, struct bytes value)
{
	bool yes = is_named(value, "yes");

	if (is_named(name, "From"))
		p->sender = value;
	else if (is_named(name, "Body"))
		p->body = value;
	else if (is_named(name, "Envid"))
		p->envid = value;
	else if (is_named(name, "Ret"))
		p->ret = value;
	else if (is_named(name, "Smtputf8"))
		p->smtputf8 = yes;
	else if (is_named(name, "Requiretls"))
		p->requiretls = yes;
	else if (is_named(name, "Delay-Reported"))
		p->delay_reported = yes;
}

const char *
plan_parse(struct plan *p, struct bytes text, struct plan_rcpt *store)
{
	struct bytes rest = text;
	struct bytes line;
	struct bytes name;
	struct bytes value;
	size_t nrcpt;
	const char *wrong;

	*p = (struct plan){ .text = text, .rcpt = store };
	wrong = envelope_check(text, &value, &nrcpt);
	if (wrong != NULL)
		return (wrong);
	p->facts = bytes_cut(text, text.n, 0);
	for (line = rest; envelope_next(&rest, &name, &value) == ENVELOPE_LINE;
	     line = rest) {
		enum plan_state state;

		if (p->facts.n == 0 && plan_is_fact(name))
			p->facts = line;
		if (is_rcpt(name, &state))
			p->rcpt[p->nrcpt++] =
			    (struct plan_rcpt){ .state = state,
				    .mailbox = value };
		else if (!plan_is_fact(name) && p->nrcpt > 0)
			read_rcpt_fact(&p->rcpt[p->nrcpt - 1], name, value);
		read_fact(p, name, value);
	}
	return (NULL);
}

void
plan_settle(struct plan *p, size_t i, const struct outcome *out,
    struct bytes status, struct bytes text)
{
	struct plan_rcpt *r = &p->rcpt[i];

	r->status = status;
	r->diagnostic = text;
	r->action = bytes_of(out->is_expanded ? "expanded" : "");
	switch (out->kind) {
	case OUTCOME_TRY_AGAIN:
		r->state = PLAN_TRIED;
		break;
	case OUTCOME_DELIVERED:
		/* Nobody is told about what comes from nobody. */
		r->state =
		    p->sender.n > 0 && fates_notifies(r->notify, "SUCCESS")
		    ? PLAN_DELIVERED
		    : PLAN_GONE;
		break;
	case OUTCOME_FAILED:
		r->state =
		    r->notify.n == 0 || fates_notifies(r->notify, "FAILURE")
		    ? PLAN_FAILED
		    : PLAN_GONE;
		break;
	}
}

size_t
plan_in(const struct plan *p, enum plan_state state)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < p->nrcpt; i++)
		if (p->rcpt[i].state == state)
			n++;
	return (n);
}

size_t
plan_size(const struct plan *p)
{
	size_t n = p->text.n + PLAN_OVERHEAD;
	size_t i;

	/* CR LF aside, what was there is no longer than it was. */
	for (i = 0; i < p->nrcpt; i++)
		n += RCPT_OVERHEAD + p->rcpt[i].status.n +
		    p->rcpt[i].diagnostic.n + p->rcpt[i].action.n;
	return (n);
}

static void
put_line(struct buf *out, const char *name, struct bytes value)
{
	(void)buf_puts(out, name);
	(void)buf_puts(out, ": ");
	(void)buf_put(out, value);
	(void)buf_putc(out, '\n');
}

static void
put_optional(struct buf *out, const char *name, struct bytes value)
{
	if (value.n > 0)
		put_line(out, name, value);
}

static void
put_rcpt(struct buf *out, const struct plan_rcpt *r)
{
	bool is_done = false;

	switch (r->state) {
	case PLAN_WAITING:
	case PLAN_RUNNING:
	case PLAN_TRIED:
		put_line(out, "To", r->mailbox);
		break;
	case PLAN_FAILED:
		put_line(out, "Failed", r->mailbox);
		is_done = true;
		break;
	case PLAN_DELIVERED:
		put_line(out, "Delivered", r->mailbox);
		is_done = true;
		break;
	case PLAN_GONE:
		return;
	}
	put_optional(out, "Notify", r->notify);
	put_optional(out, "Orcpt", r->orcpt);
	if (!is_done)
		return;
	put_optional(out, "Status", r->status);
	put_optional(out, "Diagnostic", r->diagnostic);
	put_optional(out, "Action", r->action);
}

void
plan_print(const struct plan *p, struct buf *out)
{
	struct bytes rest = p->facts;
	struct bytes name;
	struct bytes value;
	size_t i;

	put_line(out, "From", p->sender);
	for (i = 0; i < p->nrcpt; i++)
		put_rcpt(out, &p->rcpt[i]);
	while (envelope_next(&rest, &name, &value) == ENVELOPE_LINE) {
		if (!plan_is_fact(name))
			continue;
		(void)buf_put(out, name);
		(void)buf_puts(out, ": ");
		(void)buf_put(out, value);
		(void)buf_putc(out, '\n');
	}
	if (p->delay_reported)
		put_line(out, "Delay-Reported", bytes_of("yes"));
}
