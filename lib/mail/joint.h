/* SPDX-License-Identifier: ISC */
/*
 * joint: where a text that comes from outside meets the fields that we put on
 * top of it.
 *
 * Pure.  A text whose first line can begin no field would go on with our last
 * one, and readers would take what a stranger says for ours, or look for the
 * rest of the header in the wrong place.  So something stands between: an empty
 * line, which makes all of the text the body, or, before a mailbox's `From '
 * line, a name that makes it a field.  The text itself stays as it is.
 */
#ifndef MAIL_JOINT_H
#define MAIL_JOINT_H

#include "bytes/bytes.h"

/*
 * What stands between fields whose lines end in eol and this text, of which
 * the beginning will do: a name that does not end in it is none.  Empty for
 * most texts, and for an empty one.
 */
struct bytes joint_between(struct bytes text, const char *eol);

/*
 * The first octets are `top' of ours and then a text's: the parts in which all
 * is to be written, and how many there are.
 */
size_t joint_split(
    struct bytes all, size_t top, const char *eol, struct bytes part[3]);

#endif
