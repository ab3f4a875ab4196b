/* SPDX-License-Identifier: ISC */
/*
 * joint: where a text that comes from outside meets the fields that we put on
 * top of it.
 *
 * Pure.  If a text's first line cannot begin a field, it would continue our
 * last one: readers would take a stranger's words for ours, or look for the
 * rest of the header in the wrong place.  So something goes between: an empty
 * line, which makes all of the text the body, or, before a mailbox's `From '
 * line, a name that makes it a field.  The text itself stays as it is.
 */
#ifndef MAIL_JOINT_H
#define MAIL_JOINT_H

#include "bytes/bytes.h"

/*
 * The joint between fields whose lines end in eol and this text.  The text's
 * beginning is enough, but a name that goes on behind it does not count.  Empty
 * for most texts, and for an empty one.
 */
struct bytes joint_between(struct bytes text, const char *eol);

/*
 * The first `top' octets are our fields, and a text follows: the parts in which
 * all is to be written, and how many there are.
 */
size_t joint_split(
    struct bytes all, size_t top, const char *eol, struct bytes part[3]);

#endif
