/* SPDX-License-Identifier: ISC */
#include "talkfit.h"

#include "bytes/utf8.h"
#include "mail/idn.h"
#include "smtp/smtppath.h"

enum {
	/* A mailbox whose domain is spelled another way, or VERP's. */
	MAILBOX_MAX = 4 * SMTPPATH_MAX
};

/*
 * The mailbox as the server takes it: UTF-8 if it offers that, else the domain
 * in ASCII.  False: it cannot be.
 */
static bool
spell(const struct smtpehlo *offers, struct bytes mailbox, struct buf *out)
{
	size_t n = mailbox.n;

	/* Without one, all of it is the local part. */
	(void)bytes_find_last(mailbox, '@', &n);
	if (offers->smtputf8 || !utf8_is_needed(mailbox))
		return (buf_put(out, mailbox));
	return (!utf8_is_needed(bytes_cut(mailbox, 0, n)) &&
	    buf_put(out, bytes_cut(mailbox, 0, n + 1)) &&
	    idn_put_ascii(bytes_cut(mailbox, n + 1, mailbox.n), out));
}

/* `list-@host-@[]` and user@dom: list-user=dom@host. */
static bool
put_verp(struct buf *out, struct bytes sender, struct bytes rcpt)
{
	struct bytes list = bytes_cut(sender, 0, sender.n - 4);
	size_t n = list.n;
	size_t user = rcpt.n;

	/* Likewise. */
	(void)bytes_find_last(list, '@', &n);
	/* Likewise. */
	(void)bytes_find_last(rcpt, '@', &user);
	(void)buf_put(out, bytes_cut(list, 0, n));
	(void)buf_put(out, bytes_cut(rcpt, 0, user));
	if (user < rcpt.n)
		(void)buf_putc(out, '=');
	(void)buf_put(out, bytes_cut(rcpt, user + 1, rcpt.n));
	return (buf_put(out, bytes_cut(list, n, list.n)));
}

/* The sender; for VERP that of the recipient who is chosen. */
static bool
put_sender(struct talkmail *m, struct buf *out)
{
	const struct talkmail_rcpt *r;

	if (!talkmail_is_verp(m))
		return (buf_put(out, m->sender));
	m->next = 0;
	r = talkmail_next(m);
	return (r != NULL && put_verp(out, m->sender, r->mailbox));
}

/* Is it what a path can be made of? */
static bool
is_mailbox(struct bytes mailbox)
{
	char store[SMTPSAY_MAX];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	return (smtpsay_path(&out, mailbox));
}

/* Only where it is worth that: TLS, by name, and a peer that keeps it so. */
static const struct talkfit_refusal *
requiretls_refusal(const struct talk *t, const struct talkmail *m)
{
	static const struct talkfit_refusal no_tls = { "5.7.10",
		"REQUIRETLS: the host is not verified by TLS", false };
	static const struct talkfit_refusal not_offered = { "5.7.30",
		"REQUIRETLS is not offered", false };
	const struct talk_peer *p = &t->peers[t->npeers - 1];

	/* A report must reach the sender (RFC 8689 5). */
	if (!m->requiretls || m->sender.n == 0)
		return (NULL);
	if (p->safety != TALK_VERIFIED || !p->is_named_safely)
		return (&no_tls);
	return (t->ehlo.requiretls ? NULL : &not_offered);
}

static const struct talkfit_refusal *
utf8_refusal(const struct talk *t, const struct talkmail *m)
{
	static const struct talkfit_refusal no_utf8 = { "5.6.7",
		"SMTPUTF8 is not offered", false };
	char store[MAILBOX_MAX];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	if (t->ehlo.smtputf8)
		return (NULL);
	return (
	    m->is_utf8 || !spell(&t->ehlo, m->sender, &out) ? &no_utf8 : NULL);
}

const struct talkfit_refusal *
talkfit_refusal(const struct talk *t, const struct talkmail *m)
{
	static const struct talkfit_refusal no_sender = { "5.1.7",
		"the sender is no mailbox", true };
	static const struct talkfit_refusal no_binary = { "5.6.1",
		"BINARYMIME is not offered", false };
	static const struct talkfit_refusal too_large = { "5.3.4",
		"the message is larger than what the host takes", false };
	bool is_binary = m->body == SMTP_BODY_BINARYMIME;

	if (!talkmail_is_verp(m) && !is_mailbox(m->sender))
		return (&no_sender);
	if (m->has_size && t->ehlo.size > 0 && m->size > t->ehlo.size)
		return (&too_large);
	if (is_binary &&
	    (!t->ehlo.binarymime || !t->ehlo.chunking || !m->has_size))
		return (&no_binary);
	if (requiretls_refusal(t, m) != NULL)
		return (requiretls_refusal(t, m));
	return (utf8_refusal(t, m));
}

/* False: and r has an outcome. */
static bool
can_be_named(const struct talk *t, struct talkmail *m, struct talkmail_rcpt *r)
{
	char store[MAILBOX_MAX];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	if (!spell(&t->ehlo, r->mailbox, &out)) {
		talkmail_refuse(r, "5.6.7", "SMTPUTF8 is not offered", false);
		return (false);
	}
	if (!is_mailbox(buf_view(&out))) {
		talkmail_refuse(
		    r, "5.1.3", "the recipient is no mailbox", true);
		return (false);
	}
	buf_reset(&out);
	if (talkmail_is_verp(m) &&
	    (!put_verp(&out, m->sender, r->mailbox) ||
		!is_mailbox(buf_view(&out)))) {
		talkmail_refuse(
		    r, "5.1.7", "the sender would be no mailbox", true);
		return (false);
	}
	return (true);
}

size_t
talkfit_sift(const struct talk *t, struct talkmail *m)
{
	struct talkmail_rcpt *r;

	for (m->next = 0; (r = talkmail_next(m)) != NULL; m->next++)
		if (!can_be_named(t, m, r))
			m->nchosen--;
	m->next = 0;
	return (m->nchosen);
}

/* Is there UTF-8 in what this transaction says? */
static bool
needs_smtputf8(struct talkmail *m)
{
	bool needs = m->is_utf8 || utf8_is_needed(m->sender);
	struct talkmail_rcpt *r;

	for (m->next = 0; (r = talkmail_next(m)) != NULL; m->next++)
		needs = needs || utf8_is_needed(r->mailbox);
	m->next = 0;
	return (needs);
}

static struct bytes
ret_of(const struct talk *t, const struct talkmail *m)
{
	/* A host without REQUIRETLS is not shown all of it (RFC 8689 5). */
	if (m->ret == SMTP_RET_FULL && (!m->requiretls || t->ehlo.requiretls))
		return (bytes_of("FULL"));
	return (bytes_of(m->ret == SMTP_RET_UNSAID ? "" : "HDRS"));
}

bool
talkfit_put_mail(struct talk *t, struct talkmail *m)
{
	char plain[MAILBOX_MAX];
	char spelled[MAILBOX_MAX];
	struct buf sender;
	struct buf as;
	struct smtpsay_mail mail = {
		.has_size = m->has_size,
		.size = m->size,
		.is_8bit = m->is_8bit || m->body == SMTP_BODY_8BITMIME,
		.is_binary = m->body == SMTP_BODY_BINARYMIME,
		.smtputf8 = needs_smtputf8(m),
		.requiretls = m->requiretls,
		.says_auth = t->settings->says_auth,
		.ret = ret_of(t, m),
		.envid = m->envid,
	};

	buf_init(&sender, plain, sizeof(plain));
	buf_init(&as, spelled, sizeof(spelled));
	if (!put_sender(m, &sender) || !spell(&t->ehlo, buf_view(&sender), &as))
		return (false);
	mail.sender = buf_view(&as);
	return (smtpsay_mail(&t->out, &mail, &t->ehlo));
}

bool
talkfit_put_rcpt(struct talk *t, const struct talkmail_rcpt *r)
{
	char store[MAILBOX_MAX];
	struct smtpsay_rcpt rcpt = { .notify = r->notify, .orcpt = r->orcpt };
	struct buf as;

	buf_init(&as, store, sizeof(store));
	if (!spell(&t->ehlo, r->mailbox, &as))
		return (false);
	rcpt.mailbox = buf_view(&as);
	return (smtpsay_rcpt(&t->out, &rcpt, &t->ehlo));
}
