/* SPDX-License-Identifier: ISC */
#include "idset.h"

#include <string.h>

_Static_assert(PUBLISHED_ID_MAX <= UINT8_MAX, "a length is one octet");

void
idset_clear(struct idset *s)
{
	s->n = 0;
	s->used = 0;
	memset(s->slots, 0, sizeof(s->slots));
}

/* Fowler, Noll and Vo's, with its bits mixed once more. */
uint32_t
idset_hash(struct bytes id)
{
	uint32_t h = 2166136261U;
	size_t i;

	for (i = 0; i < id.n; i++)
		h = (h ^ (unsigned char)id.p[i]) * 16777619U;
	h = (h ^ (h >> 15)) * 2246822519U;
	return (h ^ (h >> 13));
}

/* The slot of the id, or the free one where it belongs. */
static size_t
find_slot(const struct idset *s, struct bytes id)
{
	size_t slot = idset_hash(id) % IDSET_SLOTS;

	for (; s->slots[slot] != 0; slot = (slot + 1) % IDSET_SLOTS) {
		const unsigned char *entry = s->text + s->slots[slot] - 1;

		if (entry[1] == id.n && memcmp(entry + 2, id.p, id.n) == 0)
			break;
	}
	return (slot);
}

enum idset_known
idset_find(const struct idset *s, struct bytes id)
{
	size_t slot = find_slot(s, id);

	if (s->slots[slot] == 0)
		return (IDSET_ABSENT);
	return ((enum idset_known)s->text[s->slots[slot] - 1]);
}

bool
idset_put(struct idset *s, struct bytes id, enum idset_known known)
{
	size_t slot = find_slot(s, id);
	unsigned char *entry;

	if (s->slots[slot] != 0) {
		s->text[s->slots[slot] - 1] = (unsigned char)known;
		return (true);
	}
	if (s->n == IDSET_MAX || id.n == 0 || id.n > PUBLISHED_ID_MAX)
		return (false);
	entry = s->text + s->used;
	entry[0] = (unsigned char)known;
	entry[1] = (unsigned char)id.n;
	memcpy(entry + 2, id.p, id.n);
	s->slots[slot] = (uint32_t)s->used + 1;
	s->used += 2 + id.n;
	s->n++;
	return (true);
}

bool
idset_next(const struct idset *s, size_t *at, struct bytes *id,
    enum idset_known *known)
{
	const unsigned char *entry = s->text + *at;

	if (*at >= s->used)
		return (false);
	*known = (enum idset_known)entry[0];
	*id = (struct bytes){ (const char *)entry + 2, entry[1] };
	*at += 2 + id->n;
	return (true);
}
