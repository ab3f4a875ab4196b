/* SPDX-License-Identifier: ISC */
#include "table/domains.h"

#include <string.h>

#include "mail/idn.h"

enum {
	HASHES = 4
};

void
domains_init(struct domains *d)
{
	d->is_known = false;
}

/* Where the filter has the domain: a bit for each 18 of a hash's (FNV-1a). */
static uint64_t
hash_domain(struct bytes domain)
{
	uint64_t hash = 0xcbf29ce484222325U;
	char store[CDBFILE_KEY_MAX];
	struct buf ascii;
	size_t i;

	/* Whatever its spelling. */
	buf_init(&ascii, store, sizeof(store));
	if (idn_has_spellings(domain) && idn_put_ascii(domain, &ascii))
		domain = buf_view(&ascii);
	for (i = 0; i < domain.n; i++) {
		hash ^= (unsigned char)bytes_lower(domain.p[i]);
		hash *= 0x100000001b3U;
	}
	return (hash);
}

static void
note(struct domains *d, struct bytes domain)
{
	uint64_t hash = hash_domain(domain);
	size_t i;

	for (i = 0; i < HASHES; i++, hash >>= 15) {
		size_t bit = hash % DOMAINS_BITS;

		d->bits[bit / 64] |= (uint64_t)1 << bit % 64;
	}
}

static bool
is_noted(const struct domains *d, struct bytes domain)
{
	uint64_t hash = hash_domain(domain);
	size_t i;

	for (i = 0; i < HASHES; i++, hash >>= 15) {
		size_t bit = hash % DOMAINS_BITS;

		if ((d->bits[bit / 64] >> bit % 64 & 1) == 0)
			return (false);
	}
	return (true);
}

/* TABLE_MISS: that was all. */
static enum table_answer
learn(struct domains *d, struct cdbfile *f)
{
	struct cdbfile_walk w;
	enum table_answer answer;

	memset(d->bits, 0, sizeof(d->bits));
	cdbfile_walk_init(&w, f);
	while ((answer = cdbfile_walk(&w)) == TABLE_HIT) {
		size_t at = w.key.n;

		while (at > 0 && w.key.p[at - 1] != '@')
			at--;
		if (at > 0)
			note(d, bytes_cut(w.key, at, w.key.n));
	}
	d->is_known = answer == TABLE_MISS;
	return (answer);
}

enum table_answer
domains_find(struct domains *d, struct cdbfile *f, struct bytes domain)
{
	if (!d->is_known && learn(d, f) == TABLE_FAILED)
		return (TABLE_FAILED);
	return (is_noted(d, domain) ? TABLE_HIT : TABLE_MISS);
}
