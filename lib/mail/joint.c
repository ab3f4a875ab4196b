/* SPDX-License-Identifier: ISC */
#include "mail/joint.h"

#include "mail/field.h"

static bool
begins(struct bytes text, struct bytes with)
{
	return (bytes_same(bytes_cut(text, 0, with.n), with));
}

/* `From joe Mon ...', also with a `>' from one mailbox or another before it. */
static bool
is_of_mailbox(struct bytes text)
{
	while (begins(text, bytes_of(">")))
		text = bytes_cut(text, 1, text.n);
	return (begins(text, bytes_of("From ")));
}

struct bytes
joint_between(struct bytes text, const char *eol)
{
	struct bytes end = bytes_of(eol);

	if (text.n == 0 || begins(text, end) || field_begins(text))
		return (bytes_cut(end, 0, 0));
	/* Postfix's way, too. */
	return (is_of_mailbox(text) ? bytes_of("X-Mailbox-Line: ") : end);
}

size_t
joint_split(struct bytes all, size_t top, const char *eol, struct bytes part[3])
{
	struct bytes text = bytes_cut(all, top, all.n);
	struct bytes between = joint_between(text, eol);

	part[0] = all;
	if (top == 0 || between.n == 0)
		return (1);
	part[0] = bytes_cut(all, 0, top);
	part[1] = between;
	part[2] = text;
	return (3);
}
