/* SPDX-License-Identifier: ISC */
#include "sending.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "handover.h"
#include "qmail/qqenv.h"
#include "trace/trace.h"

enum {
	CHUNK = 65536
};

enum result
sending_keep(struct sending *s, struct fault *why)
{
	uint64_t most = s->in->settings.session.maxsize;
	enum letter_status status;
	struct bytes piece;
	uint64_t n = 0;

	s->body = memfd_create("message", MFD_CLOEXEC);
	if (s->body < 0)
		return (fault_set(why, "make", "room for the message", errno));
	while ((status = letter_next(&s->in->letter, &piece)) == LETTER_OK) {
		n += piece.n;
		/* The first handover will be refused, and say so. */
		if (most > 0 && n > most + CHUNK)
			break;
		while (piece.n > 0) {
			ssize_t done = write(s->body, piece.p, piece.n);

			if (done < 0 && errno != EINTR)
				return (fault_set(
				    why, "keep", "the message", errno));
			piece = bytes_cut(
			    piece, done < 0 ? 0 : (size_t)done, piece.n);
		}
	}
	if (status == LETTER_FAILED)
		return (fault_set(why, "read", "the message", errno));
	return (RES_OK);
}

static enum result
send_kept(const struct sending *s, struct handover *h, struct fault *why)
{
	char store[CHUNK];
	off_t at = 0;

	for (;;) {
		ssize_t n = pread(s->body, store, sizeof(store), at);

		if (n < 0)
			return (fault_set(why, "read", "the message", errno));
		if (n == 0)
			return (RES_OK);
		at += n;
		if (handover_text(h, (struct bytes){ store, (size_t)n }, why) !=
		    RES_OK)
			return (fault_class(why));
	}
}

static enum result
send_text(struct sending *s, struct handover *h, struct fault *why)
{
	enum letter_status status;
	struct bytes piece;

	if (handover_text(h, s->header, why) != RES_OK)
		return (fault_class(why));
	if (s->body >= 0)
		return (send_kept(s, h, why));
	while ((status = letter_next(&s->in->letter, &piece)) == LETTER_OK)
		if (handover_text(h, piece, why) != RES_OK)
			return (fault_class(why));
	if (status == LETTER_FAILED)
		return (fault_set(why, "read", "the message", errno));
	return (RES_OK);
}

/* The sender, and the recipients from *at on, as many as one message has. */
static enum result
send_envelope(
    const struct sending *s, struct handover *h, size_t *at, struct fault *why)
{
	const struct inject *in = s->in;
	char store[SMTPPATH_MAX + 2];
	struct bytes mailbox = { in->sender, in->nsender };
	enum result r;
	struct buf one;
	size_t n = 0;
	char kind = 'F';

	do {
		buf_init(&one, store, sizeof(store));
		if (!qqenv_put(&one, kind, mailbox))
			return (fault_set(why, "write", "envelope", EFBIG));
		r = handover_envelope(h, buf_view(&one), why);
		kind = 'T';
	} while (r == RES_OK && n++ < in->settings.session.maxrcpts &&
	    recipients_next(&in->to, at, &mailbox));
	if (r != RES_OK)
		return (r);
	/* This end makes the envelope count. */
	return (handover_envelope(h, (struct bytes){ "", 1 }, why));
}

static enum result
begin(struct inject *in, struct handover *h, struct fault *why)
{
	static char option[] = "-f";
	char *argv[] = { in->queue, option, in->site.conf, NULL };

	if (in->options.conf == NULL)
		argv[1] = NULL;
	return (handover_begin(h, argv, why));
}

static int
end(struct handover *h, enum result r, const struct fault *why)
{
	struct qqexit q;
	/* An envelope without its end does not count: nothing is accepted. */
	bool is_refused = handover_is_refused(h, &q);

	if (r != RES_OK)
		return (inject_failed(why));
	if (!is_refused)
		return (EX_OK);
	problem_say(&INJECT_SELF, "%s", q.reply.text);
	return (q.reply.code < 500 ? EX_TEMPFAIL : EX_UNAVAILABLE);
}

int
sending_all(struct sending *s)
{
	const struct recipients *to = &s->in->to;
	struct bytes next;
	int code = EX_OK;
	size_t at = 0;
	size_t n = 0;

	for (; code == EX_OK && n < to->n;
	     n += s->in->settings.session.maxrcpts) {
		struct handover h;
		struct fault why;
		size_t behind = at;
		enum result r = begin(s->in, &h, &why);

		if (r != RES_OK) {
			code = inject_failed(&why);
			break;
		}
		r = send_text(s, &h, &why);
		if (r == RES_OK)
			r = send_envelope(s, &h, &behind, &why);
		code = end(&h, r, &why);
		if (code == EX_OK)
			at = behind;
	}
	if (code != EX_OK && at > 0)
		problem_say(&INJECT_SELF,
		    "some recipients have been sent the message, the "
		    "following have not:");
	while (code != EX_OK && at > 0 && recipients_next(to, &at, &next))
		problem_say(&INJECT_SELF, "%.*s", (int)next.n, next.p);
	return (code);
}

static enum result
write_report(const struct inject *in, struct handover *h, struct fault *why)
{
	char store[RECIPIENTS_REFUSED + 4096];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	(void)buf_printf(
	    &out, "From: Mail delivery <MAILER-DAEMON@%s>\nTo: <", in->host);
	(void)buf_put(&out, (struct bytes){ in->sender, in->nsender });
	(void)buf_puts(&out,
	    ">\nSubject: Your mail could not be sent to all recipients\n"
	    "Auto-Submitted: auto-replied\nDate: ");
	(void)trace_date(&out, time(NULL));
	(void)buf_puts(&out,
	    "\n\nYour message has been sent to its other recipients, but not "
	    "to these:\n\n");
	(void)buf_put(&out, recipients_refused(&in->to));
	if (handover_text(h, buf_view(&out), why) != RES_OK)
		return (fault_class(why));
	/* There is room for two mailboxes. */
	buf_init(&out, store, sizeof(store));
	(void)qqenv_put(&out, 'F', (struct bytes){ NULL, 0 });
	(void)qqenv_put(&out, 'T', (struct bytes){ in->sender, in->nsender });
	(void)buf_putc(&out, '\0');
	return (handover_envelope(h, buf_view(&out), why));
}

void
sending_report(struct inject *in)
{
	struct handover h;
	struct fault why;

	/* The report gets no report.  unsetenv() fails only for bad names. */
	(void)unsetenv("SMTPSERV_NOTIFY");
	(void)unsetenv("SMTPSERV_RET");
	(void)unsetenv("SMTPSERV_ENVID");
	if (in->nsender == 0 || begin(in, &h, &why) != RES_OK)
		return;
	/* The refusals were told already; a failure here is told, too. */
	(void)end(&h, write_report(in, &h, &why), &why);
}
