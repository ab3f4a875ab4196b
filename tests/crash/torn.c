/* SPDX-License-Identifier: ISC */
#include "torn.h"

#include <string.h>

enum {
	PAGE = 4096,
	FIELDS_MAX = 6
};

static void
add(struct torn *t, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->text[i].n == n && memcmp(t->text[i].p, p, n) == 0)
			return;
	if (t->n == TORN_MAX)
		die("torn: too many");
	t->text[t->n++] = (struct model_text){ p, n };
}

/* `from` bytes of b, zeros or junk up to `to`, then b again. */
static void
add_hole(struct torn *t, const struct model_text *b, size_t from, size_t to,
    int filler, struct arena *scratch)
{
	char *p = arena_copy(scratch, b->p, b->n);

	if (from < to)
		memset(p + from, filler, to - from);
	add(t, p, b->n);
}

/* A file that grows from a to b. */
static void
add_growth(struct torn *t, const struct model_text *a,
    const struct model_text *b, struct arena *scratch)
{
	size_t middle = a->n + (b->n - a->n) / 2;
	size_t cut;

	add(t, arena_copy(scratch, b->p, middle), middle);
	add_hole(t, b, a->n, b->n, 0, scratch);
	add(t, arena_copy(scratch, b->p, a->n + 1), a->n + 1);
	add(t, arena_copy(scratch, b->p, b->n - 1), b->n - 1);
	for (cut = PAGE; cut < b->n; cut += PAGE)
		if (cut > a->n)
			add(t, arena_copy(scratch, b->p, cut), cut);
	add_hole(t, b, middle, b->n, 0, scratch);
	add_hole(t, b, a->n, middle, 0, scratch);
	add_hole(t, b, a->n, b->n, 'x', scratch);
}

/* The head of one and the tail of the other, at every place. */
static void
add_cuts(struct torn *t, const struct model_text *a, const struct model_text *b,
    struct arena *scratch)
{
	size_t cut;

	for (cut = 1; cut < a->n; cut++) {
		char *p;

		if (a->p[cut] == b->p[cut] && a->p[cut - 1] == b->p[cut - 1])
			continue;
		p = arena_copy(scratch, a->p, a->n);
		memcpy(p, b->p, cut);
		add(t, p, a->n);
		p = arena_copy(scratch, b->p, b->n);
		memcpy(p, a->p, cut);
		add(t, p, a->n);
	}
}

/*
 * Each field, that is what stands between blanks, from the one, from the
 * other, or with the lesser or the greater byte of both at each place: the
 * least and the greatest number that any mixture of their bytes can be.
 */
static void
add_fields(struct torn *t, const struct model_text *a,
    const struct model_text *b, struct arena *scratch)
{
	size_t ways;
	size_t way;

	for (ways = 1U << (2 * (FIELDS_MAX - 1)), way = 0; way < ways; way++) {
		char *p = arena_copy(scratch, a->p, a->n);
		size_t kept = scratch->used;
		size_t before = t->n;
		size_t field = 0;
		size_t i;

		for (i = 0; i < a->n; i++) {
			char x = a->p[i];
			char y = b->p[i];
			size_t how = way >> (2 * field) & 3;

			p[i] = how == 0             ? x
			    : how == 1              ? y
			    : (how == 2) == (x < y) ? x
						    : y;
			if (x == ' ' && y == ' ' && field < FIELDS_MAX - 2)
				field++;
		}
		add(t, p, a->n);
		if (t->n == before)
			scratch->used = kept - ((a->n + 1 + 15) & ~(size_t)15);
	}
}

static void
add_pair(struct torn *t, const struct model_text *a, const struct model_text *b,
    struct arena *scratch)
{
	if (b->n > a->n) {
		add_growth(t, a, b, scratch);
	} else if (b->n == a->n && a->n > 0 && a->n < 128) {
		add_cuts(t, a, b, scratch);
		add_fields(t, a, b, scratch);
	}
}

void
torn_texts(struct torn *t, const struct model_inode *i, struct arena *scratch)
{
	const struct model_text *last = &i->version[i->n - 1];
	size_t a;
	size_t b;

	t->n = 0;
	add(t, i->version[0].p, i->version[0].n);
	add(t, last->p, last->n);
	if (i->n > 1)
		add_pair(t, &i->version[0], last, scratch);
	t->ncoarse = t->n < 4 ? t->n : 4;
	for (a = 0; a < i->n; a++)
		for (b = a + 1; b < i->n; b++) {
			add(t, i->version[b].p, i->version[b].n);
			add_pair(t, &i->version[a], &i->version[b], scratch);
		}
}
