/* SPDX-License-Identifier: ISC */
#include "talktext.h"

#include <string.h>

#include "talkout.h"
#include "talkturn.h"

enum {
	PIECE = 8192
};

static bool
is_too_long(const struct talkmail *m)
{
	return (m->has_size && m->done > m->size);
}

static size_t
put_stuffed(struct talk *t, struct talkmail *m, struct bytes text)
{
	size_t before = buf_view(&t->out).n;
	uint64_t dots = t->stuff.dots;
	size_t used = smtpstuff_feed(&t->stuff, text, &t->out);

	m->done += buf_view(&t->out).n - before - (t->stuff.dots - dots);
	return (used);
}

/* As much as the chunk at hand takes. */
static size_t
fill(struct talk *t, struct talkmail *m, struct bytes octets)
{
	struct bytes part = octets;

	if (part.n > m->chunk)
		part.n = (size_t)m->chunk;
	(void)buf_put(&t->out, part);
	m->done += part.n;
	m->chunk -= part.n;
	return (part.n);
}

/* What the chunk before had no room for. */
static void
fill_from_carry(struct talk *t, struct talkmail *m)
{
	size_t n = fill(t, m, (struct bytes){ t->carry, t->ncarry });

	t->ncarry -= n;
	memmove(t->carry, t->carry + n, t->ncarry);
}

/* A piece; what the chunk has no room for is the next one's. */
static size_t
put_piece(struct talk *t, struct talkmail *m, struct bytes text)
{
	char store[PIECE];
	size_t room = buf_room(&t->out);
	struct bytes made;
	struct buf piece;
	size_t used;
	size_t n;

	if (room > m->chunk)
		room = (size_t)m->chunk;
	if (room < SMTPSTUFF_GROWTH)
		room = SMTPSTUFF_GROWTH;
	buf_init(&piece, store, room < sizeof(store) ? room : sizeof(store));
	used = smtpstuff_feed(&t->stuff, text, &piece);
	made = buf_view(&piece);
	n = fill(t, m, made);
	/* No more than the piece is longer than the chunk: under GROWTH. */
	memcpy(t->carry, made.p + n, made.n - n);
	t->ncarry = made.n - n;
	return (used);
}

static size_t
put_chunked(struct talk *t, struct talkmail *m, struct bytes text)
{
	size_t used = 0;

	fill_from_carry(t, m);
	while (used < text.n && t->ncarry == 0 &&
	    (m->chunk > 0 || m->done == m->size) &&
	    buf_room(&t->out) >= SMTPSTUFF_GROWTH)
		used += put_piece(t, m, bytes_cut(text, used, text.n - used));
	return (used);
}

/* The chunk is full: on to the next, or wait for the text's end. */
static void
end_chunk(struct talk *t, struct talkmail *m)
{
	if (m->chunk > 0)
		return;
	if (m->done < m->size) {
		m->chunk_at = talkout_end(t);
		m->step = TALKSTATE_SAY_BDAT;
	} else {
		t->held = 1;
	}
}

bool
talktext_put(struct talk *t, struct bytes text, size_t *used)
{
	struct talkmail *m = t->current;

	*used = m->by_bdat ? put_chunked(t, m, text) : put_stuffed(t, m, text);
	m->read += *used;
	if (!m->by_bdat)
		return (!is_too_long(m));
	end_chunk(t, m);
	return (t->ncarry == 0 || m->done < m->size);
}

/* The end of its last line, and of it, if it is as long as it has to be. */
static bool
end_chunked(struct talk *t, struct talkmail *m)
{
	char store[SMTPSTUFF_GROWTH];
	struct buf end;

	fill_from_carry(t, m);
	if (t->ncarry == 0) {
		buf_init(&end, store, sizeof(store));
		/* There is room. */
		(void)smtpstuff_end(&t->stuff, &end);
		t->ncarry = buf_view(&end).n;
		memcpy(t->carry, store, t->ncarry);
		fill_from_carry(t, m);
	}
	if (m->done < m->size) {
		/* The next chunk is of what is carried, or it is too short. */
		end_chunk(t, m);
		return (t->ncarry > 0);
	}
	if (t->ncarry > 0)
		return (false);
	t->held = 0;
	m->chunk_at = talkout_end(t);
	m->end_at = m->chunk_at;
	talkturn_said(t, m);
	return (true);
}

bool
talktext_end(struct talk *t)
{
	struct talkmail *m = t->current;

	if (m->by_bdat)
		return (end_chunked(t, m));
	if (m->has_size && m->done + smtpstuff_tail(&t->stuff) != m->size)
		return (false);
	m->step = TALKSTATE_SEND_END;
	return (true);
}
