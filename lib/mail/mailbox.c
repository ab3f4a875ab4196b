/* SPDX-License-Identifier: ISC */
#include "mail/mailbox.h"

#include "bytes/buf.h"

static bool
is_quoted(struct bytes text)
{
	return (text.n >= 2 && text.p[0] == '"' && text.p[text.n - 1] == '"');
}

/*
 * Up to the last `@`: one before it stands in a quoted local part.  No host
 * ends with a quote, so a mailbox that does has none.
 */
static size_t
local_length(struct bytes text)
{
	size_t n = text.n;

	if (!is_quoted(text))
		/* Without one, all of it is the local part. */
		(void)bytes_find_last(text, '@', &n);
	return (n);
}

/* Without its quotes a quoted string means the same (RFC 5321 4.1.2). */
static void
unquote(struct bytes local, struct buf *out)
{
	size_t i;

	if (!is_quoted(local)) {
		(void)buf_put(out, local);
		return;
	}
	local = bytes_cut(local, 1, local.n - 2);
	for (i = 0; i < local.n; i++) {
		if (local.p[i] == '\\' && i + 1 < local.n)
			i++;
		(void)buf_putc(out, local.p[i]);
	}
}

bool
mailbox_split(struct mailbox *m, struct bytes text)
{
	size_t n = local_length(text);
	struct buf local;
	size_t plus;

	buf_init(&local, m->store, sizeof(m->store));
	unquote(bytes_cut(text, 0, n), &local);
	m->local = buf_view(&local);
	m->host = bytes_cut(text, n + 1, text.n);
	/* The root's dot says no more than that the name is whole. */
	if (m->host.n > 1 && m->host.p[m->host.n - 1] == '.')
		m->host.n--;
	if (!bytes_find(m->local, '+', &plus) || plus == 0)
		plus = m->local.n;
	m->plain = bytes_cut(m->local, 0, plus);
	m->ext = bytes_cut(m->local, plus + 1, m->local.n);
	return (!buf_overflowed(&local));
}
