/* SPDX-License-Identifier: ISC */
#include "queued.h"

#include <time.h>

#include "envelope/envelope.h"
#include "trace/trace.h"

/* Only the program knows how much room there is. */
static uint64_t
port_space(void *ctx)
{
	(void)ctx;
	return (UINT64_MAX);
}

static const struct smtp_reply *
port_begin(void *ctx, struct session *s, struct buf *text)
{
	struct intake *i = ctx;
	struct trace_facts facts;

	intake_trace(i, s, &facts);
	if (!trace_received(text, &facts, state_eol(s)))
		return (&SMTPREPLY_LOCAL_FAULT);
	if (i->gives_whole && !intake_add_facts(i, s, facts.now))
		return (&SMTPREPLY_LOCAL_FAULT);
	if (!handover_begin(i->handover) ||
	    (i->gives_whole &&
		!handover_whole(i->handover, envelope_text(&s->tx.envelope))))
		return (intake_helper_fault(
		    i, "smtp.queue", &SMTPREPLY_LOCAL_FAULT));
	return (NULL);
}

static const struct smtp_reply *
port_append(void *ctx, struct bytes text)
{
	struct intake *i = ctx;

	if (!handover_text(i->handover, text))
		return (intake_helper_fault(
		    i, "smtp.queue", &SMTPREPLY_LOCAL_FAULT));
	return (NULL);
}

/* Unique: while the helper lives, its process id is not given again. */
static void
port_supply(void *ctx, const struct session *s, bool date, bool message_id,
    struct buf *text)
{
	const struct intake *i = ctx;

	if (date)
		intake_supply_date(s, text);
	if (message_id)
		(void)buf_printf(text, "Message-ID: <P%lu.%llu.%llx@%s>%s",
		    (unsigned long)i->helper, (unsigned long long)i->accepted,
		    (unsigned long long)time(NULL), i->host, state_eol(s));
}

/* To be logged once the client has heard of it; a refusal may come later. */
static void
note_queue(
    struct intake *i, const struct session *s, const struct broker_answer *a)
{
	struct log_line *line = &i->outcome;

	log_begin(line, i->log, a->code == 0 ? "queued" : "notqueued");
	log_number(line, "qp", a->pid);
	if (a->code != 0)
		intake_log_exit(line, "exit", a);
	if (a->said.n > 0)
		log_text(line, "said", a->said);
	intake_note_message(i, s);
	i->has_outcome = a->code == 0;
	if (!i->has_outcome)
		log_end(line);
}

static const struct smtp_reply *
port_commit(void *ctx, const struct session *s, uint32_t *number)
{
	struct intake *i = ctx;
	struct broker_answer a;
	char store[INTAKE_LAST_FACTS];
	struct buf last;
	int code;

	buf_init(&last, store, sizeof(store));
	if (i->gives_whole)
		intake_put_last_facts(i, s, &last);
	if (!handover_whole(i->handover, buf_view(&last)) ||
	    !handover_commit(i->handover, envelope_text(&s->tx.envelope), &a))
		return (intake_helper_fault(
		    i, "smtp.queue", &SMTPREPLY_LOCAL_FAULT));
	note_queue(i, s, &a);
	if (a.code != QQEXIT_ACCEPTED) {
		code = a.code == BROKER_NO_PROCESS ? QQEXIT_NO_PROGRAM
		    : a.code == BROKER_HUNG        ? QQEXIT_TIMEOUT
		    : a.code >= BROKER_CRASHED     ? QQEXIT_CRASHED
						   : (int)a.code;
		qqexit_reply(&i->queue_reply, code, a.said);
		return (&i->queue_reply.reply);
	}
	*number = a.pid;
	i->accepted++;
	return (NULL);
}

static void
port_abort(void *ctx)
{
	struct intake *i = ctx;

	handover_abort(i->handover);
}

const struct session_ports QUEUED_PORTS = {
	.before_number = "ok qp ",
	.behind_number = "",
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
