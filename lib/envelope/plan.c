/* SPDX-License-Identifier: ISC */
#include "envelope/plan.h"

#include "base/base.h"
#include "bytes/num.h"
#include "envelope/envelope.h"
#include "envelope/queueid.h"
#include "smtp/smtpnotify.h"

enum {
	/* Names, blanks and line ends of one recipient's lines. */
	RCPT_OVERHEAD = 128,
	/* `From: `, `Delay-Reported: yes`, `Journal: yes`, line ends. */
	PLAN_OVERHEAD = 96
};

/* An empty view that can be cut like any other. */
static const struct bytes NONE = { "", 0 };

/* The lines that belong to a recipient, or are ours. */
static const char *const NO_FACTS[] = { "From", "To", "Failed", "Delivered",
	"Notify", "Orcpt", "Status", "Diagnostic", "Action", "Done", "Tries",
	"Tried", "Delay-Reported", "Journal", "Result" };

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

/* A journal stands behind this line. */
static bool
begins_journal(struct bytes name)
{
	return (is_named(name, "Journal"));
}

/*
 * Which recipient a line of a journal is about, and what became of them; false:
 * it is torn.
 */
static bool
read_result(struct bytes value, size_t *place, enum plan_state *state)
{
	size_t at = 0;
	uint64_t n;
	struct bytes word;

	if (!bytes_find(value, ' ', &at) ||
	    !num_parse(bytes_cut(value, 0, at), SIZE_MAX, &n))
		return (false);
	*place = (size_t)n;
	word = bytes_cut(value, at + 1, value.n);
	*state = PLAN_GONE;
	return (is_rcpt(word, state) || is_named(word, "Gone"));
}

/* How many lines there are, and how many begin a recipient in a state. */
struct tally {
	size_t lines;
	size_t waiting;
	size_t done;
};

/* NULL, or what is wrong with this line at this place. */
static const char *
check_line(struct tally *t, struct bytes name, struct bytes value)
{
	bool is_from = is_named(name, "From");
	enum plan_state state;

	if (is_from != (t->lines == 0))
		return (is_from ? "a second From: line"
				: "the first line is not From:");
	t->lines++;
	if (!is_rcpt(name, &state))
		return (NULL);
	if (state == PLAN_WAITING && value.n == 0)
		return ("an empty To: line");
	if (state == PLAN_WAITING)
		t->waiting++;
	else
		t->done++;
	return (NULL);
}

/*
 * The recipients who had to be tried when the journal began, and still have to
 * be.
 */
static size_t
still_waiting(size_t waiting, struct bytes journal)
{
	struct bytes name;
	struct bytes value;
	enum plan_state state;
	size_t place;

	while (envelope_next(&journal, &name, &value) == ENVELOPE_LINE) {
		if (!is_named(name, "Result"))
			continue;
		if (!read_result(value, &place, &state))
			break;
		if (state != PLAN_WAITING && waiting > 0)
			waiting--;
	}
	return (waiting);
}

const char *
plan_check(struct bytes text, struct bytes *sender, size_t *nrcpt)
{
	struct tally t = { 0, 0, 0 };
	struct bytes name;
	struct bytes value;
	const char *wrong = NULL;
	enum envelope_status status;

	while (
	    (status = envelope_next(&text, &name, &value)) == ENVELOPE_LINE) {
		if (t.lines == 0)
			*sender = value;
		wrong = check_line(&t, name, value);
		if (wrong != NULL || begins_journal(name))
			break;
	}
	*nrcpt = t.waiting;
	if (wrong != NULL)
		return (wrong);
	if (status == ENVELOPE_LINE)
		*nrcpt = still_waiting(t.waiting, text);
	if (status == ENVELOPE_BAD_LINE)
		return ("a line that is not `Name: value`");
	if (status == ENVELOPE_NOT_ENDED)
		return ("the last line has no line end");
	return (t.waiting + t.done == 0 ? "no To: line" : NULL);
}

size_t
plan_count(struct bytes text)
{
	struct bytes name;
	struct bytes value;
	enum plan_state state;
	size_t n = 0;

	while (envelope_next(&text, &name, &value) == ENVELOPE_LINE &&
	    !begins_journal(name))
		if (is_rcpt(name, &state))
			n++;
	return (n);
}

/* Not ours, nor a recipient's: it stays when the file is written anew. */
static bool
is_kept(struct bytes name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(NO_FACTS); i++)
		if (is_named(name, NO_FACTS[i]))
			return (false);
	return (true);
}

bool
plan_is_fact(struct bytes name)
{
	/* Another message did not come from the queue by that id. */
	return (is_kept(name) && !is_named(name, QUEUEID_NAME));
}

/* A number that is none counts as 0. */
static uint32_t
read_tries(struct bytes value)
{
	uint64_t n;

	return (num_parse(value, UINT32_MAX, &n) ? (uint32_t)n : 0);
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
	else if (is_named(name, "Done"))
		r->done = value;
	else if (is_named(name, "Tries"))
		r->tries = read_tries(value);
	else if (is_named(name, "Tried"))
		r->tried = value;
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

bool
plan_next(struct bytes *rest, struct plan_rcpt *r)
{
	struct bytes ahead = *rest;
	struct bytes name;
	struct bytes value;
	enum plan_state state;
	bool found = false;

	*r = (struct plan_rcpt){ PLAN_GONE, NONE, NONE, NONE, NONE, NONE, NONE,
		NONE, NONE, 0, 0 };
	while (envelope_next(&ahead, &name, &value) == ENVELOPE_LINE) {
		bool begins = is_rcpt(name, &state);

		if ((begins && found) || begins_journal(name))
			return (found);
		if (begins) {
			found = true;
			r->state = state;
			r->mailbox = value;
		} else if (found) {
			read_rcpt_fact(r, name, value);
		}
		*rest = ahead;
	}
	return (found);
}

void
plan_read(struct plan *p, struct bytes text)
{
	struct bytes rest = text;
	struct bytes line;
	struct bytes name;
	struct bytes value;

	*p = (struct plan){ .text = text,
		.sender = NONE,
		.body = NONE,
		.envid = NONE,
		.ret = NONE,
		.facts = NONE };
	for (line = rest;
	     envelope_next(&rest, &name, &value) == ENVELOPE_LINE &&
	     !begins_journal(name);
	     line = rest) {
		if (p->facts.n == 0 && is_kept(name))
			p->facts = line;
		read_fact(p, name, value);
	}
}

/* What became of recipients since the text before the journal was written. */
static void
read_journal(struct plan *p, struct bytes text)
{
	struct plan_rcpt *r = NULL;
	struct bytes name;
	struct bytes value;
	enum plan_state state;
	bool is_journal = false;
	size_t place;

	while (envelope_next(&text, &name, &value) == ENVELOPE_LINE) {
		if (begins_journal(name))
			is_journal = true;
		if (!is_journal || begins_journal(name))
			continue;
		if (is_named(name, "Result")) {
			if (!read_result(value, &place, &state) ||
			    place >= p->nrcpt)
				return;
			r = &p->rcpt[place];
			plan_set(p, place, state);
		} else if (r != NULL) {
			read_rcpt_fact(r, name, value);
		}
	}
}

const char *
plan_parse(struct plan *p, struct bytes text, struct plan_rcpt *store)
{
	struct bytes rest = text;
	struct plan_rcpt r;
	struct bytes sender;
	size_t nrcpt;
	const char *wrong = plan_check(text, &sender, &nrcpt);

	plan_read(p, text);
	p->rcpt = store;
	while (wrong == NULL && plan_next(&rest, &r)) {
		r.place = p->nrcpt;
		p->in[r.state]++;
		store[p->nrcpt++] = r;
	}
	if (wrong == NULL)
		read_journal(p, text);
	return (wrong);
}

bool
plan_asks_for_report(const struct plan_rcpt *r)
{
	unsigned int events = smtpnotify_read(r->notify);

	switch (r->state) {
	case PLAN_WAITING:
	case PLAN_RUNNING:
	case PLAN_TRIED:
		return ((events & SMTPNOTIFY_DELAY) != 0);
	case PLAN_FAILED:
		return ((events & SMTPNOTIFY_FAILURE) != 0);
	case PLAN_DELIVERED:
		return ((events & SMTPNOTIFY_SUCCESS) != 0);
	case PLAN_GONE:
	case PLAN_NSTATES:
		break;
	}
	return (false);
}

void
plan_settle(struct plan *p, size_t i, enum plan_state state,
    struct bytes status, struct bytes text, struct bytes action)
{
	struct plan_rcpt *r = &p->rcpt[i];

	plan_set(p, i, state);
	r->status = status;
	r->diagnostic = text;
	r->action = action;
	if (state == PLAN_TRIED)
		return;
	/* The delivery of a message that came from <> is not reported. */
	if (!plan_asks_for_report(r) ||
	    (state == PLAN_DELIVERED && p->sender.n == 0))
		plan_set(p, i, PLAN_GONE);
}

void
plan_try(struct plan *p, size_t i, struct bytes tried)
{
	struct plan_rcpt *r = &p->rcpt[i];

	r->tries += r->tries < UINT32_MAX ? 1 : 0;
	r->tried = tried;
}

void
plan_set(struct plan *p, size_t i, enum plan_state state)
{
	p->in[p->rcpt[i].state]--;
	p->rcpt[i].state = state;
	p->in[state]++;
}

size_t
plan_in(const struct plan *p, enum plan_state state)
{
	return (p->in[state]);
}

size_t
plan_size(const struct plan *p)
{
	size_t n = p->text.n + PLAN_OVERHEAD;
	size_t i;

	/*
	 * A value that was there takes no more room than before, CR LF aside.
	 */
	for (i = 0; i < p->nrcpt; i++)
		n += RCPT_OVERHEAD + p->rcpt[i].status.n +
		    p->rcpt[i].diagnostic.n + p->rcpt[i].action.n +
		    p->rcpt[i].done.n + p->rcpt[i].tried.n;
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
put_reason(struct buf *out, const struct plan_rcpt *r)
{
	put_optional(out, "Status", r->status);
	put_optional(out, "Diagnostic", r->diagnostic);
}

/* How often they were tried, and when last. */
static void
put_tries(struct buf *out, const struct plan_rcpt *r)
{
	if (r->tries > 0) {
		(void)buf_puts(out, "Tries: ");
		(void)buf_put_number(out, r->tries);
		(void)buf_putc(out, '\n');
	}
	put_optional(out, "Tried", r->tried);
}

/* The lines behind a recipient's first, which says who and in which state. */
static void
put_progress(struct buf *out, const struct plan_rcpt *r)
{
	put_reason(out, r);
	if (r->state == PLAN_FAILED || r->state == PLAN_DELIVERED) {
		put_optional(out, "Action", r->action);
		return;
	}
	put_tries(out, r);
	put_optional(out, "Done", r->done);
}

/* The name of the line of a recipient; NULL: there is none. */
static const char *
name_of(const struct plan_rcpt *r)
{
	switch (r->state) {
	case PLAN_WAITING:
	case PLAN_RUNNING:
	case PLAN_TRIED:
		return ("To");
	case PLAN_FAILED:
		return ("Failed");
	case PLAN_DELIVERED:
		return ("Delivered");
	case PLAN_GONE:
	case PLAN_NSTATES:
		break;
	}
	return (NULL);
}

static void
put_rcpt(struct buf *out, const struct plan_rcpt *r)
{
	const char *name = name_of(r);

	if (name == NULL)
		return;
	put_line(out, name, r->mailbox);
	put_optional(out, "Notify", r->notify);
	put_optional(out, "Orcpt", r->orcpt);
	put_progress(out, r);
}

static bool
has_reason(const struct plan_rcpt *r)
{
	return (r->tries > 0 || r->status.n > 0);
}

static bool
is_waiting(const struct plan_rcpt *r)
{
	return (r->state == PLAN_WAITING || r->state == PLAN_RUNNING ||
	    r->state == PLAN_TRIED);
}

void
plan_print_reasons(const struct plan *p, struct buf *out)
{
	size_t i;

	for (i = 0; i < p->nrcpt; i++) {
		const struct plan_rcpt *r = &p->rcpt[i];

		if (!is_waiting(r) || !has_reason(r))
			continue;
		put_line(out, "To", r->mailbox);
		put_reason(out, r);
		put_tries(out, r);
	}
}

/* The next recipient from *at on who is the one of these lines, or NULL. */
static struct plan_rcpt *
find_rcpt(struct plan *p, const struct plan_rcpt *lines, size_t *at)
{
	while (*at < p->nrcpt) {
		struct plan_rcpt *r = &p->rcpt[(*at)++];

		if (is_waiting(r) && bytes_same(r->mailbox, lines->mailbox))
			return (r);
	}
	return (NULL);
}

void
plan_read_reasons(struct plan *p, struct bytes text)
{
	struct plan_rcpt lines;
	struct plan_rcpt *r;
	size_t at = 0;

	/* Both are in the same order; some of the plan's may be missing. */
	while (plan_next(&text, &lines) &&
	    (r = find_rcpt(p, &lines, &at)) != NULL) {
		if (lines.tries < r->tries)
			continue;
		r->status = lines.status;
		r->diagnostic = lines.diagnostic;
		r->tries = lines.tries;
		r->tried = lines.tried;
	}
}

void
plan_print_journal(struct buf *out)
{
	put_line(out, "Journal", bytes_of("yes"));
}

void
plan_print_result(const struct plan *p, size_t i, struct buf *out)
{
	const struct plan_rcpt *r = &p->rcpt[i];
	const char *name = name_of(r);

	(void)buf_puts(out, "Result: ");
	(void)buf_put_number(out, r->place);
	(void)buf_putc(out, ' ');
	(void)buf_puts(out, name == NULL ? "Gone" : name);
	(void)buf_putc(out, '\n');
	if (name != NULL)
		put_progress(out, r);
}

void
plan_renumber(struct plan *p)
{
	size_t place = 0;
	size_t i;

	for (i = 0; i < p->nrcpt; i++)
		if (p->rcpt[i].state != PLAN_GONE)
			p->rcpt[i].place = place++;
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
		if (!is_kept(name))
			continue;
		(void)buf_put(out, name);
		(void)buf_puts(out, ": ");
		(void)buf_put(out, value);
		(void)buf_putc(out, '\n');
	}
	if (p->delay_reported)
		put_line(out, "Delay-Reported", bytes_of("yes"));
}
