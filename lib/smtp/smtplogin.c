/* SPDX-License-Identifier: ISC */
#include "smtp/smtplogin.h"

#include <string.h>

/* Bytes that have come, and are not a group of three yet. */
struct group {
	size_t n;
	unsigned char byte[3];
};

/* The group, filled up with padding. */
static void
put_group(struct buf *out, const struct group *g)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
				     "pqrstuvwxyz0123456789+/";
	unsigned int bits = (unsigned int)g->byte[0] << 16 |
	    (unsigned int)g->byte[1] << 8 | g->byte[2];
	size_t i;

	for (i = 0; i <= g->n; i++)
		(void)buf_putc(out, digits[bits >> (18 - 6 * i) & 63]);
	for (; i < 4; i++)
		(void)buf_putc(out, '=');
}

static void
add(struct buf *out, struct group *g, struct bytes text)
{
	size_t i;

	for (i = 0; i < text.n; i++) {
		g->byte[g->n++] = (unsigned char)text.p[i];
		if (g->n < 3)
			continue;
		put_group(out, g);
		*g = (struct group){ .n = 0 };
	}
}

static void
finish(struct buf *out, struct group *g)
{
	if (g->n > 0)
		put_group(out, g);
	/* It holds a part of the password. */
	explicit_bzero(g, sizeof(*g));
}

void
smtplogin_put(struct buf *out, struct bytes text)
{
	struct group g = { .n = 0 };

	add(out, &g, text);
	finish(out, &g);
}

void
smtplogin_put_plain(struct buf *out, struct bytes user, struct bytes password)
{
	static const struct bytes nul = { "", 1 };
	struct group g = { .n = 0 };

	add(out, &g, nul);
	add(out, &g, user);
	add(out, &g, nul);
	add(out, &g, password);
	finish(out, &g);
}
