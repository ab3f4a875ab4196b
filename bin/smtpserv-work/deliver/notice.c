/* SPDX-License-Identifier: ISC */
#include "deliver/notice.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf/keys.h"
#include "deliver/hops.h"
#include "deliver/text.h"
#include "report/reportmail.h"
#include "spool/schedule.h"
#include "spool/spool.h"
#include "sys/sysclock.h"

/* To whom a report goes about what came from nobody. */
static const struct bytes POSTMASTER = { "postmaster", 10 };

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

static int
feed_hops(void *ctx, struct bytes piece)
{
	struct hops *h = ctx;

	hops_feed(h, piece);
	return (0);
}

/*
 * Where postmaster's mail is forwarded to a mailbox that fails, the failure is
 * postmaster's own, though that is not the name it has failed under.
 */
static bool
was_postmasters(int txt_fd)
{
	struct hops h;
	const char *op;

	hops_init(&h, POSTMASTER);
	return (text_each(txt_fd, TEXT_AS_IS, feed_hops, &h, &op) == 0 &&
	    hops_verdict(&h) != NULL);
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

/* Whoever is to be told. */
static void
tell(const struct deliver_site *site, const struct reportmail *mail,
    struct outcome *out)
{
	enum report_to to = report_due(mail->envelope, mail->kind);

	if (to == REPORT_TO_POSTMASTER && was_postmasters(mail->txt_fd))
		to = REPORT_TO_NOWHERE;
	switch (to) {
	case REPORT_TO_NOBODY:
		outcome_set(
		    out, OUTCOME_DELIVERED, "2.0.0", "nobody wants one");
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
	tell(site, &mail, out);
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
