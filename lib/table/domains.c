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
	memset(d->found, 0, sizeof(d->found));
}

/* FNV-1a; no domain has 0.  The filter has a bit for each 18 of its bits. */
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
	return (hash | 1);
}

static void
note(struct domains *d, uint64_t hash)
{
	size_t i;

	for (i = 0; i < HASHES; i++, hash >>= 15) {
		size_t bit = hash % DOMAINS_BITS;

		d->bits[bit / 64] |= (uint64_t)1 << bit % 64;
	}
}

static bool
is_noted(const struct domains *d, uint64_t hash)
{
	size_t i;

	for (i = 0; i < HASHES; i++, hash >>= 15) {
		size_t bit = hash % DOMAINS_BITS;

		if ((d->bits[bit / 64] >> bit % 64 & 1) == 0)
			return (false);
	}
	return (true);
}

/* The next key's domain.  TABLE_MISS: that was all. */
static enum table_answer
next_domain(struct cdbfile_walk *w, struct bytes *domain)
{
	enum table_answer answer;

	while ((answer = cdbfile_walk(w)) == TABLE_HIT) {
		size_t at;

		if (!bytes_find_last(w->key, '@', &at))
			continue;
		*domain = bytes_cut(w->key, at + 1, w->key.n);
		break;
	}
	return (answer);
}

/* TABLE_MISS: that was all. */
static enum table_answer
learn(struct domains *d, struct cdbfile *f)
{
	struct cdbfile_walk w;
	enum table_answer answer;
	struct bytes domain;

	memset(d->bits, 0, sizeof(d->bits));
	cdbfile_walk_init(&w, f);
	while ((answer = next_domain(&w, &domain)) == TABLE_HIT)
		note(d, hash_domain(domain));
	d->is_known = answer == TABLE_MISS;
	return (answer);
}

/* Is it really there? */
static enum table_answer
look_for(struct cdbfile *f, struct bytes domain, uint64_t hash)
{
	struct cdbfile_walk w;
	enum table_answer answer;
	struct bytes one;

	cdbfile_walk_init(&w, f);
	while ((answer = next_domain(&w, &one)) == TABLE_HIT)
		if (hash_domain(one) == hash && idn_is_same(one, domain))
			break;
	return (answer);
}

enum table_answer
domains_find(struct domains *d, struct cdbfile *f, struct bytes domain)
{
	uint64_t hash = hash_domain(domain);
	uint64_t *found = &d->found[hash / 2 % DOMAINS_FOUND];
	enum table_answer answer;

	if (!d->is_known && learn(d, f) == TABLE_FAILED)
		return (TABLE_FAILED);
	if (!is_noted(d, hash))
		return (TABLE_MISS);
	if (*found == hash)
		return (TABLE_HIT);
	answer = look_for(f, domain, hash);
	if (answer == TABLE_HIT)
		*found = hash;
	return (answer);
}
