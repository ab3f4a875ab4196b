/* SPDX-License-Identifier: ISC */
#include "talkend.h"

#include <string.h>

#include "smtp/smtpsay.h"
#include "talkout.h"

const char *
talkend_where(const struct talk *t)
{
	static const char *const names[] = {
		[TALKSTATE_HELLO] = "its greeting",
		[TALKSTATE_EHLO] = "EHLO",
		[TALKSTATE_HELO] = "HELO",
		[TALKSTATE_STARTTLS] = "STARTTLS",
		[TALKSTATE_AUTH] = "AUTH",
		[TALKSTATE_USER] = "AUTH",
		[TALKSTATE_PASSWORD] = "AUTH",
		[TALKSTATE_MAIL] = "MAIL",
		[TALKSTATE_RCPT] = "RCPT",
		[TALKSTATE_DATA] = "DATA",
		[TALKSTATE_DOT] = "the end of the text",
		[TALKSTATE_LONE_DOT] = "the end of no text",
		[TALKSTATE_BDAT] = "BDAT",
		[TALKSTATE_LAST] = "the end of the text",
		[TALKSTATE_RSET] = "RSET",
		[TALKSTATE_QUIT] = "QUIT",
	};
	const struct talk_pending *p = talkout_first(t);

	if (t->is_answering)
		return (names[t->answered]);
	if (t->phase == TALKSTATE_SECURING)
		return ("TLS");
	return (p == NULL ? "rest" : names[p->what]);
}

static uint8_t
this_address(const struct talk *t)
{
	return ((uint8_t)(t->npeers > 0 ? t->npeers - 1 : 0));
}

static struct talk_peer *
peer_of(struct talk *t)
{
	return (&t->peers[this_address(t)]);
}

void
talkend_hear(const struct talk *t, struct talkmail_outcome *o, char letter,
    unsigned int code)
{
	o->from = this_address(t);
	talkoutcome_hear(o, letter, code, buf_view(&t->reply));
}

void
talkend_settle(struct talk *t, struct talkmail *m)
{
	if (m->verdict.letter == 'K')
		m->took_dsn =
		    t->ehlo.dsn && (m->took_dsn || m->outcome.letter != 'K');
	talkmail_settle(m, peer_of(t)->is_last, t->missed);
}

/* A message whose end was sent, and nobody knows the answer. */
static void
doubt(struct talk *t, struct talkmail *m, const struct talkmail_outcome *o,
    bool stands)
{
	m->verdict.from = this_address(t);
	talkoutcome_say(
	    &m->verdict, 'Z', "4.4.2", "%s; it may be a duplicate", o->words);
	talkmail_doubt(m, stands);
}

/*
 * A message in the middle of its transaction.  True: it would have been the
 * first of the connection, and was tried.
 */
static bool
interrupt(struct talk *t, struct talkmail *m, const struct talkmail_outcome *o,
    enum talkend_how how)
{
	bool stands = how != TALKEND_OUT_OF_STEP;
	bool is_unknown =
	    how != TALKEND_CLOSED && talkout_was_sent(t, m->end_at);

	if (m->state == TALKMAIL_MATCHED && stands) {
		talkend_settle(t, m);
		return (false);
	}
	/* It was refused in the middle, or by us. */
	if (m->verdict.letter != '\0' && m->state == TALKMAIL_BEGUN && stands) {
		talkend_settle(t, m);
		return (false);
	}
	if (is_unknown) {
		doubt(t, m, o, stands);
		return (false);
	}
	talkmail_undo(m, stands);
	return (true);
}

/* It was tried here; if there is no other address, that is the last word. */
static void
charge(struct talk *t, struct talkmail *m, const struct talkmail_outcome *o)
{
	struct talkmail_outcome z = *o;

	z.letter = 'Z';
	z.from = this_address(t);
	if (m->outcome.letter != 'K')
		talkoutcome_worsen(&m->outcome, &z);
}

static void
interrupt_all(
    struct talk *t, const struct talkmail_outcome *o, enum talkend_how how)
{
	bool is_charged = t->finals > 0;
	size_t i;

	for (i = 0; i < t->nmail; i++) {
		struct talkmail *m = t->mail[i];

		if (m->state != TALKMAIL_BEGUN && m->state != TALKMAIL_MATCHED)
			continue;
		/*
		 * The first of a connection is to blame, perhaps.  On one that
		 * has brought others it is not: the server may just have had
		 * enough, and the message gets a new connection.
		 */
		if (interrupt(t, m, o, how) && !is_charged) {
			charge(t, m, o);
			is_charged = true;
		}
	}
}

/* The hop's failure, so far: permanent only if all of it is. */
static void
note_failure(struct talk *t, const struct talkmail_outcome *o)
{
	struct talkmail_outcome f = *o;

	f.from = this_address(t);
	talkoutcome_worsen(&t->failure, &f);
}

/* Given back untouched; of what was tried the rest is closed. */
static void
release(struct talkmail *m, const struct talkmail_outcome *o, bool missed)
{
	struct talkmail_outcome why = *o;

	if (m->state == TALKMAIL_OVER)
		return;
	why.letter = 'Z';
	if (why.status[0] == '5')
		why.status[0] = '4';
	if (talkmail_was_tried(m)) {
		talkmail_close(m, missed, &why);
		return;
	}
	m->outcome = *o;
	m->outcome.letter = 'N';
	m->state = TALKMAIL_OVER;
}

static void
release_all(struct talk *t, const struct talkmail_outcome *o)
{
	size_t i;

	for (i = 0; i < t->nmail; i++)
		release(t->mail[i], o, t->missed);
}

/* Is anybody held who can go to the next address? */
static bool
has_held(const struct talk *t)
{
	size_t i;

	for (i = 0; i < t->nmail; i++)
		if (t->mail[i]->state != TALKMAIL_OVER)
			return (true);
	return (false);
}

static void
leave(struct talk *t)
{
	talkout_wipe(t);
	t->current = NULL;
	t->latest = NULL;
	t->must_reset = false;
	t->is_resetting = false;
	t->has_doubt = false;
	t->says_credit = false;
}

static void
over(struct talk *t, const char *why)
{
	leave(t);
	t->phase = TALKSTATE_OVER;
	t->why = why;
}

/* On to the next address. */
static void
move_on(struct talk *t)
{
	size_t i;

	leave(t);
	t->asks_clear = false;
	t->phase = TALKSTATE_ABSENT;
	for (i = 0; i < t->nmail; i++)
		if (t->mail[i]->state != TALKMAIL_OVER)
			talkmail_resume(t->mail[i]);
}

/* A connection that was ready is lost. */
static void
lose_ready(
    struct talk *t, const struct talkmail_outcome *o, enum talkend_how how)
{
	size_t i;

	interrupt_all(t, o, how);
	if (t->finals == 0) {
		note_failure(t, o);
		t->missed = true;
		if (has_held(t)) {
			move_on(t);
			return;
		}
		t->says_failure = true;
		over(t, "lost before the first message");
		return;
	}
	/* It worked: those that were not tried get another like it. */
	for (i = 0; i < t->nmail; i++) {
		struct talkmail *m = t->mail[i];

		if (m->state == TALKMAIL_WAITING &&
		    (peer_of(t)->is_last || !talkmail_was_tried(m)))
			release(m, o, t->missed);
	}
	if (has_held(t)) {
		t->is_detour = true;
		move_on(t);
	} else {
		over(t, "lost");
	}
}

void
talkend_lose(
    struct talk *t, const struct talkmail_outcome *o, enum talkend_how how)
{
	switch ((enum talkstate_phase)t->phase) {
	case TALKSTATE_READY:
		if (t->is_orphan)
			over(t, "the worker is gone");
		else
			lose_ready(t, o, how);
		break;
	case TALKSTATE_QUITTING:
		talkend_close(t);
		break;
	case TALKSTATE_GREETING:
	case TALKSTATE_SECURE:
	case TALKSTATE_SECURING:
		note_failure(t, o);
		/* A refusal by one is not all that can be said. */
		t->missed = true;
		if (t->is_orphan)
			over(t, "the worker is gone");
		else
			move_on(t);
		break;
	case TALKSTATE_ABSENT:
	case TALKSTATE_CONNECTING:
	case TALKSTATE_OVER:
		break;
	}
}

void
talkend_lose_for(
    struct talk *t, const char *status, const char *why, enum talkend_how how)
{
	struct talkmail_outcome o = { .from = this_address(t) };

	talkoutcome_say(&o, 'Z', status, "%s at %s", why, talkend_where(t));
	talkend_lose(t, &o, how);
}

void
talkend_junk(struct talk *t)
{
	talkend_lose_for(
	    t, "4.5.0", "a reply that makes no sense", TALKEND_OUT_OF_STEP);
}

void
talkend_retreat(struct talk *t, const struct talkmail_outcome *o)
{
	const struct talk_peer *p = peer_of(t);

	if (p->tls != TALK_TLS_MAY || t->is_orphan) {
		talkend_lose(t, o, TALKEND_LOST);
		return;
	}
	leave(t);
	t->asks_clear = true;
	t->phase = TALKSTATE_ABSENT;
}

void
talkend_fail(struct talk *t, const struct talkmail_outcome *o)
{
	/* What others have said is of no interest. */
	t->failure.letter = '\0';
	note_failure(t, o);
	t->says_failure = true;
	release_all(t, &t->failure);
	over(t, "failed");
}

void
talkend_quit(struct talk *t)
{
	if (!talkout_has_room(t, SMTPSAY_MAX))
		return;
	talkout_say(t, "QUIT\r\n", TALKSTATE_QUIT, NULL);
	t->phase = TALKSTATE_QUITTING;
}

void
talkend_close(struct talk *t)
{
	struct talkmail_outcome none = { .from = this_address(t) };

	if (t->is_leaving) {
		t->is_leaving = false;
		t->is_detour = true;
		move_on(t);
		return;
	}
	talkoutcome_say(&none, 'Z', "4.4.2", "the connection was used up");
	release_all(t, &none);
	over(t, "done");
}

void
talkend_give_up(
    struct talk *t, const struct talkmail_outcome *why, bool unreached)
{
	t->missed = t->missed || unreached;
	t->says_failure = !t->was_ready || t->failure.letter != '\0';
	if (t->says_failure && t->failure.letter == '\0')
		t->failure = *why;
	if (unreached)
		talkoutcome_soften(&t->failure);
	release_all(t, t->says_failure ? &t->failure : why);
	over(t, "no more addresses");
}
