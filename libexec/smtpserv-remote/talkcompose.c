/* SPDX-License-Identifier: ISC */
#include "talkcompose.h"

#include "talkend.h"
#include "talkfit.h"
#include "talkout.h"
#include "talkturn.h"

/* Messages of which something is on the wire. */
static size_t
busy(const struct talk *t)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < t->nmail; i++)
		n += t->mail[i]->state == TALKMAIL_BEGUN ||
		    t->mail[i]->state == TALKMAIL_MATCHED;
	return (n);
}

static bool
has_state(const struct talk *t, enum talkmail_state state)
{
	size_t i;

	for (i = 0; i < t->nmail; i++)
		if (t->mail[i]->state == state)
			return (true);
	return (false);
}

/*
 * So many messages may be under way.  The first of a connection is alone: it
 * shows whether the server's replies are in step.
 */
static size_t
window_of(const struct talk *t)
{
	size_t window = t->settings->window;

	if (t->finals == 0 || !t->ehlo.pipelining || window <= 1)
		return (1);
	if (!t->ehlo.chunking || !t->settings->chunking)
		return (2);
	return (window < TALK_WINDOW_MAX ? window : TALK_WINDOW_MAX);
}

/* So many transactions the connection is good for yet. */
static size_t
transactions_left(const struct talk *t)
{
	uint64_t most = t->settings->messages;

	if (t->ehlo.mailmax > 0 && (most == 0 || t->ehlo.mailmax < most))
		most = t->ehlo.mailmax;
	if (most == 0)
		return (SIZE_MAX);
	return (t->transactions < most ? (size_t)most - t->transactions : 0);
}

size_t
talkcompose_credit(const struct talk *t)
{
	size_t left = transactions_left(t);
	size_t held = t->credits;
	size_t waiting = held;
	size_t window = window_of(t);
	size_t i;

	if (t->phase != TALKSTATE_READY || t->is_finishing || t->is_orphan ||
	    t->is_detour || has_state(t, TALKMAIL_PARKED))
		return (0);
	for (i = 0; i < t->nmail; i++) {
		/* One that is as good as over need not keep another waiting. */
		held += t->mail[i]->state != TALKMAIL_OVER &&
		    (window != 2 || t->mail[i]->state != TALKMAIL_MATCHED);
		waiting += t->mail[i]->state == TALKMAIL_WAITING;
	}
	left = left > waiting ? left - waiting : 0;
	window = window > held ? window - held : 0;
	return (window < left ? window : left);
}

/* The next to be sent; NULL: none. */
static struct talkmail *
first_waiting(const struct talk *t)
{
	size_t i;

	for (i = 0; i < t->nmail; i++)
		if (t->mail[i]->state == TALKMAIL_WAITING)
			return (t->mail[i]);
	return (NULL);
}

/* Will another go behind it, whose DATA shows that all is in step? */
static bool
is_followed(const struct talk *t, const struct talkmail *m)
{
	size_t i;

	if (transactions_left(t) <= 1 || busy(t) >= window_of(t))
		return (false);
	for (i = 0; i < t->nmail; i++)
		if (t->mail[i] != m && t->mail[i]->state == TALKMAIL_WAITING &&
		    talkfit_refusal(t, t->mail[i]) == NULL)
			return (true);
	return (false);
}

/*
 * By BDAT, so that others can go with it, or because nothing else will do.  Of
 * an empty one there would be nothing to hold back.
 */
static bool
goes_by_bdat(const struct talk *t, const struct talkmail *m)
{
	return (t->ehlo.chunking && t->settings->chunking && m->has_size &&
	    m->size > 0 && window_of(t) > 2 && is_followed(t, m));
}

/* Must an RSET stand between it and the one before? */
static bool
needs_reset(const struct talk *t)
{
	return (t->latest != NULL && t->latest->by_bdat);
}

/* Unless it cannot go this way: then it has its outcome at once. */
static void
begin(struct talk *t, struct talkmail *m)
{
	const struct talkfit_refusal *no = talkfit_refusal(t, m);

	m->goes_elsewhere = false;
	m->is_unclean = false;
	m->is_told = false;
	m->read = m->done = m->chunk = 0;
	m->chunk_at = m->end_at = 0;
	m->npending = 0;
	/* Somebody is left, or it would be over. */
	(void)talkmail_choose(m, &t->ehlo);
	m->state = TALKMAIL_BEGUN;
	if (no != NULL) {
		m->verdict.from = (uint8_t)(t->npeers - 1);
		talkoutcome_say(&m->verdict, 'D', no->status, "%s", no->why);
		m->goes_elsewhere = !no->is_final;
	}
	m->is_alone = m->body == SMTP_BODY_BINARYMIME;
	m->by_bdat = false;
	if (no != NULL || talkfit_sift(t, m) == 0) {
		talkend_settle(t, m);
		return;
	}
	m->by_bdat = m->is_alone || goes_by_bdat(t, m);
	m->step = needs_reset(t) ? TALKSTATE_SAY_RSET : TALKSTATE_SAY_MAIL;
	t->current = m;
}

/* May a command go before all replies are in? */
static bool
may_say(struct talk *t)
{
	return ((t->ehlo.pipelining || t->npending == 0) &&
	    talkout_has_room(t, SMTPSAY_MAX));
}

static void
say_mail(struct talk *t, struct talkmail *m)
{
	if (!talkfit_put_mail(t, m)) {
		/* It was tried before, by talkfit_refusal(). */
		m->verdict.from = (uint8_t)(t->npeers - 1);
		talkoutcome_say(
		    &m->verdict, 'D', "5.1.7", "the sender cannot be sent");
		t->current = NULL;
		talkend_settle(t, m);
		return;
	}
	talkout_expect(t, TALKSTATE_MAIL, m, NULL);
	t->transactions++;
	t->latest = m;
	m->step = TALKSTATE_SAY_RCPT;
}

static void
say_rcpt(struct talk *t, struct talkmail *m)
{
	struct talkmail_rcpt *r = talkmail_next(m);

	/* The sender was refused meanwhile. */
	if (m->verdict.letter != '\0') {
		talkturn_said(t, m);
		return;
	}
	if (r == NULL) {
		m->step = m->by_bdat ? TALKSTATE_SAY_BDAT : TALKSTATE_SAY_DATA;
		return;
	}
	m->next++;
	if (talkfit_put_rcpt(t, r))
		talkout_expect(t, TALKSTATE_RCPT, m, r);
	else
		talkmail_refuse(
		    r, "5.1.3", "the recipient cannot be sent", true);
}

/* All replies are in, and there is nobody to whom a text could go. */
static bool
is_for_nobody(const struct talkmail *m)
{
	return (m->verdict.letter != '\0' ||
	    (m->npending == 0 && m->naccepted == 0));
}

static void
say_data(struct talk *t, struct talkmail *m)
{
	if (is_for_nobody(m)) {
		m->is_unclean = true;
		talkturn_said(t, m);
		return;
	}
	talkout_say(t, "DATA\r\n", TALKSTATE_DATA, m);
	m->step = TALKSTATE_HEAR_DATA;
}

static void
say_bdat(struct talk *t, struct talkmail *m)
{
	uint64_t most =
	    t->settings->chunk > 0 ? t->settings->chunk : TALK_CHUNK_MAX;
	uint64_t left = m->size - m->done;
	bool is_last = left <= most;

	if (m->is_alone && t->npending > 0)
		return;
	/* A chunk was refused, or all recipients. */
	if (m->verdict.letter != '\0' || (m->is_alone && is_for_nobody(m))) {
		m->is_unclean = true;
		talkturn_said(t, m);
		return;
	}
	if (is_last && !m->is_told) {
		t->has_doubt = true;
		return;
	}
	if (m->done == 0)
		smtpstuff_init_chunks(&t->stuff);
	m->chunk = is_last ? left : most;
	m->chunk_at = 0;
	(void)buf_puts(&t->out, "BDAT ");
	(void)buf_put_number(&t->out, m->chunk);
	talkout_say(t, is_last ? " LAST\r\n" : "\r\n",
	    is_last ? TALKSTATE_LAST : TALKSTATE_BDAT, m);
	m->step = TALKSTATE_SEND_TEXT;
}

static void
send_end(struct talk *t, struct talkmail *m)
{
	if (!m->is_told) {
		t->has_doubt = true;
		return;
	}
	if (!talkout_has_room(t, SMTPSTUFF_GROWTH))
		return;
	/* There is room. */
	(void)smtpstuff_end(&t->stuff, &t->out);
	m->end_at = talkout_end(t);
	talkturn_said(t, m);
}

/* The next step of the message at hand; false: it must wait. */
static bool
step(struct talk *t, struct talkmail *m)
{
	uint8_t before = m->step;
	size_t next = m->next;

	switch ((enum talkstate_step)m->step) {
	case TALKSTATE_SAY_RSET:
		if (!may_say(t))
			return (false);
		talkout_say(t, "RSET\r\n", TALKSTATE_RSET, m);
		m->step = TALKSTATE_SAY_MAIL;
		return (true);
	case TALKSTATE_SAY_MAIL:
		if (may_say(t))
			say_mail(t, m);
		break;
	case TALKSTATE_SAY_RCPT:
		if (may_say(t))
			say_rcpt(t, m);
		break;
	case TALKSTATE_SAY_DATA:
		if (may_say(t))
			say_data(t, m);
		break;
	case TALKSTATE_SAY_BDAT:
		if (may_say(t))
			say_bdat(t, m);
		break;
	case TALKSTATE_SEND_END:
		send_end(t, m);
		break;
	case TALKSTATE_HEAR_DATA:
	case TALKSTATE_SEND_TEXT:
	case TALKSTATE_SAID:
		return (false);
	}
	return (t->current != m || m->step != before || m->next != next);
}

/* Nothing is under way: is there a reason to part? */
static bool
should_quit(struct talk *t)
{
	if (has_state(t, TALKMAIL_PARKED) && first_waiting(t) == NULL) {
		t->is_leaving = true;
		return (true);
	}
	if (transactions_left(t) == 0)
		return (true);
	return ((t->is_finishing || t->is_detour) && t->nmail == 0);
}

/* All replies are in. */
static void
rest(struct talk *t)
{
	if (!talkturn_is_unsure(t) && should_quit(t)) {
		talkend_quit(t);
	} else if (t->must_reset && talkout_has_room(t, SMTPSAY_MAX)) {
		talkout_say(t, "RSET\r\n", TALKSTATE_RSET, NULL);
		t->must_reset = false;
		t->is_resetting = true;
	}
}

void
talkcompose_all(struct talk *t)
{
	struct talkmail *m;

	while (t->phase == TALKSTATE_READY && !t->has_doubt) {
		if (t->current != NULL) {
			if (!step(t, t->current))
				return;
			continue;
		}
		if (t->npending == 0)
			rest(t);
		m = first_waiting(t);
		if (t->phase != TALKSTATE_READY || t->must_reset ||
		    t->is_resetting || m == NULL || busy(t) >= window_of(t) ||
		    transactions_left(t) == 0)
			return;
		begin(t, m);
	}
}

bool
talkcompose_wants_text(struct talk *t)
{
	const struct talkmail *m = t->current;

	return (t->phase == TALKSTATE_READY && m != NULL &&
	    m->step == TALKSTATE_SEND_TEXT && talkout_has_room(t, t->cap / 4));
}
