/* SPDX-License-Identifier: ISC */
#include "waiting/destination.h"

#include "bytes/buf.h"

void
destination_init(
    struct destinations *t, uint32_t slots, const struct queue *queue)
{
	*t = (struct destinations){
		.queue = queue, .slots = slots, .n = DESTINATION_FIRST
	};
}

static bool
is_real(uint32_t where)
{
	return (where >= DESTINATION_FIRST);
}

/* FNV-1a; no name is 0. */
static uint64_t
hash(struct bytes name)
{
	uint64_t h = UINT64_C(14695981039346656037);
	size_t i;

	for (i = 0; i < name.n; i++)
		h = (h ^ (unsigned char)name.p[i]) * UINT64_C(1099511628211);
	return (h | 1);
}

/* A row for a new name: an unused one, or the idle one unused for longest. */
static uint32_t
make_row(struct destinations *t)
{
	uint32_t best = DESTINATION_NONE;
	uint32_t i;

	if (t->n < DESTINATION_MAX)
		return (t->n++);
	for (i = DESTINATION_FIRST; i < t->n; i++)
		if (t->row[i].running == 0 && t->row[i].kept == 0 &&
		    queue_is_empty(t->queue, i) &&
		    (best == DESTINATION_NONE ||
			t->row[i].used < t->row[best].used))
			best = i;
	return (best);
}

static void
set_label(struct destination *d, struct bytes name)
{
	struct buf label;

	buf_init(&label, d->label, sizeof(d->label));
	(void)buf_put(&label, bytes_cut(name, 0, sizeof(d->label) - 1));
	(void)buf_putc(&label, '\0');
}

uint32_t
destination_keep(struct destinations *t, struct bytes name,
    enum destination_kind kind, uint32_t now)
{
	uint64_t h = hash(name);
	uint32_t i;

	for (i = DESTINATION_FIRST; i < t->n; i++)
		if (t->row[i].name == h)
			break;
	if (i == t->n) {
		i = make_row(t);
		if (!is_real(i))
			return (i);
		t->row[i] = (struct destination){ .name = h,
			.kind = kind,
			.is_proven = kind == DESTINATION_DISK };
		set_label(&t->row[i], name);
	}
	t->row[i].used = now;
	t->row[i].kept++;
	return (i);
}

void
destination_drop(struct destinations *t, uint32_t where, size_t n)
{
	if (is_real(where))
		t->row[where].kept -= (uint32_t)n;
}

/* All slots but the last quarter, which is for destinations that have none. */
static uint32_t
share(const struct destinations *t)
{
	uint32_t rest = t->slots / 4 > 0 ? t->slots / 4 : 1;

	return (t->slots > rest ? t->slots - rest : 1);
}

static uint32_t
limit(const struct destinations *t, const struct destination *d)
{
	if (!d->is_proven || d->failures > 0)
		return (1);
	if (d->kind == DESTINATION_DISK)
		return (t->slots);
	return (t->slots / 2 > 0 ? t->slots / 2 : 1);
}

static bool
is_suspect(const struct destination *d, uint32_t now)
{
	return (!d->is_proven || d->failures > 0 ||
	    (d->running > 0 && now > d->since + DESTINATION_SILENCE));
}

static uint32_t
suspects_slots(const struct destinations *t, uint32_t now)
{
	uint32_t n = 0;
	uint32_t i;

	for (i = DESTINATION_FIRST; i < t->n; i++)
		if (t->row[i].running > 0 && is_suspect(&t->row[i], now))
			n += t->row[i].running;
	return (n);
}

static bool
is_down(const struct destination *d, uint32_t now)
{
	return (d->failures > 0 && d->down_until > now);
}

/*
 * If a hop is down for good, such as a domain that is not there, what waits for
 * it need not wait to hear so; else one message is enough.
 */
static uint32_t
hop_opens(const struct destination *d, uint32_t now)
{
	if (is_down(d, now))
		return (d->words.kind == OUTCOME_FAILED || !d->is_told
			? 0
			: d->down_until);
	return (d->ready > 0 ? 0 : UINT32_MAX);
}

uint32_t
destination_opens(const struct destinations *t, uint32_t where, uint32_t now)
{
	const struct destination *d = &t->row[where];

	if (!is_real(where))
		return (0);
	if (d->kind == DESTINATION_HOP)
		return (hop_opens(d, now));
	if (is_down(d, now))
		return (d->down_until);
	if (d->running >= limit(t, d) ||
	    (d->running > 0 && t->busy >= share(t)) ||
	    (is_suspect(d, now) && suspects_slots(t, now) >= share(t)))
		return (UINT32_MAX);
	return (0);
}

void
destination_started(struct destinations *t, uint32_t where, uint32_t now)
{
	struct destination *d = &t->row[where];

	t->busy++;
	if (!is_real(where))
		return;
	if (d->running++ == 0)
		d->since = now;
	d->used = now;
}

void
destination_not_started(struct destinations *t, uint32_t where)
{
	t->busy--;
	if (is_real(where))
		t->row[where].running--;
}

/* Once for all that were running when it went down. */
static void
go_down(struct destination *d, const struct outcome *words, uint32_t now)
{
	uint32_t pause;

	d->words = *words;
	if (is_down(d, now))
		return;
	d->is_told = false;
	if (d->failures < DESTINATION_PAUSE_MAX)
		d->failures++;
	pause = d->failures * d->failures * DESTINATION_PAUSE;
	d->down_until = now +
	    (pause < DESTINATION_PAUSE_MAX ? pause : DESTINATION_PAUSE_MAX);
}

void
destination_ended(struct destinations *t, uint32_t where,
    const struct outcome *outs, size_t n, uint32_t now)
{
	struct destination *d = &t->row[where];
	size_t down = 0;

	destination_not_started(t, where);
	if (!is_real(where))
		return;
	while (down < n && outs[down].is_down)
		down++;
	d->since = now;
	d->used = now;
	if (n > 0 && down == n) {
		go_down(d, &outs[0], now);
		return;
	}
	d->is_proven = true;
	d->failures = 0;
}

void
destination_hurry(struct destinations *t)
{
	uint32_t i;

	for (i = DESTINATION_FIRST; i < t->n; i++)
		t->row[i].down_until = 0;
}

bool
destination_is_hop(const struct destinations *t, uint32_t where)
{
	return (is_real(where) && t->row[where].kind == DESTINATION_HOP);
}

void
destination_hold(struct destinations *t, uint32_t where)
{
	if (is_real(where))
		t->row[where].kept++;
}

void
destination_set_ready(struct destinations *t, uint32_t where, uint32_t ready)
{
	t->row[where].ready = ready;
}

bool
destination_is_down(const struct destinations *t, uint32_t where, uint32_t now)
{
	return (is_real(where) && is_down(&t->row[where], now));
}

bool
destination_is_ready(const struct destinations *t, uint32_t where, uint32_t now)
{
	return (destination_is_hop(t, where) && t->row[where].ready > 0 &&
	    !is_down(&t->row[where], now));
}

void
destination_fell(struct destinations *t, uint32_t where,
    const struct outcome *words, uint32_t now)
{
	go_down(&t->row[where], words, now);
}

void
destination_rose(struct destinations *t, uint32_t where)
{
	t->row[where].is_proven = true;
	t->row[where].failures = 0;
}

bool
destination_tells(struct destinations *t, uint32_t where, uint32_t now)
{
	struct destination *d = &t->row[where];

	if (!destination_is_hop(t, where) || !is_down(d, now) || d->is_told)
		return (false);
	d->is_told = true;
	return (true);
}

const char *
destination_label(const struct destinations *t, uint32_t where)
{
	return (is_real(where) ? t->row[where].label : "");
}

const struct outcome *
destination_words(const struct destinations *t, uint32_t where)
{
	return (is_real(where) && t->row[where].failures > 0
		? &t->row[where].words
		: NULL);
}
