/* SPDX-License-Identifier: ISC */
#include "outcome/done.h"

#include <inttypes.h>
#include <stdio.h>

#include "bytes/num.h"

/* FNV-1a, 64 bits: the administrator's table fools itself only. */
#define OFFSET UINT64_C(14695981039346656037)
#define PRIME  UINT64_C(1099511628211)

enum {
	DIGITS = 16 /* of the digest */
};

static uint64_t
take(uint64_t digest, unsigned char c)
{
	return ((digest ^ c) * PRIME);
}

void
done_add(struct done *d, struct bytes instruction)
{
	uint64_t digest = d->n == 0 ? OFFSET : d->digest;
	size_t i;

	for (i = 0; i < instruction.n; i++)
		digest = take(digest, (unsigned char)instruction.p[i]);
	/* No instruction has a line feed in it. */
	d->digest = take(digest, '\n');
	d->n++;
}

bool
done_is_same(const struct done *a, const struct done *b)
{
	return (a->n == b->n && (a->n == 0 || a->digest == b->digest));
}

void
done_print(const struct done *d, char text[DONE_MAX])
{
	(void)snprintf(
	    text, DONE_MAX, "%" PRIu64 " %016" PRIx64, d->n, d->digest);
}

/* A digit of the digest; 16: it is not one. */
static uint64_t
digit(char c)
{
	static const struct bytes digits = { "0123456789abcdef", 16 };
	size_t at = 16;

	(void)bytes_find(digits, c, &at);
	return (at);
}

bool
done_parse(struct bytes text, struct done *d)
{
	size_t at = 0;
	size_t i;

	*d = (struct done){ .n = 0 };
	if (!bytes_find(text, ' ', &at) || text.n != at + 1 + DIGITS ||
	    !num_parse(bytes_cut(text, 0, at), UINT64_MAX, &d->n))
		return (false);
	for (i = at + 1; i < text.n; i++) {
		uint64_t value = digit(text.p[i]);

		if (value == 16)
			return (false);
		d->digest = d->digest * 16 + value;
	}
	return (d->n > 0);
}
