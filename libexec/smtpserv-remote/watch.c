/* SPDX-License-Identifier: ISC */
#include "watch.h"

enum {
	/* That a connection is kept for its first message. */
	FRESH_SECONDS = 5
};

static uint32_t
seconds_of(const struct watch *w, enum talk_timer timer)
{
	const struct settings_timeout *out = &w->remote->timeout;

	switch (timer) {
	case TALK_TIMER_GREETING:
		return (out->greeting);
	case TALK_TIMER_EHLO:
		return (out->ehlo);
	case TALK_TIMER_MAIL:
		return (out->mail);
	case TALK_TIMER_RCPT:
		return (out->rcpt);
	case TALK_TIMER_DATA:
		return (out->data);
	case TALK_TIMER_TEXT:
		return (out->text);
	case TALK_TIMER_FINAL:
		return (out->final);
	case TALK_TIMER_RSET:
		return (out->rset);
	case TALK_TIMER_QUIT:
		return (out->quit);
	case TALK_TIMER_IDLE:
		return (w->was_used || w->remote->idle > FRESH_SECONDS
			? w->remote->idle
			: FRESH_SECONDS);
	case TALK_TIMER_NONE:
		break;
	}
	return (0);
}

int64_t
watch_reply(struct watch *w, const struct talk_waits *waits, int64_t now_ms)
{
	int64_t span = (int64_t)seconds_of(w, waits->reply) * 1000;
	int64_t last;
	int64_t most;

	if (waits->reply == TALK_TIMER_NONE)
		return (INT64_MAX);
	if (w->turn != waits->turn || w->begun == 0) {
		w->turn = waits->turn;
		w->begun = w->heard = now_ms;
	}
	last = w->heard + span;
	most = w->begun + 2 * span;
	return (last < most ? last : most);
}

int64_t
watch_write(struct watch *w, const struct talk_waits *waits, int64_t now_ms)
{
	if (waits->write == TALK_TIMER_NONE) {
		w->is_writing = false;
		return (INT64_MAX);
	}
	if (!w->is_writing)
		w->wrote = now_ms;
	w->is_writing = true;
	return (w->wrote + (int64_t)seconds_of(w, waits->write) * 1000);
}

void
watch_heard(struct watch *w, int64_t now_ms)
{
	w->heard = now_ms;
}

void
watch_wrote(struct watch *w)
{
	w->is_writing = false;
}
