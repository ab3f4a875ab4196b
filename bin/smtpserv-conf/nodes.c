/* SPDX-License-Identifier: ISC */
#include "nodes.h"

#include <stdlib.h>
#include <string.h>

struct node {
	uint32_t at;
	size_t name_at; /* in the names of all */
	size_t name_n;
};

/* Room for n things; NULL if there is none, and the list is as it was. */
static void *
grow(void *list, size_t n, size_t *cap, size_t size)
{
	if (n <= *cap)
		return (list);
	list = realloc(list, 2 * n * size);
	if (list != NULL)
		*cap = 2 * n;
	return (list);
}

bool
nodes_add(struct nodes *l, uint32_t at, struct bytes name)
{
	struct node *list =
	    grow(l->list, (size_t)l->n + 1, &l->cap, sizeof(*list));
	char *names;

	if (list == NULL)
		return (false);
	l->list = list;
	names = grow(l->names, l->names_n + name.n, &l->names_cap, 1);
	if (names == NULL)
		return (false);
	l->names = names;
	memcpy(names + l->names_n, name.p, name.n);
	list[l->n++] = (struct node){ at, l->names_n, name.n };
	l->names_n += name.n;
	return (true);
}

void
nodes_free(struct nodes *l)
{
	free(l->list);
	free(l->names);
	*l = (struct nodes){ .n = 0 };
}

struct bytes
nodes_name(const struct nodes *l, uint32_t node)
{
	return ((struct bytes){
	    l->names + l->list[node].name_at, l->list[node].name_n });
}

uint32_t
nodes_at(const struct nodes *l, uint32_t node)
{
	return (l->list[node].at);
}

static int
by_at(const void *a, const void *b)
{
	const struct node *x = a;
	const struct node *y = b;

	return (x->at < y->at ? -1 : x->at > y->at);
}

bool
nodes_find(const struct nodes *l, uint32_t at, uint32_t *node)
{
	struct node key = { at, 0, 0 };
	const struct node *found =
	    bsearch(&key, l->list, l->n, sizeof(key), by_at);

	if (found == NULL)
		return (false);
	*node = (uint32_t)(found - l->list);
	return (true);
}
