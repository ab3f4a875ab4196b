/* SPDX-License-Identifier: ISC */
#include "deliver/lmtpdialog.h"

#include "bytes/utf8.h"
#include "smtp/smtpnotify.h"
#include "smtp/smtpsay.h"

/* Where it stands: what is answered next. */
enum {
	CONNECTED,
	SENT_LHLO,
	IN_ENVELOPE, /* the step `answered` */
	SENT_TEXT,
	OVER
};

void
lmtpdialog_init(struct lmtpdialog *d, const struct lmtpdialog_mail *mail)
{
	size_t i;

	*d = (struct lmtpdialog){ .mail = mail, .state = CONNECTED };
	buf_init(&d->line, d->line_store, sizeof(d->line_store));
	buf_init(&d->group, d->group_store, sizeof(d->group_store));
	buf_init(&d->reply, d->reply_store, sizeof(d->reply_store));
	for (i = 0; i < mail->nrcpt; i++)
		mail->rcpt[i].is_known = false;
}

struct bytes
lmtpdialog_commands(const struct lmtpdialog *d)
{
	return (buf_view(&d->group));
}

/* Is a step of the envelope a recipient's, and not MAIL or DATA? */
static bool
is_rcpt(const struct lmtpdialog *d, size_t step)
{
	return (step >= 1 && step <= d->mail->nrcpt);
}

/* Its recipient; NULL: it is MAIL or DATA. */
static struct lmtpdialog_rcpt *
rcpt_of(const struct lmtpdialog *d, size_t step)
{
	return (is_rcpt(d, step) ? &d->mail->rcpt[step - 1] : NULL);
}

/* DATA, behind all of them. */
static size_t
last_step(const struct lmtpdialog *d)
{
	return (d->mail->nrcpt + 1);
}

static const char *
asked(const struct lmtpdialog *d)
{
	switch (d->state) {
	case CONNECTED:
		return ("its greeting");
	case SENT_LHLO:
		return ("LHLO");
	case IN_ENVELOPE:
		if (d->answered == 0)
			return ("MAIL");
		return (is_rcpt(d, d->answered) ? "RCPT" : "DATA");
	default:
		return ("the end of the text");
	}
}

static void
know(struct lmtpdialog_rcpt *r, const struct outcome *out)
{
	if (r->is_known)
		return;
	r->outcome = *out;
	r->is_known = true;
}

/* The end: all recipients whose outcome is not known get this one. */
static enum lmtpdialog_next
end(struct lmtpdialog *d, const struct outcome *out)
{
	size_t i;

	for (i = 0; i < d->mail->nrcpt; i++)
		know(&d->mail->rcpt[i], out);
	d->state = OVER;
	return (LMTPDIALOG_DONE);
}

void
lmtpdialog_lost(struct lmtpdialog *d, const char *why)
{
	struct outcome out;

	if (d->state == OVER)
		return;
	outcome_down(
	    &out, "4.4.2", "%s at %s (%s)", why, asked(d), d->mail->server);
	(void)end(d, &out);
}

/* Refuse without asking the server: a recipient, or (NULL) the message. */
static void
refuse(struct lmtpdialog *d, struct lmtpdialog_rcpt *r, const char *status,
    const char *why)
{
	struct outcome out;

	outcome_set(
	    &out, OUTCOME_FAILED, status, "%s (%s)", why, d->mail->server);
	if (r != NULL)
		know(r, &out);
	else
		(void)end(d, &out);
}

/* The outcome that a reply means for its recipients. */
static void
judge(const struct lmtpdialog *d, unsigned int code, struct outcome *out)
{
	struct bytes reply = buf_view(&d->reply);
	char status[SMTPANSWER_STATUS_MAX];
	enum outcome_kind kind = OUTCOME_TRY_AGAIN;

	smtpanswer_enhanced(code, reply, status);
	if (code < 300)
		kind = OUTCOME_DELIVERED;
	if (code >= 500 && d->state > SENT_LHLO)
		kind = OUTCOME_FAILED;
	if (kind == OUTCOME_TRY_AGAIN)
		status[0] = '4';
	outcome_set(out, kind, status, "%u %.*s (%s)", code,
	    (int)(reply.n < 300 ? reply.n : 300), reply.p, d->mail->server);
	/* It is about the service, or LMTP itself, not about this message. */
	out->is_down =
	    kind == OUTCOME_TRY_AGAIN && (code == 421 || d->state <= SENT_LHLO);
}

static enum lmtpdialog_next
send_lhlo(struct lmtpdialog *d)
{
	(void)buf_puts(&d->group, "LHLO ");
	(void)buf_put(&d->group, d->mail->host);
	(void)buf_puts(&d->group, "\r\n");
	d->state = SENT_LHLO;
	return (LMTPDIALOG_SEND);
}

/*
 * Whatever the envelope says: a server need not take UTF-8 in an address
 * without it (RFC 6531 3.4).
 */
static bool
needs_smtputf8(const struct lmtpdialog_mail *m)
{
	bool needs = m->smtputf8 || utf8_is_needed(m->sender);
	size_t i;

	for (i = 0; i < m->nrcpt && !needs; i++)
		needs = utf8_is_needed(m->rcpt[i].mailbox);
	return (needs);
}

/* False: it is refused by us. */
static bool
put_mail(struct lmtpdialog *d)
{
	const struct lmtpdialog_mail *m = d->mail;
	const struct smtpsay_mail mail = {
		.sender = m->sender,
		.has_size = true,
		.size = m->size,
		.is_8bit = m->body.n > 0,
		.smtputf8 = needs_smtputf8(m),
		.ret = m->ret,
		.envid = m->envid,
	};

	if (bytes_same_nocase(m->body, bytes_of("BINARYMIME")))
		refuse(d, NULL, "5.6.1", "it takes no BINARYMIME by DATA");
	else if (!d->offers.smtputf8 && utf8_is_needed(m->sender))
		refuse(d, NULL, "5.6.7", "it takes no UTF-8 in addresses");
	else if (!smtpsay_mail(&d->line, &mail, &d->offers))
		refuse(d, NULL, "5.1.7", "the sender is no mailbox");
	return (d->state != OVER);
}

static bool
put_rcpt(struct lmtpdialog *d, struct lmtpdialog_rcpt *r)
{
	const struct smtpsay_rcpt rcpt = {
		.mailbox = r->mailbox,
		.notify = bytes_of(smtpnotify_without_success(r->notify)),
		.orcpt = r->orcpt,
	};

	if (smtpsay_rcpt(&d->line, &rcpt, &d->offers))
		return (true);
	refuse(d, r, "5.1.3", "the recipient is no mailbox");
	return (false);
}

/* The command of a step in `line`; false: it is refused by us. */
static bool
put_step(struct lmtpdialog *d, size_t step)
{
	struct lmtpdialog_rcpt *r = rcpt_of(d, step);

	buf_reset(&d->line);
	if (r != NULL)
		return (put_rcpt(d, r));
	return (step == 0 ? put_mail(d) : buf_puts(&d->line, "DATA\r\n"));
}

/* Is there anybody who was not refused? */
static bool
is_wanted(const struct lmtpdialog *d)
{
	size_t i;

	for (i = 0; i < d->mail->nrcpt; i++)
		if (!d->mail->rcpt[i].is_known)
			return (true);
	return (false);
}

/* An address that the server cannot take is not even offered to it. */
static void
refuse_utf8(struct lmtpdialog *d)
{
	size_t i;

	for (i = 0; i < d->mail->nrcpt; i++)
		if (utf8_is_needed(d->mail->rcpt[i].mailbox))
			refuse(d, &d->mail->rcpt[i], "5.6.7",
			    "it takes no UTF-8 in addresses");
}

/* The next step, or as many as may be sent together. */
static enum lmtpdialog_next
send_steps(struct lmtpdialog *d)
{
	buf_reset(&d->group);
	while (d->sent <= last_step(d) && is_wanted(d)) {
		struct lmtpdialog_rcpt *r = rcpt_of(d, d->sent);

		if (r != NULL && r->is_known) {
			d->sent++;
			continue;
		}
		if (put_step(d, d->sent)) {
			struct bytes line = buf_view(&d->line);

			if (line.n > buf_room(&d->group))
				break;
			(void)buf_put(&d->group, line);
		} else if (d->state == OVER) {
			return (LMTPDIALOG_DONE);
		}
		d->sent++;
		if (!d->offers.pipelining && buf_view(&d->group).n > 0)
			break;
	}
	if (buf_view(&d->group).n > 0)
		return (LMTPDIALOG_SEND);
	d->state = OVER;
	return (LMTPDIALOG_DONE);
}

/* Go on to the next step that was sent; if none is left, send more. */
static enum lmtpdialog_next
step_over(struct lmtpdialog *d)
{
	struct lmtpdialog_rcpt *r;

	do
		r = rcpt_of(d, ++d->answered);
	while (d->answered < d->sent && r != NULL && r->is_known);
	return (d->answered < d->sent ? LMTPDIALOG_READ : send_steps(d));
}

/* All lines of a reply as one; what no longer fits is left out. */
static void
collect(struct lmtpdialog *d, struct bytes text)
{
	if (buf_view(&d->reply).n > 0)
		(void)buf_putc(&d->reply, ' ');
	text = bytes_cut(text, 0, buf_room(&d->reply));
	(void)buf_put(&d->reply, text);
}

/* The reply to DATA lets us go on; was any recipient accepted? */
static enum lmtpdialog_next
begin_text(struct lmtpdialog *d)
{
	if (d->accepted == 0) {
		d->wants_text = true;
		d->state = OVER;
		return (LMTPDIALOG_DONE);
	}
	d->state = SENT_TEXT;
	d->answered = 0;
	return (LMTPDIALOG_TEXT);
}

/* A reply per accepted recipient comes, in their order (RFC 2033 4.2). */
static enum lmtpdialog_next
settle_next(struct lmtpdialog *d, unsigned int code)
{
	struct outcome out;

	while (d->mail->rcpt[d->answered].is_known)
		d->answered++;
	judge(d, code, &out);
	know(&d->mail->rcpt[d->answered], &out);
	if (--d->accepted > 0)
		return (LMTPDIALOG_READ);
	d->state = OVER;
	return (LMTPDIALOG_DONE);
}

/* A reply that lets us go on. */
static enum lmtpdialog_next
go_on(struct lmtpdialog *d, unsigned int code)
{
	switch (d->state) {
	case CONNECTED:
		return (send_lhlo(d));
	case SENT_LHLO:
		d->state = IN_ENVELOPE;
		if (!d->offers.smtputf8)
			refuse_utf8(d);
		return (send_steps(d));
	case SENT_TEXT:
		return (settle_next(d, code));
	default:
		if (d->answered == last_step(d))
			return (begin_text(d));
		if (d->answered > 0)
			d->accepted++;
		return (step_over(d));
	}
}

/* A refusal: of one recipient, or of all that are left. */
static enum lmtpdialog_next
fall_back(struct lmtpdialog *d, unsigned int code)
{
	struct outcome out;

	if (d->state == SENT_TEXT)
		return (settle_next(d, code));
	judge(d, code, &out);
	if (d->state != IN_ENVELOPE || !is_rcpt(d, d->answered) || code == 421)
		return (end(d, &out));
	know(rcpt_of(d, d->answered), &out);
	return (step_over(d));
}

static unsigned int
wanted(const struct lmtpdialog *d)
{
	return (d->state == IN_ENVELOPE && d->answered == last_step(d) ? 3 : 2);
}

enum lmtpdialog_next
lmtpdialog_line(struct lmtpdialog *d, enum smtpanswer_status status,
    const struct smtpanswer *line)
{
	enum lmtpdialog_next next;

	if (d->state == OVER)
		return (LMTPDIALOG_DONE);
	if (status == SMTPANSWER_MORE)
		return (LMTPDIALOG_READ);
	if (status == SMTPANSWER_BAD) {
		lmtpdialog_lost(d, "no reply but junk");
		return (LMTPDIALOG_DONE);
	}
	collect(d, line->text);
	if (d->state == SENT_LHLO)
		smtpehlo_line(&d->offers, line->text);
	if (status == SMTPANSWER_PART)
		return (LMTPDIALOG_READ);
	if (line->code / 100 == wanted(d)) {
		next = go_on(d, line->code);
	} else if (line->code >= 400) {
		next = fall_back(d, line->code);
	} else {
		lmtpdialog_lost(d, "a reply that makes no sense");
		next = LMTPDIALOG_DONE;
	}
	buf_reset(&d->reply);
	return (next);
}
