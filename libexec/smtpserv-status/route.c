/* SPDX-License-Identifier: ISC */
#include "route.h"

#include "base/base.h"
#include "bytes/num.h"

/* A number sign stands for a number in its only spelling, and not for 0. */
static const struct {
	const char *path;
	enum route_page page;
} PATHS[] = {
	{ "/", ROUTE_OVERVIEW },
	{ "/messages/#", ROUTE_LIST },
	{ "/message/#", ROUTE_MESSAGE },
	{ "/message/#/text", ROUTE_TEXT },
	{ "/message/#/part/#", ROUTE_PART },
	{ "/style.css", ROUTE_STYLE },
};

static bool
take_number(struct bytes *path, uint32_t *number)
{
	uint64_t n;
	size_t digits = 0;

	while (digits < path->n && path->p[digits] >= '0' &&
	    path->p[digits] <= '9')
		digits++;
	if (!num_parse(bytes_cut(*path, 0, digits), UINT32_MAX, &n) ||
	    path->p[0] == '0')
		return (false);
	*number = (uint32_t)n;
	*path = bytes_cut(*path, digits, path->n);
	return (true);
}

static bool
matches(const char *pattern, struct bytes path, struct route *r)
{
	uint32_t *into = &r->number;

	for (; *pattern != '\0'; pattern++) {
		if (*pattern == '#') {
			if (!take_number(&path, into))
				return (false);
			into = &r->part;
			continue;
		}
		if (path.n == 0 || path.p[0] != *pattern)
			return (false);
		path = bytes_cut(path, 1, path.n);
	}
	return (path.n == 0);
}

bool
route_find(struct bytes path, struct route *r)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(PATHS); i++) {
		*r = (struct route){ PATHS[i].page, 0, 0 };
		if (matches(PATHS[i].path, path, r))
			return (true);
	}
	return (false);
}
