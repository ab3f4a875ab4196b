/* SPDX-License-Identifier: ISC */
#include "places.h"

#include <string.h>

struct row {
	size_t n;
	size_t at[PLACES_MAX];
};

void
places_add(struct places *all, const struct place *place)
{
	if (all->n < PLACES_MAX)
		all->at[all->n++] = *place;
}

/* From `from`, the next in [.., end) of that family that fits; end: none. */
static size_t
next_of(const struct places *all, size_t from, size_t end, bool is_v6,
    bool is_routed)
{
	while (from < end &&
	    (all->at[from].is_v6 != is_v6 ||
		all->at[from].is_routed != is_routed))
		from++;
	return (from);
}

/* Those of one host, the families in turn. */
static void
add_host(const struct places *all, size_t start, size_t end, bool is_routed,
    struct row *row)
{
	size_t at[2];
	unsigned int family;

	for (family = 0; family < 2; family++)
		at[family] = next_of(all, start, end, family == 0, is_routed);
	while (at[0] < end || at[1] < end)
		for (family = 0; family < 2; family++) {
			if (at[family] == end)
				continue;
			row->at[row->n++] = at[family];
			at[family] = next_of(
			    all, at[family] + 1, end, family == 0, is_routed);
		}
}

/* Where, from `from` on, the row has the other family; its end: nowhere. */
static size_t
find_other(
    const struct places *all, const struct row *row, size_t from, bool is_v6)
{
	while (from < row->n && all->at[row->at[from]].is_v6 == is_v6)
		from++;
	return (from);
}

/* Bring one from further back to this place of the row. */
static void
pull(struct row *row, size_t from, size_t to)
{
	size_t one = row->at[from];

	memmove(
	    &row->at[to + 1], &row->at[to], (from - to) * sizeof(row->at[0]));
	row->at[to] = one;
}

/* Those of one preference, from `start` to before `end`. */
static void
add_group(const struct places *all, size_t start, size_t end, bool is_routed,
    struct row *row)
{
	size_t first = row->n;
	size_t other;
	size_t i;

	while (start < end) {
		for (i = start; i < end; i++)
			if (all->at[i].host != all->at[start].host)
				break;
		add_host(all, start, i, is_routed, row);
		start = i;
	}
	if (row->n < first + 2)
		return;
	other = find_other(all, row, first + 1, all->at[row->at[first]].is_v6);
	if (other < row->n)
		pull(row, other, first + 1);
}

static void
add_all(const struct places *all, size_t n, bool is_routed, struct row *row)
{
	size_t start = 0;
	size_t end;

	while (start < n) {
		for (end = start; end < n; end++)
			if (all->at[end].preference !=
			    all->at[start].preference)
				break;
		add_group(all, start, end, is_routed, row);
		start = end;
	}
}

size_t
places_pick(const struct places *all, size_t n, size_t most, size_t *picked)
{
	struct row row = { .n = 0 };
	size_t other;

	add_all(all, n, true, &row);
	/* The last place is for the family that the others lack. */
	if (row.n > most) {
		other = find_other(all, &row, 1, all->at[row.at[0]].is_v6);
		if (other >= most && other < row.n)
			pull(&row, other, most - 1);
	}
	add_all(all, n, false, &row);
	if (row.n > most)
		row.n = most;
	memcpy(picked, row.at, row.n * sizeof(row.at[0]));
	return (row.n);
}
