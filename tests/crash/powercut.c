/* SPDX-License-Identifier: ISC */
/* model_states(): every subset of names, with every tear of their data. */
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "torn.h"

/* One choice of the names that are on the disk. */
struct cut {
	const struct model *m;
	const struct model_name *name;
	size_t nname;
	/* The files that have a name, and which of its texts each has. */
	int inode[MODEL_NAMES];
	size_t choice[MODEL_NAMES];
	size_t ninode;
	/* By inode number; made when first wanted. */
	struct torn **torn;
	model_fn *visit;
	void *ctx;
};

static void
emit(const struct cut *c)
{
	struct state s = { .n = 0 };
	size_t i;
	size_t j;

	for (i = 0; i < c->nname; i++) {
		const struct model_text *text;

		for (j = 0; c->inode[j] != c->name[i].inode; j++)
			continue;
		text = &c->torn[c->inode[j]]->text[c->choice[j]];
		state_add(&s, c->name[i].name, text->p, text->n,
		    (unsigned int)c->inode[j]);
	}
	c->visit(c->ctx, &s);
}

/* All combinations of the coarse texts. */
static void
combine(struct cut *c, size_t at)
{
	size_t i;

	if (at == c->ninode) {
		emit(c);
		return;
	}
	for (i = 0; i < c->torn[c->inode[at]]->ncoarse; i++) {
		c->choice[at] = i;
		combine(c, at + 1);
	}
}

/* Each fine text, the other files being as before, or as after. */
static void
refine(struct cut *c)
{
	size_t at;
	size_t i;
	size_t j;

	for (at = 0; at < c->ninode; at++) {
		const struct torn *t = c->torn[c->inode[at]];

		for (i = t->ncoarse; i < t->n; i++) {
			for (j = 0; j < c->ninode; j++)
				c->choice[j] = 0;
			c->choice[at] = i;
			emit(c);
			for (j = 0; j < c->ninode; j++)
				c->choice[j] =
				    c->torn[c->inode[j]]->n > 1 ? 1 : 0;
			c->choice[at] = i;
			emit(c);
		}
	}
}

static void
cut_names(struct cut *c, struct arena *scratch)
{
	size_t i;
	size_t j;

	c->ninode = 0;
	for (i = 0; i < c->nname; i++) {
		int inode = c->name[i].inode;

		for (j = 0; j < c->ninode && c->inode[j] != inode; j++)
			continue;
		if (j == c->ninode)
			c->inode[c->ninode++] = inode;
		if (c->torn[inode] == NULL) {
			c->torn[inode] = malloc(sizeof(struct torn));
			if (c->torn[inode] == NULL)
				die("no memory");
			torn_texts(
			    c->torn[inode], &c->m->inode[inode], scratch);
		}
	}
	combine(c, 0);
	refine(c);
}

void
model_states(
    const struct model *m, struct arena *scratch, model_fn *visit, void *ctx)
{
	struct torn *torn[MODEL_INODES] = { NULL };
	struct cut c = { .m = m, .torn = torn, .visit = visit, .ctx = ctx };
	size_t used = scratch->used;
	size_t mask;
	size_t i;

	for (mask = 0; mask < (size_t)1 << m->nedit; mask++) {
		struct model_name list[MODEL_NAMES + MODEL_EDITS];
		size_t n = m->ndurable;

		memcpy(list, m->durable, sizeof(m->durable));
		for (i = 0; i < m->nedit; i++)
			if ((mask >> i & 1) != 0)
				model_apply(list, &n, &m->edit[i]);
		c.name = list;
		c.nname = n;
		cut_names(&c, scratch);
	}
	for (i = 0; i < MODEL_INODES; i++)
		free(torn[i]);
	scratch->used = used;
}
