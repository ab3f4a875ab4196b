/* SPDX-License-Identifier: ISC */
#include "spooled.h"

#include <errno.h>
#include <time.h>

#include "envelope/envelope.h"
#include "sys/sysclock.h"
#include "trace/trace.h"

void
spooled_open(struct intake *i)
{
	spool_msg_init(&i->msg);
	if (spool_open(&i->spool, i->settings->spool.dir,
		i->settings->spool.sync != 0, &i->no_spool) != RES_OK)
		log_fault(i->log, &i->no_spool);
}

/*
 * A local fault is never the client's: even if it is permanent for us, the
 * reply is a temporary one.
 */
static const struct smtp_reply *
fault_reply(const struct intake *i, const struct fault *why)
{
	log_fault(i->log, why);
	if (why->broken)
		return (&SMTPREPLY_DISK_FAULT);
	switch (why->err) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return (&SMTPREPLY_NO_SPACE);
	default:
		return (&SMTPREPLY_LOCAL_FAULT);
	}
}

static uint64_t
port_space(void *ctx)
{
	const struct intake *i = ctx;

	/* Without a spool DATA will say so, with the reason in the log. */
	return (i->spool.dirfd < 0 ? UINT64_MAX : spool_space(&i->spool));
}

static const struct smtp_reply *
port_begin(void *ctx, struct session *s, struct buf *text)
{
	struct intake *i = ctx;
	struct trace_facts facts;
	struct fault why;

	intake_trace(i, s, &facts);
	if (i->spool.dirfd < 0)
		return (fault_reply(i, &i->no_spool));
	if (!intake_add_facts(i, s, facts.now))
		return (&SMTPREPLY_LOCAL_FAULT);
	if (spool_begin(&i->spool, &i->msg, envelope_text(&s->tx.envelope),
		sysclock_after(sysclock_ms(), SPOOL_LOCK_WAIT), &why) != RES_OK)
		return (fault_reply(i, &why));
	facts.number = i->msg.number;
	if (!trace_received(text, &facts, state_eol(s))) {
		spool_abort(&i->msg);
		return (&SMTPREPLY_LOCAL_FAULT);
	}
	return (NULL);
}

static const struct smtp_reply *
port_append(void *ctx, struct bytes text)
{
	struct intake *i = ctx;
	struct fault why;

	if (spool_append(&i->msg, text, &why) != RES_OK)
		return (fault_reply(i, &why));
	return (NULL);
}

/* A number may be given again one day, so the time is in it, too. */
static void
port_supply(void *ctx, const struct session *s, bool date, bool message_id,
    struct buf *text)
{
	const struct intake *i = ctx;

	if (date)
		intake_supply_date(s, text);
	if (message_id)
		(void)buf_printf(text, "Message-ID: <A%lu.%llx@%s>%s",
		    (unsigned long)i->msg.number,
		    (unsigned long long)time(NULL), i->host, state_eol(s));
}

static void
note_accepted(struct intake *i, const struct session *s)
{
	log_begin(&i->outcome, i->log, "accepted");
	log_number(&i->outcome, "number", i->msg.number);
	intake_note_message(i, s);
	/* The first line says how all of them are committed. */
	if (i->accepted == 1) {
		log_number(
		    &i->outcome, "stages", i->spool.stages.is_one ? 1 : 2);
		log_text(&i->outcome, "why", bytes_of(i->spool.stages.why));
	}
	i->has_outcome = true;
}

static const struct smtp_reply *
port_commit(void *ctx, const struct session *s, uint32_t *number)
{
	struct intake *i = ctx;
	struct fault why;
	enum result r = RES_OK;
	char store[INTAKE_LAST_FACTS];
	struct buf last;

	buf_init(&last, store, sizeof(store));
	intake_put_last_facts(i, s, &last);
	if (buf_view(&last).n > 0)
		r = spool_append_envelope(&i->msg, buf_view(&last), &why);
	if (r == RES_OK)
		r = spool_commit(&i->msg, &why);
	if (r != RES_OK)
		return (fault_reply(i, &why));
	*number = i->msg.number;
	i->accepted++;
	note_accepted(i, s);
	return (NULL);
}

static void
port_abort(void *ctx)
{
	struct intake *i = ctx;

	spool_abort(&i->msg);
}

const struct session_ports SPOOLED_PORTS = {
	.before_number = "A",
	.behind_number = " accepted",
	.space = port_space,
	.recipient = intake_recipient,
	.begin = port_begin,
	.append = port_append,
	.supply = port_supply,
	.commit = port_commit,
	.abort = port_abort,
	.authenticate = intake_authenticate,
	.starttls = intake_starttls,
	.dropped = intake_dropped,
	.refused = intake_refused,
};
