/* SPDX-License-Identifier: ISC */
#include "recipients.h"

#include "mail/mailbox.h"

void
recipients_init(struct recipients *r, const char *host)
{
	r->host = host;
	r->n = 0;
	r->nrefused = 0;
	buf_init(&r->text, r->store, sizeof(r->store));
	buf_init(&r->refused, r->refused_store, sizeof(r->refused_store));
}

bool
recipients_qualify(
    const struct recipients *r, struct bytes mailbox, struct buf *out)
{
	char store[SMTPPATH_MAX + 2];
	struct mailbox parts;
	struct smtppath path;
	struct buf wire;
	size_t used;

	if (!mailbox_split(&parts, mailbox))
		return (false);
	buf_init(&wire, store, sizeof(store));
	(void)buf_putc(&wire, '<');
	(void)buf_put(&wire, mailbox);
	if (parts.host.n == 0) {
		(void)buf_putc(&wire, '@');
		(void)buf_puts(&wire, r->host);
	}
	(void)buf_putc(&wire, '>');
	return (!buf_overflowed(&wire) &&
	    smtppath_parse(buf_view(&wire), &path, &used) == SMTPPATH_OK &&
	    used == buf_view(&wire).n && buf_put(out, path.mailbox));
}

/* FNV-1a, without case. */
static uint32_t
hash_of(struct bytes mailbox)
{
	uint32_t hash = 2166136261U;
	size_t i;

	for (i = 0; i < mailbox.n; i++)
		hash = (hash ^ (unsigned char)bytes_lower(mailbox.p[i])) *
		    16777619U;
	return (hash);
}

bool
recipients_next(const struct recipients *r, size_t *at, struct bytes *mailbox)
{
	struct bytes rest = buf_view(&r->text);
	size_t end;

	rest = bytes_cut(rest, *at, rest.n);
	if (!bytes_find(rest, '\0', &end))
		return (false);
	*mailbox = bytes_cut(rest, 0, end);
	*at += end + 1;
	return (true);
}

/* The slot that is the mailbox's: its own, or an empty one. */
static uint32_t *
slot_of(struct recipients *r, struct bytes mailbox)
{
	uint32_t i = hash_of(mailbox) % RECIPIENTS_SLOTS;

	for (; r->slots[i] != 0; i = (i + 1) % RECIPIENTS_SLOTS) {
		size_t at = r->slots[i] - 1;
		struct bytes there;

		if (recipients_next(r, &at, &there) &&
		    bytes_same_nocase(there, mailbox))
			break;
	}
	return (&r->slots[i]);
}

bool
recipients_add(struct recipients *r, struct bytes mailbox)
{
	size_t at = buf_view(&r->text).n;
	uint32_t *slot = slot_of(r, mailbox);

	if (*slot != 0)
		return (true);
	if (r->n == RECIPIENTS_MAX || buf_room(&r->text) < mailbox.n + 1)
		return (false);
	(void)buf_put(&r->text, mailbox);
	(void)buf_putc(&r->text, '\0');
	*slot = (uint32_t)at + 1;
	r->n++;
	return (true);
}

/* The text is told in one line: control bytes, as of a fold, become blanks. */
void
recipients_refuse(struct recipients *r, struct bytes text, const char *why)
{
	enum {
		SHOWN = 300,
		BEHIND = 200
	};
	size_t i;

	r->nrefused++;
	while (text.n > 0 && (unsigned char)text.p[0] <= ' ')
		text = bytes_cut(text, 1, text.n);
	text = bytes_cut(bytes_trim_end(text), 0, SHOWN);
	while (text.n > 0 &&
	    ((unsigned char)text.p[text.n - 1] <= ' ' ||
		text.p[text.n - 1] == ','))
		text.n--;
	if (buf_room(&r->refused) < text.n + BEHIND)
		return;
	for (i = 0; i < text.n; i++) {
		char c = text.p[i];

		if ((unsigned char)c < ' ' || c == 0x7f)
			c = ' ';
		(void)buf_putc(&r->refused, c);
	}
	(void)buf_printf(&r->refused, ": %s\n", why);
}

struct bytes
recipients_refused(const struct recipients *r)
{
	return (buf_view(&r->refused));
}
