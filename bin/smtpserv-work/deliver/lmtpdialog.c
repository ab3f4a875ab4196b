/* SPDX-License-Identifier: ISC */
#include "deliver/lmtpdialog.h"

#include "bytes/utf8.h"
#include "smtp/smtpnotify.h"
#include "smtp/smtppath.h"
#include "smtp/smtpxtext.h"

/* What was sent last, so what is answered now. */
enum {
	CONNECTED,
	SENT_LHLO,
	SENT_MAIL,
	SENT_RCPT,
	SENT_DATA,
	SENT_TEXT,
	OVER
};

void
lmtpdialog_init(struct lmtpdialog *d, const struct lmtpdialog_mail *mail)
{
	*d = (struct lmtpdialog){ .mail = mail, .state = CONNECTED };
	buf_init(&d->command, d->command_store, sizeof(d->command_store));
	buf_init(&d->reply, d->reply_store, sizeof(d->reply_store));
}

struct bytes
lmtpdialog_command(const struct lmtpdialog *d)
{
	return (buf_view(&d->command));
}

static const char *
asked(const struct lmtpdialog *d)
{
	static const char *const names[] = {
		[CONNECTED] = "its greeting",
		[SENT_LHLO] = "LHLO",
		[SENT_MAIL] = "MAIL",
		[SENT_RCPT] = "RCPT",
		[SENT_DATA] = "DATA",
		[SENT_TEXT] = "the end of the text",
		[OVER] = "QUIT",
	};

	return (names[d->state]);
}

void
lmtpdialog_lost(struct lmtpdialog *d, const char *why)
{
	if (d->state == OVER)
		return;
	outcome_set(&d->outcome, OUTCOME_TRY_AGAIN, "4.4.2", "%s at %s (%s)",
	    why, asked(d), d->mail->server);
	d->state = OVER;
}

static enum lmtpdialog_next
refuse(struct lmtpdialog *d, const char *status, const char *why)
{
	outcome_set(&d->outcome, OUTCOME_FAILED, status, "%s (%s)", why,
	    d->mail->server);
	d->state = OVER;
	return (LMTPDIALOG_DONE);
}

/* The server's last word on this message. */
static enum lmtpdialog_next
conclude(struct lmtpdialog *d, unsigned int code)
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
	outcome_set(&d->outcome, kind, status, "%u %.*s (%s)", code,
	    (int)(reply.n < 300 ? reply.n : 300), reply.p, d->mail->server);
	d->state = OVER;
	return (LMTPDIALOG_DONE);
}

/* The path with its brackets; what could be more than one is refused. */
static bool
put_path(struct lmtpdialog *d, struct bytes mailbox)
{
	size_t before = buf_view(&d->command).n;
	struct smtppath path;
	struct bytes whole;
	size_t used = 0;
	enum smtppath_status status;

	(void)buf_putc(&d->command, '<');
	(void)buf_put(&d->command, mailbox);
	(void)buf_putc(&d->command, '>');
	whole =
	    bytes_cut(buf_view(&d->command), before, buf_view(&d->command).n);
	status = smtppath_parse(whole, &path, &used);
	return (!buf_overflowed(&d->command) && used == whole.n &&
	    (status == SMTPPATH_OK || status == SMTPPATH_NO_DOMAIN));
}

static enum lmtpdialog_next
send_command(struct lmtpdialog *d, int state)
{
	d->state = state;
	if (!buf_puts(&d->command, "\r\n"))
		return (refuse(d, "5.5.4", "a command would be too long"));
	return (LMTPDIALOG_SEND);
}

static enum lmtpdialog_next
send_lhlo(struct lmtpdialog *d)
{
	buf_reset(&d->command);
	(void)buf_puts(&d->command, "LHLO ");
	(void)buf_put(&d->command, d->mail->host);
	return (send_command(d, SENT_LHLO));
}

/* Is it xtext, so that it cannot be more than one parameter? */
static bool
is_xtext(struct bytes text)
{
	char store[LMTPDIALOG_COMMAND_MAX];
	struct buf b;

	buf_init(&b, store, sizeof(store));
	return (text.n > 0 && smtpxtext_decode(text, &b));
}

static void
put_sender_dsn(struct lmtpdialog *d)
{
	const struct lmtpdialog_mail *m = d->mail;

	if (bytes_same_nocase(m->ret, bytes_of("FULL")))
		(void)buf_puts(&d->command, " RET=FULL");
	if (bytes_same_nocase(m->ret, bytes_of("HDRS")))
		(void)buf_puts(&d->command, " RET=HDRS");
	if (!is_xtext(m->envid))
		return;
	(void)buf_puts(&d->command, " ENVID=");
	(void)buf_put(&d->command, m->envid);
}

static enum lmtpdialog_next
send_mail(struct lmtpdialog *d)
{
	const struct lmtpdialog_mail *m = d->mail;

	if (bytes_same_nocase(m->body, bytes_of("BINARYMIME")))
		return (refuse(d, "5.6.1", "it takes no BINARYMIME by DATA"));
	if (!d->offers_smtputf8 &&
	    (utf8_is_needed(m->sender) || utf8_is_needed(m->recipient)))
		return (refuse(d, "5.6.7", "it takes no UTF-8 in addresses"));
	buf_reset(&d->command);
	(void)buf_puts(&d->command, "MAIL FROM:");
	if (!put_path(d, m->sender))
		return (refuse(d, "5.1.7", "the sender is no mailbox"));
	if (d->offers_size) {
		(void)buf_puts(&d->command, " SIZE=");
		(void)buf_put_number(&d->command, m->size);
	}
	if (d->offers_8bitmime && m->body.n > 0)
		(void)buf_puts(&d->command, " BODY=8BITMIME");
	if (d->offers_smtputf8 && m->smtputf8)
		(void)buf_puts(&d->command, " SMTPUTF8");
	if (d->offers_dsn)
		put_sender_dsn(d);
	return (send_command(d, SENT_MAIL));
}

static void
put_notify(struct lmtpdialog *d)
{
	struct bytes notify = d->mail->notify;

	if (notify.n == 0)
		return;
	(void)buf_puts(&d->command, " NOTIFY=");
	(void)buf_puts(&d->command, smtpnotify_without_success(notify));
}

/* type;xtext */
static void
put_orcpt(struct lmtpdialog *d)
{
	struct bytes orcpt = d->mail->orcpt;
	size_t semicolon;

	if (!bytes_find(orcpt, ';', &semicolon) ||
	    !is_xtext(bytes_cut(orcpt, 0, semicolon)) ||
	    !is_xtext(bytes_cut(orcpt, semicolon + 1, orcpt.n)))
		return;
	(void)buf_puts(&d->command, " ORCPT=");
	(void)buf_put(&d->command, orcpt);
}

static enum lmtpdialog_next
send_rcpt(struct lmtpdialog *d)
{
	buf_reset(&d->command);
	(void)buf_puts(&d->command, "RCPT TO:");
	if (!put_path(d, d->mail->recipient))
		return (refuse(d, "5.1.3", "the recipient is no mailbox"));
	if (d->offers_dsn) {
		put_notify(d);
		put_orcpt(d);
	}
	return (send_command(d, SENT_RCPT));
}

static enum lmtpdialog_next
send_data(struct lmtpdialog *d)
{
	buf_reset(&d->command);
	(void)buf_puts(&d->command, "DATA");
	return (send_command(d, SENT_DATA));
}

/* A line of LHLO's reply: a keyword, and what else there is. */
static void
note_offer(struct lmtpdialog *d, struct bytes line)
{
	size_t end = line.n;

	(void)bytes_find(line, ' ', &end);
	line = bytes_cut(line, 0, end);
	if (bytes_same_nocase(line, bytes_of("SIZE")))
		d->offers_size = true;
	if (bytes_same_nocase(line, bytes_of("8BITMIME")))
		d->offers_8bitmime = true;
	if (bytes_same_nocase(line, bytes_of("SMTPUTF8")))
		d->offers_smtputf8 = true;
	if (bytes_same_nocase(line, bytes_of("DSN")))
		d->offers_dsn = true;
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

/* A reply that lets us go on. */
static enum lmtpdialog_next
go_on(struct lmtpdialog *d, unsigned int code)
{
	switch (d->state) {
	case CONNECTED:
		return (send_lhlo(d));
	case SENT_LHLO:
		return (send_mail(d));
	case SENT_MAIL:
		return (send_rcpt(d));
	case SENT_RCPT:
		return (send_data(d));
	case SENT_DATA:
		d->state = SENT_TEXT;
		return (LMTPDIALOG_TEXT);
	default:
		return (conclude(d, code));
	}
}

enum lmtpdialog_next
lmtpdialog_line(struct lmtpdialog *d, enum smtpanswer_status status,
    const struct smtpanswer *line)
{
	unsigned int wanted = d->state == SENT_DATA ? 3 : 2;
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
		note_offer(d, line->text);
	if (status == SMTPANSWER_PART)
		return (LMTPDIALOG_READ);
	if (line->code / 100 == wanted) {
		next = go_on(d, line->code);
	} else if (line->code >= 400) {
		next = conclude(d, line->code);
	} else {
		lmtpdialog_lost(d, "a reply that makes no sense");
		next = LMTPDIALOG_DONE;
	}
	buf_reset(&d->reply);
	return (next);
}
