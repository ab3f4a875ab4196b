/* SPDX-License-Identifier: ISC */
/*
 * terms: walk through Erlang's terms as RabbitMQ's programs print them.
 *
 * Pure.  A term is a view into the text, as it stands there: a number, an atom,
 * "text", <<"text">>, [a list] or {a tuple}.  A text that is not well-formed
 * ends where it goes wrong.
 */
#ifndef SMTPSERV_PUBLISH_TERMS_H
#define SMTPSERV_PUBLISH_TERMS_H

#include <stdint.h>

#include "bytes/bytes.h"

/* Take the next term, over blanks and commas.  False: there is none. */
bool terms_take(struct bytes *rest, struct bytes *term);

/* What stands between the brackets of a list or a tuple; else empty. */
struct bytes terms_inside(struct bytes term);

/* How many terms there are. */
size_t terms_count(struct bytes inside);

/* What stands between the quotes of a text, and an atom or number as it is. */
struct bytes terms_text(struct bytes term);

/* Is it this text, atom or number?  A text without anything is printed []. */
bool terms_is(struct bytes term, const char *text);

/* In a list of tuples, the last element of that which begins with the name. */
bool terms_find(struct bytes list, const char *name, struct bytes *value);

/* A number, or {ok,N}.  False: it is neither. */
bool terms_number(struct bytes term, uint64_t *n);

#endif
