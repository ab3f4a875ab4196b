/* SPDX-License-Identifier: ISC */
/*
 * nodes: the names that forwards lead from and to, each with its first record.
 *
 * A node is known by its place in the list, and found by its record: those are
 * added in ascending order.
 */
#ifndef SMTPSERV_CONF_NODES_H
#define SMTPSERV_CONF_NODES_H

#include <stdint.h>

#include "bytes/bytes.h"

struct nodes {
	uint32_t n;
	/* Private. */
	struct node *list;
	size_t cap;
	char *names;
	size_t names_n;
	size_t names_cap;
};

/* False: there is no memory, and nothing was added. */
bool nodes_add(struct nodes *l, uint32_t at, struct bytes name);
void nodes_free(struct nodes *l);

/* The view is valid until the next one is added. */
struct bytes nodes_name(const struct nodes *l, uint32_t node);
uint32_t nodes_at(const struct nodes *l, uint32_t node);

/* False: no node has that record. */
bool nodes_find(const struct nodes *l, uint32_t at, uint32_t *node);

#endif
