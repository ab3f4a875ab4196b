/* SPDX-License-Identifier: ISC */
#include "talkinput.h"

#include "talkend.h"
#include "talkhello.h"
#include "talkout.h"
#include "talkturn.h"

static bool
is_about_mail(enum talkstate_what what)
{
	return (what >= TALKSTATE_MAIL && what <= TALKSTATE_RSET);
}

/* The server ends it here, whatever it was asked (RFC 5321 3.8). */
static void
close_for(struct talk *t, const struct talk_pending *p, unsigned int code)
{
	struct talkmail_outcome o = { .letter = '\0' };
	bool is_end = p->what == TALKSTATE_DOT || p->what == TALKSTATE_LAST;

	talkend_hear(t, &o, 'Z', code);
	/* What was asked last has its answer. */
	if (is_end && p->mail->verdict.letter == '\0') {
		p->mail->verdict = o;
		t->finals++;
	}
	talkend_lose(t, &o, TALKEND_CLOSED);
}

static void
answered(struct talk *t, unsigned int code, bool has_more)
{
	struct talk_pending p = talkout_take(t);

	t->is_answering = true;
	t->answered = p.what;
	if (p.what == TALKSTATE_QUIT)
		talkend_close(t);
	else if (!is_about_mail(p.what))
		talkhello_answered(t, &p, code, has_more);
	else if (code == 421)
		close_for(t, &p, code);
	else
		talkturn_answered(t, &p, code);
	t->is_answering = false;
}

/* All lines of a reply as one; what no longer fits is left out. */
static void
collect(struct talk *t, struct bytes text)
{
	if (buf_view(&t->reply).n > 0 && buf_room(&t->reply) > 0)
		(void)buf_putc(&t->reply, ' ');
	(void)buf_put(&t->reply, bytes_cut(text, 0, buf_room(&t->reply)));
}

/* Is anything that comes now for us? */
bool
talkinput_listens(const struct talk *t)
{
	return (t->phase == TALKSTATE_GREETING || t->phase == TALKSTATE_READY ||
	    t->phase == TALKSTATE_QUITTING);
}

/* Said unasked: nobody was meant, and nothing that follows can be trusted. */
static void
drop_unasked(struct talk *t)
{
	talkend_lose_for(t, "4.5.0", "something that nobody has asked for",
	    TALKEND_OUT_OF_STEP);
}

void
talkinput_take(struct talk *t, struct bytes in)
{
	while (in.n > 0 && talkinput_listens(t)) {
		enum smtpanswer_status status;
		size_t used;

		if (t->npending == 0) {
			drop_unasked(t);
			return;
		}
		status = smtpanswer_feed(&t->answer, in, &used);
		in = bytes_cut(in, used, in.n);
		if (status == SMTPANSWER_MORE)
			return;
		if (status == SMTPANSWER_BAD) {
			talkend_junk(t);
			return;
		}
		collect(t, t->answer.text);
		talkhello_line(t, t->answer.text);
		if (status == SMTPANSWER_PART)
			continue;
		answered(t, t->answer.code, in.n > 0);
		buf_reset(&t->reply);
	}
}
