/* SPDX-License-Identifier: ISC */
#include "look/each.h"

#include <errno.h>
#include <stdlib.h>

enum {
	/*
	 * Of one part; while it is gathered there may be twice as many.  Memory
	 * for those that there are not is never touched.
	 */
	PART = 131072,
	ROOM = 2 * PART,
	KIND_BITS = 8
};

/* Numbers as they are sorted, with their kinds. */
struct part {
	unsigned int kinds;
	uint32_t latest;
	uint64_t from;
	size_t n;
	bool is_cut; /* there are more, behind these */
	uint64_t list[ROOM];
};

/*
 * Half a round after the latest number comes the earliest that there can be.
 * Those that come while we look are behind the latest.
 */
static uint32_t
pivot(const struct part *p)
{
	return (p->latest + UINT32_C(0x80000000));
}

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a;
	const uint64_t *y = b;

	return (*x < *y ? -1 : *x > *y);
}

/* Keep the first ones. */
static void
cut(struct part *p)
{
	qsort(p->list, p->n, sizeof(*p->list), compare);
	if (p->n <= PART)
		return;
	p->n = PART;
	p->is_cut = true;
}

static bool
gather(void *ctx, uint32_t number, enum scan_kind kind)
{
	struct part *p = ctx;
	uint64_t key = (uint64_t)(number - pivot(p)) << KIND_BITS | kind;

	if ((p->kinds >> kind & 1) == 0 || key < p->from)
		return (true);
	if (p->n == ROOM)
		cut(p);
	p->list[p->n++] = key;
	return (true);
}

/* False: the visitor wants no more. */
static bool
visit_all(const struct part *p, each_fn *visit, void *ctx)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (!visit(ctx, (uint32_t)(p->list[i] >> KIND_BITS) + pivot(p),
			(enum scan_kind)(p->list[i] & ((1 << KIND_BITS) - 1))))
			return (false);
	return (true);
}

static enum result
run_parts(
    int dirfd, struct part *p, each_fn *visit, void *ctx, struct fault *why)
{
	enum result r = scan_highest(dirfd, &p->latest, why);

	p->from = 0;
	p->is_cut = true;
	while (r == RES_OK && p->is_cut) {
		p->n = 0;
		p->is_cut = false;
		r = scan_each(dirfd, gather, p, why);
		cut(p);
		if (r != RES_OK || !visit_all(p, visit, ctx))
			break;
		if (p->n > 0)
			p->from = p->list[p->n - 1] + 1;
	}
	return (r);
}

enum result
each_run(
    int dirfd, unsigned int kinds, each_fn *visit, void *ctx, struct fault *why)
{
	struct part *p = malloc(sizeof(*p));
	enum result r;

	if (p == NULL)
		return (fault_set(why, "get memory for", "numbers", errno));
	p->kinds = kinds;
	r = run_parts(dirfd, p, visit, ctx, why);
	free(p);
	return (r);
}
