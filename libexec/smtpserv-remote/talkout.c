/* SPDX-License-Identifier: ISC */
#include "talkout.h"

#include <assert.h>
#include <string.h>

void
talkout_reset(struct talk *t)
{
	buf_reset(&t->out);
	t->from = 0;
	t->held = 0;
	t->ncarry = 0;
	t->npending = 0;
	t->first_pending = 0;
}

void
talkout_wipe(struct talk *t)
{
	talkout_reset(t);
	explicit_bzero(t->store, TALK_OUTPUT_MIN);
}

/* What was sent makes room. */
static void
compact(struct talk *t)
{
	size_t n = buf_view(&t->out).n - t->from;

	if (t->from == 0)
		return;
	memmove(t->store, t->store + t->from, n);
	buf_cut(&t->out, n);
	t->from = 0;
}

bool
talkout_has_room(struct talk *t, size_t n)
{
	if (t->npending == TALK_PENDING_MAX)
		return (false);
	if (buf_room(&t->out) < n)
		compact(t);
	return (buf_room(&t->out) >= n);
}

uint64_t
talkout_end(const struct talk *t)
{
	return (t->sent + buf_view(&t->out).n - t->from);
}

bool
talkout_was_sent(const struct talk *t, uint64_t end)
{
	return (end > 0 && t->sent >= end);
}

void
talkout_expect(struct talk *t, enum talkstate_what what, struct talkmail *mail,
    struct talkmail_rcpt *rcpt)
{
	size_t at = (t->first_pending + t->npending) % TALK_PENDING_MAX;

	/* Whoever composes has asked for room. */
	assert(t->npending < TALK_PENDING_MAX);
	t->pending[at] = (struct talk_pending){ (uint8_t)what, mail, rcpt };
	if (t->npending++ == 0)
		t->turn++;
	if (mail != NULL)
		mail->npending++;
}

void
talkout_say(struct talk *t, const char *command, enum talkstate_what what,
    struct talkmail *mail)
{
	(void)buf_puts(&t->out, command);
	talkout_expect(t, what, mail, NULL);
}

const struct talk_pending *
talkout_first(const struct talk *t)
{
	return (t->npending > 0 ? &t->pending[t->first_pending] : NULL);
}

struct talk_pending
talkout_take(struct talk *t)
{
	struct talk_pending p = t->pending[t->first_pending];

	t->first_pending = (t->first_pending + 1) % TALK_PENDING_MAX;
	t->npending--;
	t->turn++;
	if (p.mail != NULL)
		p.mail->npending--;
	return (p);
}
