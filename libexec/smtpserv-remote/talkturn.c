/* SPDX-License-Identifier: ISC */
#include "talkturn.h"

#include "talkend.h"
#include "talkout.h"

static size_t
count_matched(const struct talk *t)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < t->nmail; i++)
		n += t->mail[i]->state == TALKMAIL_MATCHED;
	return (n);
}

bool
talkturn_is_unsure(const struct talk *t)
{
	return (t->must_reset && count_matched(t) > 1);
}

/* No reply is to come, and none is known to be missing. */
static void
confirm_at_rest(struct talk *t)
{
	if (t->phase == TALKSTATE_READY && t->npending == 0 &&
	    !talkturn_is_unsure(t))
		talkturn_confirm(t);
}

void
talkturn_confirm(struct talk *t)
{
	size_t i;

	for (i = 0; i < t->nmail; i++)
		if (t->mail[i]->state == TALKMAIL_MATCHED)
			talkend_settle(t, t->mail[i]);
}

static void
finish(struct talk *t, struct talkmail *m)
{
	if (t->latest == m) {
		t->latest = NULL;
		t->must_reset = t->must_reset || m->is_unclean;
	}
	/* Where more was sent ahead, its replies may be others': not yet. */
	m->state = TALKMAIL_MATCHED;
	confirm_at_rest(t);
}

void
talkturn_said(struct talk *t, struct talkmail *m)
{
	m->step = TALKSTATE_SAID;
	if (t->current == m)
		t->current = NULL;
	if (m->npending == 0)
		finish(t, m);
}

/* 220 and 221 are about the connection, and of no message. */
static bool
is_good(unsigned int code)
{
	return (code / 100 == 2 && code != 220 && code != 221);
}

/* The verdict on all of the transaction that is not known otherwise. */
static void
judge(struct talk *t, struct talkmail *m, unsigned int code)
{
	char letter = 'K';

	if (m->verdict.letter != '\0')
		return;
	if (code >= 400)
		letter = 'Z';
	if (code >= 500)
		letter = 'D';
	talkend_hear(t, &m->verdict, letter, code);
}

/* A refusal before the text, which another address may not repeat. */
static void
refuse(struct talk *t, struct talkmail *m, unsigned int code)
{
	m->is_unclean = true;
	if (m->verdict.letter != '\0')
		return;
	judge(t, m, code);
	m->goes_elsewhere = code < 500;
}

/* It is our set-up that is wrong, not the message. */
static void
ask_for_account(struct talk *t, struct talkmail *m)
{
	m->is_unclean = true;
	m->verdict.from = (uint8_t)(t->npeers - 1);
	talkoutcome_say(&m->verdict, 'Z', "4.7.0",
	    "%.*s (no account for this host in smtp.remote.auth?)",
	    (int)buf_view(&t->reply).n, buf_view(&t->reply).p);
}

static void
answer_mail(struct talk *t, struct talkmail *m, unsigned int code)
{
	if (is_good(code))
		return;
	if (code < 400)
		talkend_junk(t);
	else if (code == 530 && !t->settings->has_account)
		ask_for_account(t, m);
	else
		refuse(t, m, code);
}

static void
answer_rcpt(struct talk *t, const struct talk_pending *p, unsigned int code)
{
	if (!is_good(code) && code < 400) {
		talkend_junk(t);
		return;
	}
	/* Of a sender who was refused it says nothing. */
	if (p->mail->verdict.letter == '\0')
		talkmail_answered(p->mail, p->rcpt, code, buf_view(&t->reply),
		    (uint8_t)(t->npeers - 1));
}

/* There is nobody for whom a text could be meant, and the server wants one. */
static void
send_lone_dot(struct talk *t, struct talkmail *m)
{
	m->is_unclean = true;
	t->must_reset = true;
	talkout_say(t, ".\r\n", TALKSTATE_LONE_DOT, m);
	talkturn_said(t, m);
}

static void
begin_text(struct talk *t, struct talkmail *m)
{
	smtpstuff_init(&t->stuff);
	m->step = TALKSTATE_SEND_TEXT;
	talkout_expect(t, TALKSTATE_DOT, m, NULL);
}

/*
 * 354 stands where only this can, so what stood before it is in its place.  A
 * refusal might be another's, and RSET must show that it is not.
 */
static void
answer_data(struct talk *t, struct talkmail *m, unsigned int code)
{
	bool is_wanted = m->naccepted > 0 && m->verdict.letter == '\0';

	if (code != 354 && code < 400) {
		talkend_junk(t);
		return;
	}
	if (code == 354)
		talkturn_confirm(t);
	if (code == 354 && is_wanted) {
		begin_text(t, m);
		return;
	}
	if (code == 354) {
		send_lone_dot(t, m);
		return;
	}
	if (is_wanted)
		refuse(t, m, code);
	m->is_unclean = true;
	talkturn_said(t, m);
}

/* A part of the text that BDAT said was coming, or an end, is not all sent. */
static bool
is_early(const struct talk *t, const struct talkmail *m, uint64_t end)
{
	return (m->npending == 0 && !talkout_was_sent(t, end));
}

/* The server has had enough of a text, and its end will not be sent. */
static void
stop_text(struct talk *t, struct talkmail *m, unsigned int code)
{
	struct talkmail_outcome o;

	judge(t, m, code);
	t->finals++;
	talkend_hear(t, &o, 'Z', code);
	talkend_lose(t, &o, TALKEND_LOST);
}

static void
answer_dot(struct talk *t, struct talkmail *m, unsigned int code)
{
	bool is_soon = is_early(t, m, m->end_at);

	/* Good cannot be about what it has not got. */
	if (code < 400 && (is_soon || !is_good(code))) {
		talkend_junk(t);
	} else if (is_soon) {
		stop_text(t, m, code);
	} else {
		t->finals++;
		judge(t, m, code);
		finish(t, m);
	}
}

static void
answer_chunk(struct talk *t, const struct talk_pending *p, unsigned int code)
{
	struct talkmail *m = p->mail;
	bool is_last = p->what == TALKSTATE_LAST;
	bool is_refused = code >= 400;

	if ((!is_good(code) && !is_refused) ||
	    (!is_refused && is_early(t, m, m->chunk_at))) {
		talkend_junk(t);
		return;
	}
	m->is_unclean = m->is_unclean || is_refused;
	if (is_last)
		t->finals++;
	/* Without recipients it is refused for that. */
	if (m->naccepted > 0 && (is_refused || is_last))
		judge(t, m, code);
	if (m->step == TALKSTATE_SAID && m->npending == 0)
		finish(t, m);
}

static void
answer_reset(struct talk *t, const struct talk_pending *p, unsigned int code)
{
	struct talkmail_outcome o;

	t->is_resetting = t->is_resetting && p->mail != NULL;
	if (is_good(code))
		return;
	if (code < 400) {
		talkend_junk(t);
	} else if (p->mail == NULL && count_matched(t) == 0) {
		/* Others must not get into what is left of the last one. */
		talkend_quit(t);
	} else {
		/* No server says no to that: it was about something else. */
		talkend_hear(t, &o, 'Z', code);
		talkend_lose(t, &o, TALKEND_OUT_OF_STEP);
	}
}

void
talkturn_answered(
    struct talk *t, const struct talk_pending *p, unsigned int code)
{
	struct talkmail *m = p->mail;

	switch (p->what) {
	case TALKSTATE_MAIL:
		answer_mail(t, m, code);
		break;
	case TALKSTATE_RCPT:
		answer_rcpt(t, p, code);
		break;
	case TALKSTATE_DATA:
		answer_data(t, m, code);
		break;
	case TALKSTATE_DOT:
		answer_dot(t, m, code);
		break;
	case TALKSTATE_LONE_DOT:
		if (is_good(code) || code >= 400)
			finish(t, m);
		else
			talkend_junk(t);
		break;
	case TALKSTATE_BDAT:
	case TALKSTATE_LAST:
		answer_chunk(t, p, code);
		break;
	default:
		answer_reset(t, p, code);
		break;
	}
	/* It was refused while its recipients were being named. */
	if (m != NULL && t->phase == TALKSTATE_READY &&
	    m->state == TALKMAIL_BEGUN && m->step == TALKSTATE_SAID &&
	    m->npending == 0)
		finish(t, m);
	/* It may have been the last that was waited for. */
	confirm_at_rest(t);
}
