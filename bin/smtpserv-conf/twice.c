/* SPDX-License-Identifier: ISC */
#include "twice.h"

#include <stdlib.h>

void
twice_init(struct twice *t)
{
	*t = (struct twice){ .n = 0 };
}

void
twice_free(struct twice *t)
{
	free(t->list);
	twice_init(t);
}

/* FNV-1a of 64 bits: two of a million lines hardly ever have the same. */
static uint64_t
add_to_hash(uint64_t hash, struct bytes text)
{
	size_t i;

	for (i = 0; i < text.n; i++)
		hash =
		    (hash ^ (unsigned char)text.p[i]) * UINT64_C(0x100000001b3);
	return (hash);
}

static uint64_t
hash_of(struct bytes key, struct bytes value)
{
	uint64_t hash = add_to_hash(UINT64_C(0xcbf29ce484222325), key);

	return (add_to_hash(add_to_hash(hash, bytes_of(" ")), value));
}

bool
twice_add(struct twice *t, struct bytes key, struct bytes value)
{
	if (t->n == t->cap) {
		size_t cap = t->cap == 0 ? 256 : 2 * t->cap;
		uint64_t *list = realloc(t->list, cap * sizeof(*list));

		if (list == NULL)
			return (false);
		t->list = list;
		t->cap = cap;
	}
	t->list[t->n++] = hash_of(key, value);
	return (true);
}

static int
by_hash(const void *a, const void *b)
{
	const uint64_t *x = a;
	const uint64_t *y = b;

	return (*x < *y ? -1 : *x > *y);
}

bool
twice_find(struct twice *t)
{
	size_t kept = 0;
	size_t i;

	if (t->n > 0)
		qsort(t->list, t->n, sizeof(*t->list), by_hash);
	for (i = 1; i < t->n; i++)
		if (t->list[i] == t->list[i - 1] &&
		    (kept == 0 || t->list[kept - 1] != t->list[i]))
			t->list[kept++] = t->list[i];
	t->n = kept;
	return (kept > 0);
}

bool
twice_is(struct twice *t, struct bytes key, struct bytes value)
{
	uint64_t hash = hash_of(key, value);
	uint64_t *found;

	if (t->n == 0)
		return (false);
	found = bsearch(&hash, t->list, t->n, sizeof(hash), by_hash);
	if (found == NULL)
		return (false);
	t->n--;
	while (found < t->list + t->n) {
		found[0] = found[1];
		found++;
	}
	return (true);
}
