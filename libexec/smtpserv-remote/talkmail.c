/* SPDX-License-Identifier: ISC */
#include "talkmail.h"

#include <string.h>

/* A recipient. */
enum {
	/* With an outcome: what one address has said, if none says more. */
	LEFT,
	ELSEWHERE, /* likewise, and this address has said it */
	CHOSEN,
	ACCEPTED,
	SHARED, /* the message's outcome is its own */
	FINAL
};

bool
talkmail_is_verp(const struct talkmail *m)
{
	static const char end[] = "-@[]";
	size_t n = sizeof(end) - 1;

	return (m->sender.n > n &&
	    memcmp(m->sender.p + m->sender.n - n, end, n) == 0);
}

static struct bytes
domain_of(struct bytes mailbox)
{
	size_t at;

	return (bytes_find_last(mailbox, '@', &at)
		? bytes_cut(mailbox, at + 1, mailbox.n)
		: mailbox);
}

/* Is it one of these n domains? */
static bool
is_known(const struct bytes *domains, size_t n, struct bytes domain)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (bytes_same_nocase(domains[i], domain))
			return (true);
	return (false);
}

/* The lower of a limit and what the server says, if it says anything. */
static size_t
at_most(size_t limit, uint64_t said)
{
	return (said > 0 && said < limit ? (size_t)said : limit);
}

size_t
talkmail_choose(struct talkmail *m, const struct smtpehlo *offers)
{
	struct bytes domains[TALKMAIL_RCPTS_MAX];
	size_t most = at_most(TALKMAIL_RCPTS_MAX, offers->rcptmax);
	size_t different = at_most(TALKMAIL_RCPTS_MAX, offers->rcptdomainmax);
	size_t ndomains = 0;
	size_t i;

	if (talkmail_is_verp(m))
		most = 1;
	m->nchosen = 0;
	m->naccepted = 0;
	m->next = 0;
	m->verdict.letter = '\0';
	for (i = 0; i < m->nrcpt && m->nchosen < most; i++) {
		struct bytes domain = domain_of(m->rcpt[i].mailbox);

		if (m->rcpt[i].state != LEFT)
			continue;
		if (!is_known(domains, ndomains, domain)) {
			if (ndomains == different)
				continue;
			domains[ndomains++] = domain;
		}
		m->rcpt[i].state = CHOSEN;
		m->nchosen++;
	}
	return (m->nchosen);
}

struct talkmail_rcpt *
talkmail_next(struct talkmail *m)
{
	while (m->next < m->nrcpt && m->rcpt[m->next].state != CHOSEN)
		m->next++;
	return (m->next < m->nrcpt ? &m->rcpt[m->next] : NULL);
}

/* Too many at once: it is this recipient's turn in the next transaction. */
static bool
is_too_many(const struct talkmail *m, unsigned int code, struct bytes text)
{
	char status[SMTPANSWER_STATUS_MAX];

	if (m->naccepted == 0 || (code != 452 && code != 552))
		return (false);
	smtpanswer_enhanced(code, text, status);
	return (code == 452 || strcmp(status, "5.0.0") == 0 ||
	    strncmp(status, "5.5.3", sizeof("5.5.3")) == 0);
}

void
talkmail_answered(struct talkmail *m, struct talkmail_rcpt *r,
    unsigned int code, struct bytes text, uint8_t from)
{
	struct talkmail_outcome heard = { .from = from };

	if (r->state != CHOSEN)
		return;
	if (code < 300) {
		r->state = ACCEPTED;
		m->naccepted++;
		return;
	}
	if (is_too_many(m, code, text)) {
		r->state = LEFT;
		return;
	}
	talkoutcome_hear(&heard, code >= 500 ? 'h' : 's', code, text);
	r->outcome = heard;
	r->is_new = true;
	r->state = FINAL;
	if (code < 500)
		r->tries++;
}

void
talkmail_refuse(
    struct talkmail_rcpt *r, const char *status, const char *why, bool is_final)
{
	struct talkmail_outcome o = { .letter = '\0' };

	talkoutcome_say(&o, 'h', status, "%s", why);
	if (is_final)
		r->outcome = o;
	else
		talkoutcome_worsen(&r->outcome, &o);
	r->state = is_final ? FINAL : ELSEWHERE;
}

/* A recipient gets an outcome of its own: the message's, as it is now. */
static void
give_own(struct talkmail_rcpt *r, const struct talkmail_outcome *o)
{
	r->outcome = *o;
	r->outcome.letter = 's';
	if (o->letter == 'D' || o->letter == 'h')
		r->outcome.letter = 'h';
	if (o->letter == 'K')
		r->outcome.letter = 'r';
	r->is_new = false;
	r->state = FINAL;
}

/* Those that share the message's outcome get it, for it is to be another. */
static void
share_out(struct talkmail *m)
{
	size_t i;

	for (i = 0; i < m->nrcpt; i++)
		if (m->rcpt[i].state == SHARED)
			give_own(&m->rcpt[i], &m->outcome);
}

/* Is there one in such a state? */
static bool
has(const struct talkmail *m, int state)
{
	size_t i;

	for (i = 0; i < m->nrcpt; i++)
		if (m->rcpt[i].state == state)
			return (true);
	return (false);
}

/*
 * All recipients have an outcome of their own, and nothing was delivered.
 */
static void
sum_up(struct talkmail *m)
{
	const struct talkmail_outcome *last = NULL;
	size_t i;

	for (i = 0; i < m->nrcpt; i++) {
		const struct talkmail_outcome *o = &m->rcpt[i].outcome;

		if (last == NULL || last->letter == 'h' || o->letter == 's')
			last = o;
	}
	if (last == NULL)
		return;
	m->outcome.from = last->from;
	talkoutcome_say(&m->outcome, last->letter == 'h' ? 'D' : 'Z',
	    last->status, "no recipient was accepted");
}

/* In a report each comes in its place: none is left out before another. */
static void
fill_gaps(struct talkmail *m)
{
	bool is_needed = m->outcome.letter == 'K';
	size_t i = m->nrcpt;

	while (i-- > 0) {
		struct talkmail_rcpt *r = &m->rcpt[i];

		if (r->outcome.letter == '\0' && is_needed)
			give_own(r, &m->outcome);
		is_needed = is_needed || r->outcome.letter != '\0';
	}
}

static void
end(struct talkmail *m)
{
	if (m->outcome.letter != 'K' && !has(m, SHARED))
		sum_up(m);
	fill_gaps(m);
	m->state = TALKMAIL_OVER;
}

/* The transaction is over, and all its recipients' results are theirs. */
static void
close_transaction(struct talkmail *m)
{
	size_t i;

	for (i = 0; i < m->nrcpt; i++)
		m->rcpt[i].is_new = false;
	m->nchosen = 0;
	m->naccepted = 0;
	m->verdict.letter = '\0';
}

/*
 * Is the verdict about this recipient?  Of one that nobody has answered for, it
 * is, for it was not asked for.
 */
static bool
is_judged(const struct talkmail_rcpt *r)
{
	return (r->state == ACCEPTED || r->state == CHOSEN);
}

/* The message's outcome; what was delivered in part stays so. */
static void
apply_failure(struct talkmail *m)
{
	bool is_partial = m->outcome.letter == 'K';
	size_t i;

	if (!is_partial)
		share_out(m);
	for (i = 0; i < m->nrcpt; i++) {
		struct talkmail_rcpt *r = &m->rcpt[i];

		if (!is_judged(r))
			continue;
		if (is_partial) {
			give_own(r, &m->verdict);
			continue;
		}
		r->outcome.letter = r->state == ACCEPTED ? 'r' : '\0';
		r->state = SHARED;
	}
	if (!is_partial)
		m->outcome = m->verdict;
}

static void
apply_success(struct talkmail *m)
{
	size_t i;

	share_out(m);
	for (i = 0; i < m->nrcpt; i++)
		if (m->rcpt[i].state == ACCEPTED)
			give_own(&m->rcpt[i], &m->verdict);
	m->outcome = m->verdict;
}

/* A reason to ask another address; if there is none, it is the outcome. */
static void
apply_elsewhere(struct talkmail *m)
{
	bool is_partial = m->outcome.letter == 'K';
	size_t i;

	for (i = 0; i < m->nrcpt && is_partial; i++) {
		struct talkmail_rcpt *r = &m->rcpt[i];

		if (!is_judged(r))
			continue;
		give_own(r, &m->verdict);
		r->state = LEFT;
	}
	if (is_partial)
		return;
	share_out(m);
	talkoutcome_worsen(&m->outcome, &m->verdict);
}

static void
put_back(struct talkmail *m)
{
	size_t i;

	for (i = 0; i < m->nrcpt; i++)
		if (is_judged(&m->rcpt[i]))
			m->rcpt[i].state = LEFT;
}

/* Those that were put off here can be tried once more elsewhere. */
static void
put_off(struct talkmail *m)
{
	size_t i;

	for (i = 0; i < m->nrcpt; i++) {
		struct talkmail_rcpt *r = &m->rcpt[i];

		if (r->is_new && r->outcome.letter == 's' &&
		    r->tries < TALKMAIL_TRIES)
			r->state = ELSEWHERE;
	}
}

void
talkmail_settle(struct talkmail *m, bool is_last, bool missed)
{
	bool goes = m->goes_elsewhere && !is_last;

	if (m->goes_elsewhere && missed)
		talkoutcome_soften(&m->verdict);
	if (m->verdict.letter == 'K')
		apply_success(m);
	else if (m->verdict.letter != '\0' && goes)
		apply_elsewhere(m);
	else if (m->verdict.letter != '\0')
		apply_failure(m);
	put_back(m);
	if (!is_last)
		put_off(m);
	close_transaction(m);
	m->state = TALKMAIL_WAITING;
	if (goes || (!has(m, LEFT) && has(m, ELSEWHERE) && !is_last))
		m->state = TALKMAIL_PARKED;
	else if (!has(m, LEFT))
		/* Nobody is left of whom it would have to be said. */
		talkmail_close(m, missed, &m->outcome);
}

void
talkmail_resume(struct talkmail *m)
{
	size_t i;

	m->goes_elsewhere = false;
	m->state = TALKMAIL_WAITING;
	for (i = 0; i < m->nrcpt; i++)
		if (m->rcpt[i].state == ELSEWHERE)
			m->rcpt[i].state = LEFT;
}

void
talkmail_undo(struct talkmail *m, bool stands)
{
	size_t i;

	put_back(m);
	for (i = 0; i < m->nrcpt && !stands; i++) {
		struct talkmail_rcpt *r = &m->rcpt[i];

		if (!r->is_new)
			continue;
		r->state = LEFT;
		r->outcome.letter = '\0';
	}
	close_transaction(m);
	m->state = TALKMAIL_WAITING;
}

void
talkmail_doubt(struct talkmail *m, bool stands)
{
	bool is_partial = m->outcome.letter == 'K';
	struct talkmail_outcome verdict = m->verdict;
	size_t i;

	/* What another address has said is no longer the last word. */
	for (i = 0; i < m->nrcpt; i++)
		if (is_judged(&m->rcpt[i]))
			m->rcpt[i].outcome.letter = '\0';
	talkmail_undo(m, stands);
	for (i = 0; i < m->nrcpt && is_partial; i++)
		if (m->rcpt[i].state == LEFT)
			give_own(&m->rcpt[i], &verdict);
	if (!is_partial) {
		share_out(m);
		m->outcome = verdict;
	}
	talkmail_close(m, true, &verdict);
}

void
talkmail_close(
    struct talkmail *m, bool missed, const struct talkmail_outcome *why)
{
	bool is_partial = m->outcome.letter == 'K';
	size_t i;

	/* What one address has said is the last word, if none was missed. */
	if (missed && !has(m, SHARED))
		talkoutcome_soften(&m->outcome);
	for (i = 0; i < m->nrcpt; i++) {
		struct talkmail_rcpt *r = &m->rcpt[i];

		if (r->state != LEFT && r->state != ELSEWHERE)
			continue;
		if (missed)
			talkoutcome_soften(&r->outcome);
		if (r->outcome.letter == '\0' && is_partial)
			give_own(r, why);
		r->state = r->outcome.letter == '\0' ? SHARED : FINAL;
	}
	if (has(m, SHARED) && m->outcome.letter == '\0')
		m->outcome = *why;
	end(m);
}

bool
talkmail_was_tried(const struct talkmail *m)
{
	size_t i;

	if (m->outcome.letter != '\0')
		return (true);
	for (i = 0; i < m->nrcpt; i++)
		if (m->rcpt[i].outcome.letter != '\0')
			return (true);
	return (false);
}
