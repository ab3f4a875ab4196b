/* SPDX-License-Identifier: ISC */
#include "deliver/notice.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf/keys.h"
#include "deliver/hops.h"
#include "deliver/origin.h"
#include "deliver/text.h"
#include "mail/automatic.h"
#include "report/reportmail.h"
#include "spool/schedule.h"
#include "spool/spool.h"
#include "sys/sysclock.h"

/* A report about a message from <> goes to this address. */
static const struct bytes POSTMASTER = { "postmaster", 10 };

enum {
	/* If a header is longer, only its beginning is looked at. */
	HEADER_MAX = 65536
};

bool
notice_is_due(const struct message *m)
{
	const struct plan *p = &m->plan;

	return (plan_in(p, PLAN_FAILED) > 0 || plan_in(p, PLAN_DELIVERED) > 0);
}

bool
notice_is_delay_due(const struct message *m, time_t now)
{
	const struct plan *p = &m->plan;

	return (!p->delay_reported && p->sender.n > 0 &&
	    plan_in(p, PLAN_TRIED) > 0 && now >= m->born + SCHEDULE_DELAY);
}

/* Has the sender asked to hear of delays, for any recipient that waits? */
static bool
is_asked_for(const struct plan *p)
{
	size_t i;

	for (i = 0; i < p->nrcpt; i++)
		if (p->rcpt[i].state == PLAN_TRIED && p->rcpt[i].notify.n > 0 &&
		    plan_asks_for_report(&p->rcpt[i]))
			return (true);
	return (false);
}

/* The text's beginning, as much of it as there is, or can be read. */
static size_t
read_start(int fd, char *store, size_t cap)
{
	size_t n = 0;
	ssize_t got;

	do {
		got = pread(fd, store + n, cap - n, (off_t)n);
		if (got > 0)
			n += (size_t)got;
	} while (n < cap && (got > 0 || (got < 0 && errno == EINTR)));
	return (n);
}

/*
 * The receiver of a report about a message from <> that has failed.  If
 * postmaster's mail is forwarded to a mailbox that fails, the failure is
 * postmaster's own, though it has failed under another name.  Only our own
 * fields are believed in that.  If only a stranger's text says it, either
 * another report could come back in the same way for ever, or the text is
 * forged, and there is nothing to keep.
 */
static enum report_to
whom_instead(enum report_to to, struct bytes header, const char **why)
{
	struct origin origin = origin_of(header);
	struct hops h;

	hops_init(&h, POSTMASTER);
	hops_feed(&h, header);
	if (origin.was_postmasters)
		return (REPORT_TO_NOWHERE);
	if (hops_verdict(&h) != NULL) {
		*why = "dropped: it came from nobody, and goes in circles";
		return (REPORT_TO_NOBODY);
	}
	/* Mail of others to postmaster is not a report of ours to them. */
	return (origin.is_ours ? to : REPORT_TO_POSTMASTER);
}

/* The receiver of the report; if it is nobody, *why may be set to a reason. */
static enum report_to
whom(const struct message *m, const struct reportmail *mail, const char **why)
{
	/* Touched in an agent only, which writes one report. */
	static char store[HEADER_MAX];
	enum report_to to = report_due(mail->envelope, mail->kind);
	struct bytes header = { store, 0 };

	header.n = read_start(mail->txt_fd, store, sizeof(store));
	if (to == REPORT_TO_POSTMASTER || to == REPORT_TO_NOWHERE)
		return (whom_instead(to, header, why));
	if (to == REPORT_TO_SENDER && mail->kind == REPORT_DELAY &&
	    !is_asked_for(&m->plan) && automatic_is(header))
		return (REPORT_TO_NOBODY);
	return (to);
}

static void
commit(const struct deliver_site *site, const struct reportmail *mail,
    struct outcome *out)
{
	struct fault why;
	uint32_t number;

	if (report_commit(site->spool, mail,
		sysclock_after(sysclock_ms(), SPOOL_LOCK_WAIT), &number,
		&why) == RES_OK)
		outcome_set(out, OUTCOME_DELIVERED, "2.0.0", "it is %lu",
		    (unsigned long)number);
	else if (why.err == EMSGSIZE)
		outcome_set(out, OUTCOME_FAILED, "5.1.7", "unable to %s %s",
		    why.op, why.name);
	else
		outcome_fault(
		    out, text_status(why.err), why.op, why.name, why.err);
}

static void
tell(const struct deliver_site *site, const struct message *m,
    const struct reportmail *mail, struct outcome *out)
{
	const char *why = "nobody wants one";

	/* The envelope says it, and the text's header. */
	switch (whom(m, mail, &why)) {
	case REPORT_TO_NOBODY:
		outcome_set(out, OUTCOME_DELIVERED, "2.0.0", "%s", why);
		break;
	case REPORT_TO_SENDER:
	case REPORT_TO_POSTMASTER:
		commit(site, mail, out);
		break;
	case REPORT_TO_NOWHERE:
		outcome_set(out, OUTCOME_FAILED, "5.0.0",
		    "it came from nobody, and postmaster cannot be reached");
		break;
	}
}

/* With the envelope as it is now, in a store of its size. */
static void
commit_for(const struct deliver_site *site, const struct message *m,
    bool is_delay, struct buf *text, struct outcome *out)
{
	time_t now = time(NULL);
	struct reportmail mail = {
		.kind = is_delay ? REPORT_DELAY : REPORT_FINAL,
		.host = bytes_of(site->host),
		.eol =
		    site->settings->spool.eol == SETTINGS_CRLF ? "\r\n" : "\n",
		.now = now,
		.arrived = m->born,
		.attempted = now,
		.expires = m->born + (time_t)site->settings->work.queuelife,
	};
	struct fault why;

	plan_print(&m->plan, text);
	mail.envelope = buf_view(text);
	mail.txt_fd = message_open_text(m, &why);
	if (mail.txt_fd < 0) {
		outcome_fault(out, "4.3.0", why.op, why.name, why.err);
		return;
	}
	tell(site, m, &mail, out);
	(void)close(mail.txt_fd);
}

void
notice_commit(const struct deliver_site *site, const struct message *m,
    bool is_delay, struct outcome *out)
{
	size_t cap = plan_size(&m->plan);
	char *store = malloc(cap);
	struct buf text;

	if (store == NULL) {
		outcome_fault(out, "4.3.0", "write", "a report", ENOMEM);
		return;
	}
	buf_init(&text, store, cap);
	commit_for(site, m, is_delay, &text, out);
	free(store);
}
