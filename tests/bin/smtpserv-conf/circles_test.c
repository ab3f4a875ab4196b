/* SPDX-License-Identifier: ISC */
#include "circles.h"

#include <atf-c.h>
#include <stdlib.h>
#include <string.h>

enum {
	NODES_MAX = 12,
	TOLD_MAX = NODES_MAX * NODES_MAX
};

/* A graph as a matrix: how many edges there are from one to another. */
struct graph {
	uint32_t n;
	unsigned int edges[NODES_MAX][NODES_MAX];
	size_t told;
};

static void
take(void *ctx, const uint32_t *nodes, size_t n)
{
	struct graph *g = ctx;
	size_t i;

	ATF_REQUIRE(n > 0 && n <= g->n);
	ATF_REQUIRE(g->told++ < TOLD_MAX);
	for (i = 0; i < n; i++) {
		ATF_REQUIRE(nodes[i] < g->n);
		ATF_REQUIRE_MSG(
		    g->edges[nodes[i]][nodes[(i + 1) % n]] > 0,
		    "no edge from %u", nodes[i]);
	}
	/* Without the edge that closes it, the circle is none. */
	g->edges[nodes[n - 1]][nodes[0]] = 0;
}

/* Take nodes away that lead nowhere, as long as there are any. */
static bool
has_circle(const struct graph *g)
{
	bool gone[NODES_MAX] = { false };
	bool found = true;
	uint32_t left = g->n;
	uint32_t i;
	uint32_t k;

	while (found) {
		found = false;
		for (i = 0; i < g->n; i++) {
			bool leads = false;

			for (k = 0; k < g->n; k++)
				leads = leads ||
				    (g->edges[i][k] > 0 && !gone[k]);
			if (!gone[i] && !leads) {
				gone[i] = true;
				found = true;
				left--;
			}
		}
	}
	return (left > 0);
}

static void
check_graph(struct graph *g)
{
	bool had_circle = has_circle(g);
	struct circles c;
	uint32_t i;
	uint32_t k;
	unsigned int n;

	circles_init(&c);
	for (i = 0; i < g->n; i++)
		for (k = 0; k < g->n; k++)
			for (n = 0; n < g->edges[i][k]; n++)
				ATF_REQUIRE(circles_add(&c, i, k));
	g->told = 0;
	/* Each edge once: a second one of the same would be told again. */
	ATF_REQUIRE(circles_find(&c, g->n, take, g));
	ATF_CHECK_EQ(had_circle, g->told > 0);
	ATF_CHECK(!has_circle(g));
	circles_free(&c);
	circles_free(&c);
}

ATF_TC_WITHOUT_HEAD(circles_find__leaves_none_of_any_graph);
ATF_TC_BODY(circles_find__leaves_none_of_any_graph, tc)
{
	static struct graph g;
	unsigned int round;
	uint32_t i;
	uint32_t k;

	srandom(5321);
	for (round = 0; round < 20000; round++) {
		unsigned int one_in = 1 + (unsigned int)random() % 12;

		memset(&g, 0, sizeof(g));
		g.n = (uint32_t)random() % (NODES_MAX + 1);
		for (i = 0; i < g.n; i++)
			for (k = 0; k < g.n; k++)
				g.edges[i][k] =
				    (unsigned int)random() % one_in == 0;
		check_graph(&g);
	}
}

static void
count(void *ctx, const uint32_t *nodes, size_t n)
{
	size_t *lengths = ctx;

	(void)nodes;
	*lengths += n;
}

/* A chain as deep as a table can make it must not need as deep a stack. */
ATF_TC_WITHOUT_HEAD(circles_find__goes_as_deep_as_it_takes);
ATF_TC_BODY(circles_find__goes_as_deep_as_it_takes, tc)
{
	enum {
		DEPTH = 1000000
	};
	struct circles c;
	size_t lengths = 0;
	uint32_t i;

	circles_init(&c);
	for (i = 0; i < DEPTH; i++)
		ATF_REQUIRE(circles_add(&c, i, (i + 1) % DEPTH));
	ATF_REQUIRE(circles_find(&c, DEPTH, count, &lengths));
	ATF_CHECK_EQ(DEPTH, lengths);
	circles_free(&c);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, circles_find__leaves_none_of_any_graph);
	ATF_TP_ADD_TC(tp, circles_find__goes_as_deep_as_it_takes);
	return (atf_no_error());
}
