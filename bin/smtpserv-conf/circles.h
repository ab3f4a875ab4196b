/* SPDX-License-Identifier: ISC */
/*
 * circles: forwards that lead mail back to a mailbox that it has been at.
 *
 * Pure but for memory, which is malloc()ed and grows with what is added.
 * Nodes are numbered from 0 in the order in which they are added; edges are
 * added in any order, and then circles_find() is called once.
 */
#ifndef SMTPSERV_CONF_CIRCLES_H
#define SMTPSERV_CONF_CIRCLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct circles_edge {
	uint32_t from;
	uint32_t to;
};

struct circles {
	/* Private. */
	struct circles_edge *edges;
	size_t nedges;
	size_t cap;
	uint32_t *first; /* of the edges of each node, once they are sorted */
	uint32_t *path;
	uint32_t *next; /* for each node of the path, the edge to go on with */
	uint8_t *seen;
};

/* The nodes of a circle, each once. */
typedef void circles_fn(void *ctx, const uint32_t *nodes, size_t n);

/* Call the first before all else, and the second at the end, or before. */
void circles_init(struct circles *c);
void circles_free(struct circles *c);

/* False: no memory, errno is malloc's. */
bool circles_add(struct circles *c, uint32_t from, uint32_t to) MUST_CHECK;

/*
 * Tell a set of circles, each closed by one edge, such that no circle is left
 * without those edges.  False: no memory.
 */
bool circles_find(
    struct circles *c, uint32_t nnodes, circles_fn *tell, void *ctx) MUST_CHECK;

#endif
