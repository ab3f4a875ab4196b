/* SPDX-License-Identifier: ISC */
#include "hosts.h"

#include <string.h>

static bool
is_before(const struct host *a, const struct host *b)
{
	if (a->preference != b->preference)
		return (a->preference < b->preference);
	return (a->weight < b->weight);
}

static bool
is_there(const struct hosts *all, const struct host *host)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (all->at[i].preference == host->preference &&
		    strcmp(all->at[i].name, host->name) == 0)
			return (true);
	return (false);
}

void
hosts_add(struct hosts *all, const struct host *host)
{
	size_t i;

	if (is_there(all, host))
		return;
	if (all->n == HOSTS_MAX) {
		if (!is_before(host, &all->at[HOSTS_MAX - 1]))
			return;
		all->n--;
	}
	for (i = all->n; i > 0 && is_before(host, &all->at[i - 1]); i--)
		all->at[i] = all->at[i - 1];
	all->at[i] = *host;
	all->n++;
}
