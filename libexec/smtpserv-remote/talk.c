/* SPDX-License-Identifier: ISC */
#include "talk.h"

#include <assert.h>

#include "talkcompose.h"
#include "talkend.h"
#include "talkhello.h"
#include "talkinput.h"
#include "talkout.h"
#include "talktext.h"
#include "talkturn.h"

void
talk_init(struct talk *t, const struct talk_settings *settings, char *store,
    size_t cap)
{
	assert(cap >= TALK_OUTPUT_MIN);
	*t = (struct talk){
		.settings = settings,
		.phase = TALKSTATE_ABSENT,
		.store = store,
		.cap = cap,
	};
	buf_init(&t->out, store, cap);
	buf_init(&t->reply, t->reply_store, sizeof(t->reply_store));
}

void
talk_mail(struct talk *t, struct talkmail *m)
{
	/* It was promised no more than that. */
	assert(t->nmail < TALK_WINDOW_MAX);
	t->mail[t->nmail++] = m;
	m->state = TALKMAIL_WAITING;
	if (t->credits > 0)
		t->credits--;
	if (t->phase != TALKSTATE_OVER)
		return;
	m->outcome = t->failure;
	m->outcome.letter = 'N';
	m->state = TALKMAIL_OVER;
}

static struct talkmail *
take_mail(struct talk *t, size_t at)
{
	struct talkmail *m = t->mail[at];

	t->nmail--;
	for (; at < t->nmail; at++)
		t->mail[at] = t->mail[at + 1];
	return (m);
}

bool
talk_withdraw(struct talk *t, struct talkmail *m)
{
	size_t i;

	for (i = 0; i < t->nmail; i++) {
		if (t->mail[i] != m)
			continue;
		if (m->state != TALKMAIL_WAITING || talkmail_was_tried(m))
			return (false);
		/* It is m. */
		(void)take_mail(t, i);
		return (true);
	}
	return (false);
}

void
talk_finish(struct talk *t)
{
	t->is_finishing = true;
}

/* Has its end been composed, and is it not answered? */
static bool
is_awaited(const struct talkmail *m)
{
	return (m->state == TALKMAIL_BEGUN && m->end_at > 0);
}

static uint64_t
last_end(const struct talk *t)
{
	uint64_t end = 0;
	size_t i;

	for (i = 0; i < t->nmail; i++)
		if (is_awaited(t->mail[i]) && t->mail[i]->end_at > end)
			end = t->mail[i]->end_at;
	return (end);
}

void
talk_orphan(struct talk *t)
{
	uint64_t end = last_end(t);

	t->is_orphan = true;
	t->has_doubt = false;
	t->held = 0;
	if (end < t->sent)
		end = t->sent;
	buf_cut(&t->out, t->from + (size_t)(end - t->sent));
}

/* One that is over, given back. */
static struct talkmail *
take_over(struct talk *t)
{
	size_t i;

	for (i = 0; i < t->nmail; i++)
		if (t->mail[i]->state == TALKMAIL_OVER)
			return (take_mail(t, i));
	return (NULL);
}

static enum talk_do
part(struct talk *t, struct talk_order *order)
{
	if (t->says_failure) {
		t->says_failure = false;
		order->outcome = &t->failure;
		return (TALK_HOP_FAILED);
	}
	order->why = t->why;
	return (TALK_OVER);
}

static enum talk_do
converse(struct talk *t, struct talk_order *order)
{
	size_t more = talkcompose_credit(t);

	if (t->says_credit || more > 0) {
		t->says_credit = false;
		t->credits += more;
		order->n = more;
		return (TALK_CREDIT);
	}
	talkcompose_all(t);
	order->mail = t->current;
	if (t->has_doubt) {
		t->has_doubt = false;
		t->current->is_told = true;
		return (TALK_IN_DOUBT);
	}
	if (talkcompose_wants_text(t)) {
		order->at = t->current->read;
		return (TALK_TEXT);
	}
	return (TALK_WAIT);
}

/* Has what was composed made something else due? */
static bool
has_news(const struct talk *t)
{
	size_t i;

	for (i = 0; i < t->nmail; i++)
		if (t->mail[i]->state == TALKMAIL_OVER)
			return (true);
	return (t->phase != TALKSTATE_READY || talkcompose_credit(t) > 0);
}

static enum talk_do
next(struct talk *t, struct talk_order *order)
{
	switch ((enum talkstate_phase)t->phase) {
	case TALKSTATE_ABSENT:
		t->phase = TALKSTATE_CONNECTING;
		return (t->asks_clear ? TALK_CONNECT_CLEAR : TALK_CONNECT);
	case TALKSTATE_SECURE:
		t->phase = TALKSTATE_SECURING;
		return (TALK_START_TLS);
	case TALKSTATE_OVER:
		return (part(t, order));
	case TALKSTATE_READY:
		return (t->is_orphan ? TALK_WAIT : converse(t, order));
	case TALKSTATE_CONNECTING:
	case TALKSTATE_GREETING:
	case TALKSTATE_SECURING:
	case TALKSTATE_QUITTING:
		break;
	}
	return (TALK_WAIT);
}

enum talk_do
talk_next(struct talk *t, struct talk_order *order)
{
	enum talk_do what;
	bool was_ready;

	do {
		*order = (struct talk_order){ .mail = take_over(t) };
		if (order->mail != NULL)
			return (TALK_OUTCOME);
		if (t->is_orphan && last_end(t) == 0) {
			t->phase = TALKSTATE_OVER;
			t->why = "the worker is gone";
			t->says_failure = false;
		}
		was_ready = t->phase == TALKSTATE_READY && !t->is_orphan;
		what = next(t, order);
	} while (what == TALK_WAIT && was_ready && has_news(t));
	return (what);
}

void
talk_connected(struct talk *t, const struct talk_address *a)
{
	if (t->phase == TALKSTATE_CONNECTING)
		talkhello_begin(t, a);
}

void
talk_no_address(
    struct talk *t, const struct talkmail_outcome *why, bool unreached)
{
	if (t->phase == TALKSTATE_CONNECTING)
		talkend_give_up(t, why, unreached);
}

void
talk_secured(struct talk *t, enum talk_safety safety)
{
	if (t->phase == TALKSTATE_SECURING)
		talkhello_secured(t, safety);
}

void
talk_input(struct talk *t, struct bytes in)
{
	talkinput_take(t, in);
}

struct bytes
talk_output(const struct talk *t)
{
	struct bytes out = bytes_cut(buf_view(&t->out), t->from, SIZE_MAX);

	out.n -= out.n < t->held ? out.n : t->held;
	return (out);
}

void
talk_sent(struct talk *t, size_t n)
{
	t->from += n;
	t->sent += n;
	if (t->from < buf_view(&t->out).n)
		return;
	buf_reset(&t->out);
	t->from = 0;
}

size_t
talk_text(struct talk *t, struct bytes text)
{
	size_t used = 0;

	if (t->current == NULL || t->current->step != TALKSTATE_SEND_TEXT)
		return (0);
	if (!talktext_put(t, text, &used))
		talk_text_failed(t, "the text has changed");
	return (used);
}

void
talk_text_end(struct talk *t)
{
	if (t->current == NULL || t->current->step != TALKSTATE_SEND_TEXT)
		return;
	if (!talktext_end(t))
		talk_text_failed(t, "the text has changed");
}

/* The server must not take a part of it for the whole. */
void
talk_text_failed(struct talk *t, const char *why)
{
	struct talkmail *m = t->current;
	struct talkmail_outcome o = { .from = (uint8_t)(t->npeers - 1) };

	if (m == NULL)
		return;
	talkoutcome_say(
	    &o, 'Z', "4.3.0", "unable to read the message: %s", why);
	m->verdict = o;
	m->goes_elsewhere = false;
	/* It is not the host's fault. */
	t->finals++;
	talkend_lose(t, &o, TALKEND_LOST);
}

static enum talk_timer
timer_of(const struct talk *t, const struct talk_pending *p)
{
	switch ((enum talkstate_what)p->what) {
	case TALKSTATE_HELLO:
		return (TALK_TIMER_GREETING);
	case TALKSTATE_EHLO:
	case TALKSTATE_HELO:
	case TALKSTATE_STARTTLS:
	case TALKSTATE_AUTH:
	case TALKSTATE_USER:
	case TALKSTATE_PASSWORD:
		return (TALK_TIMER_EHLO);
	case TALKSTATE_MAIL:
		return (TALK_TIMER_MAIL);
	case TALKSTATE_RCPT:
		return (TALK_TIMER_RCPT);
	case TALKSTATE_DATA:
		return (TALK_TIMER_DATA);
	case TALKSTATE_DOT:
	case TALKSTATE_LAST:
		/* A text that is on its way has the time that it takes. */
		return (talkout_was_sent(t, p->mail->end_at) ? TALK_TIMER_FINAL
							     : TALK_TIMER_NONE);
	case TALKSTATE_LONE_DOT:
	case TALKSTATE_BDAT:
		return (TALK_TIMER_FINAL);
	case TALKSTATE_RSET:
		return (TALK_TIMER_RSET);
	case TALKSTATE_QUIT:
		break;
	}
	return (TALK_TIMER_QUIT);
}

struct talk_waits
talk_wait(const struct talk *t)
{
	struct talk_waits w = { .turn = t->turn };
	const struct talk_pending *p = talkout_first(t);

	if (!talkinput_listens(t))
		return (w);
	if (p != NULL)
		w.reply = timer_of(t, p);
	else if (t->phase == TALKSTATE_READY && t->nmail == 0)
		w.reply = TALK_TIMER_IDLE;
	if (talk_output(t).n > 0)
		w.write = TALK_TIMER_TEXT;
	return (w);
}

void
talk_expired(struct talk *t, enum talk_timer timer)
{
	if (timer == TALK_TIMER_IDLE)
		t->is_finishing = true;
	else if (timer == TALK_TIMER_QUIT)
		talkend_close(t);
	else if (timer != TALK_TIMER_NONE && t->phase == TALKSTATE_READY)
		/* A reply may have been left out long ago. */
		talkend_lose_for(
		    t, "4.4.2", "no answer in time", TALKEND_OUT_OF_STEP);
	else if (timer != TALK_TIMER_NONE)
		talk_lost(t, "no answer in time");
}

void
talk_lost(struct talk *t, const char *why)
{
	if (t->phase == TALKSTATE_GREETING || t->phase == TALKSTATE_SECURE ||
	    t->phase == TALKSTATE_SECURING)
		talkhello_lost(t, why);
	else
		talkend_lose_for(t, "4.4.2", why, TALKEND_LOST);
}

static const struct talk_peer *
peer_of(const struct talk *t, const struct talkmail_outcome *o)
{
	static const struct talk_peer none = { .host = "" };

	return (o->from < t->npeers ? &t->peers[o->from] : &none);
}

const char *
talk_host(const struct talk *t, const struct talkmail_outcome *o)
{
	return (peer_of(t, o)->host);
}

const char *
talk_numeric(const struct talk *t, const struct talkmail_outcome *o)
{
	return (peer_of(t, o)->address);
}
