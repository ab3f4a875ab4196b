/* SPDX-License-Identifier: ISC */
#include "table/aliasitems.h"

#include <string.h>

void
aliasitems_init(struct aliasitems *a, struct bytes items)
{
	a->is_include = false;
	a->own = items;
	a->line = bytes_cut(items, 0, 0);
}

/* More of an included file, or after its end of the alias. */
static enum result
next_line(struct aliasitems *a, struct fault *why)
{
	struct buf line;
	enum result r;

	buf_init(&line, a->store, sizeof(a->store));
	r = aliasfile_line(a->path, &a->at, &line, why);
	a->line = buf_view(&line);
	a->is_include = r == RES_OK;
	return (r);
}

enum result
aliasitems_next(struct aliasitems *a, struct buf *room, enum aliases_kind *kind,
    struct bytes *text, struct fault *why)
{
	for (;;) {
		buf_reset(room);
		*kind = aliases_item(
		    a->is_include ? &a->line : &a->own, room, text);
		if (*kind == ALIASES_END && !a->is_include)
			return (RES_PERM);
		if (*kind == ALIASES_INCLUDE && !a->is_include) {
			memcpy(a->path, text->p, text->n);
			a->path[text->n] = '\0';
			a->at = (struct aliasfile_place){ 0 };
		} else if (*kind != ALIASES_END) {
			return (RES_OK);
		}
		if (next_line(a, why) == RES_TEMP)
			return (RES_TEMP);
	}
}
