/* SPDX-License-Identifier: ISC */
#include "address.h"

#include "bytes/buf.h"

/* Where the last `@` is: one before it stands in a quoted local part. */
static size_t
local_length(struct bytes mailbox)
{
	size_t n = mailbox.n;

	while (n > 0 && mailbox.p[n - 1] != '@')
		n--;
	return (n > 0 ? n - 1 : mailbox.n);
}

/* Without the quotes and backslashes of RFC 5321 4.1.2. */
static void
unquote(struct bytes local, struct buf *out)
{
	size_t i;

	if (local.n < 2 || local.p[0] != '"' || local.p[local.n - 1] != '"') {
		(void)buf_put(out, local);
		return;
	}
	for (i = 1; i + 1 < local.n; i++) {
		if (local.p[i] == '\\' && i + 2 < local.n)
			i++;
		(void)buf_putc(out, local.p[i]);
	}
}

bool
address_split(struct address *a, struct bytes mailbox)
{
	size_t n = local_length(mailbox);
	struct buf local;
	size_t plus;

	buf_init(&local, a->store, sizeof(a->store));
	unquote(bytes_cut(mailbox, 0, n), &local);
	a->local = buf_view(&local);
	a->domain = bytes_cut(mailbox, n + 1, mailbox.n);
	plus = a->local.n;
	(void)bytes_find(a->local, '+', &plus);
	a->ext = bytes_cut(a->local, plus + 1, a->local.n);
	return (!buf_overflowed(&local) && a->local.n > 0);
}
