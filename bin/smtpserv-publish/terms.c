/* SPDX-License-Identifier: ISC */
#include "terms.h"

#include <string.h>

#include "bytes/num.h"

static bool
is_one_of(char c, const char *set)
{
	return (c != '\0' && strchr(set, c) != NULL);
}

/* The length of the quoted text at the beginning; 0: it does not end. */
static size_t
quoted(struct bytes b)
{
	size_t i;

	for (i = 1; i < b.n; i++) {
		if (b.p[i] == '\\')
			i++;
		else if (b.p[i] == b.p[0])
			return (i + 1);
	}
	return (0);
}

/* The same for what begins with a bracket: up to that which closes it. */
static size_t
bracketed(struct bytes b)
{
	size_t depth = 0;
	size_t i = 0;
	size_t n;

	while (i < b.n) {
		n = 1;
		if (is_one_of(b.p[i], "\"'"))
			n = quoted(bytes_cut(b, i, b.n));
		else if (is_one_of(b.p[i], "[{<"))
			depth++;
		else if (is_one_of(b.p[i], "]}>"))
			depth--;
		if (n == 0)
			return (0);
		i += n;
		if (depth == 0)
			return (i);
	}
	return (0);
}

static size_t
bare(struct bytes b)
{
	size_t n = 0;

	while (n < b.n && !is_one_of(b.p[n], " \t\r\n,[]{}<>\"'"))
		n++;
	return (n);
}

bool
terms_take(struct bytes *rest, struct bytes *term)
{
	size_t n = 0;

	while (rest->n > 0 && is_one_of(rest->p[0], " \t\r\n,"))
		*rest = bytes_cut(*rest, 1, rest->n);
	if (rest->n == 0)
		return (false);
	if (is_one_of(rest->p[0], "\"'"))
		n = quoted(*rest);
	else if (is_one_of(rest->p[0], "[{<"))
		n = bracketed(*rest);
	else
		n = bare(*rest);
	*term = bytes_cut(*rest, 0, n);
	*rest = bytes_cut(*rest, n, n == 0 ? 0 : rest->n);
	return (n > 0);
}

struct bytes
terms_inside(struct bytes term)
{
	if (term.n < 2 || !is_one_of(term.p[0], "[{"))
		return (bytes_cut(term, 0, 0));
	return (bytes_cut(term, 1, term.n - 2));
}

size_t
terms_count(struct bytes inside)
{
	struct bytes term;
	size_t n = 0;

	while (terms_take(&inside, &term))
		n++;
	return (n);
}

struct bytes
terms_text(struct bytes term)
{
	if (term.n >= 6 && memcmp(term.p, "<<\"", 3) == 0)
		return (bytes_cut(term, 3, term.n - 6));
	if (term.n >= 2 && is_one_of(term.p[0], "\"'"))
		return (bytes_cut(term, 1, term.n - 2));
	if (bytes_same(term, bytes_of("[]")))
		return (bytes_cut(term, 0, 0));
	return (term);
}

bool
terms_is(struct bytes term, const char *text)
{
	return (bytes_same(terms_text(term), bytes_of(text)));
}

bool
terms_find(struct bytes list, const char *name, struct bytes *value)
{
	struct bytes rest = terms_inside(list);
	struct bytes tuple;
	struct bytes first;
	struct bytes last;

	while (terms_take(&rest, &tuple)) {
		tuple = terms_inside(tuple);
		if (!terms_take(&tuple, &first) || !terms_is(first, name))
			continue;
		last = first;
		while (terms_take(&tuple, &first))
			last = first;
		*value = last;
		return (true);
	}
	return (false);
}

bool
terms_number(struct bytes term, uint64_t *n)
{
	struct bytes inside = terms_inside(term);
	struct bytes first;

	if (terms_take(&inside, &first)) {
		if (!terms_is(first, "ok") || !terms_take(&inside, &term))
			return (false);
	}
	return (num_parse(term, UINT64_MAX, n));
}
