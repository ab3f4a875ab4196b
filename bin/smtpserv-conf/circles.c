/* SPDX-License-Identifier: ISC */
#include "circles.h"

#include <stdlib.h>

enum {
	UNSEEN, /* 0, as calloc() leaves it */
	ON_PATH,
	DONE
};

void
circles_init(struct circles *c)
{
	*c = (struct circles){ .nedges = 0 };
}

void
circles_free(struct circles *c)
{
	free(c->edges);
	free(c->first);
	free(c->path);
	free(c->next);
	free(c->seen);
	circles_init(c);
}

bool
circles_add(struct circles *c, uint32_t from, uint32_t to)
{
	if (c->nedges == c->cap) {
		size_t cap = c->cap == 0 ? 64 : 2 * c->cap;
		struct circles_edge *edges =
		    realloc(c->edges, cap * sizeof(*edges));

		if (edges == NULL)
			return (false);
		c->edges = edges;
		c->cap = cap;
	}
	c->edges[c->nedges++] = (struct circles_edge){ from, to };
	return (true);
}

static int
by_from(const void *a, const void *b)
{
	const struct circles_edge *x = a;
	const struct circles_edge *y = b;

	if (x->from != y->from)
		return (x->from < y->from ? -1 : 1);
	return (x->to < y->to ? -1 : x->to > y->to);
}

/* Edges by node, so that those of node n are first[n] to first[n + 1]. */
static void
sort(struct circles *c, uint32_t nnodes)
{
	uint32_t edge = 0;
	uint32_t node;

	if (c->nedges > 0)
		qsort(c->edges, c->nedges, sizeof(*c->edges), by_from);
	for (node = 0; node < nnodes; node++) {
		c->first[node] = edge;
		while (edge < c->nedges && c->edges[edge].from == node)
			edge++;
	}
	c->first[nnodes] = edge;
}

/* The path has been at `node` before: from there on it is a circle. */
static void
tell_path(
    const struct circles *c, size_t n, uint32_t node, circles_fn *tell, void *x)
{
	size_t from = n - 1;

	while (c->path[from] != node)
		from--;
	tell(x, c->path + from, n - from);
}

/* Depth first, each edge once; recursion would be as deep as the forwards. */
static void
search(struct circles *c, uint32_t start, circles_fn *tell, void *ctx)
{
	size_t n = 0;
	uint32_t node = start;

	for (;;) {
		if (c->seen[node] == ON_PATH) {
			tell_path(c, n, node, tell, ctx);
		} else if (c->seen[node] == UNSEEN) {
			c->seen[node] = ON_PATH;
			c->next[n] = c->first[node];
			c->path[n++] = node;
		}
		while (n > 0 && c->next[n - 1] == c->first[c->path[n - 1] + 1])
			c->seen[c->path[--n]] = DONE;
		if (n == 0)
			break;
		node = c->edges[c->next[n - 1]++].to;
	}
}

bool
circles_find(struct circles *c, uint32_t nnodes, circles_fn *tell, void *ctx)
{
	uint32_t node;

	c->first = calloc((size_t)nnodes + 1, sizeof(*c->first));
	c->path = calloc((size_t)nnodes + 1, sizeof(*c->path));
	c->next = calloc((size_t)nnodes + 1, sizeof(*c->next));
	c->seen = calloc((size_t)nnodes + 1, sizeof(*c->seen));
	if (c->first == NULL || c->path == NULL || c->next == NULL ||
	    c->seen == NULL)
		return (false);
	sort(c, nnodes);
	for (node = 0; node < nnodes; node++)
		if (c->seen[node] == UNSEEN)
			search(c, node, tell, ctx);
	return (true);
}
