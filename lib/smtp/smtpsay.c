/* SPDX-License-Identifier: ISC */
#include "smtp/smtpsay.h"

#include "smtp/smtpcmd.h"
#include "smtp/smtpnotify.h"
#include "smtp/smtppath.h"
#include "smtp/smtpxtext.h"

/*
 * Is what was added behind `before` one path, from `<` to `>`?  The parser
 * forgives what it leaves out: blanks, a source route.
 */
static bool
is_path(const struct buf *out, size_t before)
{
	struct bytes whole = bytes_cut(buf_view(out), before, SIZE_MAX);
	struct smtppath path;
	size_t used = 0;
	enum smtppath_status status;

	status = smtppath_parse(whole, &path, &used);
	return (!buf_overflowed(out) && used == whole.n &&
	    (status == SMTPPATH_OK || status == SMTPPATH_NO_DOMAIN) &&
	    path.mailbox.n + 2 == whole.n);
}

/* The local part, so that it means what it says: "a\"b". */
static void
put_quoted(struct buf *out, struct bytes local)
{
	size_t i;

	(void)buf_putc(out, '"');
	for (i = 0; i < local.n; i++) {
		if (local.p[i] == '"' || local.p[i] == '\\')
			(void)buf_putc(out, '\\');
		(void)buf_putc(out, local.p[i]);
	}
	(void)buf_putc(out, '"');
}

bool
smtpsay_path(struct buf *out, struct bytes mailbox)
{
	size_t before = buf_view(out).n;
	size_t n = mailbox.n;
	size_t at;

	/* The local part is what stands before the last `@`. */
	(void)bytes_find_last(mailbox, '@', &n);
	/* Where it may stand in quotes some servers do not look for those. */
	if (bytes_find(mailbox, '>', &at))
		return (false);
	(void)buf_putc(out, '<');
	(void)buf_put(out, mailbox);
	(void)buf_putc(out, '>');
	if (is_path(out, before))
		return (true);
	buf_cut(out, before);
	(void)buf_putc(out, '<');
	put_quoted(out, bytes_cut(mailbox, 0, n));
	(void)buf_put(out, bytes_cut(mailbox, n, mailbox.n));
	(void)buf_putc(out, '>');
	if (is_path(out, before))
		return (true);
	buf_cut(out, before);
	return (false);
}

/* Is it xtext, so that it cannot be more than one parameter? */
static bool
is_xtext(struct bytes text)
{
	return (text.n > 0 && smtpxtext_decode(text, NULL));
}

static void
put_sender_dsn(struct buf *out, const struct smtpsay_mail *m)
{
	if (bytes_same_nocase(m->ret, bytes_of("FULL")))
		(void)buf_puts(out, " RET=FULL");
	if (bytes_same_nocase(m->ret, bytes_of("HDRS")))
		(void)buf_puts(out, " RET=HDRS");
	if (!is_xtext(m->envid) || m->envid.n > SMTPCMD_ENVID_MAX)
		return;
	(void)buf_puts(out, " ENVID=");
	(void)buf_put(out, m->envid);
}

static void
put_notify(struct buf *out, struct bytes notify)
{
	if (!smtpnotify_is_valid(notify))
		return;
	(void)buf_puts(out, " NOTIFY=");
	(void)buf_put(out, notify);
}

/* type;xtext */
static void
put_orcpt(struct buf *out, struct bytes orcpt)
{
	size_t semicolon;

	if (orcpt.n > SMTPCMD_ORCPT_MAX ||
	    !bytes_find(orcpt, ';', &semicolon) ||
	    !is_xtext(bytes_cut(orcpt, 0, semicolon)) ||
	    !is_xtext(bytes_cut(orcpt, semicolon + 1, orcpt.n)))
		return;
	(void)buf_puts(out, " ORCPT=");
	(void)buf_put(out, orcpt);
}

/* The line's end; without room for it, nothing of the line stays. */
static bool
end_line(struct buf *out, size_t before)
{
	if (buf_puts(out, "\r\n"))
		return (true);
	buf_cut(out, before);
	return (false);
}

static const char *
body_of(const struct smtpsay_mail *m, const struct smtpehlo *offers)
{
	if (m->is_binary && offers->binarymime)
		return (" BODY=BINARYMIME");
	return (m->is_8bit && offers->eightbit ? " BODY=8BITMIME" : "");
}

bool
smtpsay_mail(struct buf *out, const struct smtpsay_mail *m,
    const struct smtpehlo *offers)
{
	size_t before = buf_view(out).n;

	(void)buf_puts(out, "MAIL FROM:");
	if (!smtpsay_path(out, m->sender)) {
		buf_cut(out, before);
		return (false);
	}
	if (m->has_size && offers->has_size) {
		(void)buf_puts(out, " SIZE=");
		(void)buf_put_number(out, m->size);
	}
	(void)buf_puts(out, body_of(m, offers));
	if (m->smtputf8 && offers->smtputf8)
		(void)buf_puts(out, " SMTPUTF8");
	if (m->requiretls && offers->requiretls)
		(void)buf_puts(out, " REQUIRETLS");
	if (m->says_auth && offers->has_auth)
		(void)buf_puts(out, " AUTH=<>");
	if (offers->dsn)
		put_sender_dsn(out, m);
	return (end_line(out, before));
}

bool
smtpsay_rcpt(struct buf *out, const struct smtpsay_rcpt *r,
    const struct smtpehlo *offers)
{
	size_t before = buf_view(out).n;

	(void)buf_puts(out, "RCPT TO:");
	if (!smtpsay_path(out, r->mailbox)) {
		buf_cut(out, before);
		return (false);
	}
	if (offers->dsn) {
		put_notify(out, r->notify);
		put_orcpt(out, r->orcpt);
	}
	return (end_line(out, before));
}
