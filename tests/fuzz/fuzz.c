/* SPDX-License-Identifier: ISC */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	WHOLE,
	BYTES,
	FINELY,
	ANYWHERE,
	WAYS,
	IN_TWO
};

void
fuzz_must(bool holds, const char *what)
{
	if (holds)
		return;
	(void)fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

struct bytes
fuzz_input(const uint8_t *data, size_t n)
{
	return (bytes_cut((struct bytes){ n > 0 ? (const char *)data : "", n },
	    0, FUZZ_TEXT_MAX));
}

unsigned int
fuzz_option(struct bytes *in, unsigned int n)
{
	unsigned char c;

	if (in->n == 0)
		return (0);
	c = (unsigned char)(in->p[0] - '0');
	*in = bytes_cut(*in, 1, in->n);
	return (c % n);
}

void
fuzz_dice_init(struct fuzz_dice *d, unsigned int seed)
{
	d->x = (seed + 1U) * 2654435761U;
}

/* Marsaglia's xorshift. */
unsigned int
fuzz_dice_throw(struct fuzz_dice *d, unsigned int n)
{
	d->x ^= d->x << 13;
	d->x ^= d->x >> 17;
	d->x ^= d->x << 5;
	return (d->x % n);
}

void
fuzz_knife_init(struct fuzz_knife *k, struct bytes *in)
{
	k->way = fuzz_option(in, WAYS);
	fuzz_dice_init(&k->dice, fuzz_option(in, 256));
}

void
fuzz_knife_bytes(struct fuzz_knife *k)
{
	k->way = BYTES;
}

void
fuzz_knife_two(struct fuzz_knife *k, size_t first)
{
	k->way = IN_TWO;
	k->first = first;
}

size_t
fuzz_knife_cut(struct fuzz_knife *k, size_t left)
{
	size_t n = left;

	if (k->way == BYTES)
		n = 1;
	if (k->way == FINELY)
		n = 1 + fuzz_dice_throw(&k->dice, 8);
	if (k->way == ANYWHERE)
		n = 1 + fuzz_dice_throw(&k->dice, (unsigned int)left);
	if (k->way == IN_TWO && k->first > 0) {
		n = k->first;
		k->first = 0;
	}
	return (n < left ? n : left);
}
