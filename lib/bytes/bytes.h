/* SPDX-License-Identifier: ISC */
/*
 * bytes: a view of text that is counted, not NUL-terminated.
 *
 * Pure.  A view borrows: it is valid as long as the memory it points into.
 */
#ifndef BYTES_BYTES_H
#define BYTES_BYTES_H

#include <stdbool.h>
#include <stddef.h>

struct bytes {
	const char *p;
	size_t n;
};

/* A view of a C string, without its NUL. */
struct bytes bytes_of(const char *cstr);

/* The part that begins at `from`, at most n bytes; empty past the end. */
struct bytes bytes_cut(struct bytes b, size_t from, size_t n);

/* Same bytes; the second without regard to the case of ASCII letters. */
bool bytes_same(struct bytes a, struct bytes b);
bool bytes_same_nocase(struct bytes a, struct bytes b);

/* True if b begins with `start`, without regard to ASCII case. */
bool bytes_starts_nocase(struct bytes b, struct bytes start);

/* The C locale's tolower(), whatever the environment says. */
char bytes_lower(char c);

/* Where c first stands; false, and *at untouched, if it does not. */
bool bytes_find(struct bytes b, char c, size_t *at);

/* The same for where it stands last. */
bool bytes_find_last(struct bytes b, char c, size_t *at);

/*
 * What stands before the first c becomes *part, and what stands behind it
 * *rest.  False, and both untouched: there is no c.
 */
bool bytes_take(struct bytes *rest, char c, struct bytes *part);

/* Is there a control byte: below the blank, or DEL? */
bool bytes_has_control(struct bytes b);

/* Without the blanks and tabs at its end. */
struct bytes bytes_trim_end(struct bytes b);

#endif
